"""What the modules that read files are asked when engines are compared.

A subject knows which files a module is for, where their tables are, and makes
expressions that call every function, with arguments of the file's own and others.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from miniyara.deadline import NEVER
from miniyara.modules.dotnet.metadata import metadata_of
from miniyara.modules.elf.file import elf_file
from miniyara.modules.pe.image import Image, find_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_MOST: Final = 6
"""Items of an array of which questions are asked."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A module and how to ask about it."""

    module: str
    accepts: Callable[[bytes], bool]
    """Whether a file is one that the module is for."""
    places: Callable[[bytes], Sequence[int]]
    """Offsets of the tables of a file."""
    questions: Callable[[dict[str, Any]], Iterable[str]]
    """Expressions with a number or a text as value, given libyara's fields of the file."""


def text(value: bytes) -> str:
    """Return a text literal."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in value[:1000]) + '"'


def regexp(value: bytes, *, is_caseless: bool = False) -> str:
    """Return a regular expression that matches a text, of which it has a part."""
    body = "".join(
        f"\\x{byte:02x}" if not re.match(rb"\w", bytes([byte])) else chr(byte)
        for byte in value[:30]
    )
    # Two slashes with nothing between them are a comment.
    return f"/{body or '.'}/{'i' if is_caseless else ''}"


def ends(items: Sequence[Any]) -> Iterator[Any]:
    """Yield the first items and the last."""
    yield from items[: _MOST - 1]
    if len(items) >= _MOST:
        yield items[-1]


# -- pe -------------------------------------------------------------------------------------


def _pe_places(data: bytes) -> list[int]:
    """Return where the headers, the section table and the tables of the directories are."""
    if len(data) < 64:
        return [0]
    start = struct.unpack_from("<I", data, 60)[0]
    places = [start, start + 24, start + 120, start + 136]
    try:
        size, magic = struct.unpack_from("<H2xH", data, start + 20)
        first = start + 24 + size
        count = struct.unpack_from("<H", data, start + 6)[0]
        sections = [
            struct.unpack_from("<3I", data, first + 40 * number + 12) for number in range(count)
        ]
        directories = struct.unpack_from("<32I", data, start + 24 + (112 if magic == 0x20B else 96))
    except struct.error:
        return places
    places.append(first)
    for address in directories[::2]:
        for virtual_address, raw_size, raw_offset in sections:
            if address and 0 <= address - virtual_address < raw_size:
                places += [raw_offset + address - virtual_address] * 2
    if directories[8]:
        places.append(directories[8])
    return [place for place in places if place < len(data)] or [0]


def _pe_questions(fields: dict[str, Any]) -> Iterator[str]:
    for function in ("imphash", "calculate_checksum", "is_dll", "is_32bit", "is_64bit"):
        yield f"pe.{function}()"
    yield from _pe_addresses(fields)
    yield from _pe_imports(fields)
    yield from _pe_exports(fields)
    languages = {item.get("language", 0xDAFF) for item in fields["resources"][:_MOST]}
    for number in languages | {0, 9, 0x409, 0xFF, 0xDAFF, -1}:
        yield f"pe.locale({number & 0xFFFF})"
        yield f"pe.language({number & 0xFF})"
    numbers = re.findall(rb"(?s)(..)(..)", fields["rich_signature"].get("version_data", b""))
    for version, tool in (*ends(numbers), (b"\x01\x00", b"\x01\x00")):
        known = int.from_bytes(version, "little"), int.from_bytes(tool, "little")
        yield f"pe.rich_signature.version({known[0]})"
        yield f"pe.rich_signature.version({known[0]}, {known[1]})"
        yield f"pe.rich_signature.toolid({known[1]})"
        yield f"pe.rich_signature.toolid({known[1]}, {known[0]})"
    for number, signature in enumerate(fields["signatures"][:_MOST]):
        for time in (0, signature.get("not_before", 0), signature.get("not_after", 0) + 1):
            yield f"pe.signatures[{number}].valid_on({time})"
    for key in (*list(fields.get("version_info", ()))[:_MOST], "none"):
        yield f"pe.version_info[{text(key.encode())}]"


def _pe_addresses(fields: dict[str, Any]) -> Iterator[str]:
    addresses = {0, 1, 64, 0x1000, 0xFFFF_FFFF, 1 << 40, -1, fields.get("entry_point_raw", 0)}
    offsets = {0, 1, 512, 4096, 1 << 31, -1}
    for section in fields["sections"]:
        start = section["virtual_address"]
        size = max(section["virtual_size"], section["raw_data_size"])
        addresses |= {start, start - 1, start + section["raw_data_size"], start + size - 1}
        offset = section["raw_data_offset"]
        offsets |= {offset, offset - 1, offset + section["raw_data_size"]}
        name = section["name"]
        yield f"pe.section_index({text(name)})"
        yield f"pe.section_index({text(name[:-1])})"
    yield from (f"pe.rva_to_offset({address})" for address in sorted(addresses))
    yield from (f"pe.section_index({offset})" for offset in sorted(offsets))


def _pe_imports(fields: dict[str, Any]) -> Iterator[str]:
    tables = (*ends(fields["import_details"]), *ends(fields["delayed_import_details"]))
    yield 'pe.imports("none.dll")'
    yield "pe.imports(/./, /./)"
    yield "pe.imports(/^/, /x*/)"
    yield "pe.imports(pe.IMPORT_ANY, /dll$/i, /^[a-m]/i)"
    yield 'pe.import_rva("none.dll", "none")'
    for library in tables:
        name = library.get("library_name", b"")
        calls = [f"{text(name)}", f"{text(name.swapcase())}", f'"{"none"}"']
        for function in ends(library.get("functions", ())):
            its_name = function.get("name", b"")
            calls.append(f"{text(name.upper())}, {text(its_name.lower())}")
            calls.append(f"{text(name)}, {text(its_name + b'x')}")
            calls.append(f"{text(name)}, {function.get('ordinal', 1)}")
            calls.append(f"{regexp(name)}, {regexp(its_name[1:4], is_caseless=True)}")
        for call in calls:
            yield f"pe.imports({call})"
            yield from (f"pe.imports({kind}, {call})" for kind in ("1", "2", "pe.IMPORT_ANY", "4"))
            if "," in call and not call.startswith("/"):
                yield f"pe.import_rva({call})"
                yield f"pe.delayed_import_rva({call})"


def _pe_exports(fields: dict[str, Any]) -> Iterator[str]:
    arguments = ["0", "1", "-1", "70000", '"none"', "/./", "/^$/", "/x*/"]
    for function in ends(fields["export_details"]):
        name = function.get("name", b"")
        arguments += [text(name.swapcase()), regexp(name[1:]), str(function.get("ordinal", 0))]
    for argument in arguments:
        yield f"pe.exports({argument})"
        yield f"pe.exports_index({argument})"


# -- elf ------------------------------------------------------------------------------------


def _elf_places(data: bytes) -> list[int]:
    """Return where the tables are, and what the sections and segments that are read have."""
    file = elf_file(data, NEVER)
    if file is None:
        return [0]
    sections = [file.section(index) for index in range(file.section_count)]
    segments = [file.segment(index) for index in range(file.segment_count)]
    places = [0, 24, file.header.ph_offset, file.header.sh_offset]
    places += [section.offset for section in sections if section.type in _ELF_READ]
    places += [segment.offset for segment in segments if segment.type == _ELF_DYNAMIC]
    # The headers of the sections that are read, and of some others.
    headers = [number for number, section in enumerate(sections) if section.type in _ELF_READ]
    places += [file.header.sh_offset + 64 * number for number in (*headers, *range(4))]
    return places


_ELF_READ: Final = (2, 3, 11)
"""Sections of symbols and strings."""

_ELF_DYNAMIC: Final = 2


def _elf_questions(fields: dict[str, Any]) -> Iterator[str]:
    yield from ("elf.telfhash()", "elf.import_md5()", "elf.entry_point", "elf.machine")
    for table, members in (
        ("sections", ("name", "address", "flags")),
        ("segments", ("type", "memory_size")),
        ("dynamic", ("type", "val")),
        ("symtab", ("name", "shndx")),
        ("dynsym", ("name", "value", "bind")),
    ):
        for number in {0, 1, len(fields[table]) - 1, len(fields[table]), -1}:
            yield from (f"elf.{table}[{number}].{member}" for member in members)


# -- dotnet ---------------------------------------------------------------------------------


def _dotnet_places(data: bytes) -> list[int]:
    """Return where the headers, the streams and the rows of some tables are."""
    start = find_headers(data)
    if start is None:
        return [0]
    image = Image(data, start)
    places = [start, start + 120, image.offset(image.directory(14).address)]
    metadata = metadata_of(image, NEVER)
    if metadata is not None and metadata.streams is not None:
        places += [metadata.root, metadata.root + 32]
        places += [stream.offset for stream in metadata.streams]
        if metadata.contents is not None:
            places += metadata.contents.tables.starts()
    return [max(place, 0) for place in places]


def _dotnet_questions(fields: dict[str, Any]) -> Iterator[str]:
    yield from (f"dotnet.{name}" for name in ("is_dotnet", "version", "module_name", "typelib"))
    yield from (f"dotnet.assembly.{name}" for name in ("name", "culture", "version.major"))
    for table in ("guids", "modulerefs", "user_strings", "constants", "field_offsets"):
        for number in {0, len(fields[table]) - 1, len(fields[table]), -1}:
            yield f"dotnet.{table}[{number}]"
    for table, members in (
        ("streams", ("name", "offset")),
        ("resources", ("name", "length")),
        ("assembly_refs", ("name", "version.minor", "public_key_or_token")),
        ("classes", ("fullname", "base_types[0]", "methods[0].name", "methods[1].return_type")),
    ):
        for number in {0, 1, len(fields[table]) - 1, len(fields[table])}:
            yield from (f"dotnet.{table}[{number}].{member}" for member in members)


# -- macho ----------------------------------------------------------------------------------

_MACHO_MAGICS: Final = tuple(
    bytes.fromhex(magic) for magic in ("cffaedfe", "cefaedfe", "feedfacf", "feedface")
)
_FAT_MAGICS: Final = tuple(bytes.fromhex(magic) for magic in ("cafebabe", "cafebabf"))


def _macho_places(data: bytes) -> list[int]:
    """Return where the files in a fat file are, and some of their load commands."""
    starts = [0]
    if data[:4] in _FAT_MAGICS:
        starts += [int.from_bytes(data[place : place + 4], "big") for place in (16, 36, 56)]
    places = []
    for start in starts:
        if data[start : start + 4] in _MACHO_MAGICS:
            offset = start + 32
            for _ in range(20):
                places.append(offset)
                offset += int.from_bytes(data[offset + 4 : offset + 8], "little")
    return [place for place in starts + places if place < len(data)]


def _macho_questions(fields: dict[str, Any]) -> Iterator[str]:
    machines = [(7, 3), (0x1000007, 3), (0x100000C, 0), (-1, -1)]
    for table in (fields["fat_arch"], fields["file"]):
        machines += [
            (item["cputype"], item["cpusubtype"]) for item in ends(table) if "cputype" in item
        ]
    # libyara counts up to the number of files even if there is no table.
    is_quick = fields.get("nfat_arch", 0) < 1000
    for function in ("file_index_for_arch", "entry_point_for_arch") if is_quick else ():
        for cputype, cpusubtype in machines:
            yield f"macho.{function}({cputype})"
            yield f"macho.{function}({cputype}, {cpusubtype})"
    for index in range(_MOST):
        yield f"macho.segments[{index}].vmaddr"
        yield f"macho.file[{index}].entry_point"
        yield f"macho.file[{index}].segments[0].sections[{index}].sectname"


# -- dex ------------------------------------------------------------------------------------


def _dex_places(data: bytes) -> list[int]:
    """Return where the tables are, and some data of classes and strings."""
    if len(data) < 112:
        return [0]
    numbers = struct.unpack_from("<20I", data, 32)
    places = [place for place in (numbers[5], *numbers[7:20:2]) if place + 96 < len(data)]
    for table, size in ((numbers[7], 4), (numbers[17], 32)):
        for offset in range(table, min(table + 8 * size, len(data) - size), size):
            places += struct.unpack_from("<I", data, offset + (24 if size == 32 else 0))
    return [32, 64, 80, *(place for place in places if place < len(data))]


def _dex_questions(fields: dict[str, Any]) -> Iterator[str]:
    methods = [*ends(fields["method"]), {}]
    for method, other in zip(methods, methods[1:] + methods[:1], strict=True):
        names = [item.get("name", b"none") for item in (method, other)]
        class_name = method.get("class_name", b"La;")
        yield f"dex.has_class({text(class_name)})"
        yield f"dex.has_class({text(class_name[:-1])})"
        yield f"dex.has_class({regexp(class_name[1:-1])})"
        for name in names:
            yield f"dex.has_method({text(name)})"
            yield f"dex.has_method({regexp(name[1:])})"
            yield f"dex.has_method({text(class_name)}, {text(name)})"
            yield f"dex.has_method({regexp(class_name)}, {regexp(name)})"
    yield from ("dex.has_method(/x*/)", "dex.has_class(/^$/)", 'dex.has_method("")')
    for index in range(_MOST):
        yield f"dex.string_ids[{index}].value"
        yield f"dex.method[{index}].code_item.insns"
        yield f"dex.field[{index}].name"


SUBJECTS: Final = (
    Subject("pe", lambda data: data[:2] == b"MZ", _pe_places, _pe_questions),
    Subject("elf", lambda data: data[:4] == b"\x7fELF", _elf_places, _elf_questions),
    Subject("dotnet", lambda data: data[:2] == b"MZ", _dotnet_places, _dotnet_questions),
    Subject(
        "macho",
        lambda data: data[:4] in (*_MACHO_MAGICS, *_FAT_MAGICS),
        _macho_places,
        _macho_questions,
    ),
    Subject("dex", lambda data: data[:4] == b"dex\n", _dex_places, _dex_questions),
)
"""All subjects; libyara as it is built for yara-python lacks some of these modules."""
