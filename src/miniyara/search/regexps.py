"""Finds expressions: their atoms first, then what is around them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.patterns.verifier import verifiers
from miniyara.search.finder import Occurrence
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import RegexpPart
    from miniyara.search.haystack import Haystack

_SHORT: Final = 3
_MANY: Final = 4
"""Atoms that are shorter, or of which there are more, are better looked for together
with what follows them."""


class RegexpFinder:
    """Finds an expression."""

    def __init__(self, part: RegexpPart) -> None:
        self.reach = limits.RE_SCAN_LIMIT + limits.MAX_ATOM_LENGTH
        self._verifiers = verifiers(part)
        self._distinct = list(
            {verifier for found in self._verifiers.values() for verifier in found}
        )
        self._lengths = sorted(set(map(len, self._verifiers)))
        self._is_hard = len(self._verifiers) > _MANY or self._lengths[0] < _SHORT

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        data = haystack.data
        is_hard = self._is_hard and not all(map(haystack.knows, self._verifiers))
        if is_hard and len(self._distinct) == len(self._lengths) == 1:
            (length,) = self._lengths
            start, stop = max(low - length, 0), min(high - length, len(data))
            for offset, found in self._distinct[0].search(data, start, stop, deadline):
                if data[offset : offset + length] in self._verifiers:
                    yield Occurrence(offset + length, length, [Hit(*hit) for hit in found])
            return
        atoms = self._matching_atoms if is_hard else self._atoms
        for end, negative_length in atoms(haystack, low, high, deadline):
            deadline.check()
            offset = end + negative_length
            for verifier in self._verifiers[data[offset:end]]:
                hits = [Hit(*found) for found in verifier.matches(data, offset, deadline)]
                if hits:
                    yield Occurrence(end, -negative_length, hits)

    def most_hits(self, haystack: Haystack) -> int:
        """See :class:`miniyara.search.finder.Finder`."""
        return limits.RE_SCAN_LIMIT * sum(map(haystack.at_most, self._verifiers))

    def _atoms(
        self, haystack: Haystack, low: int, high: int, _deadline: Deadline
    ) -> Iterator[tuple[int, int]]:
        """The ends of atoms in order, with their lengths as negative numbers: longer ones first."""
        streams = [
            _ends(haystack, atom, low, high) for atom in self._verifiers if not haystack.lacks(atom)
        ]
        return heapq.merge(*streams) if len(streams) != 1 else streams[0]

    def _matching_atoms(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, int]]:
        """The same, but only of atoms from which something matches."""
        data = haystack.data
        start, stop = max(low - self._lengths[-1], 0), min(high - self._lengths[0], len(data))
        streams = [verifier.search(data, start, stop, deadline) for verifier in self._distinct]
        offsets = heapq.merge(*(((offset for offset, _ in stream)) for stream in streams))
        ...


def _ends(haystack: Haystack, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    length = len(atom)
    return ((end, -length) for end in haystack.ends(atom, low, high))
