"""Compiled rules, and what yara-python lets a program do with them."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex, TypeVar

from miniyara.errors import Error
from miniyara.modules.console import without_stray_bytes
from miniyara.scanning.arguments import (
    ABSENT,
    Absent,
    Data,
    Path,
    data_argument,
    external_values,
    flag_argument,
    int_argument,
    modules_data_argument,
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
from miniyara.scanning.match import named_in_class
from miniyara.scanning.metadata import metadata
from miniyara.scanning.preparing import Prepared
from miniyara.scanning.process import open_process
from miniyara.scanning.saving import read_rules, write_rules
from miniyara.scanning.scanner import ScanOptions
from miniyara.storage import dump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.scanning.match import Match
    from miniyara.scanning.saving import Writable

_Callback = TypeVar("_Callback", bound=Callable[..., object])


# No slots: with them, setting an attribute that there is not is a TypeError in CPython 3.11,
# and an AttributeError in yara-python.
@named_in_class
@dataclass(frozen=True, eq=False)
class Rule:
    """A rule among compiled rules.  Equal only to itself."""

    __module__ = "miniyara"

    identifier: str
    """The name of the rule."""
    tags: list[str]
    """Its tags in the order of its source."""
    meta: dict[str, Any]
    """Its metadata; of several values under one name the last one."""
    is_global: bool
    is_private: bool


class Rules:
    """Compiled rules, made by :func:`miniyara.compile` or :func:`miniyara.load`.

    Immutable: any number of threads may scan with them at the same time.
    Iterating gives a :class:`Rule` for each rule, in the order of their sources,
    as often as one likes; each ``iter(rules)`` is an iterator of its own.  ``next(rules)``
    moves a cursor that the object has besides, and ``iter(rules)`` begins where it stands.
    """

    __module__ = "miniyara"
    __slots__ = ("_cursor", "_lock", "_saved", "_scanner", "_warnings")

    def __init__(self, prepared: Prepared) -> None:
        self._scanner = prepared.scanner
        self._saved = prepared.saved
        self._cursor = 0
        self._lock = Lock()
        self._warnings: list[str] | None = None

    @property
    def warnings(self) -> list[str]:
        """The compiler's warnings, in libyara's words."""
        with self._lock:
            if self._warnings is None:
                found = self._scanner.program.warnings
                self._warnings = [warning.libyara_text() for warning in found]
            return self._warnings

    def __iter__(self) -> Iterator[Rule]:
        with self._lock:
            start, self._cursor = self._cursor, 0
        return map(self._rule, range(start, len(self._scanner.program.rules)))

    def __next__(self) -> Rule:
        with self._lock:
            number = self._cursor
            if number == len(self._scanner.program.rules):
                self._cursor = 0  # as in yara-python: the next call begins anew
                raise StopIteration
            self._cursor = number + 1
        return self._rule(number)

    def _rule(self, number: int) -> Rule:
        rule = self._scanner.program.rules[number]
        return Rule(
            identifier=rule.name,
            tags=list(rule.tags),
            meta=metadata(rule),
            is_global=rule.is_global,
            is_private=rule.is_private,
        )

    def __reduce__(self) -> tuple[Callable[[bytes], Rules], tuple[bytes]]:
        return _unpickled, (self._file(),)

    def __copy__(self) -> Rules:
        return Rules(Prepared(self._scanner, self._saved))

    def __deepcopy__(self, _memo: object) -> Rules:
        return copy(self)  # what is immutable is shared

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
        """Scan a file, data or a process and return the matches in the order of the rules.

        ``filepath``: the file to scan; wins over ``data``.
        ``pid``: the process to scan, on Linux, if neither of the two is given.
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

        Raises :class:`miniyara.Error` if the file or the process cannot be read, the scan
        fails or the caller is too deep in Python's stack, :class:`miniyara.TimeoutError`,
        TypeError and OverflowError for wrong arguments, and what a callback raises.
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
            console_callback=_console_callback(console_callback),
            modules_data=modules_data_argument(modules_data),
            externals=self._scanner.externals(
                None if externals is None else external_values(externals)
            ),
            which_callbacks=which_callbacks,
            fast=bool(fast),
            timeout=timeout,
            allow_duplicate_metadata=allow_duplicates,
        )
        try:
            if path is not None:
                with open_target(path) as contents:
                    return self._scanner.scan(contents, options)
            if scanned is None:
                with open_process(pid) as memory:
                    return self._scanner.scan(memory, options)
            return self._scanner.scan(scanned, options)
        except RecursionError as error:
            raise Error("too little of Python's stack is left to scan") from error

    def save(self, filepath: Path | Absent = ABSENT, file: Writable | Absent = ABSENT) -> None:
        """Save the rules, for :func:`miniyara.load` on any machine.

        ``filepath``: the file to write; wins over ``file``.
        ``file``: an object with a ``write`` method.

        The file holds the sources of the rules and the values of the external variables.
        Raises :class:`miniyara.Error` for a file that cannot be opened or written to,
        TypeError for wrong arguments.
        """
        write_rules(self._file(), filepath, file)

    def _file(self) -> bytes:
        return self._saved or dump(self._scanner.program, self._scanner.preparation)

    def profiling_info(self) -> NoReturn:
        """Raise :class:`miniyara.Error`, as yara-python does: libyara comes without profiling."""
        raise Error("libyara compiled without profiling support")


def _unpickled(file: bytes) -> Rules:
    """What a pickle of rules calls; it holds their saved form, which is checked like any file."""
    return Rules(read_rules(ABSENT, BytesIO(file)))


def _callable(name: str, value: _Callback | Absent) -> _Callback | None:
    if value is ABSENT:
        return None
    if not callable(value):
        raise TypeError(f"'{name}' must be callable")
    return value


def _console_callback(value: ConsoleCallback | Absent) -> ConsoleCallback | None:
    callback = _callable("console_callback", value)
    return None if callback is None else lambda message: callback(without_stray_bytes(message))
