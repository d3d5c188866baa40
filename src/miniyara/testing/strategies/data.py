"""Strategies for data in which given rules have a fair chance to match.

Strings are planted in the forms that their modifiers ask for, sometimes cut
short, with word characters glued on, in the wrong case or at an offset that the
condition names; between them lies filler of few letters, so that matches overlap
and begin where nobody planted them.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import (
    HexString,
    Import,
    IntegerLiteral,
    RegexpString,
    Rule,
    Source,
    TextString,
)
from miniyara.syntax.walk import walk
from miniyara.testing.strategies.examples import hex_example, regexp_example
from miniyara.testing.strategies.modifiers import BASE64_ALPHABET
from miniyara.testing.strategies.programs import PROGRAM_MODULES, programs
from miniyara.testing.strategies.texts import AWKWARD, FEW, WORDS, over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.syntax.nodes import Modifiers, StringDeclaration
    from miniyara.testing.strategies.drawing import Draw
    from miniyara.testing.strategies.examples import Example

_FILLER: Final = st.one_of(
    over(FEW, 0, 6),
    over(WORDS, 0, 4),
    over(AWKWARD, 0, 4),
    st.integers(0, 300).map(lambda length: b"a" * length),
    st.binary(max_size=8),
)

_GLUE: Final = st.sampled_from(
    [b"", b"", b"", b"a", b"_", b".", b" ", b"0", b"a\0", b".\0", b"\0", b"\0a", b"\xff"]
)

_ROTATIONS: Final = st.sampled_from([b"", b"x", b"xy"])
"""Bytes before a string that is encoded in base64: they turn its alignment."""

_MOST_PIECES: Final = 7

_FURTHEST_OFFSET: Final = 300
"""Offsets named by a condition up to which something is planted there."""


def data_for(rules: Source | Rule) -> st.SearchStrategy[bytes]:
    """Return a strategy for data made for these rules; may be empty.

    If they import a module that reads programs, the data often begin with a program.
    """
    plants: list[Example] = []
    offsets: set[int] = set()
    modules: set[bytes] = set()
    for node in walk(rules):
        if isinstance(node, (TextString, HexString, RegexpString)):
            plants.append(_plant(node))
        elif isinstance(node, IntegerLiteral) and node.value <= _FURTHEST_OFFSET:
            offsets.add(node.value)
        elif isinstance(node, Import):
            modules.add(node.module)
    pieces = _pieces(plants, sorted(offsets))
    readers = [name for name in PROGRAM_MODULES if name.encode() in modules]
    return _behind_programs(pieces, readers) if readers else pieces


@st.composite
def _behind_programs(draw: Draw, pieces: st.SearchStrategy[bytes], modules: Sequence[str]) -> bytes:
    program = draw(programs(modules)) if draw(st.integers(0, 7)) else b""
    return program + draw(pieces)


@st.composite
def _pieces(draw: Draw, plants: list[Example], offsets: list[int]) -> bytes:
    data = bytearray()
    for _ in range(draw(st.integers(0, _MOST_PIECES))):
        form = draw(st.integers(0, 9))
        later = [offset for offset in offsets if offset > len(data)]
        if form == 9 and later:
            data += b"a" * (draw(st.sampled_from(later)) - len(data))
        elif form >= 7 or not plants:
            data += draw(_FILLER)
        else:
            data += _glued(draw, draw(st.sampled_from(plants))(draw))
    return bytes(data)


def _glued(draw: Draw, planted: bytes) -> bytes:
    """Draw neighbours for what is planted, or cut off a part of it."""
    if draw(st.integers(0, 7)) == 7:
        return planted[: draw(st.integers(0, len(planted)))]
    return draw(_GLUE) + planted + draw(_GLUE)


def _plant(declaration: StringDeclaration) -> Example:
    """Return what draws the bytes for which a string is searched."""
    modifiers = declaration.modifiers
    match declaration:
        case TextString(value=value):
            return lambda draw: _encoded(draw, _in_some_case(draw, value, modifiers), modifiers)
        case HexString(text=text):
            return hex_example(text)
        case RegexpString(regexp=regexp):
            example = regexp_example(regexp.body)
            return lambda draw: _widened(
                draw, _in_some_case(draw, example(draw), modifiers), modifiers
            )


def _in_some_case(draw: Draw, text: bytes, modifiers: Modifiers) -> bytes:
    """Change the case, often where that is allowed and seldom where it is not."""
    if draw(st.integers(0, 7)) > (4 if modifiers.nocase else 0):
        return text
    return text.swapcase()


def _encoded(draw: Draw, text: bytes, modifiers: Modifiers) -> bytes:
    widened = _widened(draw, text, modifiers)
    if modifiers.xor is not None:
        key = draw(st.integers(modifiers.xor.low, modifiers.xor.high))
        return bytes(byte ^ key for byte in widened)
    alphabet = modifiers.base64 or modifiers.base64wide
    if alphabet is None:
        return widened
    plain = draw(_ROTATIONS) + widened + draw(_ROTATIONS)
    in_base64 = base64.b64encode(plain).translate(
        bytes.maketrans(BASE64_ALPHABET, alphabet), delete=b"="
    )
    is_wide = modifiers.base64wide is not None and (modifiers.base64 is None or draw(st.booleans()))
    return _wide(in_base64) if is_wide else in_base64


def _widened(draw: Draw, text: bytes, modifiers: Modifiers) -> bytes:
    is_wide = modifiers.wide and (not modifiers.ascii or draw(st.booleans()))
    return _wide(text) if is_wide else text


def _wide(text: bytes) -> bytes:
    return b"".join(bytes([byte, 0]) for byte in text)
