"""YARA's ``elf`` module: headers, sections, segments and symbols of ELF files.

Follows libyara's ``modules/elf/elf.c``. The parts of the file format are a file
each; here they are put together as the fields that rules see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.modules.elf import constants, hashes
from miniyara.modules.elf.file import ElfFile, elf_file
from miniyara.modules.interface import Array, Function, LazyArray, Record, Structure, Type
from miniyara.values import UNDEFINED, Undefined, integer_field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.deadline import Deadline
    from miniyara.modules.elf.layout import DynamicEntry, Section, Segment, Symbol
    from miniyara.modules.elf.symbols import SymbolTable
    from miniyara.modules.interface import ModuleScan, Value

_SECTION: Final[Mapping[str, Callable[[ElfFile, Section], bytes | int | Undefined]]] = {
    "type": lambda _, section: section.type,
    "flags": lambda _, section: integer_field(section.flags),
    "address": lambda _, section: integer_field(section.address),
    "name": lambda file, section: file.section_name(section),
    "size": lambda _, section: integer_field(section.size),
    "offset": lambda _, section: integer_field(section.offset),
}

_SEGMENT: Final[Mapping[str, Callable[[ElfFile, Segment], int | Undefined]]] = {
    "type": lambda _, segment: segment.type,
    "flags": lambda _, segment: segment.flags,
    "offset": lambda _, segment: integer_field(segment.offset),
    "virtual_address": lambda _, segment: integer_field(segment.virtual_address),
    "physical_address": lambda _, segment: integer_field(segment.physical_address),
    "file_size": lambda _, segment: integer_field(segment.file_size),
    "memory_size": lambda _, segment: integer_field(segment.memory_size),
    "alignment": lambda _, segment: integer_field(segment.alignment),
}

_DYNAMIC: Final[Mapping[str, Callable[[ElfFile, DynamicEntry], int | Undefined]]] = {
    "type": lambda _, entry: integer_field(entry.type),
    "val": lambda _, entry: integer_field(entry.val),
}

_SYMBOL: Final[Mapping[str, Callable[[SymbolTable, Symbol], bytes | int | Undefined]]] = {
    "name": lambda table, symbol: table.name(symbol),
    "value": lambda _, symbol: integer_field(symbol.value),
    "size": lambda _, symbol: integer_field(symbol.size),
    "type": lambda _, symbol: symbol.type,
    "bind": lambda _, symbol: symbol.bind,
    "shndx": lambda _, symbol: symbol.shndx,
}


def _sections(file: ElfFile) -> LazyArray:
    return LazyArray(file.section_count, lambda index: Record(file, file.section(index), _SECTION))


def _segments(file: ElfFile) -> LazyArray:
    return LazyArray(file.segment_count, lambda index: Record(file, file.segment(index), _SEGMENT))


def _dynamic_section_entries(file: ElfFile) -> int | Undefined:
    count = file.dynamic.entry_count
    return UNDEFINED if count is None else count


def _dynamic(file: ElfFile) -> LazyArray:
    section = file.dynamic
    return LazyArray(len(section), lambda index: Record(file, section.entry(index), _DYNAMIC))


def _symbol_count(table: SymbolTable | None) -> int | Undefined:
    return UNDEFINED if table is None else table.count


def _symbols(table: SymbolTable | None) -> LazyArray | Undefined:
    if table is None:
        return UNDEFINED
    return LazyArray(table.count, lambda index: Record(table, table.symbol(index), _SYMBOL))


_FILE: Final[Mapping[str, Callable[[ElfFile], Value | Undefined]]] = {
    "type": lambda file: file.header.type,
    "machine": lambda file: file.header.machine,
    "entry_point": lambda file: file.entry_point,
    "number_of_sections": lambda file: file.header.sh_entry_count,
    "sh_offset": lambda file: integer_field(file.header.sh_offset),
    "sh_entry_size": lambda file: file.header.sh_entry_size,
    "number_of_segments": lambda file: file.header.ph_entry_count,
    "ph_offset": lambda file: integer_field(file.header.ph_offset),
    "ph_entry_size": lambda file: file.header.ph_entry_size,
    "sections": _sections,
    "segments": _segments,
    "dynamic_section_entries": _dynamic_section_entries,
    "dynamic": _dynamic,
    "symtab_entries": lambda file: _symbol_count(file.symtab),
    "symtab": lambda file: _symbols(file.symtab),
    "dynsym_entries": lambda file: _symbol_count(file.dynsym),
    "dynsym": lambda file: _symbols(file.dynsym),
}

_CONSTANTS: Final[Mapping[str, int]] = {
    name: value
    for group in (
        constants.FILE_TYPES,
        constants.MACHINES,
        constants.SECTION_TYPES,
        constants.SECTION_FLAGS,
        constants.SEGMENT_TYPES,
        constants.DYNAMIC_TYPES,
        constants.SYMBOL_TYPES,
        constants.SYMBOL_BINDINGS,
        constants.SEGMENT_FLAGS,
    )
    for name, value in group.items()
}


@dataclass(frozen=True, slots=True)
class ElfView:
    """What a scan has of the module: the constants, and the fields of an ELF file."""

    file: ElfFile | None

    def member(self, name: str) -> Value | Undefined:
        """Return a constant, or a field if the data are an ELF file."""
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        return UNDEFINED if self.file is None else _FILE[name](self.file)


def _file(scan: ModuleScan) -> ElfFile | None:
    memo = scan.memo
    if ElfFile not in memo:
        memo[ElfFile] = elf_file(scan.data, scan.deadline)
    file: ElfFile | None = memo[ElfFile]
    return file


def _function(
    compute: Callable[[ElfFile, Deadline], bytes | Undefined],
) -> Function:
    """Return a function without arguments, which computes its string once in a scan."""

    def call(scan: ModuleScan) -> bytes | Undefined:
        file, memo = _file(scan), scan.memo
        if file is None:
            return UNDEFINED
        if compute not in memo:
            memo[compute] = compute(file, scan.deadline)
        result: bytes | Undefined = memo[compute]
        return result

    return Function(Type.STRING, {"": call})


def _integers(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.INTEGER)


_SYMBOLS: Final = Array(
    Structure(
        {"name": Type.STRING, **_integers("value", "size", "type", "bind", "shndx")},
    )
)

_DECLARATION: Final = Structure(
    {
        **_integers(*constants.FILE_TYPES),
        **_integers(*constants.MACHINES),
        **_integers(*constants.SECTION_TYPES),
        **_integers(*constants.SECTION_FLAGS),
        **_integers("type", "machine", "entry_point"),
        **_integers("number_of_sections", "sh_offset", "sh_entry_size"),
        **_integers("number_of_segments", "ph_offset", "ph_entry_size"),
        "sections": Array(
            Structure(
                {
                    **_integers("type", "flags", "address"),
                    "name": Type.STRING,
                    **_integers("size", "offset"),
                }
            )
        ),
        **_integers(*constants.SEGMENT_TYPES),
        **_integers(*constants.DYNAMIC_TYPES),
        **_integers(*constants.SYMBOL_TYPES),
        **_integers(*constants.SYMBOL_BINDINGS),
        **_integers(*constants.SEGMENT_FLAGS),
        "segments": Array(
            Structure(
                _integers(
                    "type",
                    "flags",
                    "offset",
                    "virtual_address",
                    "physical_address",
                    "file_size",
                    "memory_size",
                    "alignment",
                )
            )
        ),
        "dynamic_section_entries": Type.INTEGER,
        "dynamic": Array(Structure(_integers("type", "val"))),
        "symtab_entries": Type.INTEGER,
        "symtab": _SYMBOLS,
        "dynsym_entries": Type.INTEGER,
        "dynsym": _SYMBOLS,
        "telfhash": _function(hashes.telfhash),
        "import_md5": _function(hashes.import_md5),
    }
)


@dataclass(frozen=True, slots=True)
class ElfModule:
    """The module as rules import it."""

    name: str
    declaration: Structure

    def load(self, scan: ModuleScan) -> ElfView:
        """Return the fields of the scanned data, of which nothing but the header is read."""
        return ElfView(_file(scan))


MODULE: Final = ElfModule("elf", _DECLARATION)
