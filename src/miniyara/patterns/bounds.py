"""What can be said of a tree without running it.

The lengths of its matches, and what it would cost to find them: this is how it is
known that handing an expression to Python's ``re`` is safe, because there are only
so many ways to go back and forth, and that libyara's limit on threads is out of
reach.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from miniyara import limits
from miniyara.patterns.tree import (
    ALL_BYTES,
    Alternation,
    AnyByte,
    Assertion,
    Byte,
    ByteSet,
    Concatenation,
    Empty,
    Jump,
    Node,
    Plus,
    Repeat,
    Star,
    accepted_bytes,
)

_MOST_ROUNDS: Final = limits.RE_SCAN_LIMIT
"""How often something is repeated at most, if it takes a byte each time."""
_TOO_MANY: Final = 1e9
"""Ways or steps that nobody counts any further."""


class Lengths(NamedTuple):
    """The lengths of the matches of a tree, in characters."""

    shortest: int
    longest: float

    @property
    def spread(self) -> float:
        """How much they can differ."""
        return self.longest - self.shortest


def lengths(node: Node) -> Lengths:
    """The lengths of the matches of a tree."""
    match node:
        case Byte() | AnyByte() | ByteSet():
            return Lengths(1, 1)
        case Assertion() | Empty():
            return Lengths(0, 0)
        case Jump():
            return Lengths(node.low, node.high)
        case Concatenation():
            parts = [lengths(item) for item in node.items]
            return Lengths(
                sum(part.shortest for part in parts), sum(part.longest for part in parts)
            )
        case Alternation():
            parts = [lengths(branch) for branch in node.branches]
            return Lengths(
                min(part.shortest for part in parts), max(part.longest for part in parts)
            )
        case Star() | Plus() | Repeat():
            low, high = rounds(node)
            part = lengths(node.item)
            return Lengths(low * part.shortest, high * part.longest if high and part.longest else 0)


def rounds(node: Star | Plus | Repeat) -> tuple[int, float]:
    """How often something is repeated, at least and at most."""
    match node:
        case Star():
            return 0, math.inf
        case Plus():
            return 1, math.inf
        case Repeat():
            return node.low, node.high


def repeats_nothing(node: Node) -> bool:
    """Whether something that can be empty is repeated, which libyara does in its own way."""
    match node:
        case Concatenation():
            return any(map(repeats_nothing, node.items))
        case Alternation():
            return any(map(repeats_nothing, node.branches))
        case Star() | Plus() | Repeat():
            return lengths(node.item).shortest == 0 or repeats_nothing(node.item)
    return False


def first_bytes(node: Node, *, nocase: bool, following: int) -> int:
    """The bytes that can come next where a tree begins that is followed by ``following``."""
    match node:
        case Byte() | ByteSet():
            return accepted_bytes(node, nocase=nocase)
        case AnyByte() | Jump() | Assertion():
            return ALL_BYTES
        case Empty():
            return following
        case Concatenation():
            for item in reversed(node.items):
                following = first_bytes(item, nocase=nocase, following=following)
            return following
        case Alternation():
            first = 0
            for branch in node.branches:
                first |= first_bytes(branch, nocase=nocase, following=following)
            return first
        case Star() | Plus() | Repeat():
            low, high = rounds(node)
            first = first_bytes(node.item, nocase=nocase, following=following) if high else 0
            return first if low else first | following


class Effort(NamedTuple):
    """What it takes to match by trial and error, at most."""

    ways: float
    """In how many ways one stretch of data can be gone through."""
    steps: float
    """How many bytes are looked at on all these ways."""


def effort(node: Node, *, nocase: bool, following: int = 0) -> Effort:
    """The effort of a tree.

    A choice counts only if its sides can begin with the same byte.  ``following``
    are the bytes that can come next behind the tree: none if it is a match then.
    """
    match node:
        case Concatenation():
            all_ways, all_steps = 1.0, 1.0
            for item in reversed(node.items):
                ways, steps = effort(item, nocase=nocase, following=following)
                all_steps = min(steps + ways * all_steps, _TOO_MANY)
                all_ways = min(ways * all_ways, _TOO_MANY)
                following = first_bytes(item, nocase=nocase, following=following)
            return Effort(all_ways, all_steps)
        case Alternation():
            efforts = [
                effort(branch, nocase=nocase, following=following) for branch in node.branches
            ]
            firsts = [
                first_bytes(branch, nocase=nocase, following=following) for branch in node.branches
            ]
            counts = [ways for ways, _ in efforts]
            return Effort(
                max(counts) if _are_disjoint(firsts) else sum(counts),
                sum(steps for _, steps in efforts),
            )
        case Jump():
            return Effort(_choices(node.low, node.high, ALL_BYTES, following), node.high)
        case Star() | Plus() | Repeat():
            low, high = rounds(node)
            first = first_bytes(node.item, nocase=nocase, following=following)
            ways, steps = effort(node.item, nocase=nocase, following=following | first)
            most = min(high, _MOST_ROUNDS)
            # Choices inside of what is repeated multiply; that is soon too much.
            growth = 1 if ways == 1 else min(ways, _TOO_MANY) ** min(most, 8)
            ways = min(_choices(low, high, first, following) * growth, _TOO_MANY)
            return Effort(ways, min(most * steps * growth, _TOO_MANY))
    return Effort(1, 1)


def _choices(low: int, high: float, first: int, following: int) -> float:
    if not first & following:
        return 1
    return min(high, _MOST_ROUNDS) - min(low, _MOST_ROUNDS) + 1


def _are_disjoint(sets: list[int]) -> bool:
    union = 0
    for members in sets:
        if union & members:
            return False
        union |= members
    return True


def threads(node: Node, spread: float = 0) -> float:
    """How many threads of the machine are in a tree at once, at most.

    ``spread`` is the number of bytes by which the times differ at which they come.
    """
    spread = min(spread, _MOST_ROUNDS)
    match node:
        case Empty():
            return 0
        case Jump():
            return min(node.high, spread + 1) + 1
        case Concatenation():
            total = 0.0
            for item in node.items:
                total += threads(item, spread)
                spread += lengths(item).spread
            return total
        case Alternation():
            return sum(threads(branch, spread) for branch in node.branches)
        case Star() | Plus():
            return threads(node.item, _MOST_ROUNDS)
        case Repeat():
            # Up to three copies of the code, and a counter in the middle one.
            return threads(node.item, _MOST_ROUNDS) * (2 + min(node.high, spread + 1))
    return 1
