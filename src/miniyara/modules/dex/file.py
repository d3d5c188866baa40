"""A DEX file: its header, and from there its tables, read when they are asked for.

Follows ``dex_parse`` in libyara's ``modules/dex/dex.c``, which gives up at the first
table that leaves the file, so that those behind it are empty.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from miniyara.modules.dex.constants import MAGICS
from miniyara.modules.dex.layout import (
    CLASS_DEF,
    FIELD_ID,
    HEADER,
    MAP_ITEM,
    METHOD_ID,
    PROTO_ID,
    STRING_ID,
    TYPE_ID,
    Table,
    read_uleb128,
)
from miniyara.modules.dex.limits import MAX_INDEX
from miniyara.modules.dex.members import Members

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.dex.layout import (
        ClassDef,
        FieldId,
        Format,
        MapItem,
        MethodId,
        ProtoId,
        RecordT,
        StringId,
        TypeId,
    )

_COUNT_SIZE: Final = 4
"""Bytes of a number before a list, and the least that there must be of a string."""

_STRINGS_BETWEEN_CHECKS: Final = 4096


class StringItem(NamedTuple):
    """A string; its size is that in UTF-16 but taken for bytes, as libyara does."""

    offset: int
    size: int


class DexFile:
    """Scanned data that begin like a DEX file."""

    def __init__(self, data: Any, deadline: Deadline) -> None:
        self.data = data
        self.deadline = deadline
        self.header = HEADER.read(data, 0)

    def fits(self, offset: int, size: int) -> bool:
        """Whether a part lies in the data."""
        return offset + size <= len(self.data)

    # -- tables --------------------------------------------------------------------

    @cached_property
    def _is_reached(self) -> dict[str, bool]:
        """Whether libyara gets to a table and the table lies in the data."""
        reached: dict[str, bool] = {}
        is_reached = True
        for name, format_ in _TABLES.items():
            offset, count = getattr(self.header, f"{name}_offset"), self._size_of(name)
            is_reached = is_reached and self.fits(offset, count * format_.size)
            if name == "class_defs":
                is_reached = is_reached and self._is_map_sound
            reached[name] = is_reached
        return reached

    def _size_of(self, name: str) -> int:
        size: int = getattr(self.header, f"{name}_size")
        return size

    def _table(self, name: str, format_: Format[RecordT]) -> Table[RecordT]:
        count = self._size_of(name) if self._is_reached[name] else 0
        return Table(self.data, format_, getattr(self.header, f"{name}_offset"), count)

    @cached_property
    def string_ids(self) -> Table[StringId]:
        """Where the strings are."""
        return self._table("string_ids", STRING_ID)

    @cached_property
    def type_ids(self) -> Table[TypeId]:
        """The types."""
        return self._table("type_ids", TYPE_ID)

    @cached_property
    def proto_ids(self) -> Table[ProtoId]:
        """The prototypes of methods."""
        return self._table("proto_ids", PROTO_ID)

    @cached_property
    def field_ids(self) -> Table[FieldId]:
        """The fields that are used."""
        return self._table("field_ids", FIELD_ID)

    @cached_property
    def method_ids(self) -> Table[MethodId]:
        """The methods that are used."""
        return self._table("method_ids", METHOD_ID)

    @cached_property
    def class_defs(self) -> Table[ClassDef]:
        """The classes that the file has."""
        return self._table("class_defs", CLASS_DEF)

    @property
    def is_class_table_reached(self) -> bool:
        """Whether libyara gets to the classes."""
        return self._is_reached["class_defs"]

    @cached_property
    def members(self) -> Members:
        """The fields and methods of the classes."""
        return Members(self)

    # -- the map -------------------------------------------------------------------

    @property
    def map_size(self) -> int | None:
        """How many items the map says it has; None if there is no map."""
        return self._map_size if self._is_reached["method_ids"] else None

    @cached_property
    def _map_size(self) -> int | None:
        offset = self.header.map_offset
        if offset == 0 or not self.fits(offset, _COUNT_SIZE):
            return None
        return int.from_bytes(self.data[offset : offset + _COUNT_SIZE], "little")

    @cached_property
    def map_items(self) -> Table[MapItem]:
        """The items of the map that lie in the data.

        There are none if the map is larger than the data.
        """
        offset, size = self.header.map_offset + _COUNT_SIZE, self.map_size or 0
        count = 0
        if _COUNT_SIZE + size * MAP_ITEM.size <= len(self.data):
            count = min(size, (len(self.data) - offset) // MAP_ITEM.size)
        return Table(self.data, MAP_ITEM, offset, count)

    @property
    def _is_map_sound(self) -> bool:
        size = self._map_size
        return size is None or self.fits(self.header.map_offset + _COUNT_SIZE, size * MAP_ITEM.size)

    # -- strings -------------------------------------------------------------------

    @cached_property
    def string_count(self) -> int:
        """Number of the last string that lies in the data, counted from 1."""
        count = self.string_ids.count
        while count and self.string(count - 1) is None:
            count -= 1
            if count % _STRINGS_BETWEEN_CHECKS == 0:
                self.deadline.check()
        return count

    def string(self, index: int) -> StringItem | None:
        """Return the string at an index, which must be in the table; None outside the data."""
        offset = self.string_ids.row(index).offset
        number = read_uleb128(self.data, offset) if self.fits(offset, _COUNT_SIZE) else None
        # libyara takes any size before the text to have one byte.
        if number is None or not self.fits(offset + 1, number[0]):
            return None
        return StringItem(offset, number[0])

    def text(self, index: int | None, most: int | None = None) -> bytes | None:
        """Return the text of a string, or at most so many bytes of it.

        None if there is no index, or no such string.
        """
        if index is None or index > MAX_INDEX or index >= self.string_ids.count:
            return None
        item = self.string(index)
        if item is None:
            return None
        size = item.size if most is None else min(item.size, most)
        return bytes(self.data[item.offset + 1 : item.offset + 1 + size])

    # -- names, as indices of strings ----------------------------------------------

    def descriptor(self, type_index: int) -> int | None:
        """Return the string that describes a type."""
        row = _row(self.type_ids, type_index)
        return None if row is None else row.descriptor_idx

    def shorty(self, proto_index: int) -> int | None:
        """Return the string that describes a prototype."""
        row = _row(self.proto_ids, proto_index)
        return None if row is None else row.shorty_idx

    def field_id(self, index: int) -> FieldId | None:
        """Return a field that is used."""
        return _row(self.field_ids, index)

    def method_id(self, index: int) -> MethodId | None:
        """Return a method that is used."""
        return _row(self.method_ids, index)


_TABLES: Final[dict[str, Format[Any]]] = {
    "string_ids": STRING_ID,
    "type_ids": TYPE_ID,
    "proto_ids": PROTO_ID,
    "field_ids": FIELD_ID,
    "method_ids": METHOD_ID,
    "class_defs": CLASS_DEF,
}
"""In libyara's order."""


def _row(table: Table[RecordT], index: int) -> RecordT | None:
    return table.row(index) if index <= MAX_INDEX and index < table.count else None


def dex_file(data: Any, deadline: Deadline) -> DexFile | None:
    """Return the data as a DEX file, or None if they are none."""
    if len(data) < HEADER.size or bytes(data[:8]) not in MAGICS.values():
        return None
    return DexFile(data, deadline)
