"""The path of the file with the debug symbols.

Follows ``pe_parse_debug_directory`` in libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.constants import DEBUG_TYPES, DIRECTORIES
from miniyara.modules.pe.limits import MAX_PATH
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.modules.pe.image import Image
    from miniyara.values import Undefined

_ENTRY: Final = struct.Struct("<12x4I")
"""The type, the size, the address and the offset of a piece of debug information."""

_CODEVIEW: Final = DEBUG_TYPES["IMAGE_DEBUG_TYPE_CODEVIEW"]

_SMALLEST: Final = 8

_PATH_AT: Final = {b"NB10": 16, b"RSDS": 24, b"MTOC": 20}
"""Where in a piece of CodeView information the path is, by what it begins with."""


def pdb_path(image: Image) -> bytes | Undefined:
    """Return the first path that is short enough; it may be empty."""
    index = DIRECTORIES["IMAGE_DIRECTORY_ENTRY_DEBUG"]
    first = image.directory_offset(index)
    if first < 0:
        return UNDEFINED
    for number in range(image.directory(index).size // _ENTRY.size):
        entry = first + number * _ENTRY.size
        if not image.fits(entry, _ENTRY.size):
            break
        image.deadline.check()
        type_, _size, address, raw_offset = _ENTRY.unpack_from(image.data, entry)
        if type_ == _CODEVIEW:
            path = _path(image, address, raw_offset)
            if path is not None:
                return path
    return UNDEFINED


def _path(image: Image, address: int, raw_offset: int) -> bytes | None:
    """Return the path in a piece of information, of which one of two places is right."""
    offset = image.offset(address) if address else 0
    if offset <= 0:
        offset = raw_offset
    if offset <= 0 or not image.fits(offset, _SMALLEST):
        return None
    place = _PATH_AT.get(bytes(image.data[offset : offset + 4]))
    if place is None or not image.fits(offset, place + 1):
        return None
    path = image.text(offset + place, MAX_PATH)
    return path if len(path) < MAX_PATH else None
