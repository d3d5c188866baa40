"""TLSH: a hash of a text that is like the hash of a similar text.

Each window of five bytes puts six of its triples into 128 buckets; the hash says of
each bucket in which quarter of all buckets its count is. The algorithm is that of
Oliver, Cheng and Chen, "TLSH: a locality sensitive hash" (2013), in the variant of
libyara's ``tlshc``: 128 buckets and a checksum of one byte.

All windows are hashed at once: a byte string is a vector, ``bytes.translate`` looks
all its items up in a table, and an ``int`` takes the exclusive or of two vectors.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from miniyara.modules.histogram import histogram

if TYPE_CHECKING:
    from miniyara.deadline import Deadline

SHORTEST_TEXT: Final = 50
"""Bytes of text below which there is no hash."""

_WINDOW: Final = 5
_BUCKETS: Final = 128
_BLOCK_SIZE: Final = 1 << 16

_PERMUTATION: Final = bytes.fromhex(
    "0157310cb0b266a679c10654f9e62ca30ec5d5b5a155da5040ef18e2ec8e26c8"
    "6eb168678dfdff324d6551122d601fde196bbe4656edf02248f214d6f4e395eb"
    "61ea39163cfa52afd0057fc76f3e87f8aea9d33a429a6ac3f5ab11bbb6b300f3"
    "8438944b80859e64827e5b0d99f6d8db7744df4e5358c9637a0b5c208872340a"
    "8a1e30b79c233d1a8f4afb5e81a23f98aa0773a7f1ce0396373b97dc5a351783"
    "7dad0fee4f5f59106989e1e0d9a0257b7649029d2e74099186e4cfd4cad745e5"
    "1bbc437ca8fc2a041d6c15f713cd27cbe928ba93c6c09b21a4bf62cca5b4754c"
    "8c24d2ac29369f08b9e871c4e72f927833411c90fedd5dbdc28b702b476db8d1"
)
"""Pearson's table, which mixes bytes."""

_TRIPLES: Final = ((2, 1, 2), (3, 1, 3), (5, 2, 3), (7, 2, 4), (11, 1, 4), (13, 3, 4))
"""Per triple of a window its salt, and how far back its second and third byte are;
its first is the last of the window."""

_CHECKSUM_SALT: Final = 0

# fmt: off
_LENGTHS: Final = (
    1, 2, 3, 5, 7, 11, 17, 25, 38, 57, 86, 129, 194, 291, 437, 656, 854, 1110, 1443, 1876,
    2439, 3171, 3475, 3823, 4205, 4626, 5088, 5597, 6157, 6772, 7450, 8195, 9014, 9916,
    10907, 11998, 13198, 14518, 15970, 17567, 19323, 21256, 23382, 25720, 28292, 31121,
    34233, 37656, 41422, 45564, 50121, 55133, 60646, 66711, 73382, 80721, 88793, 97672,
    107439, 118183, 130002, 143002, 157302, 173032, 190335, 209369, 230306, 253337, 278670,
    306538, 337191, 370911, 408002, 448802, 493682, 543050, 597356, 657091, 722800, 795081,
    874589, 962048, 1058252, 1164078, 1280486, 1408534, 1549388, 1704327, 1874759, 2062236,
    2268459, 2495305, 2744836, 3019320, 3321252, 3653374, 4018711, 4420582, 4862641,
    5348905, 5883796, 6472176, 7119394, 7831333, 8614467, 9475909, 10423501, 11465851,
    12612437, 13873681, 15261050, 16787154, 18465870, 20312458, 22343706, 24578077,
    27035886, 29739474, 32713425, 35984770, 39583245, 43541573, 47895730, 52685306,
    57953837, 63749221, 70124148, 77136564, 84850228, 93335252, 102668779, 112935659,
    124229227, 136652151, 150317384, 165349128, 181884040, 200072456, 220079703, 242087671,
    266296456, 292926096, 322218735, 354440623, 389884688, 428873168, 471760495, 518936559,
    570830240, 627913311, 690704607, 759775136, 835752671, 919327967, 1011260767,
    1112386880, 1223623232, 1345985727, 1480584256, 1628642751, 1791507135, 1970657856,
    2167723648, 2384496256, 2622945920, 2885240448, 3173764736, 3491141248, 3840255616,
    4224281216,
)
# fmt: on
"""The greatest length of each class of lengths; the classes grow by a half at first,
then by three and at last by one tenth."""


def tlsh(text: bytes, deadline: Deadline) -> str:
    """Return the hash, 72 characters, or nothing for a text too short or too uniform.

    May raise :class:`~miniyara.errors.ScanTimeout`.
    """
    if len(text) < SHORTEST_TEXT:
        return ""
    counts, checksum = _counts(text, deadline)
    ordered = sorted(counts)
    first, second, third = (ordered[_BUCKETS * quarter // 4 - 1] for quarter in (1, 2, 3))
    used = _BUCKETS - counts.count(0)
    if third == 0 or used <= _BUCKETS // 2:
        return ""
    quarters = [(count > first) + (count > second) + (count > third) for count in counts]
    code = bytes(
        quarters[i] | quarters[i + 1] << 2 | quarters[i + 2] << 4 | quarters[i + 3] << 6
        for i in range(_BUCKETS - 4, -1, -4)
    )
    length_class = bisect_left(_LENGTHS, len(text))
    head = _swapped(checksum) + _swapped(length_class & 0xFF)
    head += f"{_ratio(first, third):X}{_ratio(second, third):X}"
    return f"T1{head}{code.hex().upper()}"


def _counts(text: bytes, deadline: Deadline) -> tuple[list[int], int]:
    """Return the counts of the buckets and the checksum."""
    counts = [0] * _BUCKETS
    checksum = 0
    for start in range(0, len(text) - _WINDOW + 1, _BLOCK_SIZE):
        deadline.check()
        block = text[start : start + _BLOCK_SIZE + _WINDOW - 1]
        # back[i] has for each window the byte that is i before its last.
        size = len(block) - _WINDOW + 1
        back = [block[i : i + size] for i in range(_WINDOW - 1, -1, -1)]
        found = histogram(_mapped(back, *triple) for triple in _TRIPLES)
        counts = [count + more for count, more in zip(counts, found, strict=False)]
        for byte in _salted(back[0], back[1], _CHECKSUM_SALT):
            checksum = _PERMUTATION[byte ^ checksum]
    return counts, checksum


def _mapped(back: list[bytes], salt: int, second: int, third: int) -> bytes:
    """Return the bucket of one triple of each window."""
    mixed = _salted(back[0], back[second], salt)
    return _xor(mixed, back[third]).translate(_PERMUTATION)


def _salted(first: bytes, second: bytes, salt: int) -> bytes:
    start = _PERMUTATION[salt]
    table = bytes(_PERMUTATION[start ^ byte] for byte in range(256))
    return _xor(first.translate(table), second).translate(_PERMUTATION)


def _xor(left: bytes, right: bytes) -> bytes:
    number = int.from_bytes(left, "little") ^ int.from_bytes(right, "little")
    return number.to_bytes(len(left), "little")


def _ratio(part: int, whole: int) -> int:
    """Return the percentage modulo 16, computed in C's ``float``."""
    percentage = _single(_single(part * 100) / _single(whole))
    return int(percentage) % 16


def _single(number: float) -> float:
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def _swapped(byte: int) -> str:
    """Return two hexadecimal digits, the lower one first."""
    return f"{byte & 0xF:X}{byte >> 4:X}"
