"""What a program was compiled from: enough to compile it again, whole or rule by rule.

Rules are saved with their text (:mod:`miniyara.storage`).  A rule that was good once is
compiled again alone when a scan needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.syntax import nodes
    from miniyara.syntax.source import Included, SourceText

_HEAD: Final = b"rule "


class RuleText(NamedTuple):
    """Where a rule stands, from its name on."""

    text: bytes
    """The whole source."""
    start: int
    end: int

    def alone(self) -> bytes:
        """The rule as a source of its own, but for ``private`` and ``global``."""
        return _HEAD + self.text[self.start : self.end]


class ImportedModule(NamedTuple):
    """An import."""

    namespace: str
    module: str
    before: int
    """The number of the next rule."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a program was compiled from."""

    sources: tuple[SourceText, ...]
    includes: tuple[Included, ...]
    """The included texts, in the order in which they were asked for."""
    reads_files: bool
    """Whether includes were files."""
    strict_escape: bool
    max_strings_per_rule: int
    imports: tuple[ImportedModule, ...]


class Located(NamedTuple):
    """A rule as it was read, and where it stands."""

    rule: nodes.Rule
    text: RuleText


def stand_alone(rules: Iterable[Located]) -> bool:
    """Whether each of some rules means the same when it is read from its text alone."""
    from miniyara.syntax.parser import parse  # noqa: PLC0415 - saved rules need it later, if ever

    for rule, text in rules:
        try:
            items = parse(text.alone()).items
        except SyntaxError:
            return False
        if items != (replace(rule, is_private=False, is_global=False),):
            return False
    return True
