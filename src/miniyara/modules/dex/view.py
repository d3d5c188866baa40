"""The ``dex`` module's view of a scan: from names to the parts of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from miniyara.modules.dex.constants import CONSTANTS
from miniyara.modules.dex.file import DexFile
from miniyara.modules.dex.layout import CODE_ITEM, Table
from miniyara.modules.interface import LazyArray, LazyStructure, Record
from miniyara.modules.plain import EMPTY_ARRAY, EMPTY_STRUCTURE, PlainStructure
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.modules.dex.members import Member, MemberList
    from miniyara.modules.interface import StructureValue, Value

RowT = TypeVar("RowT")
MemberReader: TypeAlias = "Callable[[DexFile, Member], Value | Undefined]"


def _text(file: DexFile, index: int | None) -> bytes | Undefined:
    text = file.text(index)
    return UNDEFINED if text is None else text


def _fields_of(record: Any) -> PlainStructure:
    return PlainStructure(record._asdict())


def _rows(table: Table[Any], count: int | None = None) -> LazyArray:
    length = table.count if count is None else count
    return LazyArray(length, lambda index: _fields_of(table.row(index)))


def _strings(file: DexFile) -> LazyArray:
    def string(index: int) -> Value | Undefined:
        item = file.string(index)
        if item is None:
            return UNDEFINED
        start = item.offset + 1
        return LazyStructure(
            {
                "offset": lambda: item.offset,
                "size": lambda: item.size,
                "value": lambda: bytes(file.data[start : start + item.size]),
            }
        )

    return LazyArray(file.string_count, string)


def _map_list(file: DexFile) -> StructureValue:
    size = file.map_size
    if size is None:
        return _NO_MAP
    return PlainStructure({"size": size, "map_item": _rows(file.map_items)})


_NO_MAP: Final = PlainStructure({"map_item": EMPTY_ARRAY})


# -- members --------------------------------------------------------------------------------


def _text_of(
    row_of: Callable[[DexFile, int], RowT | None],
    string_of: Callable[[DexFile, RowT], int | None],
) -> MemberReader:
    """Give what reads the string that a member's row names."""

    def read(file: DexFile, member: Member) -> bytes | Undefined:
        row = row_of(file, member.id_index)
        return UNDEFINED if row is None else _text(file, string_of(file, row))

    return read


def _code_item(file: DexFile, member: Member) -> StructureValue:
    offset = member.code_offset
    # A method that is not in the table is left before its code is read.
    is_listed = file.method_id(member.id_index) is not None
    if offset == 0 or not is_listed or not file.fits(offset, CODE_ITEM.size):
        return EMPTY_STRUCTURE
    item = CODE_ITEM.read(file.data, offset)
    start, size = offset + CODE_ITEM.size, 2 * item.insns_size

    def instructions() -> bytes | Undefined:
        return bytes(file.data[start : start + size]) if file.fits(start, size) else UNDEFINED

    members: dict[str, Callable[[], Value | Undefined]] = {"insns": instructions}
    for name, number in item._asdict().items():
        members[name] = lambda number=number: number  # type: ignore[misc]
    return LazyStructure(members)


_FIELD: Final[Mapping[str, MemberReader]] = {
    "class_name": _text_of(DexFile.field_id, lambda file, row: file.descriptor(row.class_idx)),
    "name": _text_of(DexFile.field_id, lambda _, row: row.name_idx),
    "proto": _text_of(DexFile.field_id, lambda file, row: file.descriptor(row.type_idx)),
    "static": lambda _, member: int(member.is_first_kind),
    "instance": lambda _, member: int(not member.is_first_kind),
    "field_idx_diff": lambda _, member: member.index_difference,
    "access_flags": lambda _, member: member.access_flags,
}

_METHOD: Final[Mapping[str, MemberReader]] = {
    "class_name": _text_of(DexFile.method_id, lambda file, row: file.descriptor(row.class_idx)),
    "name": _text_of(DexFile.method_id, lambda _, row: row.name_idx),
    "proto": _text_of(DexFile.method_id, lambda file, row: file.shorty(row.proto_idx)),
    "direct": lambda _, member: int(member.is_first_kind),
    "virtual": lambda _, member: int(not member.is_first_kind),
    "method_idx_diff": lambda _, member: member.index_difference,
    "access_flags": lambda _, member: member.access_flags,
    "code_off": lambda _, member: member.code_offset,
    "code_item": _code_item,
}


def _members(file: DexFile, members: MemberList, fields: Mapping[str, MemberReader]) -> LazyArray:
    def member(index: int) -> Value | Undefined:
        is_partial = index == len(members)
        found = members.partial if is_partial else members.member(index)
        return UNDEFINED if found is None else Record(file, found, fields)

    return LazyArray(len(members) + (members.partial is not None), member)


def _count(file: DexFile, members: MemberList) -> int | Undefined:
    return len(members) if file.members.are_complete else UNDEFINED


_FILE: Final[Mapping[str, Callable[[DexFile], Value | Undefined]]] = {
    "header": lambda file: _fields_of(file.header),
    "string_ids": _strings,
    "type_ids": lambda file: _rows(file.type_ids),
    "proto_ids": lambda file: _rows(file.proto_ids),
    "field_ids": lambda file: _rows(file.field_ids),
    "method_ids": lambda file: _rows(file.method_ids),
    "class_defs": lambda file: _rows(file.class_defs, file.members.class_count),
    "class_data_item": lambda file: LazyArray(
        file.members.class_data_count, lambda index: _fields_of(file.members.class_data(index))
    ),
    "map_list": _map_list,
    "number_of_fields": lambda file: _count(file, file.members.fields),
    "field": lambda file: _members(file, file.members.fields, _FIELD),
    "number_of_methods": lambda file: _count(file, file.members.methods),
    "method": lambda file: _members(file, file.members.methods, _METHOD),
}


@dataclass(frozen=True, slots=True)
class View:
    """The value of ``dex``: the constants, and the fields of a DEX file."""

    file: DexFile | None

    def member(self, name: str) -> Value | Undefined:
        """Compute the value of a field."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        if self.file is not None:
            return _FILE[name](self.file)
        return _ABSENT.get(name, UNDEFINED)


_ARRAYS: Final = (
    *("string_ids", "type_ids", "proto_ids", "field_ids", "method_ids", "class_defs"),
    *("class_data_item", "field", "method"),
)

_ABSENT: Final[Mapping[str, Value]] = {
    **dict.fromkeys(_ARRAYS, EMPTY_ARRAY),
    "header": EMPTY_STRUCTURE,
    "map_list": _NO_MAP,
}
