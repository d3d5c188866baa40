"""A little damage to a file: what parsers of binary files have to get along with.

It is truncated, bytes are changed, numbers are set to extremes, and numbers are put where
others were, so that tables overlap and point to themselves.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_HEADERS: Final = 1024
"""Bytes at the start of a file that are damaged more often than others."""

_TABLE: Final = 96
"""Bytes of a table that are damaged more often than others."""

_EXTREMES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000)


def mutated(data: bytes, places: Sequence[int], chance: Random) -> bytes:
    """Return a copy of ``data`` with some damage.

    ``places`` are the offsets of tables. The same state of ``chance`` gives the same
    damage.
    """
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if damaged:
            chance.choice(_DAMAGES)(damaged, _place(len(damaged), places, chance), chance)
    return bytes(damaged)


def _place(size: int, places: Sequence[int], chance: Random) -> int:
    kind = chance.random()
    if kind < 0.4:
        return chance.randrange(min(size, _HEADERS))
    if kind < 0.8 and places:
        return min(size - 1, chance.choice(places) + chance.randrange(_TABLE))
    return chance.randrange(size)


def _truncate(data: bytearray, place: int, chance: Random) -> None:
    # Mostly a little, for the headers say most.
    del data[place if chance.random() < 0.2 else max(place, len(data) - chance.randrange(5000)) :]


def _flip(data: bytearray, place: int, chance: Random) -> None:
    data[place] ^= chance.randrange(1, 256)


def _increment(data: bytearray, place: int, chance: Random) -> None:
    data[place] = data[place] + chance.choice((-1, 1)) & 0xFF


def _extreme(data: bytearray, place: int, chance: Random) -> None:
    number = chance.choice((*_EXTREMES, len(data) - 1, len(data), place))
    _write(data, place, number * chance.choice((1, 1, -1)), chance)


def _copy(data: bytearray, place: int, chance: Random) -> None:
    """Put one number of the file where another was."""
    other = max(0, place + chance.randrange(-256, 256)) & ~3
    number = int.from_bytes(data[other : other + 4], "little")
    _write(data, place, number, chance)


def _write(data: bytearray, place: int, number: int, chance: Random) -> None:
    size = chance.choice((2, 4, 4, 4, 8))
    place -= place % min(size, 4)
    encoded = struct.pack("<Q", number & 0xFFFF_FFFF_FFFF_FFFF)[:size]
    end = min(len(data), place + size)
    data[place:end] = encoded[: end - place]


_DAMAGES: Final[tuple[Callable[[bytearray, int, Random], None], ...]] = (
    _truncate,
    _flip,
    _flip,
    _increment,
    _extreme,
    _extreme,
    _copy,
    _copy,
)
