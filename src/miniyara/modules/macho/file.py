"""A Mach-O file: its header, and from there its load commands, read when asked for.

Follows ``macho_parse_file`` in libyara's ``modules/macho/macho.c``. The file may be a
part of the scanned data, for a fat file holds several.
"""

from __future__ import annotations

from array import array
from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from miniyara.modules.macho.constants import FAT_MAGICS, MAGICS
from miniyara.modules.macho.layout import (
    BIG_ENDIAN,
    LC_MAIN,
    LC_UNIXTHREAD,
    LITTLE_ENDIAN,
    Segment,
)
from miniyara.modules.macho.limits import MOST_STARTS
from miniyara.modules.macho.threads import THREAD_COMMAND_SIZE, THREAD_STATES
from miniyara.values import UNDEFINED, Undefined, integer_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.macho.layout import EntryPoint, Section, SegmentLayout

HEADER_SIZE: Final = 32
"""Bytes of a header for 64 bits, without which there is no file, for 32 bits or not."""

_HEADER_SIZE_32: Final = 28

_MAGICS_32: Final = (MAGICS["MH_MAGIC"], MAGICS["MH_CIGAM"])

_BIG_ENDIAN_MAGICS: Final = (
    MAGICS["MH_MAGIC"],
    MAGICS["MH_MAGIC_64"],
    # A file in a fat file may begin with anything, and so with one of these.
    FAT_MAGICS["FAT_MAGIC"],
    FAT_MAGICS["FAT_MAGIC_64"],
)

_COMMANDS_BETWEEN_CHECKS: Final = 4096


class _Command(NamedTuple):
    kind: int
    offset: int
    """Where it begins in the scanned data."""


class MachOFile:
    """A part of the scanned data that is taken for a Mach-O file.

    It must have at least :data:`HEADER_SIZE` bytes.
    """

    def __init__(self, data: Any, start: int, size: int, deadline: Deadline) -> None:
        magic = int.from_bytes(data[start : start + 4], "big")
        self._data = data
        self._start = start
        self._end = start + size
        self._deadline = deadline
        self._layout = BIG_ENDIAN if magic in _BIG_ENDIAN_MAGICS else LITTLE_ENDIAN
        self.is_32bit = magic in _MAGICS_32
        self.header = self._layout.header.read(data, start)._replace(magic=magic)

    def _commands(self) -> Iterator[_Command]:
        """Yield the load commands, up to one that leaves the file."""
        data, end = self._data, self._end
        format_ = self._layout.command
        offset = self._start + (_HEADER_SIZE_32 if self.is_32bit else HEADER_SIZE)
        for number in range(self.header.ncmds):
            if number % _COMMANDS_BETWEEN_CHECKS == 0:
                self._deadline.check()
            if end - offset < format_.size:
                return
            kind, size = format_.read(data, offset)
            if not format_.size <= size <= end - offset:
                return
            yield _Command(kind, offset)
            offset += size

    # -- segments ------------------------------------------------------------------

    @cached_property
    def _segment_offsets(self) -> array[int]:
        kinds = self._layout.segments
        return array("Q", (offset for kind, offset in self._commands() if kind in kinds))

    @property
    def number_of_segments(self) -> int:
        """Load commands for a segment, be they cut off or not."""
        return len(self._segment_offsets)

    @cached_property
    def segment_count(self) -> int:
        """Number of the last segment that is not cut off, counted from 1."""
        count = self.number_of_segments
        while count and self.segment(count - 1) is None:
            count -= 1
        return count

    def segment(self, index: int) -> Segment | None:
        """Return the segment at an index; None if it is cut off."""
        offset = self._segment_offsets[index]
        format_ = self._segment_layout(offset).segment
        if self._end - offset < format_.size:
            return None
        return format_.read(self._data, offset)

    def _segment_layout(self, offset: int) -> SegmentLayout:
        return self._layout.segments[self._layout.command.read(self._data, offset).cmd]

    def section_count(self, segment: Segment) -> int:
        """Return how many sections of a segment there are in its load command."""
        layout = self._layout.segments[segment.cmd]
        return min(
            segment.nsects, max(0, segment.cmdsize - layout.segment.size) // layout.section.size
        )

    def section(self, segment_index: int, index: int) -> Section:
        """Return the section at an index, which must be less than the count."""
        offset = self._segment_offsets[segment_index]
        layout = self._segment_layout(offset)
        offset += layout.segment.size + index * layout.section.size
        return layout.section.read(self._data, offset)

    # -- where the program begins --------------------------------------------------

    @cached_property
    def _starts(self) -> list[_Command]:
        """The load commands that say where the program begins, the last one first."""
        kinds = (LC_MAIN, LC_UNIXTHREAD)
        starts = (command for command in self._commands() if command.kind in kinds)
        return list(deque(starts, MOST_STARTS))[::-1]

    @cached_property
    def stack_size(self) -> int | Undefined:
        """Bytes of the stack that the program wants."""
        for kind, offset in self._starts:
            if kind == LC_MAIN and (main := self._main(offset)) is not None:
                return integer_field(main.stacksize)
        return UNDEFINED

    @cached_property
    def entry_point(self) -> int | Undefined:
        """The offset in the file at which the program begins."""
        for kind, offset in self._starts:
            if kind == LC_UNIXTHREAD:
                place = self._thread_start(offset)
            else:
                main = self._main(offset)
                place = None if main is None else main.entryoff
            if place is not None:
                return integer_field(place)
        return UNDEFINED

    def _main(self, offset: int) -> EntryPoint | None:
        format_ = self._layout.entry_point
        is_whole = self._end - offset >= format_.size
        return format_.read(self._data, offset) if is_whole else None

    def _thread_start(self, offset: int) -> int | None:
        """Return where the instruction pointer points to."""
        state = THREAD_STATES.get(self.header.cputype)
        if state is None:
            return None
        # libyara reads this size as little-endian in any file.
        claimed = int.from_bytes(self._data[offset + 4 : offset + 8], "little")
        if min(claimed, self._end - offset) < THREAD_COMMAND_SIZE + state.size:
            return None
        place = offset + THREAD_COMMAND_SIZE + state.offset
        address = int.from_bytes(
            self._data[place : place + state.bits // 8],
            "big" if self._layout is BIG_ENDIAN else "little",
        )
        return self._offset_of(address)

    def _offset_of(self, address: int) -> int | None:
        """Return where in the file a virtual address is."""
        self._deadline.check()
        for start, size, offset in self._mapped:
            if start <= address < (start + size & 0xFFFF_FFFF_FFFF_FFFF):
                return offset + address - start
        return None

    @cached_property
    def _mapped(self) -> list[tuple[int, int, int]]:
        """Address, size and offset of each segment."""
        segments = map(self.segment, range(self.segment_count))
        return [
            (segment.vmaddr, segment.vmsize, segment.fileoff)
            for segment in segments
            if segment is not None
        ]
