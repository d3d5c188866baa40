"""The ``macho`` module's view of a scan: from names to the parts of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import LazyArray, Record
from miniyara.modules.macho.constants import CONSTANTS
from miniyara.modules.plain import EMPTY_ARRAY, EMPTY_STRUCTURE
from miniyara.values import UNDEFINED, Undefined, integer_field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.modules.interface import StructureValue, Value
    from miniyara.modules.macho.fat import FatFile
    from miniyara.modules.macho.file import MachOFile
    from miniyara.modules.macho.layout import FatArch, Section, Segment


def _name(field: bytes) -> bytes:
    """Return the text in a field of 16 bytes."""
    return field.partition(b"\0")[0]


_SECTION: Final[Mapping[str, Callable[[None, Section], bytes | int | Undefined]]] = {
    "sectname": lambda _, section: _name(section.sectname),
    "segname": lambda _, section: _name(section.segname),
    "addr": lambda _, section: integer_field(section.addr),
    "size": lambda _, section: integer_field(section.size),
    "offset": lambda _, section: section.offset,
    "align": lambda _, section: section.align,
    "reloff": lambda _, section: section.reloff,
    "nreloc": lambda _, section: section.nreloc,
    "flags": lambda _, section: section.flags,
    "reserved1": lambda _, section: section.reserved1,
    "reserved2": lambda _, section: section.reserved2,
    "reserved3": lambda _, section: UNDEFINED if section.reserved3 is None else section.reserved3,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Which segment of a file it is."""

    file: MachOFile
    index: int


def _sections(place: _Place, segment: Segment) -> LazyArray:
    file = place.file
    return LazyArray(
        file.section_count(segment),
        lambda index: Record(None, file.section(place.index, index), _SECTION),
    )


_SEGMENT: Final[Mapping[str, Callable[[_Place, Segment], Value | Undefined]]] = {
    "segname": lambda _, segment: _name(segment.segname),
    "vmaddr": lambda _, segment: integer_field(segment.vmaddr),
    "vmsize": lambda _, segment: integer_field(segment.vmsize),
    "fileoff": lambda _, segment: integer_field(segment.fileoff),
    "fsize": lambda _, segment: integer_field(segment.fsize),
    "maxprot": lambda _, segment: segment.maxprot,
    "initprot": lambda _, segment: segment.initprot,
    "nsects": lambda _, segment: segment.nsects,
    "flags": lambda _, segment: segment.flags,
    "sections": _sections,
}


def _segments(file: MachOFile) -> LazyArray:
    def segment(index: int) -> Value | Undefined:
        found = file.segment(index)
        return UNDEFINED if found is None else Record(_Place(file, index), found, _SEGMENT)

    return LazyArray(file.segment_count, segment)


_FILE: Final[Mapping[str, Callable[[MachOFile], Value | Undefined]]] = {
    "magic": lambda file: file.header.magic,
    "cputype": lambda file: file.header.cputype,
    "cpusubtype": lambda file: file.header.cpusubtype,
    "filetype": lambda file: file.header.filetype,
    "ncmds": lambda file: file.header.ncmds,
    "sizeofcmds": lambda file: file.header.sizeofcmds,
    "flags": lambda file: file.header.flags,
    "reserved": lambda file: UNDEFINED if file.is_32bit else file.header.reserved,
    "number_of_segments": lambda file: file.number_of_segments,
    "segments": _segments,
    "entry_point": lambda file: file.entry_point,
    "stack_size": lambda file: file.stack_size,
}


@dataclass(frozen=True, slots=True)
class _FileView:
    """The fields of a file."""

    file: MachOFile

    def member(self, name: str) -> Value | Undefined:
        return _FILE[name](self.file)


def _file(fat: FatFile, index: int) -> StructureValue | Undefined:
    if not fat.is_there(index):
        return UNDEFINED
    file = fat.file(index)
    return EMPTY_STRUCTURE if file is None else _FileView(file)


_ARCH: Final[Mapping[str, Callable[[None, FatArch], int | Undefined]]] = {
    "cputype": lambda _, arch: arch.cputype,
    "cpusubtype": lambda _, arch: arch.cpusubtype,
    "offset": lambda _, arch: integer_field(arch.offset),
    "size": lambda _, arch: integer_field(arch.size),
    "align": lambda _, arch: arch.align,
}

_FAT: Final[Mapping[str, Callable[[FatFile], Value | Undefined]]] = {
    "fat_magic": lambda fat: fat.magic,
    "nfat_arch": lambda fat: fat.nfat_arch,
    "fat_arch": lambda fat: LazyArray(
        fat.count, lambda index: Record(None, fat.arch(index), _ARCH)
    ),
    "file": lambda fat: LazyArray(fat.file_count, lambda index: _file(fat, index)),
}

_ARRAYS: Final = ("segments", "fat_arch", "file")


@dataclass(frozen=True, slots=True)
class View:
    """The value of ``macho``: the constants, and the fields of a file or of a fat file."""

    file: MachOFile | None
    fat: FatFile | None

    def member(self, name: str) -> Value | Undefined:
        """Compute the value of a field."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        if self.file is not None and name in _FILE:
            return _FILE[name](self.file)
        if self.fat is not None and name in _FAT:
            return _FAT[name](self.fat)
        return EMPTY_ARRAY if name in _ARRAYS else UNDEFINED
