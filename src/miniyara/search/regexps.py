"""Finds expressions: their atoms first, then what is around them."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.patterns.verifier import Verifier
from miniyara.search.finder import Occurrence, occurrences_of
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Entry, RegexpPart


class RegexpFinder:
    """Finds an expression."""

    def __init__(self, part: RegexpPart) -> None:
        self._verifier = Verifier(part)
        self.reach = limits.RE_SCAN_LIMIT + limits.MAX_ATOM_LENGTH
        entries: defaultdict[bytes, list[Entry]] = defaultdict(list)
        for entry in reversed(part.entries):
            entries[entry.atom].append(entry)
        self._entries = dict(entries)

    def occurrences(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`Finder`."""
        streams = [self._ends(data, atom, low, high) for atom in self._entries]
        for end, negative_length in heapq.merge(*streams):
            offset = end + negative_length
            atom = data[offset:end]
            for entry in self._entries[atom]:
                hits = [
                    Hit(*found) for found in self._verifier.matches(data, offset, entry, deadline)
                ]
                if hits:
                    yield Occurrence(end, -negative_length, hits)

    def _ends(self, data: Data, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
        length = len(atom)
        if not atom:
            return ((end, 0) for end in range(low, min(high, len(data))))
        return (
            (offset + length, -length)
            for offset in occurrences_of(data, atom, low - length, high - length)
        )
