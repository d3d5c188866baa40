"""Trees as patterns for Python's ``re``, where that is exact and cheap.

``re`` goes back and forth where the thread machine goes all ways at once, but it
prefers the same way of several.  It is used if it has not far to go, and if libyara
has no habits of its own about the expression.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from miniyara.patterns.bounds import effort, lengths, repeats_nothing, rounds
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
    Where,
    accepted_bytes,
)

if TYPE_CHECKING:
    from miniyara.patterns.program import Flags

_MAX_STEPS: Final = 30_000
"""Bytes that ``re`` may look at for one match: some 300 microseconds."""


def translate(
    node: Node, flags: Flags, *, wide: bool, backwards: bool = False
) -> re.Pattern[bytes] | None:
    """The pattern that matches what a tree matches, or None if the machine has to do it.

    ``backwards`` says that the tree ends where libyara begins to match backwards.
    """
    if (
        repeats_nothing(node)
        or _has_habits(node)
        or effort(node, nocase=flags.nocase).steps > _MAX_STEPS
        or (checks(node, Where.WORD_BOUNDARY, Where.NON_WORD_BOUNDARY) and (wide or backwards))
    ):
        return None
    return re.compile(_Writer(flags, wide=wide, backwards=backwards).text(node), re.DOTALL)


def checks(node: Node, *places: Where) -> bool:
    """Whether a tree asks for one of these places."""
    match node:
        case Assertion():
            return node.where in places
        case Concatenation():
            return any(checks(item, *places) for item in node.items)
        case Alternation():
            return any(checks(branch, *places) for branch in node.branches)
        case Star() | Plus() | Repeat():
            return checks(node.item, *places)
    return False


def _has_habits(node: Node) -> bool:
    """Whether libyara repeats something in a tree otherwise than ``re`` would."""
    match node:
        case Concatenation():
            return any(map(_has_habits, node.items))
        case Alternation():
            return any(map(_has_habits, node.branches))
        case Plus():
            return _restarts_late(node.item) or _has_habits(node.item)
        case Star():
            return _has_habits(node.item)
        case Repeat():
            # Of several lazy repetitions, libyara tries all that are short first.
            is_odd = not node.greedy and node.low < node.high and lengths(node.item).spread > 0
            return is_odd or _has_habits(node.item)
    return False


def _restarts_late(node: Node) -> bool:
    """Whether a repeated tree is begun anew behind its true start.

    In ``(a?b)+`` libyara goes back to the ``a``, which then is optional no more.
    """
    match node:
        case Concatenation():
            return _restarts_late(node.items[0])
        case Plus():
            return _restarts_late(node.item)
        case Repeat():
            return _restarts_late(node.item) if node.low else node.high < 2
    return False


class _Writer:
    """Writes trees as text for ``re``."""

    def __init__(self, flags: Flags, *, wide: bool, backwards: bool) -> None:
        self._flags = flags
        self._zero = b"\\x00" if wide else b""
        self._any = (b"." if flags.dotall else rb"[^\n]") + self._zero
        self._backwards = backwards

    def text(self, node: Node) -> bytes:
        """The text for a tree; repetitions can be put behind it as behind a group."""
        match node:
            case Byte() | ByteSet():
                return _class_text(accepted_bytes(node, nocase=self._flags.nocase)) + self._zero
            case AnyByte():
                return self._any
            case Empty():
                return b""
            case Assertion():
                # Backwards, libyara is never at the end.
                is_lost = self._backwards and node.where is Where.END
                return b"(?!)" if is_lost else _ASSERTIONS[node.where]
            case Jump():
                return self._repeated(self._any, node.low, node.high, greedy=node.greedy)
            case Concatenation():
                return b"".join(map(self.text, node.items))
            case Alternation():
                return b"(?:" + b"|".join(map(self.text, node.branches)) + b")"
            case Star() | Plus() | Repeat():
                low, high = rounds(node)
                return self._repeated(self.text(node.item), low, high, greedy=node.greedy)

    @staticmethod
    def _repeated(item: bytes, low: int, high: float, *, greedy: bool) -> bytes:
        most = b"" if high > _MANY else b"%d" % high
        return b"(?:%b){%d,%b}%b" % (item, low, most, b"" if greedy or low == high else b"?")


_MANY: Final = 65_535
"""Repetitions that ``re`` can count; no match is that long."""

_ASSERTIONS: Final = {
    Where.START: rb"\A",
    Where.END: rb"\Z",
    Where.WORD_BOUNDARY: rb"\b",
    Where.NON_WORD_BOUNDARY: rb"\B",
}


@cache
def _class_text(members: int) -> bytes:
    """The text for one byte of a set."""
    accepted = bytes(byte for byte in range(256) if members >> byte & 1)
    if len(accepted) == 1:
        return re.escape(accepted)
    if members == ALL_BYTES:
        return b"."
    if not accepted:
        return b"(?!)"
    return b"[" + b"".join(b"\\x%02x" % byte for byte in accepted) + b"]"
