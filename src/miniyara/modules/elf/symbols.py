"""Symbol tables: the symbols of a section, and their names in another section.

Follows ``PARSE_ELF_HEADER`` in libyara's ``modules/elf/elf.c``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.elf.layout import Format, Symbol
    from miniyara.modules.elf.strings import StringTable
    from miniyara.values import Undefined


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """The symbols in a part of the data."""

    data: Any
    format: Format[Symbol]
    offset: int
    count: int
    strings: StringTable

    def symbol(self, index: int) -> Symbol:
        """Return the symbol at an index, which must be in the table."""
        return self.format.read(self.data, self.offset + index * self.format.size)

    def symbols(self, deadline: Deadline) -> Iterator[Symbol]:
        """Yield all symbols.  May raise :class:`~miniyara.errors.ScanTimeout`."""
        return self.format.read_all(self.data, self.offset, self.count, deadline)

    def name(self, symbol: Symbol) -> bytes | Undefined:
        """Return the name of a symbol."""
        return self.strings.string(symbol.name)
