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
    | (?P<BYTE> (?: [0-9A-Fa-f?]{2} [ \t\r\n]* )+ )
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
    items += map(_shared_byte, *_values_and_masks(digits))
    for low, high, digits in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if high is None:
            items += actions.exact_jump(None, b"", low, b"")
        else:
            items += actions.jump(None, b"", low, b"", high, b"")
        items += map(_shared_byte, *_values_and_masks(digits))
    return _concatenation(items)


def _concatenation(items: list[Node]) -> Node:
    return items[0] if len(items) == 1 else Concatenation(tuple(items))


def _values_and_masks(text: bytes) -> tuple[bytes, bytes]:
    """The known bits of the bytes that pairs of digits stand for, and which those are."""
    digits = text.translate(None, _BLANKS)
    values = bytes.fromhex(digits.replace(b"?", b"0").decode())
    return values, bytes.fromhex(digits.translate(_TO_MASK).decode())


def _byte(value: int, mask: int) -> Node:
    return Byte(value, mask) if mask else AnyByte()


_shared_byte = cache(_byte)
"""In rows, bytes that are equal are the same object."""


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
    """What the productions of ``hex.lark`` make: lists of what stands in a row.

    The names are those of the grammar.
    """

    def __init__(self) -> None:
        self._groups = 0  # open at this point
        self._is_plain = True

    def hex_string(self, _span: Any, _open: bytes, items: list[Node], _close: bytes) -> Tree:
        return Tree(_concatenation(items), is_plain=self._is_plain)

    def pair(self, _span: Any, left: list[Node], right: list[Node]) -> list[Node]:
        return left + right

    def sequence(
        self, _span: Any, left: list[Node], middle: list[Node], right: list[Node]
    ) -> list[Node]:
        return left + middle + right

    def first(self, _span: Any, items: list[Node]) -> list[Node]:
        return items

    def append(self, _span: Any, items: list[Node], more: list[Node]) -> list[Node]:
        items += more
        return items

    def open_group(self, _span: Any) -> None:
        self._groups += 1

    def group(
        self, _span: Any, _open: bytes, _: None, branches: list[Node], _close: bytes
    ) -> list[Node]:
        self._groups -= 1
        return branches if len(branches) == 1 else [Alternation(tuple(branches))]

    def first_branch(self, _span: Any, items: list[Node]) -> list[Node]:
        return [_concatenation(items)]

    def alternative(
        self, _span: Any, branches: list[Node], _bar: bytes, items: list[Node]
    ) -> list[Node]:
        self._is_plain = False
        branches.append(_concatenation(items))
        return branches

    def exact_jump(self, _span: Any, _open: bytes, digits: bytes, _close: bytes) -> list[Node]:
        length = atoi(digits)
        if length <= 0:
            raise PatternError("invalid jump length")
        self._check_long_jump(length)
        # A jump over one byte counts as ??, which atoms can span.
        return [AnyByte() if length == 1 else Jump(length, length, greedy=False)]

    def jump(
        self, _span: Any, _open: bytes, low: bytes, _dash: bytes, high: bytes, _close: bytes
    ) -> list[Node]:
        least, most = atoi(low), atoi(high)
        self._check_long_jump(max(least, most))
        if least < 0 or most < 0:
            raise PatternError("invalid negative jump length")
        if least > most:
            raise PatternError("invalid jump range")
        return [Jump(least, most, greedy=False)]

    def jump_from(
        self, _span: Any, _open: bytes, low: bytes, _dash: bytes, _close: bytes
    ) -> list[Node]:
        self._check_unbounded_jump()
        least = atoi(low)
        if least < 0:
            raise PatternError("invalid negative jump length")
        return [Jump(least, UNBOUNDED, greedy=False)]

    def any_jump(self, _span: Any, _open: bytes, _dash: bytes, _close: bytes) -> list[Node]:
        self._check_unbounded_jump()
        return [Jump(0, UNBOUNDED, greedy=False)]

    def run_of_bytes(self, _span: Any, text: bytes) -> list[Node]:
        return list(map(_byte, *_values_and_masks(text)))

    def not_byte(self, _span: Any, text: bytes) -> list[Node]:
        return [_negated(int(text[1:], 16), 0xFF, code_size=2)]

    def masked_not_byte(self, _span: Any, text: bytes) -> list[Node]:
        ((value, mask),) = zip(*_values_and_masks(text[1:]), strict=True)
        return [_negated(value, mask, code_size=3)]

    def _check_long_jump(self, length: int) -> None:
        if self._groups and length > limits.STRING_CHAINING_THRESHOLD:
            raise PatternError(
                f"jumps over {limits.STRING_CHAINING_THRESHOLD} not allowed inside alternation (|)"
            )

    def _check_unbounded_jump(self) -> None:
        if self._groups:
            raise PatternError("unbounded jumps not allowed inside alternation (|)")


def _negated(value: int, mask: int, *, code_size: int) -> ByteSet:
    members = sum(1 << byte for byte in range(256) if byte & mask == value)
    return ByteSet(members, negated=True, code_size=code_size)
