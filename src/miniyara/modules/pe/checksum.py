"""The checksum of a PE file, as Windows computes it for drivers.

Follows ``calculate_checksum`` in libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.ranges import blocks

if TYPE_CHECKING:
    from miniyara.modules.pe.image import Image

_CHECKSUM_AT: Final = 64
"""The offset of the checksum in the optional header."""

_MODULUS: Final = 0xFFFF


def calculate_checksum(image: Image) -> int:
    """Add up the file in words of 16 bits, with the carries, and its size.

    The checksum itself counts as zero, if it is where words of 32 bits can be.
    """
    # With the carries added, the sum of the words is that of the number modulo 2**16 - 1,
    # only that no sum is zero but that of zeros; and a PE file begins with MZ.
    total = 0
    for block in blocks(image.data, range(image.size), image.deadline):
        total += int.from_bytes(block, "little") % _MODULUS
    place = image.optional_header + _CHECKSUM_AT
    if place % 4 == 0:
        total -= image.double_word(place)
    return (total % _MODULUS or _MODULUS) + image.size
