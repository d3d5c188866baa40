"""The records of a Mach-O file as they lie in it, for both byte orders.

Follows libyara's ``include/yara/macho.h``. A record is read into a named tuple that is
the same for 32 and 64 bits. Numbers are unsigned.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class Header(NamedTuple):
    """The file header; a file for 32 bits has no last field."""

    magic: int
    cputype: int
    cpusubtype: int
    filetype: int
    ncmds: int
    sizeofcmds: int
    flags: int
    reserved: int


class LoadCommand(NamedTuple):
    """How each load command begins."""

    cmd: int
    cmdsize: int


class Segment(NamedTuple):
    """The load command of a segment."""

    cmd: int
    cmdsize: int
    segname: bytes
    vmaddr: int
    vmsize: int
    fileoff: int
    fsize: int
    maxprot: int
    initprot: int
    nsects: int
    flags: int


class Section(NamedTuple):
    """A section; sections follow the command of their segment."""

    sectname: bytes
    segname: bytes
    addr: int
    size: int
    offset: int
    align: int
    reloff: int
    nreloc: int
    flags: int
    reserved1: int
    reserved2: int
    reserved3: int | None = None
    """None in a file for 32 bits."""


class EntryPoint(NamedTuple):
    """The load command that says where a program begins."""

    cmd: int
    cmdsize: int
    entryoff: int
    stacksize: int


class FatArch(NamedTuple):
    """Where the file for one machine is."""

    cputype: int
    cpusubtype: int
    offset: int
    size: int
    align: int


RecordT = TypeVar("RecordT", bound=tuple[Any, ...])


class Format(Generic[RecordT]):
    """How one kind of record is written."""

    __slots__ = ("_make", "_struct", "size")

    def __init__(self, codes: str, make: Callable[[Any], RecordT]) -> None:
        self._struct = struct.Struct(codes)
        self._make = make
        self.size = self._struct.size
        """Bytes of a record."""

    def read(self, data: Any, offset: int) -> RecordT:
        """Return the record at an offset, which must lie in the data."""
        return self._make(self._struct.unpack(data[offset : offset + self.size]))


@dataclass(frozen=True, slots=True)
class SegmentLayout:
    """The formats of a segment and of its sections."""

    segment: Format[Segment]
    section: Format[Section]


@dataclass(frozen=True, slots=True)
class Layout:
    """The formats of a byte order."""

    order: str
    """As :mod:`struct` has it."""
    header: Format[Header]
    command: Format[LoadCommand]
    segments: dict[int, SegmentLayout]
    """By the number of the load command."""
    entry_point: Format[EntryPoint]


LC_SEGMENT: Final = 0x1
LC_UNIXTHREAD: Final = 0x5
LC_SEGMENT_64: Final = 0x19
LC_MAIN: Final = 0x8000_0028


def _layout(order: str) -> Layout:
    return Layout(
        order,
        Format(f"{order}8I", Header._make),
        Format(f"{order}2I", LoadCommand._make),
        {
            LC_SEGMENT: SegmentLayout(
                Format(f"{order}2I16s8I", Segment._make), Format(f"{order}16s16s9I", _section32)
            ),
            LC_SEGMENT_64: SegmentLayout(
                Format(f"{order}2I16s4Q4I", Segment._make),
                Format(f"{order}16s16s2Q8I", Section._make),
            ),
        },
        Format(f"{order}2I2Q", EntryPoint._make),
    )


def _section32(fields: tuple[Any, ...]) -> Section:
    return Section(*fields)


LITTLE_ENDIAN: Final = _layout("<")
BIG_ENDIAN: Final = _layout(">")

FAT_HEADER: Final = struct.Struct(">2I")
"""The magic number and the count of files."""

FAT_ARCH_32: Final = Format(">5I", FatArch._make)
FAT_ARCH_64: Final = Format(">2I2QI4x", FatArch._make)
