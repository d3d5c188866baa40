"""The tables of .NET metadata: what a row of each consists of, and where the rows are.

Follows ``dotnet_parse_tilde`` in libyara's ``modules/dotnet/dotnet.c`` (ECMA-335,
II.22 and II.24.2.6). A column is a number of two or four bytes: a plain one, an index
into a heap or into a table, or a *coded* index, whose low bits say into which of
several tables. An index is as wide as the number of rows that it must tell apart.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from miniyara.modules.dotnet import rows
from miniyara.modules.dotnet.limits import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Heap(enum.Enum):
    """A heap that columns index; the value is the bit that makes such indexes wide."""

    STRING = 1
    GUID = 2
    BLOB = 4


class TableId(enum.IntEnum):
    """The tables, in their order in a file."""

    MODULE = 0x00
    TYPE_REF = 0x01
    TYPE_DEF = 0x02
    FIELD_PTR = 0x03
    FIELD = 0x04
    METHOD_PTR = 0x05
    METHOD_DEF = 0x06
    PARAM = 0x08
    INTERFACE_IMPL = 0x09
    MEMBER_REF = 0x0A
    CONSTANT = 0x0B
    CUSTOM_ATTRIBUTE = 0x0C
    FIELD_MARSHAL = 0x0D
    DECL_SECURITY = 0x0E
    CLASS_LAYOUT = 0x0F
    FIELD_LAYOUT = 0x10
    STAND_ALONE_SIG = 0x11
    EVENT_MAP = 0x12
    EVENT_PTR = 0x13
    EVENT = 0x14
    PROPERTY_MAP = 0x15
    PROPERTY_PTR = 0x16
    PROPERTY = 0x17
    METHOD_SEMANTICS = 0x18
    METHOD_IMPL = 0x19
    MODULE_REF = 0x1A
    TYPE_SPEC = 0x1B
    IMPL_MAP = 0x1C
    FIELD_RVA = 0x1D
    ENC_LOG = 0x1E
    ENC_MAP = 0x1F
    ASSEMBLY = 0x20
    ASSEMBLY_PROCESSOR = 0x21
    ASSEMBLY_OS = 0x22
    ASSEMBLY_REF = 0x23
    ASSEMBLY_REF_PROCESSOR = 0x24
    ASSEMBLY_REF_OS = 0x25
    FILE = 0x26
    EXPORTED_TYPE = 0x27
    MANIFEST_RESOURCE = 0x28
    NESTED_CLASS = 0x29
    GENERIC_PARAM = 0x2A
    METHOD_SPEC = 0x2B
    GENERIC_PARAM_CONSTRAINT = 0x2C


@dataclass(frozen=True, slots=True)
class Coded:
    """An index whose lowest ``bits`` say into which table it is."""

    bits: int
    tables: tuple[TableId, ...]


Column = int | Heap | TableId | Coded
"""What is in a column; a plain number is given by its size in bytes."""

_T = TableId

_TYPE_DEF_OR_REF: Final = Coded(2, (_T.TYPE_DEF, _T.TYPE_REF, _T.TYPE_SPEC))
_METHOD_DEF_OR_REF: Final = Coded(1, (_T.METHOD_DEF, _T.MEMBER_REF))
_HAS_CUSTOM_ATTRIBUTE: Final = Coded(
    5,
    (
        *(_T.METHOD_DEF, _T.FIELD, _T.TYPE_REF, _T.TYPE_DEF, _T.PARAM, _T.INTERFACE_IMPL),
        *(_T.MEMBER_REF, _T.MODULE, _T.PROPERTY, _T.EVENT, _T.STAND_ALONE_SIG, _T.MODULE_REF),
        *(_T.TYPE_SPEC, _T.ASSEMBLY, _T.ASSEMBLY_REF, _T.FILE, _T.EXPORTED_TYPE),
        *(_T.MANIFEST_RESOURCE, _T.GENERIC_PARAM, _T.GENERIC_PARAM_CONSTRAINT, _T.METHOD_SPEC),
    ),
)

_COLUMNS: Final[Mapping[TableId, tuple[Column, ...]]] = {
    _T.MODULE: (2, Heap.STRING, Heap.GUID, Heap.GUID, Heap.GUID),
    _T.TYPE_REF: (
        Coded(2, (_T.MODULE, _T.MODULE_REF, _T.ASSEMBLY_REF, _T.TYPE_REF)),
        Heap.STRING,
        Heap.STRING,
    ),
    _T.TYPE_DEF: (4, Heap.STRING, Heap.STRING, _TYPE_DEF_OR_REF, _T.FIELD, _T.METHOD_DEF),
    _T.FIELD_PTR: (_T.FIELD,),
    _T.FIELD: (2, Heap.STRING, Heap.BLOB),
    _T.METHOD_PTR: (_T.METHOD_DEF,),
    _T.METHOD_DEF: (4, 2, 2, Heap.STRING, Heap.BLOB, _T.PARAM),
    _T.PARAM: (2, 2, Heap.STRING),
    _T.INTERFACE_IMPL: (_T.TYPE_DEF, _TYPE_DEF_OR_REF),
    _T.MEMBER_REF: (
        Coded(3, (_T.METHOD_DEF, _T.MODULE_REF, _T.TYPE_REF, _T.TYPE_SPEC)),
        Heap.STRING,
        Heap.BLOB,
    ),
    _T.CONSTANT: (2, Coded(2, (_T.PARAM, _T.FIELD, _T.PROPERTY)), Heap.BLOB),
    _T.CUSTOM_ATTRIBUTE: (
        _HAS_CUSTOM_ATTRIBUTE,
        Coded(3, (_T.METHOD_DEF, _T.MEMBER_REF)),
        Heap.BLOB,
    ),
    _T.FIELD_MARSHAL: (Coded(1, (_T.FIELD, _T.PARAM)), Heap.BLOB),
    _T.DECL_SECURITY: (2, Coded(2, (_T.TYPE_DEF, _T.METHOD_DEF, _T.ASSEMBLY)), Heap.BLOB),
    _T.CLASS_LAYOUT: (2, 4, _T.TYPE_DEF),
    _T.FIELD_LAYOUT: (4, _T.FIELD),
    _T.STAND_ALONE_SIG: (Heap.BLOB,),
    _T.EVENT_MAP: (_T.TYPE_DEF, _T.EVENT),
    _T.EVENT_PTR: (_T.EVENT,),
    _T.EVENT: (2, Heap.STRING, _TYPE_DEF_OR_REF),
    _T.PROPERTY_MAP: (_T.TYPE_DEF, _T.PROPERTY),
    _T.PROPERTY_PTR: (_T.PROPERTY,),
    _T.PROPERTY: (2, Heap.STRING, Heap.BLOB),
    _T.METHOD_SEMANTICS: (2, _T.METHOD_DEF, Coded(1, (_T.EVENT, _T.PROPERTY))),
    _T.METHOD_IMPL: (_T.TYPE_DEF, _METHOD_DEF_OR_REF, _METHOD_DEF_OR_REF),
    _T.MODULE_REF: (Heap.STRING,),
    _T.TYPE_SPEC: (Heap.BLOB,),
    _T.IMPL_MAP: (2, Coded(1, (_T.FIELD, _T.METHOD_DEF)), Heap.STRING, _T.MODULE_REF),
    _T.FIELD_RVA: (4, _T.FIELD),
    _T.ENC_LOG: (4, 4),
    _T.ENC_MAP: (4,),
    _T.ASSEMBLY: (4, 2, 2, 2, 2, 4, Heap.BLOB, Heap.STRING, Heap.STRING),
    _T.ASSEMBLY_PROCESSOR: (4,),
    _T.ASSEMBLY_OS: (4, 4, 4),
    _T.ASSEMBLY_REF: (2, 2, 2, 2, 4, Heap.BLOB, Heap.STRING, Heap.STRING, Heap.BLOB),
    # libyara takes its last column for an index into the table itself.
    _T.ASSEMBLY_REF_PROCESSOR: (4, _T.ASSEMBLY_REF_PROCESSOR),
    _T.ASSEMBLY_REF_OS: (4, 4, 4, _T.ASSEMBLY_REF),
    _T.FILE: (4, Heap.STRING, Heap.BLOB),
    _T.EXPORTED_TYPE: (
        *(4, 4, Heap.STRING, Heap.STRING),
        Coded(2, (_T.FILE, _T.ASSEMBLY_REF, _T.EXPORTED_TYPE)),
    ),
    _T.MANIFEST_RESOURCE: (4, 4, Heap.STRING, Coded(2, (_T.FILE, _T.ASSEMBLY_REF))),
    _T.NESTED_CLASS: (_T.TYPE_DEF, _T.TYPE_DEF),
    _T.GENERIC_PARAM: (2, 2, Coded(1, (_T.TYPE_DEF, _T.METHOD_DEF)), Heap.STRING),
    _T.METHOD_SPEC: (_METHOD_DEF_OR_REF, Heap.BLOB),
    _T.GENERIC_PARAM_CONSTRAINT: (_T.GENERIC_PARAM, _TYPE_DEF_OR_REF),
}

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Kind(Generic[RowT]):
    """A table whose rows are read, with what makes a row of its columns."""

    id: TableId
    make: Callable[[Any], RowT]


MODULE: Final = Kind(_T.MODULE, rows.Module._make)
TYPE_REF: Final = Kind(_T.TYPE_REF, rows.TypeRef._make)
TYPE_DEF: Final = Kind(_T.TYPE_DEF, rows.TypeDef._make)
METHOD_DEF: Final = Kind(_T.METHOD_DEF, rows.MethodDef._make)
PARAM: Final = Kind(_T.PARAM, rows.Param._make)
INTERFACE_IMPL: Final = Kind(_T.INTERFACE_IMPL, rows.InterfaceImpl._make)
MEMBER_REF: Final = Kind(_T.MEMBER_REF, rows.MemberRef._make)
CONSTANT: Final = Kind(_T.CONSTANT, rows.Constant._make)
CUSTOM_ATTRIBUTE: Final = Kind(_T.CUSTOM_ATTRIBUTE, rows.CustomAttribute._make)
MODULE_REF: Final = Kind(_T.MODULE_REF, rows.ModuleRef._make)
TYPE_SPEC: Final = Kind(_T.TYPE_SPEC, rows.TypeSpec._make)
FIELD_RVA: Final = Kind(_T.FIELD_RVA, rows.FieldRva._make)
ASSEMBLY: Final = Kind(_T.ASSEMBLY, rows.Assembly._make)
ASSEMBLY_REF: Final = Kind(_T.ASSEMBLY_REF, rows.AssemblyRef._make)
MANIFEST_RESOURCE: Final = Kind(_T.MANIFEST_RESOURCE, rows.ManifestResource._make)
NESTED_CLASS: Final = Kind(_T.NESTED_CLASS, rows.NestedClass._make)
GENERIC_PARAM: Final = Kind(_T.GENERIC_PARAM, rows.GenericParam._make)

_NEEDED: Final = {
    # As wide as its columns can be, which libyara's structures are.
    _T.MODULE: 18,
    _T.MODULE_REF: 4,
    _T.FIELD_RVA: 8,
}
"""Bytes that must be there for a row to be read, where they are not its size."""

_SINGLE_ROWS: Final = {_T.MODULE, _T.ASSEMBLY}
"""Tables of one row. If that row leaves the file, libyara looks for the next table in
its place."""


class Table(Generic[RowT]):
    """The rows of a table."""

    def __init__(
        self, data: Any, kind: Kind[RowT], start: int, row_count: int, format_: struct.Struct
    ) -> None:
        self.row_count = row_count
        """Rows as the file says, whether they are in it or not."""
        self._data = data
        self._make = kind.make
        self._start = start
        self._format = format_
        last = len(data) - _NEEDED.get(kind.id, format_.size)
        fitting = 0 if start > last else (last - start) // format_.size + 1
        self.readable = min(row_count, fitting)
        """Rows that are in the file."""

    def row(self, index: int) -> RowT | None:
        """Return the row at an index, counted from 1; None if it is not in the file."""
        return self.peek(index - 1) if 1 <= index <= self.readable else None

    def rows(self) -> Iterator[RowT]:
        """Yield the rows that are in the file, in their order."""
        for position in range(self.readable):
            yield self._at(self._start + position * self._format.size)

    def peek(self, position: int) -> RowT | None:
        """Return what is at the place of a row, counted from 0, in the table or behind it.

        The place is computed with 32 bits; None if it is not in the file.
        """
        offset = self._start + (position * self._format.size & 0xFFFF_FFFF)
        return self._at(offset) if offset + self._format.size <= len(self._data) else None

    def _at(self, offset: int) -> RowT:
        return self._make(self._format.unpack_from(self._data, offset))


class Tables:
    """The tables that can be read."""

    def __init__(self, data: Any, start: int) -> None:
        """Read the header at ``start``, of which the first 24 bytes must be in the data."""
        self.is_complete = False
        """Whether all tables are there; libyara lists classes only then."""
        self._data = data
        self._places: dict[TableId, tuple[int, int, struct.Struct]] = {}
        """Where a table is, how many rows it has, and their format."""
        flags, valid = struct.unpack_from("<6xBxQ", data, start)
        present = [bit for bit in range(64) if valid >> bit & 1]
        counts_start = start + 24
        known = max(0, min(len(present), (len(data) - counts_start) // 4))
        counts = struct.unpack_from(f"<{known}I", data, counts_start)
        offset = counts_start + 4 * len(present) + (4 if flags & 0x40 else 0)
        self._find(dict(zip(present, counts, strict=False)), present, flags, offset)

    def _find(self, counts: Mapping[int, int], present: list[int], flags: int, offset: int) -> None:
        for bit in present:
            count = counts.get(bit)
            if count is None or count > MOST_ROWS or bit not in _COLUMNS:
                return
            table = TableId(bit)
            sizes = [_size(column, counts, flags) for column in _COLUMNS[table]]
            format_ = struct.Struct("<" + "".join({2: "H", 4: "I"}[size] for size in sizes))
            needed = _NEEDED.get(table, format_.size)
            if table in _SINGLE_ROWS and offset + needed > len(self._data):
                continue
            self._places[table] = offset, count, format_
            offset += count * format_.size
        self.is_complete = True

    def starts(self) -> list[int]:
        """Return where the tables are, read or not."""
        return [start for start, _, _ in self._places.values()]

    def find(self, kind: Kind[RowT]) -> Table[RowT] | None:
        """Return a table, or None if the file doesn't have it."""
        place = self._places.get(kind.id)
        return None if place is None else Table(self._data, kind, *place)


def _size(column: Column, counts: Mapping[int, int], flags: int) -> int:
    """Return the bytes of a column for these numbers of rows."""
    if isinstance(column, TableId):
        return 4 if counts.get(column, 0) > 0xFFFF else 2
    if isinstance(column, Heap):
        return 4 if flags & column.value else 2
    if isinstance(column, Coded):
        most = max(counts.get(table, 0) for table in column.tables)
        return 4 if most > 0xFFFF >> column.bits else 2
    return column
