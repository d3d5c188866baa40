"""Runs of plain declarations, read off the text at once.

Most of the text of rules is lines such as ``author = "x"`` and ``$a = "x" wide``, for
each of which the parser takes ten steps.  What is read here is the same, to the span
of each node, and whatever is not plain (an error, ``xor``, a very long text) is left
to the parser.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from miniyara import limits
from miniyara.syntax import nodes
from miniyara.syntax.lexer import regexp_value, text_value, vocabulary
from miniyara.syntax.nodes import Span
from miniyara.syntax.tables import load_tables

if TYPE_CHECKING:
    from miniyara.syntax.lexer import Lexer

# Nothing here matches a text in two ways, so that no text takes long.
_BLANKS: Final = r"[ \t\r\n]*(?:(?://[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)[ \t\r\n]*){0,64}"
_WORD_END: Final = r"(?![A-Za-z0-9_])"
_PLAIN: Final = r'"([^"\\\n\0]*)"'
"""A text whose value is what is written."""

_SHORT: Final = limits.LEX_BUFFER_SIZE // 2
"""Characters that are certainly not too many for a text."""


def read_meta(lexer: Lexer) -> list[nodes.Meta]:
    """Read what there is of ``name = value``, and move the lexer behind it."""
    text, position, words = lexer.text, lexer.position, vocabulary().words
    match = _meta().match
    items = []
    while found := match(text, position):
        name, plain, string, number, boolean = found.groups()
        start, end = found.start(1), found.end()
        if end - start > _SHORT or len(name) > limits.MAX_IDENTIFIER_LENGTH or name in words:
            break
        value: bytes | int | bool
        if plain is not None:
            value = plain.encode("latin-1")
        elif string is not None:
            value = text_value(string)
        elif number is not None:
            value = int(number, 16 if number.startswith("0x") else 10)
        else:
            value = boolean == "true"
        items.append(nodes.Meta(name, value, span=Span(start, end, end)))
        position = end
    lexer.position = position
    return items


def read_strings(lexer: Lexer) -> list[nodes.StringDeclaration]:
    """Read what there is of ``$name = value modifiers``, and move the lexer behind it."""
    text, position, match = lexer.text, lexer.position, _string().match
    items: list[nodes.StringDeclaration] = []
    while found := match(text, position):
        name, value, plain, string, hexadecimal, regexp, words = found.groups()
        modifiers = _modifiers(words)
        if modifiers is None or "\0" in value or (hexadecimal is None and len(value) > _SHORT):
            break
        span = Span(found.start(1), found.end(), found.end(2))
        if plain is not None:
            items.append(nodes.TextString(name, plain.encode("latin-1"), modifiers, span=span))
        elif string is not None:
            items.append(nodes.TextString(name, text_value(string), modifiers, span=span))
        elif hexadecimal is not None:
            content = hexadecimal[1:-1].encode("latin-1")
            items.append(nodes.HexString(name, content, modifiers, span=span))
        else:
            literal = nodes.RegexpLiteral(*regexp_value(regexp), span=span)
            items.append(nodes.RegexpString(name, literal, modifiers, span=span))
        position = found.end()
    lexer.position = position
    return items


@lru_cache(maxsize=1024)
def _modifiers(words: str) -> nodes.Modifiers | None:
    """The modifiers of these names; None if one is there twice."""
    names = words.split()
    flags: dict[str, Any] = dict.fromkeys(names, True)
    return nodes.Modifiers(**flags) if len(flags) == len(names) else None


@cache
def _meta() -> re.Pattern[str]:
    patterns = load_tables("rules").patterns
    return re.compile(
        f"{_BLANKS}({patterns['IDENTIFIER']}){_BLANKS}={_BLANKS}"
        f"(?:{_PLAIN}|({patterns['TEXT']})"
        "|(0x[0-9A-Fa-f]{1,15}|[0-9]{1,18})(?![A-Za-z0-9_.])"
        f"|(true|false){_WORD_END})"
    )


@cache
def _string() -> re.Pattern[str]:
    patterns = load_tables("rules").patterns
    private = rf"(?:[ \t\r\n]+private{_WORD_END})"
    flag = rf"(?:[ \t\r\n]+(?:ascii|wide|nocase|fullword|private){_WORD_END})"
    return re.compile(
        rf"{_BLANKS}({patterns['STRING_IDENTIFIER']}){_BLANKS}={_BLANKS}"
        f"({_PLAIN}|({patterns['TEXT']})|({patterns['HEX']})|({patterns['REGEXP']}))"
        # The next token must be one that cannot be another modifier.
        rf"((?(5){private}|{flag})*)(?={_BLANKS}(?:\$|condition{_WORD_END}))"
    )
