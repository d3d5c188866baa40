"""Strategies for the bytes of text strings, and for text that conditions compare.

The alphabets are small on purpose: strings made of few letters overlap, are
prefixes of each other and share atoms, which is where engines go wrong.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

FEW: Final = b"ab"
"""Letters that make strings overlap."""

WORDS: Final = b"aAbBcZ019_ .-\x80"
"""Word characters in both cases, and bytes at which a word may or may not end."""

AWKWARD: Final = b"\x00\x01\x0a\x0d\x20\x22\x5c\x7f\x80\xc3\xff"
"""Bytes with a meaning somewhere: terminators, quotes, signs, parts of UTF-8."""


def over(alphabet: bytes, low: int, high: int) -> st.SearchStrategy[bytes]:
    """Return a strategy for ``low`` to ``high`` bytes of an alphabet."""
    return st.lists(st.sampled_from(alphabet), min_size=low, max_size=high).map(bytes)


_REPEATED: Final = st.builds(
    lambda byte, times: bytes([byte]) * times, st.sampled_from(b"aA\x00 "), st.integers(2, 12)
)

_VALUES: Final = st.one_of(
    over(FEW, 1, 6),
    over(WORDS, 1, 9),
    _REPEATED,
    st.sampled_from([b"abc", b"aBcD", b"MZ", b"a b", b"word", b"This program", b"\x90\x90"]),
    over(AWKWARD + FEW, 1, 5),
    st.binary(min_size=1, max_size=12),
)


def text_values() -> st.SearchStrategy[bytes]:
    """Return a strategy for the value of a text string: never empty."""
    return _VALUES


_COMPARED: Final = st.one_of(over(b"abAB", 0, 3), _VALUES)


def compared_texts() -> st.SearchStrategy[bytes]:
    """Return a strategy for a text literal in a condition: may be empty."""
    return _COMPARED
