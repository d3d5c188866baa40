"""The fields and methods of a DEX file's classes.

Follows ``dex_parse``, ``load_encoded_field`` and ``load_encoded_method`` in libyara's
``modules/dex/dex.c``. The data of each class are four counts and then its static fields,
other fields, direct methods and virtual methods, each a few numbers of variable length,
of which the first is the distance from the index of the one before.
"""

from __future__ import annotations

from array import array
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.dex.layout import read_uleb128
from miniyara.modules.dex.limits import MAX_INDEX, MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.modules.dex.file import DexFile

_LEAST_HEAD: Final = 16
"""Bytes that there must be of the data of a class."""


_MEMBERS_BETWEEN_CHECKS: Final = 4096


class ClassData(NamedTuple):
    """How many members of each kind a class has."""

    static_fields_size: int
    instance_fields_size: int
    direct_methods_size: int
    virtual_methods_size: int


class Member(NamedTuple):
    """A field or a method."""

    id_index: int
    """Into the table of fields or of methods."""
    is_first_kind: bool
    """Whether it is a static field, or a direct method."""
    index_difference: int
    access_flags: int
    code_offset: int
    """0 for a field and for a method without code."""


class MemberList:
    """The fields or the methods of all classes, in columns."""

    def __init__(self, numbers: int, table_size: int) -> None:
        self.numbers = numbers
        """Numbers of which each consists."""
        self._table_size = min(table_size, MAX_INDEX + 1)
        self._columns = [array("I") for _ in range(numbers + 2)]
        self.partial: Member | None = None
        """The member behind the last one, of which only the numbers are known: its index
        is outside the table."""

    def __len__(self) -> int:
        return len(self._columns[0])

    @property
    def is_full(self) -> bool:
        """Whether there is no room for more."""
        return len(self) >= MOST_MEMBERS

    def member(self, index: int) -> Member:
        """Return the member at an index, which must be in range."""
        return _member([column[index] for column in self._columns])

    def names(self) -> Sequence[int]:
        """Return the indices into the table."""
        return self._columns[0]

    def add(self, index: int, numbers: list[int], *, is_first_kind: bool) -> bool:
        """Add a member, if its index is in the table; return whether it is."""
        row = [index, is_first_kind, *numbers]
        if index >= self._table_size:
            self.partial = _member(row)
            return False
        self.partial = None
        for column, number in zip(self._columns, row, strict=True):
            column.append(number)
        return True


def _member(row: list[int]) -> Member:
    index, is_first_kind, difference, access_flags, *code_offset = row
    return Member(index, bool(is_first_kind), difference, access_flags, sum(code_offset))


class Members:
    """The fields and methods of the classes of a file."""

    def __init__(self, file: DexFile) -> None:
        self._file = file

    # -- classes -------------------------------------------------------------------

    @cached_property
    def _heads(self) -> tuple[array[int], int, bool]:
        """Where the members of each class with data begin, and the four counts.

        With it the number of classes that are read, and whether these are all: the
        first one with data outside the file is the last.
        """
        file, heads = self._file, array("I")
        for number, row in enumerate(file.class_defs.rows(file.deadline)):
            if row.class_data_offset:
                head = self._head(row.class_data_offset)
                if head is None:
                    return heads, number + 1, False
                heads.extend(head)
        return heads, file.class_defs.count, file.is_class_table_reached

    def _head(self, offset: int) -> list[int] | None:
        if not self._file.fits(offset, _LEAST_HEAD):
            return None
        counts = []
        for _ in ClassData._fields:
            number = read_uleb128(self._file.data, offset)
            if number is None:
                return None
            count, offset = number
            counts.append(count)
        return [offset, *counts]

    @property
    def class_count(self) -> int:
        """Classes that are read."""
        return self._heads[1]

    @property
    def are_complete(self) -> bool:
        """Whether libyara reads all classes, and so counts their members."""
        return self._heads[2]

    @property
    def class_data_count(self) -> int:
        """Classes that have data."""
        return len(self._heads[0]) // 5

    def class_data(self, index: int) -> ClassData:
        """Return the counts of a class that has data."""
        return ClassData._make(self._heads[0][5 * index + 1 : 5 * index + 5])

    # -- members -------------------------------------------------------------------

    @property
    def fields(self) -> MemberList:
        """The fields of all classes."""
        return self._lists[0]

    @property
    def methods(self) -> MemberList:
        """The methods of all classes."""
        return self._lists[1]

    @cached_property
    def _lists(self) -> tuple[MemberList, MemberList]:
        file, heads = self._file, self._heads[0]
        fields = MemberList(2, file.field_ids.count)
        methods = MemberList(3, file.method_ids.count)
        for place in range(0, len(heads), 5):
            offset, *counts = heads[place : place + 5]
            for kind, count in enumerate(counts):
                members = fields if kind < 2 else methods
                offset = self._read(members, offset, count, is_first_kind=kind % 2 == 0)
        return fields, methods

    def _read(self, members: MemberList, offset: int, count: int, *, is_first_kind: bool) -> int:
        """Read members of one kind, up to one that leaves the file; return the offset behind."""
        data, end = self._file.data, len(self._file.data)
        index = 0
        for done in range(count):
            if done % _MEMBERS_BETWEEN_CHECKS == 0:
                self._file.deadline.check()
            if offset + 4 * members.numbers > end or members.is_full:
                return offset
            numbers, place = [], offset
            for _ in range(members.numbers):
                number = read_uleb128(data, place)
                if number is None:
                    return offset
                value, place = number
                numbers.append(value)
            index = index + numbers[0] & 0xFFFF_FFFF
            if not members.add(index, numbers, is_first_kind=is_first_kind):
                return offset
            offset = place
        return offset
