"""The records of a DEX file as they lie in it.

Follows libyara's ``include/yara/dex.h``. Numbers are unsigned and little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.deadline import Deadline


class Header(NamedTuple):
    """The file header."""

    magic: bytes
    checksum: int
    signature: bytes
    file_size: int
    header_size: int
    endian_tag: int
    link_size: int
    link_offset: int
    map_offset: int
    string_ids_size: int
    string_ids_offset: int
    type_ids_size: int
    type_ids_offset: int
    proto_ids_size: int
    proto_ids_offset: int
    field_ids_size: int
    field_ids_offset: int
    method_ids_size: int
    method_ids_offset: int
    class_defs_size: int
    class_defs_offset: int
    data_size: int
    data_offset: int


class StringId(NamedTuple):
    """Where a string is."""

    offset: int


class TypeId(NamedTuple):
    """A type, by the string that describes it."""

    descriptor_idx: int


class ProtoId(NamedTuple):
    """The types of a method's arguments and result."""

    shorty_idx: int
    return_type_idx: int
    parameters_offset: int


class FieldId(NamedTuple):
    """A field: its class, its type and its name."""

    class_idx: int
    type_idx: int
    name_idx: int


class MethodId(NamedTuple):
    """A method: its class, its prototype and its name."""

    class_idx: int
    proto_idx: int
    name_idx: int


class ClassDef(NamedTuple):
    """A class that the file has."""

    class_idx: int
    access_flags: int
    super_class_idx: int
    interfaces_offset: int
    source_file_idx: int
    annotations_offset: int
    class_data_offset: int
    static_values_offset: int


class MapItem(NamedTuple):
    """A kind of items and where they are."""

    type: int
    unused: int
    size: int
    offset: int


class CodeItem(NamedTuple):
    """What stands before the code of a method."""

    registers_size: int
    ins_size: int
    outs_size: int
    tries_size: int
    debug_info_off: int
    insns_size: int


RecordT = TypeVar("RecordT", bound=tuple[Any, ...])

_STRETCH: Final = 4096
"""Records that are read at once."""


class Format(Generic[RecordT]):
    """How one kind of record is written."""

    __slots__ = ("_make", "_struct", "size")

    def __init__(self, codes: str, make: Callable[[Any], RecordT]) -> None:
        self._struct = struct.Struct(f"<{codes}")
        self._make = make
        self.size = self._struct.size
        """Bytes of a record."""

    def read(self, data: Any, offset: int) -> RecordT:
        """Return the record at an offset, which must lie in the data."""
        return self._make(self._struct.unpack(data[offset : offset + self.size]))

    def read_all(self, data: Any, offset: int, count: int, deadline: Deadline) -> Iterator[RecordT]:
        """Yield records that follow each other, which must lie in the data."""
        for first in range(0, count, _STRETCH):
            deadline.check()
            start = offset + first * self.size
            end = offset + min(first + _STRETCH, count) * self.size
            yield from map(self._make, self._struct.iter_unpack(data[start:end]))


HEADER: Final = Format("8sI20s20I", Header._make)
STRING_ID: Final = Format("I", StringId._make)
TYPE_ID: Final = Format("I", TypeId._make)
PROTO_ID: Final = Format("3I", ProtoId._make)
FIELD_ID: Final = Format("2HI", FieldId._make)
METHOD_ID: Final = Format("2HI", MethodId._make)
CLASS_DEF: Final = Format("8I", ClassDef._make)
MAP_ITEM: Final = Format("2H2I", MapItem._make)
CODE_ITEM: Final = Format("4H2I", CodeItem._make)


@dataclass(frozen=True, slots=True)
class Table(Generic[RecordT]):
    """Records that follow each other in the data, which has all of them."""

    data: Any
    format: Format[RecordT]
    offset: int
    count: int

    def row(self, index: int) -> RecordT:
        """Return the record at an index, which must be less than the count."""
        return self.format.read(self.data, self.offset + index * self.format.size)

    def rows(self, deadline: Deadline) -> Iterator[RecordT]:
        """Yield all records.  May raise :class:`~miniyara.errors.ScanTimeout`."""
        return self.format.read_all(self.data, self.offset, self.count, deadline)


def read_uleb128(data: Any, offset: int) -> tuple[int, int] | None:
    """Return a number of variable length and the offset behind it; None at the data's end.

    It has at most five bytes and 32 bits; further bits are ignored.
    """
    value = 0
    last = min(offset + 4, len(data) - 1)
    for place in range(offset, last + 1):
        byte = data[place]
        value |= (byte & 0x7F) << 7 * (place - offset)
        if byte < 0x80 or place == offset + 4:
            return value & 0xFFFF_FFFF, place + 1
    return None
