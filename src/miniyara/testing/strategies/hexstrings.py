"""Strategies for the text of hex strings.

A sequence begins and ends with a byte or an alternation, never with a jump;
inside an alternation jumps are bounded and at most 200 long.  Longer jumps make
libyara split a string into a chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

_BYTES: Final = st.one_of(
    st.sampled_from(["61", "62", "41", "00", "01", "FF", "2e"]),
    st.integers(0, 255).map(lambda value: f"{value:02X}"),
)

_MASKS: Final = st.sampled_from(["??", "6?", "?1", "?0", "~61", "~00", "~6?", "~?1"])

_TOKENS: Final = st.one_of(_BYTES, _BYTES, _BYTES, _MASKS)

_SHORT_JUMPS: Final = st.sampled_from(
    ["[1]", "[2]", "[0-0]", "[0-1]", "[0-3]", "[1-2]", "[2-5]", "[3-3]", "[0-200]", "[ 1 - 4 ]"]
)

_LONG_JUMPS: Final = st.sampled_from(
    ["[-]", "[0-]", "[2-]", "[0-201]", "[201]", "[3-250]", "[200-]", "[210-260]", "[0-1000]"]
)

_SPACES: Final = st.sampled_from([" "] * 12 + ["", "\n", " /* gap */ ", " // gap\n"])

_LEVELS: Final = 2
"""Alternations inside each other."""


@st.composite
def hex_texts(draw: Draw) -> bytes:
    """Draw what stands between the braces of a valid hex string."""
    return f" {_sequence(draw, 0, draw(st.integers(1, 8)))} ".encode()


def _sequence(draw: Draw, level: int, tokens: int) -> str:
    jumps = _SHORT_JUMPS if level else st.one_of(_SHORT_JUMPS, _SHORT_JUMPS, _LONG_JUMPS)
    parts = [_token(draw, level)]
    for position in range(1, tokens):
        parts.append(draw(_SPACES))
        if position < tokens - 1 and draw(st.integers(0, 4)) == 4:
            parts.append(draw(jumps))
        else:
            parts.append(_token(draw, level))
    return "".join(parts)


def _token(draw: Draw, level: int) -> str:
    if level < _LEVELS and draw(st.integers(0, 9)) == 9:
        count = draw(st.integers(1, 3))
        branches = [_sequence(draw, level + 1, draw(st.integers(1, 3))) for _ in range(count)]
        return f"( {' | '.join(branches)} )"
    return draw(_TOKENS)
