"""An explanation for people: what is missing, the condition as a tree, and the strings.

Rules and data are not trusted: whatever is printed of them is made printable first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.explaining.selection import first
from miniyara.explaining.strings import ROW
from miniyara.explaining.wording import computed, counted, fact, named, written
from miniyara.terminal import printable
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from miniyara.explaining.explanation import (
        ExplainedString,
        Explanation,
        Need,
        Node,
        Place,
    )

    Branch: TypeAlias = tuple[str, Sequence["Branch"]]
    """A line, and the branches below it."""

MOST_CHARACTERS: Final = 100
"""Characters of one text of a rule in a line."""

MOST_STRINGS: Final = 50
"""Strings of a rule that are drawn, those that were found before the others."""

MOST_FACTS: Final = 4
"""Values behind a condition; more of them become branches."""

MOST_PLACES: Final = 3
"""Places of a string that are drawn."""

_JUNCTIONS: Final = ("and", "or", "not", "defined")

_BOLD, _RED, _GREEN, _YELLOW, _DIM = "1", "31", "32", "33", "2"
"""Escape codes of terminals (ECMA-48, SGR)."""


def draw(explanation: Explanation, *, colour: bool) -> Iterator[str]:
    """Yield the lines of an explanation; ``colour`` says whether to use escape codes."""
    drawing = _Drawing(colour=colour)
    yield from drawing.rule(explanation)
    for other in explanation.rules:
        yield ""
        yield from drawing.rule(other)


class _Drawing:
    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def rule(self, explanation: Explanation) -> Iterator[str]:
        matches = explanation.matches
        verdict = "matches" if matches else "does not match"
        namespace = explanation.namespace
        name = explanation.rule if namespace == "default" else f"{namespace}:{explanation.rule}"
        verdict = self._paint(verdict, _GREEN if matches else _RED)
        yield f"{self._paint(printable(name), _BOLD)} {verdict}"
        if explanation.missing is not None:
            yield self._paint("missing", _BOLD)
            yield from _lines([self._need(explanation.missing)])
        yield self._paint("condition", _BOLD)
        yield from _lines([self._condition(explanation.condition)])
        if explanation.strings:
            yield self._paint("strings", _BOLD)
        for string in first(explanation.strings, MOST_STRINGS, lambda string: string.count > 0):
            yield from self._string(string)
        if len(explanation.strings) > MOST_STRINGS:
            yield f"  and {len(explanation.strings) - MOST_STRINGS} more strings"

    # -- what is missing -------------------------------------------------------------

    def _need(self, need: Need) -> Branch:
        is_junction = need.join is not None and need.more is None
        line = need.reason if is_junction else f"{_cut(need.text)}: {need.reason}"
        where = f"{need.where}: " if need.where else ""
        return printable(where + line), list(map(self._need, need.parts))

    # -- the condition ---------------------------------------------------------------

    def _condition(self, node: Node, before: str = "") -> Branch:
        """Draw what holds or does not."""
        inner = [part for part in node.parts if _is_condition(node, part)]
        values = [part for part in computed(node.parts) if not _is_condition(node, part)]
        facts = [] if isinstance(node.value, bool | Undefined | None) else [written(node.value)]
        facts += [node.note] * bool(node.note)
        facts += [] if node.count is None else [counted(node, node.count)]
        below = list(map(self._condition, inner))
        if sum(1 for part in values for _ in _all_computed(part)) <= MOST_FACTS:
            told = [_cut(fact(each)) for part in values for each in _all_computed(part)]
            facts += dict.fromkeys(told)
        else:
            below += map(self._value, values)
        below += [self._condition(each.body, f"{named(each)}: ") for each in node.iterations]
        if node.omitted:
            below.append((f"{node.omitted} more", ()))
        line = printable(
            before + (node.kind if node.kind in _JUNCTIONS and inner else _cut(node.text))
        )
        if facts:
            line += self._paint(f"   {printable(', '.join(facts))}", _DIM)
        return f"{self._mark(node)} {line}", below

    def _value(self, node: Node) -> Branch:
        """Draw what a condition computes with."""
        return printable(_cut(fact(node))), list(map(self._value, computed(node.parts)))

    def _mark(self, node: Node) -> str:
        if node.value is UNDEFINED or (node.note and not node.holds):
            return self._paint("?", _YELLOW)
        return self._paint("✓", _GREEN) if node.holds else self._paint("✗", _RED)

    # -- strings -----------------------------------------------------------------------

    def _string(self, string: ExplainedString) -> Iterator[str]:
        times = {0: "not found", 1: "found once"}.get(string.count, f"found {string.count} times")
        found = self._paint(times, _GREEN if string.count else _RED)
        if string.near_miss is not None:
            found += f", but at {string.near_miss.offset} {string.near_miss.how}"
        yield f"  {printable(_cut(string.text))}   {found}"
        for place in string.places[:MOST_PLACES]:
            key = f", xor key {place.xor_key:#04x}" if place.xor_key else ""
            yield f"    at {place.offset} ({place.offset:#x}), {place.length} bytes{key}"
            yield from self._view(place)
        if string.count > MOST_PLACES:
            yield f"    and {string.count - MOST_PLACES} more times"

    def _view(self, place: Place) -> Iterator[str]:
        """Draw rows of bytes, those of the match in bold."""
        first = place.offset - place.view_start
        for start in range(0, len(place.view), ROW):
            row = place.view[start : start + ROW]
            bold = [first <= at < first + place.length for at in range(start, start + len(row))]
            numbers = " ".join(map(self._byte, [f"{byte:02x}" for byte in row], bold))
            letters = "".join(map(self._byte, map(_letter, row), bold))
            gap = "   " * (ROW - len(row))
            yield f"      {place.view_start + start:08x}  {numbers}{gap}  |{letters}|"

    def _byte(self, text: str, is_matched: bool) -> str:
        return self._paint(text, _BOLD) if is_matched else text


def _is_condition(node: Node, part: Node) -> bool:
    """Whether a part of a node is drawn as something that holds or does not."""
    if node.kind in ("not", "defined"):
        return bool(part.parts or part.iterations)  # else the line of the node says it all
    return node.kind in _JUNCTIONS or (node.kind == "of" and part.kind in ("string", "rule"))


def _all_computed(node: Node) -> Iterator[Node]:
    yield node
    for part in computed(node.parts):
        yield from _all_computed(part)


def _letter(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "."


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _lines(branches: Sequence[Branch]) -> Iterator[str]:
    for line, below in branches:
        yield f"  {line}"
        for inner in _tree(below):
            yield f"  {inner}"


def _tree(branches: Sequence[Branch]) -> Iterator[str]:
    for number, (line, below) in enumerate(branches, 1):
        is_last = number == len(branches)
        yield f"{'└' if is_last else '├'}─ {line}"
        for inner in _tree(below):
            yield f"{' ' if is_last else '│'}  {inner}"
