"""Regular expressions: from their text to a tree.

Follows libyara's ``re_lexer.l`` and ``re_grammar.y``; the grammar itself is
``grammar/regexp.lark``.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from miniyara import limits
from miniyara.patterns.errors import PatternError
from miniyara.patterns.lexing import MAX_GROUPS, atoi
from miniyara.patterns.tree import (
    ALL_BYTES,
    DIGIT,
    SPACE,
    WORD,
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
    Tree,
    Where,
)
from miniyara.syntax.lalr import ParseError, Parser
from miniyara.syntax.tables import END, load_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.syntax.lalr import Token

_CLASS_SIZE: Final = 34
"""Size of libyara's instruction for a character class: opcode, negation, 256 bits."""


def parse_regexp(body: bytes, *, strict_escape: bool = False) -> Tree:
    """Parse the body of a regular expression.

    Raises :class:`PatternError` with libyara's text, without its prefix.
    """
    lexer = _Lexer(body.partition(b"\0")[0], strict_escape=strict_escape)
    actions = _Actions()
    parser = Parser(load_tables("regexp"), partial(getattr, actions))
    try:
        branches: list[Node] = parser.parse(lexer.tokens())
    except ParseError:
        raise PatternError("syntax error") from None
    return Tree(
        _alternation(branches),
        is_greedy=actions.is_greedy,
        is_lazy=actions.is_lazy,
        unknown_escape=lexer.unknown_escape,
    )


# -- tokens --------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    rb"""
      (?P<chars> (?: [^\\\[(){}|$.^+*?] | \\x[0-9A-Fa-f]{2} ){2,} (?![*+?{]) )
    | (?P<RANGE> \{ [0-9]* [ ]* , [ ]* [0-9]* \} | \{ [0-9]+ \} )
    | (?P<CLASS> \[ )
    | (?P<WORD_CHAR> \\w ) | (?P<NON_WORD_CHAR> \\W )
    | (?P<SPACE> \\s ) | (?P<NON_SPACE> \\S )
    | (?P<DIGIT> \\d ) | (?P<NON_DIGIT> \\D )
    | (?P<WORD_BOUNDARY> \\b ) | (?P<NON_WORD_BOUNDARY> \\B )
    | (?P<backreference> \\[0-9] )
    | (?P<escape> \\ )
    | (?P<LPAR> \( ) | (?P<RPAR> \) ) | (?P<VBAR> \| ) | (?P<DOLLAR> \$ ) | (?P<DOT> \. )
    | (?P<CIRCUMFLEX> \^ ) | (?P<PLUS> \+ ) | (?P<STAR> \* ) | (?P<QMARK> \? )
    | (?P<CHAR> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUANTIFIERS: Final = (b"*", b"+", b"?", b"{")
_HEX_ESCAPE: Final = re.compile(rb"\\x(..)")
_CLASS_RANGE: Final = re.compile(
    rb"(?P<start>\\x[0-9A-Fa-f]{2}|\\[^\n]|[^\]\\])-(?P<end>[^\]])", re.DOTALL
)
_CLASS_SETS: Final = {
    b"\\w": WORD,
    b"\\W": WORD ^ ALL_BYTES,
    b"\\s": SPACE,
    b"\\S": SPACE ^ ALL_BYTES,
    b"\\d": DIGIT,
    b"\\D": DIGIT ^ ALL_BYTES,
}
_HEX_DIGITS: Final = frozenset(b"0123456789ABCDEFabcdef")
_ESCAPES: Final = {
    **{byte: byte for byte in range(1, 256)},
    **dict(zip(b"ntrfa", b"\n\t\r\f\a", strict=True)),
}
_KNOWN_ESCAPES: Final = frozenset(b"xntrfa\\^$.|()[]*+?\"'-{}#:_=/!,@<>~&%")


class _Lexer:
    """Cuts a regular expression into tokens."""

    def __init__(self, text: bytes, *, strict_escape: bool) -> None:
        self._text = text
        self._strict_escape = strict_escape
        self.unknown_escape = False

    def tokens(self) -> Iterator[Token]:
        """The tokens; raises :class:`PatternError` at something that is none.

        Bytes and classes that follow each other, and that nothing repeats, are one
        ``CHAR``, since nothing else can be made of them.
        """
        text, place, depth = self._text, 0, 0
        run: list[Node] = []
        while place < len(text):
            found = _TOKEN.match(text, place)
            assert found is not None  # the pattern ends in "any character"
            start, place = place, found.end()
            kind = str(found.lastgroup)
            if kind == "chars":
                run += map(Byte, _HEX_ESCAPE.sub(_hex_byte, found[0]))
                continue
            value: Any = None
            if kind == "CHAR":
                value = Byte(text[start])
            elif kind == "CLASS":
                value, place = self._class(place)
            elif kind == "escape":
                byte, place = self._escaped(start)
                kind, value = "CHAR", Byte(byte)
            elif kind == "RANGE":
                value = _bounds(found.group())
            elif kind == "backreference":
                raise PatternError("backreferences are not allowed")
            elif kind == "LPAR":
                depth += 1
                if depth > MAX_GROUPS:
                    raise PatternError("too many nested groups")
            elif kind == "RPAR":
                depth -= 1
            if kind in ("CHAR", "CLASS") and text[place : place + 1] not in _QUANTIFIERS:
                run.append(value)
                continue
            if run:
                yield "CHAR", run, start, start
                run = []
            yield kind, value, start, place
        if run:
            yield "CHAR", run, place, place
        yield END, None, place, place

    def _escaped(self, place: int, *, warns: bool = True) -> tuple[int, int]:
        """The byte that the escape sequence at ``place`` stands for, and where it ends."""
        letter = self._text[place + 1 : place + 2]
        if letter == b"x":
            digits = self._text[place + 2 : place + 4]
            if len(digits) == 2 and _HEX_DIGITS.issuperset(digits):
                return int(digits, 16), place + 4
        elif letter:
            if warns and self._strict_escape and letter[0] not in _KNOWN_ESCAPES:
                self.unknown_escape = True
            return _ESCAPES[letter[0]], place + 2
        raise PatternError("illegal escape sequence")

    def _class(self, place: int) -> tuple[ByteSet, int]:
        """The character class whose ``[`` ends at ``place``, and where it ends."""
        text = self._text
        negated = text.startswith(b"^", place)
        place += negated
        members = 0
        if text.startswith(b"]", place):
            members = 1 << ord("]")
            place += 1
        while place < len(text):
            if text[place] == ord("]"):
                return ByteSet(members, negated, _CLASS_SIZE), place + 1
            found = _CLASS_RANGE.match(text, place)
            if found is not None:
                more, place = self._class_range(found)
                members |= more
            elif text[place : place + 2] in _CLASS_SETS:
                members |= _CLASS_SETS[text[place : place + 2]]
                place += 2
            elif text[place] == ord("\\"):
                byte, place = self._escaped(place)
                members |= 1 << byte
            elif 32 <= text[place] < 127:
                members |= 1 << text[place]
                place += 1
            else:
                raise PatternError("non-ascii character")
        raise PatternError("missing terminating ] for character class")

    def _class_range(self, found: re.Match[bytes]) -> tuple[int, int]:
        """The bytes of a range in a class, and where it ends."""
        low, high, place = found["start"][0], found["end"][0], found.end()
        if low == ord("\\"):
            low, _ = self._escaped(found.start(), warns=False)
        if high == ord("\\"):
            high, place = self._escaped(place - 1, warns=False)
        if high < low:
            raise PatternError("bad character range")
        return (1 << high + 1) - (1 << low), place


def _hex_byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode())


def _bounds(text: bytes) -> tuple[int, int]:
    """The bounds of ``{low,high}`` or ``{count}``."""
    low, comma, high = text.strip(b"{}").partition(b",")
    least = atoi(low)
    most = least if not comma else atoi(high) if high.strip() else limits.RE_MAX_RANGE
    if most > limits.RE_MAX_RANGE or (not comma and most < 0):
        raise PatternError("repeat interval too large")
    if most < least or most < 0 or least < 0:
        raise PatternError("bad repeat interval")
    return least, most


# -- productions ---------------------------------------------------------------------


def _alternation(branches: list[Node]) -> Node:
    return branches[0] if len(branches) == 1 else Alternation(tuple(branches))


class _Actions:
    """What the productions of ``regexp.lark`` make; the names are those of the grammar."""

    def __init__(self) -> None:
        self.is_greedy = False
        self.is_lazy = False

    def first_branch(self, _span: Any, items: list[Node]) -> list[Node]:
        return [Concatenation(tuple(items))]

    def branch(self, _span: Any, branches: list[Node], _bar: None, items: list[Node]) -> list[Node]:
        branches.append(Concatenation(tuple(items)))
        return branches

    def empty_branch(self, _span: Any, branches: list[Node], _bar: None) -> list[Node]:
        branches.append(Empty())
        return branches

    def first(self, _span: Any, item: Node | list[Node]) -> list[Node]:
        return item if isinstance(item, list) else [item]

    def append(self, _span: Any, items: list[Node], item: Node | list[Node]) -> list[Node]:
        if isinstance(item, list):
            items += item
        else:
            items.append(item)
        return items

    def star(self, _span: Any, item: Node, _star: None) -> Node:
        self.is_greedy = True
        return Star(item, greedy=True)

    def lazy_star(self, _span: Any, item: Node, _star: None, _lazy: None) -> Node:
        self.is_lazy = True
        return Star(item, greedy=False)

    def plus(self, _span: Any, item: Node, _plus: None) -> Node:
        self.is_greedy = True
        return Plus(item, greedy=True)

    def lazy_plus(self, _span: Any, item: Node, _plus: None, _lazy: None) -> Node:
        self.is_lazy = True
        return Plus(item, greedy=False)

    def optional(self, span: Any, item: Node, _mark: None) -> Node:
        return self.repeat(span, item, (0, 1))

    def lazy_optional(self, span: Any, item: Node, _mark: None, _lazy: None) -> Node:
        return self.lazy_repeat(span, item, (0, 1), None)

    def repeat(self, _span: Any, item: Node, bounds: tuple[int, int]) -> Node:
        self.is_greedy = True
        return _repeat(item, bounds, greedy=True)

    def lazy_repeat(self, _span: Any, item: Node, bounds: tuple[int, int], _lazy: None) -> Node:
        self.is_lazy = True
        return _repeat(item, bounds, greedy=False)

    def word_boundary(self, _span: Any, _token: None) -> Node:
        return Assertion(Where.WORD_BOUNDARY)

    def non_word_boundary(self, _span: Any, _token: None) -> Node:
        return Assertion(Where.NON_WORD_BOUNDARY)

    def anchor_start(self, _span: Any, _token: None) -> Node:
        return Assertion(Where.START)

    def anchor_end(self, _span: Any, _token: None) -> Node:
        return Assertion(Where.END)

    def group(self, _span: Any, _open: None, branches: list[Node], _close: None) -> Node:
        return _alternation(branches)

    def any_byte(self, _span: Any, _token: None) -> Node:
        return AnyByte()

    def char(self, _span: Any, value: Node | list[Node]) -> Node | list[Node]:
        return value

    def word_char(self, _span: Any, _token: None) -> Node:
        return ByteSet(WORD, negated=False, code_size=1)

    def non_word_char(self, _span: Any, _token: None) -> Node:
        return ByteSet(WORD, negated=True, code_size=1)

    def space(self, _span: Any, _token: None) -> Node:
        return ByteSet(SPACE, negated=False, code_size=1)

    def non_space(self, _span: Any, _token: None) -> Node:
        return ByteSet(SPACE, negated=True, code_size=1)

    def digit(self, _span: Any, _token: None) -> Node:
        return ByteSet(DIGIT, negated=False, code_size=1)

    def non_digit(self, _span: Any, _token: None) -> Node:
        return ByteSet(DIGIT, negated=True, code_size=1)

    def char_class(self, _span: Any, value: ByteSet) -> Node:
        return value


def _repeat(item: Node, bounds: tuple[int, int], *, greedy: bool) -> Node:
    if isinstance(item, AnyByte):
        return Jump(*bounds, greedy)
    return Repeat(item, *bounds, greedy)
