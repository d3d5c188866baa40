"""Strategies for rule text that is nearly valid, to compare what engines say of it.

Valid text is cut into tokens, and one to three of them are removed, doubled,
exchanged, damaged, or replaced by a token of the same sort, which leaves the
syntax right and the meaning wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

_TOKEN: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*"|(?<== )\{[^}]*\}|/(?![*/ ])(?:\\.|[^/\\\n])+/[is]*'
    r"|[$#@!]\w*\*?|\w+(?:\.\d+)?|==|!=|<=|>=|<<|>>|\.\.|\s+|.",
    re.DOTALL,
)

_MODIFIERS: Final = (
    *["nocase", "wide", "ascii", "fullword", "private", "xor", "base64", "base64wide"],
    *["xor(5-3)", "xor(256)", "xor(1-300)", 'base64("short")', "nocase nocase"],
)
_NUMBERS: Final = (
    *["0", "1", "-1", "64", "101", "0xFF", "0x", "0o9", "1KB", "1kb", "1.5", "1.", "true"],
    *["9223372036854775807", "9223372036854775808", '"a"', "/a/"],
)
_OPERATORS: Final = (
    *["+", "-", "*", "\\", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">="],
    *["contains", "icontains", "startswith", "iendswith", "iequals", "matches", "and", "or"],
)
_REFERENCES: Final = (
    *["$a1", "$a*", "$b1", "$", "$*", "$nowhere", "$x*", "#a1", "#nowhere", "@a1", "!b", "#"],
    *["nowhere", "first_0", "number", "text", "math", "math.mean", "hash.md5", "console.log(1)"],
)
_STRINGS: Final = (
    *['""', '"a"', '"\\x"', '"\\q"', '"\\x0"', '"é"', '"', "/a/", "/a", "/a/si", "/[/", "/[b-a]/"],
    *["/(a/", "/a)/", "/()/", "/(|a)/", "/a**/", "/a*b+?/", "/a{3,2}/", "/a{99999}/", "/\\0/"],
    *["{ 01 }", "{ 0 }", "{ }", "{ [1] }", "{ 01 [2-1] 02 }", "{ 01 [0] 02 }", "{ 01 [-] }"],
    *["{ (01 [-] 02 | 03) }", "{ ~?? }", "{ ( 01 }", "{ 01 | 02 }", "{ zz }"],
)
_WORDS: Final = (
    *["rule", "private", "global", "meta", "strings", "condition", "import", "include", "them"],
    *["not", "defined", "all", "any", "none", "of", "for", "in", "at", "filesize", "entrypoint"],
    *["uint16", "{", "}", "(", ")", "[", "]", ":", "=", ",", ".", "..", "%", "/*", "*/", "//"],
    *["\n", "é", "\x01"],
)

_LIKE: Final = (
    (re.compile("|".join(_MODIFIERS[:8])), st.sampled_from(_MODIFIERS)),
    (re.compile(r"\d[\w.]*|true|false"), st.sampled_from(_NUMBERS)),
    (
        re.compile(
            r"and|or|[+*\\%&|^<>-]|[=!<>]=|<<|>>|matches|i?(contains|equals|(start|end)swith)"
        ),
        st.sampled_from(_OPERATORS),
    ),
    (re.compile(r"[$#@!]\w*\*?|first_\d|number|text|ratio|flag"), st.sampled_from(_REFERENCES)),
    (re.compile(r'["/{].+', re.DOTALL), st.sampled_from(_STRINGS)),
)
"""Tokens, and what may be confused with them: faults that a parser doesn't see."""

_ANYTHING: Final = st.sampled_from(
    _WORDS + _MODIFIERS + _NUMBERS + _OPERATORS + _REFERENCES + _STRINGS
)

_CHARACTERS: Final = st.sampled_from('"\\/{}()[]$#@!*?^|,.:=-~<>%& \n0x1aé\x7f')


@st.composite
def broken(draw: Draw, text: str) -> str:
    """Draw a variant of a rule text with one to three faults; it may still be valid."""
    tokens = _TOKEN.findall(text)
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place, token in enumerate(tokens) if not token.isspace()]
        if places:
            _spoil(draw, tokens, places)
    return "".join(tokens)


def _spoil(draw: Draw, tokens: list[str], places: list[int]) -> None:
    here = draw(st.sampled_from(places))
    token = tokens[here]
    fault = draw(st.integers(0, 8))
    if fault == 0:
        del tokens[here]
    elif fault == 1:
        tokens.insert(here, token)
    elif fault == 2:
        there = draw(st.sampled_from(places))
        tokens[here], tokens[there] = tokens[there], token
    elif fault == 3:
        tokens.insert(here, f" {draw(_ANYTHING)} ")
    elif fault == 4:
        cut = draw(st.integers(0, len(token)))
        kept = token[cut + draw(st.integers(0, 1)) :]
        tokens[here] = token[:cut] + draw(_CHARACTERS) + kept
    else:
        like = (choice for pattern, choice in _LIKE if pattern.fullmatch(token))
        tokens[here] = draw(next(like, _ANYTHING))
