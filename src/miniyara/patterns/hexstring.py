"""Hex strings: from the text between the braces to a tree.

Follows libyara's ``hex_lexer.l`` and ``hex_grammar.y``; the grammar itself is
``grammar/hex.lark``.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from miniyara import limits
from miniyara.patterns.errors import PatternError
from miniyara.patterns.lexing import MAX_GROUPS, atoi
from miniyara.patterns.tree import (
    UNBOUNDED,
    Alternation,
    AnyByte,
    Byte,
    ByteSet,
    Concatenation,
    Jump,
    Node,
    Tree,
)
from miniyara.syntax.lalr import ParseError, Parser
from miniyara.syntax.tables import END, load_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.syntax.lalr import Token

_TOKEN: Final = re.compile(
    rb"""
      (?P<space> [ \t\r\n]+ | //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<BYTE> [0-9A-Fa-f]{2} )
    | (?P<MASKED_BYTE> [0-9A-Fa-f]\? | \?[0-9A-Fa-f] | \?\? )
    | (?P<NOT_BYTE> ~[0-9A-Fa-f]{2} )
    | (?P<MASKED_NOT_BYTE> ~[0-9A-Fa-f]\? | ~\?[0-9A-Fa-f] )
    | (?P<LPAR> \( ) | (?P<RPAR> \) ) | (?P<VBAR> \| ) | (?P<LSQB> \[ )
    | (?P<LBRACE> \{ ) | (?P<RBRACE> \} )
    | (?P<odd> [0-9A-Fa-f] )
    | (?P<tilde> ~ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_TOKEN_IN_JUMP: Final = re.compile(
    rb"""
      (?P<space> [ \t\r\n]+ )
    | (?P<NUMBER> [0-9]+ )
    | (?P<MINUS> - )
    | (?P<RSQB> \] )
    | (?P<other_in_jump> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BYTES: Final = rb"(?:[0-9A-Fa-f?]{2}\s*)+"
_JUMP: Final = rb"\[[0-9]+(?:-[0-9]+)?\]"
_ROW: Final = re.compile(rb"\s*%b(?:(?:%b\s*)+%b)*" % (_BYTES, _JUMP, _BYTES))
_JUMP_IN_ROW: Final = re.compile(rb"\[([0-9]+)(?:-([0-9]+))?\]")
_BLANKS: Final = b" \t\r\n\v\f"
_TO_MASK: Final = bytes.maketrans(b"0123456789ABCDEFabcdef?", b"F" * 22 + b"0")
_ERRORS: Final = {
    "odd": "uneven number of digits in hex string",
    "tilde": "invalid not operator (~) in hex string",
    "other": "invalid character in hex string",
    "other_in_jump": "invalid character in hex string jump",
}


def parse_hex_string(text: bytes) -> Tree:
    """Parse what the braces of a hex string hold.

    Raises :class:`PatternError` with libyara's text, without its prefix.
    """
    row = _row(text)
    if row is not None:
        return Tree(row, is_plain=True, shares_bytes=True)
    parser = Parser(load_tables("hex"), partial(getattr, _Actions()))
    try:
        tree: Tree = parser.parse(_tokens(b"{" + text + b"}"))
    except ParseError:
        raise PatternError("syntax error") from None
    return tree


def literal_hex(text: bytes) -> bytes | None:
    """What a hex string stands for that is nothing but known bytes; None if it is not."""
    try:
        return bytes.fromhex(text.decode("ascii")) or None
    except ValueError:
        return None


def _row(text: bytes) -> Node | None:
    """The tree of a hex string that is just bytes and jumps, as most are: it needs no parser."""
    if not _ROW.fullmatch(text):
        return None
    actions = _Actions()
    items: list[Node] = []
    # Bytes, and the ends of a jump, in turn.
    digits, *rest = _JUMP_IN_ROW.split(text)
    items += _bytes_of_row(digits)
    for low, high, digits in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if high is None:
            items.append(actions.exact_jump(None, b"", low, b""))
        else:
            items.append(actions.jump(None, b"", low, b"", high, b""))
        items += _bytes_of_row(digits)
    return items[0] if len(items) == 1 else Concatenation(tuple(items))


def _bytes_of_row(text: bytes) -> Iterator[Node]:
    """The bytes that pairs of digits stand for; equal ones are the same object."""
    digits = text.translate(None, _BLANKS)
    values = bytes.fromhex(digits.replace(b"?", b"0").decode())
    masks = bytes.fromhex(digits.translate(_TO_MASK).decode())
    return map(_shared_byte, values, masks)


@cache
def _shared_byte(value: int, mask: int) -> Node:
    return Byte(value, mask) if mask else AnyByte()


def _tokens(text: bytes) -> Iterator[Token]:
    """The tokens of a whole hex string."""
    place, depth = 0, 0
    pattern = _TOKEN
    while place < len(text):
        found = pattern.match(text, place)
        assert found is not None  # each pattern ends in "any character"
        kind, place = str(found.lastgroup), found.end()
        if kind == "space":
            continue
        if kind in _ERRORS:
            raise PatternError(_ERRORS[kind])
        if kind == "LSQB":
            pattern = _TOKEN_IN_JUMP
        elif kind == "RSQB":
            pattern = _TOKEN
        elif kind == "LPAR":
            depth += 1
            if depth > MAX_GROUPS:
                raise PatternError("too many nested groups in hex string")
        elif kind == "RPAR":
            depth -= 1
        yield kind, found.group(), found.start(), place
    yield END, b"", place, place


class _Actions:
    """What the productions of ``hex.lark`` make; the names are those of the grammar."""

    def __init__(self) -> None:
        self._groups = 0  # open at this point
        self._is_plain = True

    def hex_string(self, _span: Any, _open: bytes, root: Node, _close: bytes) -> Tree:
        return Tree(root, is_plain=self._is_plain)

    def pair(self, _span: Any, left: Node, right: Node) -> Node:
        return Concatenation((left, right))

    def sequence(self, _span: Any, left: Node, middle: list[Node], right: Node) -> Node:
        return Concatenation((left, *middle, right))

    def first(self, _span: Any, item: Node) -> list[Node]:
        return [item]

    def append(self, _span: Any, items: list[Node], item: Node) -> list[Node]:
        items.append(item)
        return items

    def open_group(self, _span: Any) -> None:
        self._groups += 1

    def group(self, _span: Any, _open: bytes, _: None, branches: list[Node], _close: bytes) -> Node:
        self._groups -= 1
        if len(branches) == 1:
            return branches[0]
        return Alternation(tuple(branches))

    def alternative(
        self, _span: Any, branches: list[Node], _bar: bytes, branch: Node
    ) -> list[Node]:
        self._is_plain = False
        branches.append(branch)
        return branches

    def exact_jump(self, _span: Any, _open: bytes, digits: bytes, _close: bytes) -> Node:
        length = atoi(digits)
        if length <= 0:
            raise PatternError("invalid jump length")
        self._check_long_jump(length)
        # A jump over one byte counts as ??, which atoms can span.
        return AnyByte() if length == 1 else Jump(length, length, greedy=False)

    def jump(
        self, _span: Any, _open: bytes, low: bytes, _dash: bytes, high: bytes, _close: bytes
    ) -> Node:
        least, most = atoi(low), atoi(high)
        self._check_long_jump(max(least, most))
        if least < 0 or most < 0:
            raise PatternError("invalid negative jump length")
        if least > most:
            raise PatternError("invalid jump range")
        return Jump(least, most, greedy=False)

    def jump_from(self, _span: Any, _open: bytes, low: bytes, _dash: bytes, _close: bytes) -> Node:
        self._check_unbounded_jump()
        least = atoi(low)
        if least < 0:
            raise PatternError("invalid negative jump length")
        return Jump(least, UNBOUNDED, greedy=False)

    def any_jump(self, _span: Any, _open: bytes, _dash: bytes, _close: bytes) -> Node:
        self._check_unbounded_jump()
        return Jump(0, UNBOUNDED, greedy=False)

    def byte(self, _span: Any, text: bytes) -> Node:
        return Byte(int(text, 16))

    def not_byte(self, _span: Any, text: bytes) -> Node:
        return _negated(int(text[1:], 16), 0xFF, code_size=2)

    def masked_byte(self, _span: Any, text: bytes) -> Node:
        value, mask = _masked(text)
        return Byte(value, mask) if mask else AnyByte()

    def masked_not_byte(self, _span: Any, text: bytes) -> Node:
        return _negated(*_masked(text[1:]), code_size=3)

    def _check_long_jump(self, length: int) -> None:
        if self._groups and length > limits.STRING_CHAINING_THRESHOLD:
            raise PatternError(
                f"jumps over {limits.STRING_CHAINING_THRESHOLD} not allowed inside alternation (|)"
            )

    def _check_unbounded_jump(self) -> None:
        if self._groups:
            raise PatternError("unbounded jumps not allowed inside alternation (|)")


def _masked(text: bytes) -> tuple[int, int]:
    """Value and mask of two hex digits, of which some are unknown."""
    mask = sum(0xF << shift for digit, shift in zip(text, (4, 0), strict=True) if digit != ord("?"))
    return int(text.replace(b"?", b"0"), 16), mask


def _negated(value: int, mask: int, *, code_size: int) -> ByteSet:
    members = sum(1 << byte for byte in range(256) if byte & mask == value)
    return ByteSet(members, negated=True, code_size=code_size)
