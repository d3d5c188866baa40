"""Strategies for string modifiers in the combinations that YARA accepts.

``xor`` excludes ``nocase``; ``base64`` and ``base64wide`` exclude ``xor``,
``nocase`` and ``fullword`` and must share one alphabet; a regular expression
takes neither; a hex string takes ``private`` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import Modifiers, XorKeys

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

BASE64_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""The alphabet of ``base64`` without an argument."""

_SIGNS: Final = b"!@#$%^&*()[]{}<>,.|~`:;?\\\"\t='-\x80\xff"

_ALPHABETS: Final = st.sampled_from(
    [BASE64_ALPHABET, BASE64_ALPHABET[::-1], BASE64_ALPHABET[32:] + _SIGNS]
)

_RARELY: Final = st.sampled_from([False] * 7 + [True])

_XOR_KEYS: Final = st.one_of(
    st.just(XorKeys()),
    st.tuples(st.integers(0, 255), st.integers(0, 255)).map(lambda keys: XorKeys(*sorted(keys))),
    st.sampled_from([0, 1, 0x20, 255]).map(lambda key: XorKeys(key, key)),
)

_WORDS: Final = st.builds(
    Modifiers,
    nocase=st.booleans(),
    ascii=st.booleans(),
    wide=st.booleans(),
    fullword=st.booleans(),
    private=_RARELY,
)

_XOR: Final = st.builds(
    Modifiers,
    ascii=st.booleans(),
    wide=st.booleans(),
    fullword=st.booleans(),
    private=_RARELY,
    xor=_XOR_KEYS,
)


@st.composite
def _base64(draw: Draw) -> Modifiers:
    alphabet = draw(_ALPHABETS)
    plain, wide = draw(st.sampled_from([(True, False), (False, True), (True, True)]))
    return Modifiers(
        ascii=draw(st.booleans()),
        wide=draw(st.booleans()),
        private=draw(_RARELY),
        base64=alphabet if plain else None,
        base64wide=alphabet if wide else None,
    )


_TEXT: Final = st.one_of(st.just(Modifiers()), _WORDS, _WORDS, _XOR, _base64())
_HEX: Final = st.builds(Modifiers, private=_RARELY)


def text_modifiers() -> st.SearchStrategy[Modifiers]:
    """Return a strategy for the modifiers of a text string."""
    return _TEXT


def regexp_modifiers() -> st.SearchStrategy[Modifiers]:
    """Return a strategy for the modifiers of a regular expression."""
    return _WORDS


def hex_modifiers() -> st.SearchStrategy[Modifiers]:
    """Return a strategy for the modifiers of a hex string."""
    return _HEX
