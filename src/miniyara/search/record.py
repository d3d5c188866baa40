"""The hits of one string that have been found so far."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.search.hits import Hit, HitColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Record:
    """Hits by offset, at most one at each; a million of them takes 13 MB.

    ``greedy`` says whether a later hit at the same offset replaces an earlier one.
    Follows ``_yr_scan_add_match_to_list`` in libyara's ``scan.c``.
    """

    __slots__ = ("_greedy", "_keys", "_lengths", "offsets")

    def __init__(self, *, greedy: bool) -> None:
        self._greedy = greedy
        self.offsets = array("q")
        self._lengths = array("i")
        self._keys = array("B")

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> Hit:
        return Hit(self.offsets[index], self._lengths[index], self._keys[index])

    def __iter__(self) -> Iterator[Hit]:
        return map(Hit, self.offsets, self._lengths, self._keys)

    def columns(self) -> HitColumns:
        """All hits."""
        return HitColumns(self.offsets, self._lengths, self._keys)

    def add(self, hit: Hit) -> bool:
        """Add a hit; False if there are too many already."""
        offset, length, key = hit
        place = len(self.offsets)
        if place == limits.MAX_STRING_MATCHES:
            return False
        if not place or offset > self.offsets[-1]:
            self.offsets.append(offset)
            self._lengths.append(length)
            self._keys.append(key)
            return True
        place = bisect_left(self.offsets, offset)
        if self.offsets[place] == offset:
            if self._greedy:
                self._lengths[place] = length
            return True
        self.offsets.insert(place, offset)
        self._lengths.insert(place, length)
        self._keys.insert(place, key)
        return True

    def extend(self, spans: Sequence[tuple[int, int]]) -> bool:
        """Add hits in the order of their offsets; False, and none, if that may be too many."""
        if len(self.offsets) + len(spans) > limits.MAX_STRING_MATCHES:
            return False
        last = self.offsets[-1] if self.offsets else -1
        known = bisect_right(spans, last, key=itemgetter(0))
        for offset, length in spans[:known]:
            self.add(Hit(offset, length))
        new = spans[known:]
        self.offsets.extend([offset for offset, _ in new])
        self._lengths.extend([length for _, length in new])
        self._keys.frombytes(bytes(len(new)))
        return True

    def count_within(self, low: int, high: int) -> int:
        """How many hits begin from ``low`` to ``high``."""
        return max(bisect_right(self.offsets, high) - bisect_left(self.offsets, low), 0)
