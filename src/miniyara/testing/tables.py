r"""Golden tables: one question a line, with the answer that libyara gave.

The questions of a ``.conditions`` table are conditions, and the answers their values;
those of a ``.strings`` table are string declarations, and the answers the matches
as ``offset:length`` with ``^key`` where a key was used::

    @data b"abc\x00"
    @string $a = "abc"
    @external number = 5
    @import math

    true      | 1 + 1 == 2
    undefined | uint8(100) == 0
    error     | 1 \ 0 == 1
              ! division by zero

Lines with ``@`` hold until the next ``##`` title, which starts afresh; ``#`` is a
comment.  A condition is ``undefined`` if ``defined`` says so.  An ``error`` at
compiling or scanning has its text below.  Answers are recorded, never written by
hand: a new question is written with a ``?`` before the bar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from miniyara.testing.literals import data_of, external_of
from miniyara.testing.outcome import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from miniyara.testing.outcome import External, Outcome

CONDITIONS: Final = ".conditions"
STRINGS: Final = ".strings"
"""The suffixes of the two kinds of tables."""

_ROW: Final = re.compile(r"(\S.*?) *\| (.*)")
_WIDTH: Final = 9
_ERROR: Final = " " * (_WIDTH + 1) + "! "


@dataclass(frozen=True, slots=True)
class Preamble:
    """What stands around the questions of a part of a table."""

    data: bytes = b""
    strings: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    externals: dict[str, External] = field(default_factory=dict)

    def with_directive(self, directive: str) -> Preamble:
        """Add what a line with ``@`` says; raises ValueError if it says nothing known."""
        name, _, value = directive.removeprefix("@").partition(" ")
        match name:
            case "data":
                return replace(self, data=self.data + data_of(value))
            case "string":
                return replace(self, strings=(*self.strings, value))
            case "import":
                return replace(self, modules=(*self.modules, value))
            case "external":
                return replace(self, externals=self.externals | external_of(value))
        raise ValueError(f"there is no directive called @{name}")

    def ask(self, engine: ModuleType, strings: tuple[str, ...], condition: str) -> Outcome:
        """Return an engine's outcome for one rule."""
        imports = "".join(f'import "{module}" ' for module in self.modules)
        section = f"strings: {' '.join(strings)} " if strings else ""
        source = f"{imports}rule row {{ {section}condition: {condition} }}"
        return outcome(engine, source, self.data, externals=self.externals)


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a table, with what was recorded of it."""

    kind: str
    """The suffix of the table."""
    line: int
    preamble: Preamble
    question: str
    answer: str
    error: str = ""

    def answered_by(self, engine: ModuleType) -> Row:
        """Return the row as an engine would record it."""
        answered = self._matches(engine) if self.kind == STRINGS else self._value(engine)
        return replace(self, answer="error", error=answered.error) if answered.error else answered

    def __str__(self) -> str:
        row = f"{self.answer:{_WIDTH}} | {self.question}"
        return f"{row}\n{_ERROR}{self.error}" if self.error else row

    def _value(self, engine: ModuleType) -> Row:
        strings = self.preamble.strings
        used = " and (any of them or true)" if strings else ""
        plain = self.preamble.ask(engine, strings, f"({self.question}){used}")
        if plain.error is not None or plain.rules:
            return replace(self, answer="true", error=_unplaced(plain.error))
        doubt = self.preamble.ask(engine, strings, f"defined ({self.question}){used}")
        return replace(self, answer="false" if doubt.rules else "undefined", error="")

    def _matches(self, engine: ModuleType) -> Row:
        found = self.preamble.ask(engine, (f"$a = {self.question}",), "#a >= 0")
        matches = [
            f"{instance.offset}:{instance.length}"
            + (f"^{instance.xor_key}" if instance.xor_key else "")
            for rule in found.rules
            for string in rule.strings
            for instance in string.instances
        ]
        return replace(self, answer=" ".join(matches) or "none", error=_unplaced(found.error))


def read_table(path: Path) -> list[Row]:
    """Read the rows of a table; raises ValueError on a line that has no meaning."""
    return [item for item in _items(path) if isinstance(item, Row)]


def record_table(path: Path, reference: ModuleType) -> None:
    """Write the reference's answers into a table."""
    lines = [
        str(item.answered_by(reference)) if isinstance(item, Row) else item for item in _items(path)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _items(path: Path) -> Iterator[Row | str]:
    """Yield the rows of a table, and every other line as it is."""
    preamble = Preamble()
    pending: Row | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if pending is not None and line.startswith(_ERROR):
            pending = replace(pending, error=line.removeprefix(_ERROR))
            continue
        if pending is not None:
            yield pending
            pending = None
        if line.startswith("##"):
            preamble = Preamble()
        elif line.startswith("@"):
            preamble = preamble.with_directive(line)
        elif line and not line.startswith("#"):
            row = _ROW.fullmatch(line)
            if row is None:
                raise ValueError(f"{path}:{number}: neither a row nor a directive: {line}")
            pending = Row(path.suffix, number, preamble, question=row[2], answer=row[1])
            continue
        yield line
    if pending is not None:
        yield pending


def _unplaced(error: str | None) -> str:
    """Return an error's text without the line: the rule around a question has one."""
    return (error or "").replace("line 1: ", "")
