"""A PE file: its headers, and where in the file an address of the loaded image is.

Follows ``pe_get_header``, ``pe_get_directory_entry`` and ``pe_rva_to_offset`` in
libyara's ``modules/pe/pe_utils.c``. Everything else is found through this.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from miniyara.deadline import NEVER, Deadline
from miniyara.modules.pe.limits import MAX_PE_SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE: Final = -1
"""The offset of what is not in the file."""

PE64_MAGIC: Final = 0x20B

_DOS_HEADER_SIZE: Final = 64
_NEW_HEADER_AT: Final = 60
_DIRECTORIES: Final = 16

_FILE_HEADER: Final = struct.Struct("<2H3I2H")
_FILE_FIELDS: Final = (
    "machine",
    "number_of_sections",
    "timestamp",
    "pointer_to_symbol_table",
    "number_of_symbols",
    "size_of_optional_header",
    "characteristics",
)

_START_FIELDS: Final = (
    "opthdr_magic",
    "linker_version.major",
    "linker_version.minor",
    "size_of_code",
    "size_of_initialized_data",
    "size_of_uninitialized_data",
    "entry_point_raw",
    "base_of_code",
)
_COMMON_FIELDS: Final = (
    "image_base",
    "section_alignment",
    "file_alignment",
    "os_version.major",
    "os_version.minor",
    "image_version.major",
    "image_version.minor",
    "subsystem_version.major",
    "subsystem_version.minor",
    "win32_version_value",
    "size_of_image",
    "size_of_headers",
    "checksum",
    "subsystem",
    "dll_characteristics",
    "size_of_stack_reserve",
    "size_of_stack_commit",
    "size_of_heap_reserve",
    "size_of_heap_commit",
    "loader_flags",
    "number_of_rva_and_sizes",
)

_OPTIONAL_HEADER_32: Final = struct.Struct("<HBB9I6H4I2H6I")
_OPTIONAL_FIELDS_32: Final[tuple[str, ...]] = (*_START_FIELDS, "base_of_data", *_COMMON_FIELDS)

_OPTIONAL_HEADER_64: Final = struct.Struct("<HBB5IQ2I6H4I2H4Q2I")
_OPTIONAL_FIELDS_64: Final[tuple[str, ...]] = (*_START_FIELDS, *_COMMON_FIELDS)

_DIRECTORY: Final = struct.Struct("<2I")

_SECTION: Final = struct.Struct("<8s6I2HI")

_PAGE_SIZE: Final = 0x1000
_SECTOR_SIZE: Final = 0x200

_WORD16: Final = struct.Struct("<H")
_WORD32: Final = struct.Struct("<I")

_NUL: Final = re.compile(rb"\0")

_BLOCK: Final = 1 << 16
"""Bytes that are searched at a time."""


class Directory(NamedTuple):
    """Where one of the tables of the file is."""

    address: int
    size: int


class SectionHeader(NamedTuple):
    """A section header as it is in the file."""

    name: bytes
    virtual_size: int
    virtual_address: int
    raw_size: int
    raw_offset: int
    relocations: int
    line_numbers: int
    number_of_relocations: int
    number_of_line_numbers: int
    characteristics: int


class Span(NamedTuple):
    """Addresses in a row that are in the file in a row."""

    shift: int
    """What has to be added to an address to get the offset."""
    end: int
    """The first address that is not in the file any more."""


class Image:
    """The headers of a PE file.

    ``start`` is the offset of its NT headers, from :func:`find_headers`.
    """

    def __init__(self, data: Any, start: int, deadline: Deadline = NEVER) -> None:
        self.data = data
        self.size = len(data)
        self.deadline = deadline
        self.start = start
        self.optional_header = start + 4 + _FILE_HEADER.size
        self.is_64bit = self.word(self.optional_header) == PE64_MAGIC

    # -- reading ------------------------------------------------------------------------

    def fits(self, offset: int, size: int) -> bool:
        """Whether ``size`` bytes from ``offset`` on are all in the file."""
        return 0 <= offset <= self.size - size

    def word(self, offset: int) -> int:
        """Return the 16-bit number at an offset, which must be in the file."""
        number: int = _WORD16.unpack_from(self.data, offset)[0]
        return number

    def double_word(self, offset: int) -> int:
        """Return the 32-bit number at an offset, which must be in the file."""
        number: int = _WORD32.unpack_from(self.data, offset)[0]
        return number

    def text(self, offset: int, longest: int) -> bytes:
        """Return the bytes before the first NUL, at most ``longest``."""
        text: bytes = bytes(self.data[offset : offset + longest]).partition(b"\0")[0]
        return text

    def whole_text(self, offset: int) -> bytes:
        """Return the bytes before the first NUL, or to the end of the file."""
        nul = _NUL.search(self.data, offset)
        return bytes(self.data[offset : self.size if nul is None else nul.start()])

    # -- headers ------------------------------------------------------------------------

    @cached_property
    def fields(self) -> Mapping[str, int]:
        """The numbers in the headers, by the names of the module's fields."""
        return dict(zip(_FILE_FIELDS, self._file_header, strict=True)) | self._optional_fields

    @cached_property
    def _file_header(self) -> tuple[int, ...]:
        return _FILE_HEADER.unpack_from(self.data, self.start + 4)

    @cached_property
    def _optional_fields(self) -> dict[str, int]:
        fields = _OPTIONAL_FIELDS_64 if self.is_64bit else _OPTIONAL_FIELDS_32
        layout = _OPTIONAL_HEADER_64 if self.is_64bit else _OPTIONAL_HEADER_32
        return dict(zip(fields, layout.unpack_from(self.data, self.optional_header), strict=True))

    def directory(self, index: int) -> Directory:
        """Return a data directory, whether or not the header counts it.

        There are files that are run and have directories behind those they count.
        """
        header = _OPTIONAL_HEADER_64 if self.is_64bit else _OPTIONAL_HEADER_32
        offset = self.optional_header + header.size + index * _DIRECTORY.size
        return Directory(*_DIRECTORY.unpack_from(self.data, offset))

    @cached_property
    def directories(self) -> list[Directory]:
        """The data directories that the header counts."""
        count = min(self.fields["number_of_rva_and_sizes"], _DIRECTORIES)
        return [self.directory(index) for index in range(count)]

    def directory_offset(self, index: int) -> int:
        """Return the offset of the table that a directory is for, or :data:`NOWHERE`."""
        address = self.directory(index).address
        return self.offset(address) if address else NOWHERE

    @cached_property
    def sections(self) -> list[SectionHeader]:
        """The section headers, up to the first that is not in the file."""
        first = self.optional_header + self._file_header[5]
        count = min(self._file_header[1], MAX_PE_SECTIONS)
        readable = max(0, self.size - first) // _SECTION.size
        return [
            SectionHeader(*_SECTION.unpack_from(self.data, first + index * _SECTION.size))
            for index in range(min(count, readable))
        ]

    # -- addresses ------------------------------------------------------------------------

    def offset(self, address: int) -> int:
        """Return where in the file an address is, counted from the image's start.

        :data:`NOWHERE` if it is not there. ``address`` must not be negative.
        """
        starts, spans = self._spans
        span = spans[bisect_right(starts, address) - 1]
        return address + span.shift if address < span.end else NOWHERE

    @cached_property
    def _spans(self) -> tuple[list[int], list[Span]]:
        """The addresses at which a span begins, and the spans; they cover all addresses."""
        sections = self.sections
        if len(sections) < min(self._file_header[1], MAX_PE_SECTIONS):
            return [0], [_GAP]  # a table that is cut off maps nothing
        lowest = min((section.virtual_address for section in sections), default=0xFFFF_FFFF)
        # What is before the first section is mapped as it is, as the headers are.
        # libyara takes the size of the file for a number of 32 bits there.
        spans = {0: Span(0, min(self.size & 0xFFFF_FFFF, lowest)), lowest: _GAP}
        extents = [
            range(section.virtual_address, section.virtual_address + _extent(section))
            for section in sections
        ]
        borders = {extent.start for extent in extents} | {extent.stop for extent in extents}
        for border in sorted(borders):
            # Of sections that overlap, the one with the highest address counts, then the last.
            candidates = [
                (section.virtual_address, number)
                for number, section in enumerate(sections)
                if border in extents[number]
            ]
            spans[border] = self._span(sections[max(candidates)[1]]) if candidates else _GAP
        starts = sorted(spans)
        return starts, [spans[start] for start in starts]

    def _span(self, section: SectionHeader) -> Span:
        offset = section.raw_offset
        alignment = min(self.fields["file_alignment"], _SECTOR_SIZE)
        if alignment:
            offset -= offset % alignment
        if self.fields["section_alignment"] >= _PAGE_SIZE:
            offset -= offset % _SECTOR_SIZE
        in_file = min(section.raw_size, self.size - offset)
        return Span(offset - section.virtual_address, section.virtual_address + in_file)


_GAP: Final = Span(0, 0)


def _extent(section: SectionHeader) -> int:
    """Return the bytes that a section takes in memory; some headers say too few."""
    return max(section.virtual_size, section.raw_size)


def find_headers(data: Any) -> int | None:
    """Return the offset of the NT headers, or None if ``data`` is no PE file."""
    size = len(data)
    if size < _DOS_HEADER_SIZE or bytes(data[:2]) != b"MZ":
        return None
    start: int = struct.unpack_from("<i", data, _NEW_HEADER_AT)[0]
    optional_header = start + 4 + _FILE_HEADER.size
    if start < 0 or size < optional_header or bytes(data[start : start + 4]) != b"PE\0\0":
        return None
    smallest = _OPTIONAL_HEADER_32.size + _DIRECTORIES * _DIRECTORY.size
    if size < optional_header + smallest:
        return None
    if _WORD16.unpack_from(data, optional_header)[0] == PE64_MAGIC:
        smallest = _OPTIONAL_HEADER_64.size + _DIRECTORIES * _DIRECTORY.size
    return start if size >= optional_header + smallest else None


def last_aligned(image: Image, word: bytes, low: int, high: int) -> int | None:
    """Return the offset of the last ``word`` of four bytes between two offsets.

    Only offsets are looked at that are a multiple of four away from ``high``, where the
    last word looked at begins; the first does not begin before ``low``.
    """
    while high >= low:
        start = max(high - (_BLOCK - 4), low + (high - low) % 4)
        block = bytes(image.data[start : high + 4])
        place = block.rfind(word)
        while place >= 0 and place % 4:
            image.deadline.check()
            place = block.rfind(word, 0, place + 3)
        if place >= 0:
            return start + place
        high = start - 4
    return None
