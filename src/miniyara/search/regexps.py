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

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        data = haystack.data
        for end, negative_length in self._atoms(haystack, low, high, deadline):
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
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, int]]:
        """The ends of atoms in order, with their lengths as negative numbers: longer ones first.

        Of atoms from which nothing matches some may be left out.
        """
        atoms = [atom for atom in self._verifiers if not haystack.lacks(atom)]
        is_hard = len(atoms) > _MANY or min(map(len, atoms), default=1) < _SHORT
        if is_hard and not all(map(haystack.knows, atoms)):
            streams = [
                self._places(haystack.data, length, low, high, deadline)
                for length in set(map(len, atoms))
            ]
        else:
            streams = [_ends(haystack, atom, low, high) for atom in atoms]
        return heapq.merge(*streams) if len(streams) != 1 else streams[0]

    def _places(
        self, data: Data, length: int, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, int]]:
        """The ends of atoms of a length from which something matches."""
        distinct = {verifier for found in self._verifiers.values() for verifier in found}
        start, stop = max(low - length, 0), min(high - length, len(data))
        streams = [verifier.places(data, start, stop, deadline) for verifier in distinct]
        last = -1
        for offset in heapq.merge(*streams):
            if offset != last and data[offset : offset + length] in self._verifiers:
                yield offset + length, -length
            last = offset


def _ends(haystack: Haystack, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    length = len(atom)
    return ((end, -length) for end in haystack.ends(atom, low, high))
