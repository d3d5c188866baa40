"""The records of an ELF file as they lie in it, for both classes and both byte orders.

Follows the ELF specification and libyara's ``include/yara/elf.h``. A record is
read into a named tuple that is the same for 32 and 64 bits. Numbers are unsigned.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.deadline import Deadline

MAGIC: Final = b"\x7fELF"

_STRETCH: Final = 4096
"""Records that are read at once."""


class Header(NamedTuple):
    """The file header, from behind its identification."""

    type: int
    machine: int
    version: int
    entry: int
    ph_offset: int
    sh_offset: int
    flags: int
    header_size: int
    ph_entry_size: int
    ph_entry_count: int
    sh_entry_size: int
    sh_entry_count: int
    sh_str_table_index: int


class Section(NamedTuple):
    """An entry of the table of sections."""

    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class Segment(NamedTuple):
    """An entry of the table of segments, which ELF calls program headers."""

    type: int
    flags: int
    offset: int
    virtual_address: int
    physical_address: int
    file_size: int
    memory_size: int
    alignment: int


class DynamicEntry(NamedTuple):
    """An entry of the dynamic section."""

    type: int
    val: int


class Symbol(NamedTuple):
    """An entry of a symbol table."""

    name: int
    info: int
    other: int
    shndx: int
    value: int
    size: int

    @property
    def type(self) -> int:
        """One of :data:`~miniyara.modules.elf.constants.SYMBOL_TYPES`."""
        return self.info & 0xF

    @property
    def bind(self) -> int:
        """One of :data:`~miniyara.modules.elf.constants.SYMBOL_BINDINGS`."""
        return self.info >> 4

    @property
    def visibility(self) -> int:
        """0 for what the binding says."""
        return self.other & 3


RecordT = TypeVar("RecordT", bound=tuple[int, ...])


class Format(Generic[RecordT]):
    """How one kind of record is written."""

    def __init__(
        self, codes: str, make: Callable[[Any], RecordT], arrange: Callable[[Any], Any] = tuple
    ) -> None:
        self._struct = struct.Struct(codes)
        self._make = make
        self._arrange = arrange
        self.size = self._struct.size
        """Bytes of a record."""

    def read(self, data: Any, offset: int) -> RecordT:
        """Return the record at an offset, which must lie in the data."""
        return self._make(self._arrange(self._struct.unpack(data[offset : offset + self.size])))

    def read_all(self, data: Any, offset: int, count: int, deadline: Deadline) -> Iterator[RecordT]:
        """Yield records that follow each other, which must lie in the data."""
        size = self.size
        for first in range(0, count, _STRETCH):
            deadline.check()
            start, end = offset + first * size, offset + min(first + _STRETCH, count) * size
            for values in self._struct.iter_unpack(data[start:end]):
                yield self._make(self._arrange(values))


@dataclass(frozen=True, slots=True)
class Layout:
    """The formats of a class and a byte order."""

    bits: int
    header: Format[Header]
    section: Format[Section]
    segment: Format[Segment]
    dynamic: Format[DynamicEntry]
    symbol: Format[Symbol]


def _layout32(order: str) -> Layout:
    return Layout(
        32,
        Format(f"{order}16x2H5I6H", Header._make),
        Format(f"{order}10I", Section._make),
        Format(f"{order}8I", Segment._make, itemgetter(0, 6, 1, 2, 3, 4, 5, 7)),
        Format(f"{order}2I", DynamicEntry._make),
        Format(f"{order}3I2BH", Symbol._make, itemgetter(0, 3, 4, 5, 1, 2)),
    )


def _layout64(order: str) -> Layout:
    return Layout(
        64,
        Format(f"{order}16x2HI3QI6H", Header._make),
        Format(f"{order}2I4Q2I2Q", Section._make),
        Format(f"{order}2I6Q", Segment._make),
        Format(f"{order}2Q", DynamicEntry._make),
        Format(f"{order}I2BH2Q", Symbol._make),
    )


_LAYOUTS: Final = {
    b"\x01\x01": _layout32("<"),
    b"\x01\x02": _layout32(">"),
    b"\x02\x01": _layout64("<"),
    b"\x02\x02": _layout64(">"),
}
"""By the bytes for the class and for the byte order."""


def layout_of(data: Any) -> Layout | None:
    """Return the layout of a file, or None if libyara doesn't take it for ELF.

    A file that ends with its header is none.
    """
    if bytes(data[:4]) != MAGIC:
        return None
    layout = _LAYOUTS.get(bytes(data[4:6]))
    return layout if layout and len(data) > layout.header.size else None
