"""What a match must have, and what is found much faster than a match.

An expression like ``a.*b.*c`` costs a thousand steps at every ``a``; that there is no
``c`` in the next thousand bytes costs one.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.patterns.atoms import widen
from miniyara.patterns.tree import (
    Assertion,
    Byte,
    Concatenation,
    Node,
    Plus,
    Repeat,
    Where,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


_MOST_TEXTS: Final = 4
"""Texts worth looking for; the longest are."""


class Needs(NamedTuple):
    """What every match has."""

    texts: tuple[bytes, ...]
    """Texts in it, but not at its start."""
    end: bool
    """Whether it ends where the data ends."""


NO_NEEDS: Final = Needs((), end=False)


def needs(root: Node, *, nocase: bool, wide: bool) -> Needs:
    """What every match of a tree has."""
    nodes = [*_in_order(root)]
    known = (_known_byte(node, nocase=nocase) for node in nodes)
    runs = [
        b"".join(byte for byte in run if byte is not None)
        for is_known, run in itertools.groupby(known, key=lambda byte: byte is not None)
        if is_known
    ]
    texts = sorted(set(runs[1:]), key=len, reverse=True)[:_MOST_TEXTS]
    return Needs(
        tuple(widen(text) if wide else text for text in texts),
        any(isinstance(node, Assertion) and node.where is Where.END for node in nodes),
    )


def _in_order(root: Node) -> Iterator[Node | None]:
    """The nodes that every match goes through, in order; None is where others may be between."""
    pending: list[Node | None] = [root]
    while pending:
        node = pending.pop()
        match node:
            case Concatenation():
                pending.extend(reversed(node.items))
            case Plus():
                pending.extend((None, node.item))
            case Repeat() if node.low:
                pending.extend((None, node.item))
            case Byte() | Assertion():
                yield node
            case _:
                yield None


def _known_byte(node: Node | None, *, nocase: bool) -> bytes | None:
    """The byte that a node stands for, if it can be only one."""
    if not isinstance(node, Byte) or node.mask != 0xFF:
        return None
    byte = bytes([node.value])
    return None if nocase and byte.isalpha() else byte
