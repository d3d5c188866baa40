"""The table of exported functions.

Follows ``pe_parse_exports`` and the functions ``exports`` and ``exports_index`` in
libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.pe.constants import DIRECTORIES
from miniyara.modules.pe.limits import MAX_EXPORT_NAME_LENGTH, MAX_PE_EXPORTS
from miniyara.modules.plain import PlainStructure
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.modules.pe.image import Image
    from miniyara.values import Undefined

_TABLE: Final = struct.Struct("<4xI4x7I")
"""Time, name, base, number of functions and of names, then where the functions, the
names and the ordinals of the names are."""


class Export(NamedTuple):
    """An exported function."""

    offset: int | Undefined
    name: bytes | Undefined
    forward_name: bytes | Undefined
    ordinal: int
    rva: int

    def as_value(self) -> PlainStructure:
        """Return the item of ``pe.export_details``."""
        return PlainStructure(self._asdict())


@dataclass(frozen=True)
class Exports:
    """The table of exports; empty if there is none that can be read."""

    timestamp: int | Undefined = UNDEFINED
    library: bytes | Undefined = UNDEFINED
    functions: Sequence[Export] = field(default=())

    @cached_property
    def by_name(self) -> dict[bytes, int]:
        """The first index of each name; letters are small."""
        indices: dict[bytes, int] = {}
        for index, function in enumerate(self.functions):
            if isinstance(function.name, bytes):
                indices.setdefault(function.name.lower(), index)
        return indices

    @cached_property
    def by_ordinal(self) -> dict[int, int]:
        """The index of each ordinal."""
        # Ordinals wrap around at most once, so that none comes twice.
        return {function.ordinal: index for index, function in enumerate(self.functions)}


def parse_exports(image: Image) -> Exports:
    """Read the table of exports."""
    index = DIRECTORIES["IMAGE_DIRECTORY_ENTRY_EXPORT"]
    start = image.directory_offset(index)
    if start < 0 or not image.fits(start, _TABLE.size):
        return Exports()
    table = _TABLE.unpack_from(image.data, start)
    timestamp, name_at = table[:2]
    name_offset = image.offset(name_at)
    library = image.whole_text(name_offset) if name_offset > 0 else UNDEFINED
    end = start + image.directory(index).size
    functions = _functions(image, table, name_offset, range(start + 1, end))
    return Exports(timestamp, library, functions)


def _functions(
    image: Image, table: tuple[int, ...], name_offset: int, forwarded: range
) -> list[Export]:
    """Read the functions; one at an offset in ``forwarded`` is but another's name."""
    _, _, base, count, named, functions_at, names_at, ordinals_at = table
    count = min(count, MAX_PE_EXPORTS)
    # libyara measures the functions from the offset of the library's name.
    if 4 * count > image.size - name_offset:
        return []
    names = 0
    if named:
        names = image.offset(names_at)
        if names < 0 or not image.fits(names, 4 * named):
            return []
    ordinals, addresses = image.offset(ordinals_at), image.offset(functions_at)
    if not (image.fits(ordinals, 2 * count) and image.fits(addresses, 4 * count)):
        return []
    named = min(named, count)
    name_addresses = struct.unpack_from(f"<{named}I", image.data, names)
    names_of: dict[int, int] = {}
    for number, address in zip(
        struct.unpack_from(f"<{named}H", image.data, ordinals), name_addresses, strict=True
    ):
        names_of.setdefault(number, address)
    image.deadline.check()
    functions = []
    for number, address in enumerate(struct.unpack_from(f"<{count}I", image.data, addresses)):
        place = image.offset(address)
        offset: int | Undefined = UNDEFINED
        forward_name: bytes | Undefined = UNDEFINED
        if place in forwarded:
            forward_name = image.text(place, MAX_EXPORT_NAME_LENGTH)
        elif place >= 0:
            offset = place
        name: bytes | Undefined = UNDEFINED
        if number in names_of:
            name_offset = image.offset(names_of[number])
            if name_offset > 0:
                name = image.text(name_offset, MAX_EXPORT_NAME_LENGTH)
        ordinal = base + number & 0xFFFF_FFFF
        functions.append(Export(offset, name, forward_name, ordinal, address))
    return functions
