"""Compiled rules, and what yara-python lets a program do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from miniyara.errors import Error
from miniyara.evaluation import Evaluator
from miniyara.scanning.arguments import (
    ABSENT,
    Absent,
    Data,
    Path,
    data_argument,
    external_values,
    flag_argument,
    int_argument,
    path_argument,
)
from miniyara.scanning.callbacks import (
    CALLBACK_ALL,
    ConsoleCallback,
    ModulesCallback,
    RuleCallback,
    WarningsCallback,
)
from miniyara.scanning.files import open_target
from miniyara.scanning.metadata import metadata
from miniyara.scanning.scanner import ScanOptions, scan
from miniyara.search import Searcher, SearchString

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.analysis.program import Program
    from miniyara.scanning.match import Match
    from miniyara.values import Scalar

_Callback = TypeVar("_Callback", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule among compiled rules.  Equal only to itself."""

    identifier: str
    """The name of the rule."""
    tags: list[str]
    """Its tags in the order of its source."""
    meta: dict[str, Any]
    """Its metadata; of several values under one name the last one."""
    is_global: bool
    is_private: bool


class Rules:
    """Compiled rules, made by :func:`miniyara.compile`.

    Immutable: any number of threads may scan with them at the same time.
    Iterating gives a :class:`Rule` for each rule, in the order of their sources,
    as often as one likes.
    """

    __slots__ = ("_evaluator", "_program")

    def __init__(self, program: Program) -> None:
        strings = [
            SearchString(string.pattern, string.fixed_offset, string.single_match)
            for string in program.strings
        ]
        self._program = program
        self._evaluator = Evaluator(program, Searcher(strings))

    @property
    def warnings(self) -> list[str]:
        """The compiler's warnings, in libyara's words."""
        return [warning.libyara_text() for warning in self._program.warnings]

    def __iter__(self) -> Iterator[Rule]:
        for rule in self._program.rules:
            yield Rule(
                identifier=rule.name,
                tags=list(rule.tags),
                meta=metadata(rule),
                is_global=rule.is_global,
                is_private=rule.is_private,
            )

    def match(
        self,
        filepath: Path | Absent = ABSENT,
        pid: SupportsIndex = -1,
        data: Data | Absent = ABSENT,
        externals: dict[str, Any] | None = None,
        callback: RuleCallback | Absent = ABSENT,
        fast: object = False,
        timeout: SupportsIndex = 0,
        modules_data: dict[str, Any] | Absent = ABSENT,
        modules_callback: ModulesCallback | Absent = ABSENT,
        which_callbacks: SupportsIndex = CALLBACK_ALL,
        warnings_callback: WarningsCallback | Absent = ABSENT,
        console_callback: ConsoleCallback | Absent = ABSENT,
        allow_duplicate_metadata: SupportsIndex = False,
    ) -> list[Match]:
        """Scan a file or data and return the matches in the order of the rules.

        ``filepath``: the file to scan; wins over ``data``.
        ``pid``: scanning processes is not supported.
        ``data``: what to scan, a buffer or a ``str``, which is scanned as UTF-8.
        ``externals``: new values for external variables of the rules.
        ``callback``: called with a dictionary for each rule that is not private;
        ends the scan by returning ``CALLBACK_ABORT``.
        ``fast``: report one place of a string where its places don't matter.
        ``timeout``: in seconds; 0 or less means none.
        ``modules_data``: the ``bytes`` handed to each module, by its name.
        ``modules_callback``: called with the fields of each imported module.
        ``which_callbacks``: for which rules ``callback`` is called.
        ``warnings_callback``: called, instead of a ``RuntimeWarning``, for a string
        found too often; lets the scan fail by returning ``CALLBACK_ABORT``.
        ``console_callback``: called with what the ``console`` module would print.
        ``allow_duplicate_metadata``: have ``meta`` list all values of each name.

        Raises :class:`miniyara.Error` if the file cannot be read or the scan fails,
        :class:`miniyara.TimeoutError`, TypeError and OverflowError for wrong
        arguments, and what a callback raises.
        """
        path = None if filepath is ABSENT else path_argument(filepath, 1)
        pid = int_argument(pid)
        scanned = None if data is ABSENT else data_argument(data)
        timeout = int_argument(timeout)
        which_callbacks = int_argument(which_callbacks)
        allow_duplicates = flag_argument(allow_duplicate_metadata)
        if path is None and scanned is None and pid == -1:
            raise TypeError("match() takes at least one argument")
        options = ScanOptions(
            callback=_callable("callback", callback),
            modules_callback=_callable("modules_callback", modules_callback),
            warnings_callback=_callable("warnings_callback", warnings_callback),
            console_callback=_callable("console_callback", console_callback),
            modules_data=_modules_data(modules_data),
            externals=self._externals(externals),
            which_callbacks=which_callbacks,
            fast=bool(fast),
            timeout=timeout,
            allow_duplicate_metadata=allow_duplicates,
        )
        if path is not None:
            with open_target(path) as contents:
                return scan(self._evaluator, contents, options)
        if scanned is None:
            raise Error("scanning a process (pid) is not supported")
        return scan(self._evaluator, scanned, options)

    def _externals(self, externals: object) -> dict[str, Scalar]:
        """Return the values of all external variables in a scan."""
        values = dict(self._program.externals)
        for name, value in external_values(externals):
            if name not in values:
                continue
            # libyara keeps booleans as integers, so that each can replace the other.
            number = int(value) if isinstance(value, bool) else value
            declared = values[name]
            if type(number) is not (int if isinstance(declared, bool) else type(declared)):
                raise Error(f'external variable "{name}" was already defined with a different type')
            values[name] = number
        return {
            # To a condition, booleans are integers too.
            name: int(value) if isinstance(value, bool) else value
            for name, value in values.items()
        }


def _callable(name: str, value: _Callback | Absent) -> _Callback | None:
    if value is ABSENT:
        return None
    if not callable(value):
        raise TypeError(f"'{name}' must be callable")
    return value


def _modules_data(value: object) -> Mapping[str, bytes]:
    """Return what can be meant for a module: text to bytes, as in yara-python."""
    if value is ABSENT:
        return {}
    if not isinstance(value, dict):
        raise TypeError("'modules_data' must be a dictionary")
    return {
        name: data
        for name, data in value.items()
        if isinstance(name, str) and isinstance(data, bytes)
    }
