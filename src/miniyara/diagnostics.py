"""What is wrong with a rule, and where.

A :class:`Diagnostic` is one error or warning.  It can say itself in two ways:
as libyara does (``line 3: undefined string "$a"``), because programs read that,
and natively, with the line of the rule and a caret under the place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miniyara.syntax.source import SourceText


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of error or warning.

    Each is declared once, in the ``catalog`` of ``syntax`` or of ``analysis``.
    ``message`` is libyara's text with places to fill in, ``example`` is rule text
    that shows it.
    """

    code: str
    title: str
    message: str
    example: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A place in the source and, if there is something to say, a note on it."""

    start: int
    end: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning in one place."""

    kind: Kind
    message: str
    """What libyara says, without the place."""
    source: SourceText = field(repr=False)
    line: int
    """The line that libyara names, counted from 1; 0 is the end of the source."""
    path: str | None = None
    """The file that libyara names; None for text that is no file."""
    labels: tuple[Label, ...] = ()
    rule: str | None = None
    """The rule that it is in, if known."""
    is_seen_by_libyara: bool = True
    """False for an error behind the point where libyara stops reading."""
    is_consequence: bool = False
    """True for an error that only follows from the one before it."""

    @property
    def is_warning(self) -> bool:
        """Whether the rules can be used all the same."""
        return self.kind.is_warning

    def libyara_text(self) -> str:
        """The message with its place, as yara-python has it."""
        if self.path is not None:
            return f"{self.path}({self.line}): {self.message}"
        return f"line {self.line}: {self.message}"

    def render(self) -> str:
        """The message with its place, the line of the source and a caret, without colours."""
        severity = "warning" if self.is_warning else "error"
        lines = [f"{severity}[{self.kind.code}]: {self.message}"]
        if self.labels:
            lines += self._excerpt(self.labels[0])
        else:
            lines.append(f" --> {self.path or '<text>'}:{self.line}")
        if self.rule is not None:
            lines.append(f"  in rule {self.rule}")
        return "\n".join(lines)

    def _excerpt(self, label: Label) -> list[str]:
        source = self.source
        line = source.line_at(label.start)
        column = source.column_at(label.start)
        text = source.line_text(line).replace("\t", " ")
        width = max(1, min(source.column_at(label.end) - column, len(text) - column))
        if source.line_at(label.end) != line:
            width = max(1, len(text) - column)
        if column > _EXCERPT_WIDTH:
            text, column = "..." + text[column - 20 :], 23
        margin = " " * len(str(line))
        return [
            f"{margin}--> {self.path or '<text>'}:{line}:{source.column_at(label.start) + 1}",
            f"{margin} |",
            f"{line} | {text[:_EXCERPT_WIDTH]}",
            f"{margin} | {' ' * column}{'^' * min(width, _EXCERPT_WIDTH)} {label.note}".rstrip(),
        ]


_EXCERPT_WIDTH = 160
"""Characters of a source line that are shown; lines of a hundred kilobytes exist."""
