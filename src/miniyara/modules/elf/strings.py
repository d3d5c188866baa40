"""Tables of strings: where names of sections and symbols are.

Follows ``str_table_entry`` in libyara's ``modules/elf/elf.c``.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from miniyara.modules.bounded import last_nul, terminated
from miniyara.values import UNDEFINED, Undefined


class StringTable:
    """The strings between two offsets of the data."""

    def __init__(self, data: Any, start: int, end: int) -> None:
        self._data = data
        self._start = start
        self._end = end

    def string(self, index: int) -> bytes | Undefined:
        """Return the string at a distance from the start of the table.

        Undefined if it has no NUL as its end, and if the table has none as its start.
        """
        offset = self._start + index
        if index >= 2**31 or offset > self._last_nul or self._data[self._start] != 0:
            return UNDEFINED
        text = terminated(self._data, offset, self._end)
        return UNDEFINED if text is None else text

    @cached_property
    def _last_nul(self) -> int:
        """Where the last string ends.

        It is looked for once, or else a long tail without a NUL would be searched
        for each of the names that begin in it.
        """
        return last_nul(self._data, self._start, self._end)
