"""Values of structures, arrays and dictionaries that have been computed already.

For what a parser finds all at once: a table's row, the rows of a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from miniyara.modules.interface import StructureValue, Value
    from miniyara.values import Undefined


@dataclass(frozen=True, slots=True)
class PlainStructure:
    """A structure whose members are known; those that are not are undefined."""

    members: Mapping[str, Value | Undefined]

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a member."""
        return self.members.get(name, UNDEFINED)


@dataclass(frozen=True, slots=True)
class Rows:
    """An array of structures, each made of a row of a table when it is asked for."""

    rows: Sequence[object]
    structure: Callable[[int], StructureValue]
    """Makes the structure at an index that is in range."""

    def __len__(self) -> int:
        return len(self.rows)

    def item(self, index: int) -> StructureValue | Undefined:
        """Return the structure at an index, counted from 0."""
        return self.structure(index) if 0 <= index < len(self.rows) else UNDEFINED


@dataclass(frozen=True, slots=True)
class PlainArray:
    """An array of values."""

    values: Sequence[Value]

    def __len__(self) -> int:
        return len(self.values)

    def item(self, index: int) -> Value | Undefined:
        """Return the value at an index, counted from 0."""
        return self.values[index] if 0 <= index < len(self.values) else UNDEFINED


@dataclass(frozen=True, slots=True)
class PlainDictionary:
    """A dictionary; its keys are C strings and end before a NUL."""

    values: Mapping[bytes, Value]

    def value(self, key: bytes) -> Value | Undefined:
        """Return the value under a key, of which what follows a NUL does not count."""
        return self.values.get(key.partition(b"\0")[0], UNDEFINED)

    def items(self) -> Iterator[tuple[bytes, Value]]:
        """Return keys and values in the order of their insertion."""
        return iter(self.values.items())


EMPTY_STRUCTURE: Final = PlainStructure({})
EMPTY_ARRAY: Final = PlainArray(())
EMPTY_DICTIONARY: Final = PlainDictionary({})
