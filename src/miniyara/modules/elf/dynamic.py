"""The dynamic section: what the loader has to know, found by segments of type ``PT_DYNAMIC``.

Follows ``PARSE_ELF_HEADER`` in libyara's ``modules/elf/elf.c``, which writes the
entries of all such segments into one array, each over those of the one before: an
item is that of the last segment with so many entries, and their number is that of
the last segment.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.deadline import Deadline
    from miniyara.modules.elf.layout import DynamicEntry, Layout

_ENTRIES_PER_CHECK: Final = 4096


class DynamicSection:
    """The entries of segments at ``offsets`` of the data."""

    def __init__(
        self, data: Any, layout: Layout, offsets: Sequence[int], deadline: Deadline
    ) -> None:
        self._data = data
        self._format = layout.dynamic
        ends = self._ends(offsets, deadline)
        counts = {offset: (end - offset) // self._format.size for offset, end in ends.items()}
        self.entry_count = counts[offsets[-1]] if offsets else None
        """Entries of the last segment; None if there is no segment."""
        self._lengths = [0]
        """Lengths of segments that are longer than all after them, from the last on."""
        self._starts: list[int] = []
        """Where the segments with these lengths are, without the first."""
        for offset in reversed(offsets):
            if counts[offset] > self._lengths[-1]:
                self._lengths.append(counts[offset])
                self._starts.append(offset)

    def __len__(self) -> int:
        return self._lengths[-1]

    def entry(self, index: int) -> DynamicEntry:
        """Return the entry at an index, which must be less than the length."""
        start = self._starts[bisect_right(self._lengths, index) - 1]
        return self._format.read(self._data, start + index * self._format.size)

    def _ends(self, offsets: Iterable[int], deadline: Deadline) -> dict[int, int]:
        """Return where the entries end that begin at each offset.

        Going down, each entry is read once however many segments have it.
        """
        data, read, step = self._data, self._format.read, self._format.size
        last = len(data) - step
        ends: dict[int, int] = {}
        for offset in sorted(set(offsets), reverse=True):
            end = offset
            passed = 0
            while end <= last:
                if end in ends:
                    end = ends[end]
                    break
                is_end = read(data, end).type == 0
                end += step
                if is_end:
                    break
                passed += 1
                if passed % _ENTRIES_PER_CHECK == 0:
                    deadline.check()
            ends[offset] = end
        return ends
