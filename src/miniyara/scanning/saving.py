"""Rules in files: ``load()`` and ``Rules.save()`` with yara-python's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from miniyara.errors import Error
from miniyara.scanning.arguments import ABSENT, Absent, Path, path_argument
from miniyara.scanning.preparing import restored
from miniyara.storage import ForeignError, FormatError, VersionError, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.scanning.preparing import Prepared

_STREAM: Final = "<file-like-object>"
"""What messages call a file without a path."""


class Readable(Protocol):
    """A file to read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""
        ...


class Writable(Protocol):
    """A file to write to."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""
        ...


def write_rules(data: bytes, filepath: Path | Absent, file: Writable | Absent) -> None:
    """Write saved rules where the arguments of ``Rules.save`` say."""
    if filepath is not ABSENT:
        path = path_argument(filepath, 1)
        try:
            with open(path, "wb") as opened:  # noqa: PTH123 - to pathlib, "" is the current folder
                _write(opened.write, data)
        except OSError as error:
            raise Error(f'could not open file "{path}"') from error
        return
    _write(_method(file, "write"), data)


def read_rules(filepath: Path | Absent, file: Readable | Absent) -> Prepared:
    """Read saved rules from where the arguments of ``load`` say."""
    if filepath is not ABSENT:
        path = path_argument(filepath, 1)
        try:
            with open(path, "rb") as opened:  # noqa: PTH123 - likewise
                return read_named(opened.read, path)
        except IsADirectoryError as error:
            raise _invalid(path) from error
        except OSError as error:
            raise Error(f'could not open file "{path}"') from error
    return read_named(_method(file, "read"), _STREAM)


def _method(file: object, name: str) -> Callable[[Any], Any]:
    method: Callable[[Any], Any] | None = getattr(file, name, None)
    if method is None:
        # yara-python says so of saving, too.
        raise TypeError("load() expects either a file path or a file-like object")
    return method


def _write(write: Callable[[bytes], object], data: bytes) -> None:
    try:
        write(data)
    except Exception as error:
        raise Error("internal error: 58") from error


def read_named(read_bytes: Callable[[int], bytes], name: str) -> Prepared:
    """Read saved rules from a file that is open; ``name`` is what messages call it."""
    try:
        data = read(read_bytes)
    except FormatError as error:
        raise _format_error(error, name) from error
    except Exception as error:
        raise _invalid(name) from error
    try:
        return restored(data)
    except FormatError as error:
        raise _format_error(error, name) from error


def _format_error(error: FormatError, name: str) -> Error:
    if isinstance(error, VersionError):
        return Error(f'rules file "{name}" is incompatible with this version of YARA')
    if not isinstance(error, ForeignError):
        return Error(f'corrupt rules file "{name}"')
    return Error(f"{_invalid(name)}: {error}") if error.is_libyaras else _invalid(name)


def _invalid(name: str) -> Error:
    return Error(f'invalid rules file "{name}"')
