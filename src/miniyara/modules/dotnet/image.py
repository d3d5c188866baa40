"""The little that .NET needs to know of a PE file: where an address is, and its CLI header.

Follows ``pe_get_header``, ``pe_get_directory_entry`` and ``pe_rva_to_offset`` in
libyara's ``modules/pe/pe_utils.c``.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import Any, Final, NamedTuple

_DOS_HEADER_SIZE: Final = 64
_SIGNATURES_SIZE: Final = 4 + 20
"""Bytes of the signature and the file header, in front of the optional header."""

_LE16: Final = struct.Struct("<H")
_LE32: Final = struct.Struct("<I")
_SECTION: Final = struct.Struct("<8x4I16x")
_SECTION_COUNT: Final = 6
_OPTIONAL_HEADER_SIZE: Final = 20
_SECTION_ALIGNMENT: Final = 32
_FILE_ALIGNMENT: Final = 36
"""Offsets of fields, the first two from the signature, the others from the optional header."""

_MAGIC_64: Final = 0x20B
_CLI_DIRECTORY: Final = 14
_MOST_SECTIONS: Final = 96
"""libyara's MAX_PE_SECTIONS."""

_PAGE_SIZE: Final = 0x1000
_SECTOR_SIZE: Final = 0x200


class _Section(NamedTuple):
    virtual_size: int
    address: int
    raw_size: int
    raw_offset: int


class Image:
    """A PE file."""

    def __init__(self, data: Any, start: int) -> None:
        self.data = data
        self._start = start
        self._optional = start + _SIGNATURES_SIZE
        self._is_64_bit = _LE16.unpack_from(data, self._optional)[0] == _MAGIC_64

    @property
    def cli_header_address(self) -> int:
        """The address of the header of .NET, 0 if there is none."""
        directories = self._optional + (112 if self._is_64_bit else 96)
        address: int = _LE32.unpack_from(self.data, directories + 8 * _CLI_DIRECTORY)[0]
        return address

    @property
    def declares_cli_header(self) -> bool:
        """Whether there are enough directories, which libyara asks of 64-bit files only."""
        if not self._is_64_bit:
            return True
        count: int = _LE32.unpack_from(self.data, self._optional + 108)[0]
        return count >= _CLI_DIRECTORY

    def offset_of(self, address: int) -> int:
        """Return where in the file a relative virtual address is; -1 if it is nowhere."""
        if self._sections is None:
            return -1
        start = offset = raw_size = 0
        for section in self._sections:
            size = max(section.virtual_size, section.raw_size)
            if start <= section.address <= address < section.address + size:
                start, raw_size = section.address, section.raw_size
                offset = self._aligned(section.raw_offset)
        if address < self._lowest_address:
            start, offset, raw_size = 0, 0, len(self.data) & 0xFFFF_FFFF
        if address - start >= raw_size:
            return -1
        result = offset + address - start
        return result if result < len(self.data) else -1

    @cached_property
    def _sections(self) -> list[_Section] | None:
        """The sections; None if their table leaves the file."""
        count: int = _LE16.unpack_from(self.data, self._start + _SECTION_COUNT)[0]
        count = min(count, _MOST_SECTIONS)
        gap: int = _LE16.unpack_from(self.data, self._start + _OPTIONAL_HEADER_SIZE)[0]
        table = self._optional + gap
        if table + count * _SECTION.size > len(self.data) and count:
            return None
        return [
            _Section._make(_SECTION.unpack_from(self.data, table + index * _SECTION.size))
            for index in range(count)
        ]

    @cached_property
    def _lowest_address(self) -> int:
        return min((section.address for section in self._sections or ()), default=0xFFFF_FFFF)

    def _aligned(self, offset: int) -> int:
        alignment = _LE32.unpack_from(self.data, self._optional + _FILE_ALIGNMENT)[0]
        alignment = min(alignment, _SECTOR_SIZE)
        if alignment:
            offset -= offset % alignment
        if _LE32.unpack_from(self.data, self._optional + _SECTION_ALIGNMENT)[0] >= _PAGE_SIZE:
            offset -= offset % _SECTOR_SIZE
        return offset


def image_of(data: Any) -> Image | None:
    """Return the data as a PE file, or None if libyara doesn't take them for one."""
    size = len(data)
    if size < _DOS_HEADER_SIZE or bytes(data[:2]) != b"MZ":
        return None
    start: int = _LE32.unpack_from(data, 60)[0]
    optional = start + _SIGNATURES_SIZE
    if start >= 2**31 or optional + 224 > size or bytes(data[start : start + 4]) != b"PE\0\0":
        return None
    if _LE16.unpack_from(data, optional)[0] == _MAGIC_64 and optional + 240 > size:
        return None
    return Image(data, start)
