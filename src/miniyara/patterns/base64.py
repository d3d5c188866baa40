"""The texts by which a string is found inside base64.

A text may begin at each of the three places in a group of three bytes.  Of each of
the three encodings only the characters are kept that don't depend on what stands
before and behind the text.  Follows libyara's ``base64.c``.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Final

from miniyara.patterns.atoms import widen
from miniyara.patterns.tree import Alternation, Byte, Concatenation, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.syntax import nodes

_STANDARD: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def base64_tree(text: bytes, modifiers: nodes.Modifiers) -> Tree:
    """The expression that finds ``text`` encoded: one branch for each encoding."""
    plain = modifiers.ascii or not modifiers.wide
    branches = [
        Concatenation(tuple(map(Byte, encoded)))
        for source, applies in ((widen(text), modifiers.wide), (text, plain))
        if applies
        for encoded in _encodings(source, modifiers)
    ]
    # libyara parses "(one|two|three)".
    return Tree(Concatenation((Alternation(tuple(branches)),)))


def _encodings(text: bytes, modifiers: nodes.Modifiers) -> Iterator[bytes]:
    """The encodings that ``base64`` and then ``base64wide`` ask for."""
    if modifiers.base64 is not None:
        yield from _shifted(text, modifiers.base64)
    if modifiers.base64wide is not None:
        yield from map(widen, _shifted(text, modifiers.base64wide))


def _shifted(text: bytes, alphabet: bytes) -> Iterator[bytes]:
    """The encodings of a text that begins at each place of a group of three bytes."""
    for shift in range(3):
        if shift == 1 and len(text) == 1:
            continue  # nothing of it would be left
        encoded = binascii.b2a_base64(b"A" * shift + text, newline=False)
        padding = encoded.count(b"=")
        leading = shift + 1 if shift else 0
        trailing = padding + 1 if padding else 0
        kept = encoded[leading : len(encoded) - trailing]
        yield kept.translate(bytes.maketrans(_STANDARD, alphabet))
