"""Columns: numbers in flat arrays, for what there is by the ten thousand.

A large set of rules has tens of thousands of strings and anchors.  As objects they take
long to make and much memory; as columns they are copied from a file in one go.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

Column: TypeAlias = "array[int]"
"""Numbers from 0 to 2**32 - 1."""

_TYPE: Final = "I" if array("I").itemsize == 4 else "L"


def column(numbers: Iterable[int] = ()) -> Column:
    """A column of these numbers."""
    return array(_TYPE, numbers)


def sizes(bounds: Column) -> Column:
    """From each number to the next; the numbers must not descend."""
    return column(map(operator.sub, bounds[1:], bounds))


def bounds(sizes: Iterable[int]) -> Column:
    """Where things of these sizes begin, one behind the other; at the end, where all end."""
    return column(accumulate(sizes, initial=0))


class Lists(Sequence["Sequence[int]"]):
    """Lists of numbers, one behind the other in one column; immutable."""

    __slots__ = ("firsts", "values")

    def __init__(self, counts: Iterable[int], values: Column) -> None:
        self.firsts = bounds(counts)
        """By list, the index of its first value; at the end, the number of values."""
        self.values = values

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> Lists:
        """These lists."""
        values = column()
        counts = []
        for numbers in lists:
            values.extend(numbers)
            counts.append(len(numbers))
        return cls(counts, values)

    def counts(self) -> Column:
        """The lengths of the lists."""
        return sizes(self.firsts)

    def filled(self) -> list[int]:
        """Which of the lists are not empty."""
        return [number for number, count in enumerate(self.counts()) if count]

    def union(self, numbers: Iterable[int]) -> set[int]:
        """All values of the lists of these numbers."""
        firsts, values = self.firsts, self.values
        found: set[int] = set()
        for number in numbers:
            found.update(values[firsts[number] : firsts[number + 1]])
        return found

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @overload
    def __getitem__(self, index: int) -> Column: ...
    @overload
    def __getitem__(self, index: slice) -> list[Column]: ...
    def __getitem__(self, index: int | slice) -> Column | list[Column]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.values[self.firsts[index] : self.firsts[index + 1]]
