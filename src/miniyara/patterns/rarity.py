"""How rare four bytes in a row are in real files.

Search looks for four bytes of a string, a *gram*, before it looks at the string.
The table ``rarity.bin`` tells which are worth it; ``benchmarks/train_rarity.py`` has
made it from the files that it names.  It has the information of 128 single bytes, of
128 times 128 pairs and of the most common grams, in eighths of a bit, with case folded.
"""

from __future__ import annotations

import zlib
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

GRAM: Final = 4
"""Bytes of a gram: a machine word."""

FOLD: Final = 0x20
"""The bit that makes a letter small.  It is set in every byte that is looked for and
looked at: one operation on many bytes at once, that merges more than letters, but
what it merges is compared later."""

FOLDED: Final = bytes(byte | FOLD for byte in range(256))
"""By byte, what becomes of it."""

_SINGLES: Final = 128
_NUMBERS: Final = bytes(byte >> 1 & 0x60 | byte & 0x1F for byte in range(256))
"""By byte, its number among the folded ones."""


class _Table(NamedTuple):
    pairs: bytes
    """The information of two bytes in a row."""
    following: list[int]
    """The information of the second byte of a pair, once the first is known."""
    common: dict[bytes, int]
    """The information of grams that are more common than their bytes suggest."""


def _read() -> bytes:
    loader: Any = __spec__.loader
    table: bytes = loader.get_data(str(Path(__file__).with_name("rarity.bin")))
    return table


@cache
def _table() -> _Table:
    table = _read()
    singles, rest = table[:_SINGLES], table[_SINGLES:]
    pairs, grams = rest[: _SINGLES * _SINGLES], rest[_SINGLES * _SINGLES :]
    following = [max(bits - singles[pair // _SINGLES], 0) for pair, bits in enumerate(pairs)]
    starts = range(0, len(grams), GRAM + 1)
    common = {grams[start : start + GRAM]: grams[start + GRAM] for start in starts}
    return _Table(pairs, following, common)


def gram_rarities(text: bytes) -> list[int]:
    """The rarity of each four bytes in a row, in eighths of a bit: 8 more is half as often.

    Each byte is taken to depend on the one before it only; see :func:`common_grams`.
    """
    pairs, following, _ = _table()
    numbers = text.translate(_NUMBERS)
    places = [a << 7 | b for a, b in pairwise(numbers)]
    return [
        pairs[first] + following[second] + following[third]
        for first, second, third in zip(places, places[1:], places[2:], strict=False)
    ]


def common_grams() -> Mapping[bytes, int]:
    """The rarity of grams that are more common than their bytes suggest, by their folded text."""
    return _table().common


def fingerprint() -> int:
    """A checksum of the table: with another one, other grams are chosen."""
    return zlib.crc32(_read())
