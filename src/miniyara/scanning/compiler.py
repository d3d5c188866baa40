"""``compile()``: from a caller's arguments to compiled rules."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from miniyara.errors import (
    Error,
    SyntaxError,  # noqa: A004 - yara-python's name
    WarningError,
)
from miniyara.scanning.arguments import (
    ABSENT,
    Absent,
    Path,
    c_text,
    external_values,
    path_argument,
    text_argument,
)
from miniyara.scanning.config import CONFIG
from miniyara.scanning.preparing import compiled, compiled_once
from miniyara.scanning.rules import Rules
from miniyara.storage import Request
from miniyara.syntax.source import SourceText, read_include

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.scanning.preparing import Prepared
    from miniyara.syntax.source import IncludeResolver

IncludeCallback: TypeAlias = Callable[[str, "str | None", str], str]
"""Gets the path in the ``include``, the path of the including file or None, and the
namespace; returns the rule text."""


class HasFileno(Protocol):
    """An open file of the operating system."""

    def fileno(self) -> int:
        """Return its descriptor."""
        ...


def compile(  # noqa: A001 - yara-python's name
    filepath: Path | Absent = ABSENT,
    source: str | Absent = ABSENT,
    file: HasFileno | int | Absent = ABSENT,
    filepaths: dict[str, Any] | Absent = ABSENT,
    sources: dict[str, str] | Absent = ABSENT,
    includes: bool = True,
    externals: dict[str, Any] | None = None,
    error_on_warning: bool = False,
    strict_escape: bool = False,
    include_callback: IncludeCallback | Absent = ABSENT,
    *,
    cache: Path | None = None,
) -> Rules:
    """Compile rules from exactly one kind of source.

    ``filepath``: a file of rules.
    ``source``: the text of rules.
    ``file``: an open file with a descriptor, or a descriptor; read from where it is.
    ``filepaths``: files of rules by namespace.
    ``sources``: texts of rules by namespace.
    ``includes``: whether rules may include files.
    ``externals``: names and values (``str``, ``int``, ``float``, ``bool``) of external
    variables.
    ``error_on_warning``: raise :class:`miniyara.WarningError` if there are warnings.
    ``strict_escape``: warn about unknown escape sequences in regular expressions.
    ``include_callback``: called with the path in the ``include``, the path of the
    including file or None, and the namespace; returns the text to include.  Wins
    over ``includes``.
    ``cache``: a folder, made if need be, in which compiled rules are kept.  What has been
    compiled before, from the same sources with the same arguments, is taken from there,
    if the texts that it includes are still the same.

    Warns with a ``RuntimeWarning`` if the cache cannot be written to.  Raises
    :class:`miniyara.SyntaxError` for rules that cannot be compiled,
    :class:`miniyara.Error` for a file that cannot be opened or if the caller is too deep
    in Python's stack, TypeError and OverflowError for wrong arguments.
    """
    rules_path = None if filepath is ABSENT else path_argument(filepath, 1)
    text = None if source is ABSENT else text_argument(source, 2)
    if sum(origin is not ABSENT for origin in (filepath, source, file, filepaths, sources)) > 1:
        raise TypeError("compile is receiving too many arguments")
    _check_flag("error_on_warning", error_on_warning)
    _check_flag("strict_escape", strict_escape)
    _check_flag("includes", includes)
    include = read_include if includes else None
    if include_callback is not ABSENT:
        include = _CallbackResolver(include_callback)
    folder = None if cache is None else path_argument(cache, 11)
    origins = partial(_source_texts, rules_path, text, file, filepaths, sources)
    try:
        rules = Rules(_prepared(origins, externals, include, strict_escape, folder))
    except RecursionError as error:
        raise Error("too little of Python's stack is left to compile the rules") from error
    except SyntaxError as error:
        if error_on_warning and error.warnings:
            # yara-python prefers the warnings, even if there is an error as well.
            raise WarningError([w.libyara_text() for w in error.warnings]) from error
        if isinstance(include, _CallbackResolver) and include.failure is not None:
            raise error from include.failure
        raise
    if error_on_warning and (texts := rules.warnings):
        raise WarningError(texts)
    return rules


def _prepared(
    origins: Callable[[], Iterator[SourceText]],
    externals: object,
    include: IncludeResolver | None,
    strict_escape: bool,
    cache: str | None,
) -> Prepared:
    values = dict(external_values(externals))
    limit = CONFIG.max_strings_per_rule
    texts = None if cache is None else _all(origins)
    if cache is None or texts is None:
        return compiled(Request(origins(), values, strict_escape, limit), include)
    request = Request(texts, values, strict_escape, limit)
    return compiled_once(request, include, cache, _warn_of_cache)


def _all(origins: Callable[[], Iterator[SourceText]]) -> tuple[SourceText, ...] | None:
    """All sources, or None if something is wrong with one: compiling tells of it in its turn."""
    try:
        return tuple(origins())
    except (Error, OSError, TypeError, ValueError):
        return None


def _warn_of_cache(message: str) -> None:
    # Up to the caller of compile.
    warnings.warn(message, RuntimeWarning, stacklevel=5)


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"'{name}' param must be of boolean type")


# -- sources -------------------------------------------------------------------


def _source_texts(
    filepath: str | None, source: bytes | None, file: object, filepaths: object, sources: object
) -> Iterator[SourceText]:
    """Yield the sources one by one, so that the first that is wrong is the one to fail."""
    if filepath is not None:
        yield SourceText(_read_path(filepath), path=filepath)
    elif source is not None:
        yield SourceText(source)
    elif file is not ABSENT:
        yield SourceText(_read_open_file(file))
    elif sources is not ABSENT:
        yield from _texts_by_namespace(sources)
    elif filepaths is not ABSENT:
        yield from _files_by_namespace(filepaths)
    else:
        raise TypeError("compile() takes 1 argument")


def _texts_by_namespace(sources: object) -> Iterator[SourceText]:
    if not isinstance(sources, dict):
        raise TypeError("'sources' must be a dictionary")
    for namespace, text in sources.items():
        if not (isinstance(namespace, str) and isinstance(text, str)):
            raise TypeError("keys and values of the 'sources' dictionary must be of string type")
        yield SourceText(c_text(text), c_text(namespace).decode())


def _files_by_namespace(filepaths: object) -> Iterator[SourceText]:
    if not isinstance(filepaths, dict):
        raise TypeError("filepaths must be a dictionary")
    for namespace, path in filepaths.items():
        if not (isinstance(namespace, str) and isinstance(path, (str, bytes, os.PathLike))):
            raise TypeError("keys and values of the filepaths dictionary must be of string type")
        name = os.fsdecode(path)
        yield SourceText(_read_path(name), c_text(namespace).decode(), name)


def _read_path(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - to pathlib, "" is the current folder
            return file.read()
    except IsADirectoryError as error:
        # C opens a directory, and only the lexer finds that it cannot read it.
        raise SyntaxError(f"{path}(1): input in flex scanner failed") from error
    except OSError as error:
        raise Error(error.errno, error.strerror) from error


def _read_open_file(file: Any) -> bytes:
    """Read from where the descriptor is, which buffers may have moved on, to the end."""
    try:
        descriptor = os.dup(file if isinstance(file, int) else file.fileno())
    except (AttributeError, OSError, TypeError, ValueError) as error:
        raise TypeError("'file' is not a file object") from error
    with os.fdopen(descriptor, "rb") as duplicate:
        return duplicate.read()


# -- includes ------------------------------------------------------------------


class _CallbackResolver:
    """Gets included text from the caller's ``include_callback``.

    To libyara there is just no text when the callback fails; why it failed is kept
    in :attr:`failure`, so that the caller can be told.
    """

    def __init__(self, callback: IncludeCallback) -> None:
        if not callable(callback):
            raise TypeError("'include_callback' must be callable")
        self._callback = callback
        self.failure: Exception | None = None

    def __call__(self, path: str, including: str | None, namespace: str) -> bytes | None:
        """Return the text to include, or None if the callback gives none."""
        try:
            return self._text(path, including, namespace)
        except Exception as error:  # noqa: BLE001 - kept, and raised as the cause
            self.failure = error
            return None

    def _text(self, path: str, including: str | None, namespace: str) -> bytes:
        text = self._callback(path, including, namespace)
        if not isinstance(text, str):
            raise TypeError("'include_callback' function must return yara rules as a string")
        return c_text(text)
