"""The value of the deprecated keyword ``entrypoint``.

Follows libyara's ``exefiles.c``, which reads just enough of PE and ELF headers
for this, and is more easily content than the modules ``pe`` and ``elf`` are.
"""

from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

from miniyara.values import UNDEFINED, Undefined


def entry_point_address(data: Any, base: int) -> int | Undefined:
    """The address of the entry point, for memory of a process that begins at ``base``.

    Undefined unless the memory begins with the headers of an executable; that of a library
    or of a position-independent program is none.
    """
    if len(data) >= 64 and data[:2] == b"MZ":
        header = struct.unpack_from("<i", data, 0x3C)[0]
        if header >= 0 and len(data) > header + _PE_HEADERS and _is_pe(data, header):
            (characteristics,) = struct.unpack_from("<H", data, header + 22)
            if not characteristics & _DLL:
                return base + int(struct.unpack_from("<I", data, header + 40)[0])
    if data[:4] == b"\x7fELF" and len(data) >= 16:
        layout = _ELF_LAYOUTS.get(data[4])
        if (
            layout is not None
            and len(data) >= layout.header_size
            and struct.unpack_from("<H", data, 16)[0] == _ET_EXEC
        ):
            return base + int(struct.unpack_from(layout.entry, data, 24)[0])
    return UNDEFINED


def entry_point(data: Any) -> int | Undefined:
    """The file offset of the entry point; undefined for what is neither PE nor ELF.

    ``data`` are the scanned bytes.  0 if the headers lead nowhere.
    """
    if len(data) >= 64 and data[:2] == b"MZ":
        header = struct.unpack_from("<i", data, 0x3C)[0]
        if header >= 0 and len(data) > header + _PE_HEADERS and _is_pe(data, header):
            return _pe_entry_point(data, header)
    if data[:4] == b"\x7fELF" and len(data) >= 16:
        layout = _ELF_LAYOUTS.get(data[4])
        if layout is not None and len(data) >= layout.header_size:
            return _elf_entry_point(data, layout)
    return UNDEFINED


_DLL: Final = 0x2000
"""The characteristic of a library."""

_PE_HEADERS: Final = 4 + 20 + 224
"""Bytes of the signature, the file header and a 32-bit optional header."""

_MACHINES: Final = (0x014C, 0x8664)
"""I386 and AMD64, the only ones that ``exefiles.c`` knows."""

_MAX_SECTIONS: Final = 60
"""As many sections as libyara looks at here."""


def _is_pe(data: Any, header: int) -> bool:
    signature, machine = struct.unpack_from("<4sH", data, header)
    return signature == b"PE\0\0" and machine in _MACHINES


def _pe_entry_point(data: Any, header: int) -> int:
    section_count, optional_size = struct.unpack_from("<H12xH", data, header + 6)
    address = struct.unpack_from("<I", data, header + 40)[0]
    best_address = best_offset = 0
    position = header + 24 + optional_size
    for _ in range(min(section_count, _MAX_SECTIONS)):
        if position + 40 >= len(data):
            return 0
        start, offset = struct.unpack_from("<I4xI", data, position + 12)
        if best_address <= start <= address:
            best_address, best_offset = start, offset
        position += 40
    return int(best_offset + address - best_address)


class _ElfLayout(NamedTuple):
    """Where one class of ELF files has what ``exefiles.c`` reads."""

    header_size: int
    entry: str
    """Entry address, offsets of the program and section headers, from byte 24 on."""
    counts: tuple[int, int]
    """Offsets of the numbers of program and section headers."""
    segment_size: int
    segment: str
    """File offset, address and size in memory of a program header."""
    section_size: int
    section: str
    """Type, address, file offset and size of a section header."""
    address_mask: int


_ELF_LAYOUTS: Final = {
    1: _ElfLayout(52, "<III", (44, 48), 32, "<4xII8xI", 40, "<4xI4xIII", 0xFFFF_FFFF),
    2: _ElfLayout(64, "<QQQ", (56, 60), 56, "<8xQQ16xQ", 64, "<4xI8xQQQ", 0xFFFF_FFFF_FFFF_FFFF),
}

_ET_EXEC: Final = 2
_SHT_NULL: Final = 0
_SHT_NOBITS: Final = 8


def _elf_entry_point(data: Any, layout: _ElfLayout) -> int:
    entry, segments, sections = struct.unpack_from(layout.entry, data, 24)
    if struct.unpack_from("<H", data, 16)[0] == _ET_EXEC:
        headers = _headers(data, segments, layout.counts[0], layout.segment_size)
        for position in headers:
            offset, address, size = struct.unpack_from(layout.segment, data, position)
            if address <= entry < (address + size & layout.address_mask):
                return int(offset + entry - address)
        return 0
    for position in _headers(data, sections, layout.counts[1], layout.section_size):
        kind, address, offset, size = struct.unpack_from(layout.section, data, position)
        if kind in (_SHT_NULL, _SHT_NOBITS):
            continue
        if address <= entry < (address + size & layout.address_mask):
            return int(offset + entry - address)
    return 0


def _headers(data: Any, start: int, count_offset: int, size: int) -> range:
    """The offsets of the headers in a table; none if it does not lie within the data."""
    count = struct.unpack_from("<H", data, count_offset)[0]
    if start == 0 or start + size * count > len(data):
        return range(0)
    return range(start, start + size * count, size)
