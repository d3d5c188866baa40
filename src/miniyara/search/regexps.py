"""Finds expressions: their atoms first, then what is around them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.patterns.verifier import verifiers
from miniyara.search.finder import Occurrence
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.pattern import RegexpPart
    from miniyara.search.haystack import Haystack


class RegexpFinder:
    """Finds an expression."""

    def __init__(self, part: RegexpPart) -> None:
        self.reach = limits.RE_SCAN_LIMIT + limits.MAX_ATOM_LENGTH
        self._verifiers = verifiers(part)

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        data = haystack.data
        for end, negative_length in self._atoms(haystack, low, high):
            deadline.check()
            offset = end + negative_length
            for verifier in self._verifiers[data[offset:end]]:
                hits = [Hit(*found) for found in verifier.matches(data, offset, deadline)]
                if hits:
                    yield Occurrence(end, -negative_length, hits)

    def most_hits(self, haystack: Haystack) -> int:
        """See :class:`miniyara.search.finder.Finder`."""
        return limits.RE_SCAN_LIMIT * sum(map(haystack.at_most, self._verifiers))

    def _atoms(self, haystack: Haystack, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The ends of atoms in order, with their lengths as negative numbers: longer ones first."""
        if b"" in self._verifiers:
            return ((end, 0) for end in range(low, min(high, len(haystack.data))))
        streams = [
            _ends(haystack, atom, low, high) for atom in self._verifiers if not haystack.lacks(atom)
        ]
        return heapq.merge(*streams) if len(streams) != 1 else streams[0]


def _ends(haystack: Haystack, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    length = len(atom)
    return ((end, -length) for end in haystack.ends(atom, low, high))
