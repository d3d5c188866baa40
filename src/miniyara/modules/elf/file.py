"""An ELF file: its header, and from there its tables, read when they are asked for.

Follows ``PARSE_ELF_HEADER`` and ``ELF_RVA_TO_OFFSET`` in libyara's
``modules/elf/elf.c``, which take the sizes of entries from the specification and
not from the header.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.elf.constants import FILE_TYPES, SECTION_TYPES, SEGMENT_TYPES
from miniyara.modules.elf.dynamic import DynamicSection
from miniyara.modules.elf.layout import layout_of
from miniyara.modules.elf.strings import StringTable
from miniyara.modules.elf.symbols import SymbolTable
from miniyara.values import UNDEFINED, Undefined, integer_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.elf.layout import Layout, Section, Segment

_FIRST_RESERVED_INDEX: Final = 0xFF00
"""ELF's SHN_LORESERVE: with as many sections or more, libyara reads none."""

_COUNT_IS_ELSEWHERE: Final = 0xFFFF
"""ELF's PN_XNUM: with as many segments, libyara reads none."""

_NOT_IN_MEMORY: Final = (SECTION_TYPES["SHT_NULL"], SECTION_TYPES["SHT_NOBITS"])


class ElfFile:
    """Scanned data that are an ELF file, at least by their header."""

    def __init__(self, data: Any, layout: Layout, deadline: Deadline) -> None:
        self.data = data
        self.header = layout.header.read(data, 0)
        self._layout = layout
        self._deadline = deadline

    # -- sections ------------------------------------------------------------------

    @cached_property
    def section_count(self) -> int:
        """Sections that can be read: all, or none if the table is not sound."""
        header = self.header
        count, table = header.sh_entry_count, header.sh_offset
        is_sound = (
            count < _FIRST_RESERVED_INDEX
            and header.sh_str_table_index < count
            and table < len(self.data)
            and table + count * self._layout.section.size <= len(self.data)
        )
        return count if is_sound else 0

    def section(self, index: int) -> Section:
        """Return the section at an index, which must be less than the count."""
        size = self._layout.section.size
        return self._layout.section.read(self.data, self.header.sh_offset + index * size)

    def section_name(self, section: Section) -> bytes | Undefined:
        """Return the name of a section."""
        names = self._section_names
        return UNDEFINED if names is None else names.string(section.name)

    @cached_property
    def _section_names(self) -> StringTable | None:
        start, size = self.section(self.header.sh_str_table_index).offset, len(self.data)
        return StringTable(self.data, start, size) if 0 < start < size else None

    # -- segments ------------------------------------------------------------------

    @cached_property
    def segment_count(self) -> int:
        """Segments that can be read: all, or none if the table is not sound."""
        count, table = self.header.ph_entry_count, self.header.ph_offset
        is_sound = (
            count < _COUNT_IS_ELSEWHERE
            and table < len(self.data)
            and table + count * self._layout.segment.size <= len(self.data)
        )
        return count if is_sound else 0

    def segment(self, index: int) -> Segment:
        """Return the segment at an index, which must be less than the count."""
        size = self._layout.segment.size
        return self._layout.segment.read(self.data, self.header.ph_offset + index * size)

    @cached_property
    def dynamic(self) -> DynamicSection:
        """The dynamic section; it is empty where there is none."""
        offsets = [
            segment.offset
            for segment in self._segments(self.segment_count)
            if segment.type == SEGMENT_TYPES["PT_DYNAMIC"]
        ]
        return DynamicSection(self.data, self._layout, offsets, self._deadline)

    def _segments(self, count: int) -> Iterator[Segment]:
        start = self.header.ph_offset
        return self._layout.segment.read_all(self.data, start, count, self._deadline)

    def _sections(self, count: int) -> Iterator[Section]:
        start = self.header.sh_offset
        return self._layout.section.read_all(self.data, start, count, self._deadline)

    # -- symbols -------------------------------------------------------------------

    @cached_property
    def symtab(self) -> SymbolTable | None:
        """The table of all symbols."""
        return self._symbol_table(SECTION_TYPES["SHT_SYMTAB"])

    @cached_property
    def dynsym(self) -> SymbolTable | None:
        """The table of the symbols that dynamic linking needs."""
        return self._symbol_table(SECTION_TYPES["SHT_DYNSYM"])

    def _symbol_table(self, type_: int) -> SymbolTable | None:
        """Return the table in the last section of a type; None if it leaves the data.

        Sections without a table of strings don't count.
        """
        found = None
        for section in self._sections(self.section_count):
            if section.type == type_:
                strings = self._linked(section.link)
                if strings is not None and strings.type == SECTION_TYPES["SHT_STRTAB"]:
                    found = section, strings
        if found is None or not all(map(self._is_inside, found)):
            return None
        section, strings = found
        return SymbolTable(
            self.data,
            self._layout.symbol,
            section.offset,
            section.size // self._layout.symbol.size,
            StringTable(self.data, strings.offset, strings.offset + strings.size),
        )

    def _linked(self, index: int) -> Section | None:
        """Return the section that another one's ``link`` names.

        libyara looks for it past the end of the table, too: it compares the index
        with the number of sections read as little-endian.
        """
        count = int.from_bytes(self._count_field(), "little")
        offset, size = self.header.sh_offset, self._layout.section.size
        if index >= count or offset + (index + 1) * size > len(self.data):
            return None
        return self.section(index)

    def _count_field(self) -> bytes:
        end = self._layout.header.size - 2
        return bytes(self.data[end - 2 : end])

    def _is_inside(self, section: Section) -> bool:
        return section.offset + section.size <= len(self.data)

    # -- addresses -----------------------------------------------------------------

    @cached_property
    def entry_point(self) -> int | Undefined:
        """The offset at which execution begins."""
        address = self.header.entry
        return self._offset_of(address) if address else UNDEFINED

    def _offset_of(self, address: int) -> int | Undefined:
        """Return where in the file a virtual address is.

        Of an executable the segments tell, of any other file the sections.
        """
        mask = (1 << self._layout.bits) - 1
        for start, size, offset in self._mapped():
            if start <= address < (start + size & mask):
                return integer_field(offset + address - start)
        return UNDEFINED

    def _mapped(self) -> Iterator[tuple[int, int, int]]:
        """Yield address, size and offset of the parts of the file that are in memory."""
        header = self.header
        if header.type == FILE_TYPES["ET_EXEC"]:
            if self._is_table(header.ph_offset, header.ph_entry_count, self._layout.segment.size):
                for segment in self._segments(header.ph_entry_count):
                    yield segment.virtual_address, segment.memory_size, segment.offset
        elif self._is_table(header.sh_offset, header.sh_entry_count, self._layout.section.size):
            for section in self._sections(header.sh_entry_count):
                if section.type not in _NOT_IN_MEMORY:
                    yield section.address, section.size, section.offset

    def _is_table(self, offset: int, count: int, size: int) -> bool:
        return offset > 0 and offset + count * size <= len(self.data)


def elf_file(data: Any, deadline: Deadline) -> ElfFile | None:
    """Return the data as an ELF file, or None if they are none."""
    layout = layout_of(data)
    return None if layout is None else ElfFile(data, layout, deadline)
