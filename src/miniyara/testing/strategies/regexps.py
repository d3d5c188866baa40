"""Strategies for regular expressions that YARA accepts.

An expression is either greedy or lazy throughout, because YARA refuses a mixture;
a repetition follows a character, a class or a group, never another repetition or
an assertion; an alternative may be empty if it is not the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import RegexpLiteral

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

_CHARACTERS: Final = st.one_of(
    st.sampled_from("aaabbc"),
    st.sampled_from(list("AB019_ -=<:,@~}")),
    st.sampled_from([r"\x00", r"\x80", r"\xff", r"\n", r"\t", r"\.", r"\/", r"\\", r"\[", r"\{"]),
    st.sampled_from([r"\A", r"\z", "{", "]"]),
)

_CLASSES: Final = st.sampled_from(
    [
        *[".", ".", "[ab]", "[^a]", "[a-c]", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D"],
        *["[a-zA-Z0-9_]", r"[\w.]", r"[^\s]", r"[\x00-\x7f]", r"[^\x00]", "[]a]", "[^]b]", "[a-]"],
    ]
)

_ASSERTIONS: Final = st.sampled_from([r"\b", r"\B", "^", "$"])

_REPEATS: Final = st.sampled_from(
    [
        *["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{,2}", "{1,}", "{2,4}"],
        *["{0}", "{0,0}", "{1}", "{0,30}"],
    ]
)

_LEVELS: Final = 2
"""Groups inside each other."""


@st.composite
def regexps(draw: Draw) -> RegexpLiteral:
    """Draw a valid regular expression with its flags."""
    lazy = "?" if draw(st.integers(0, 3)) == 3 else ""
    body = _alternatives(draw, 0, lazy)
    return RegexpLiteral(
        body=body.encode().replace(rb"\/", b"/"),
        nocase=draw(st.integers(0, 3)) == 3,
        dotall=draw(st.integers(0, 3)) == 3,
    )


def _alternatives(draw: Draw, level: int, lazy: str) -> str:
    branches = [_concatenation(draw, level, lazy)]
    while len(branches) < 4 and draw(st.integers(0, 5)) == 5:
        empty = draw(st.integers(0, 7)) == 7
        branches.append("" if empty else _concatenation(draw, level, lazy))
    return "|".join(branches)


def _concatenation(draw: Draw, level: int, lazy: str) -> str:
    length = draw(st.integers(1, 6 if level == 0 else 3))
    return "".join(_item(draw, level, lazy) for _ in range(length))


def _item(draw: Draw, level: int, lazy: str) -> str:
    kind = draw(st.integers(0, 15))
    if kind == 15:
        return draw(_ASSERTIONS)
    if kind == 14 and level < _LEVELS:
        single = f"({_alternatives(draw, level + 1, lazy)})"
    elif kind >= 11:
        single = draw(_CLASSES)
    else:
        single = draw(_CHARACTERS)
    if draw(st.integers(0, 4)) == 4:
        return single + draw(_REPEATS) + lazy
    return single
