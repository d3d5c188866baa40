"""Finds expressions: their atoms first, then what is around them."""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from miniyara import limits
from miniyara.patterns.anchors import exact_anchor, needed_anchors
from miniyara.patterns.bounds import lengths
from miniyara.patterns.entrypoints import part_before
from miniyara.patterns.verifier import Verifier, verifiers
from miniyara.search.finder import Occurrence
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import RegexpPart
    from miniyara.search.haystack import Haystack
    from miniyara.search.stages import SweptPart

_Matches: TypeAlias = "list[tuple[int, int]]"
"""Offsets and lengths."""

_SMALL: Final = 64
"""Bytes in which atoms are looked for at every place rather than one by one."""

_SHORT: Final = 3
_MANY: Final = 8
"""Atoms that are shorter, or of which there are more, are better looked for together
with what follows them."""

_FEW: Final = 4
"""Atoms in lower case that are looked for in data in lower case."""


class RegexpFinder:
    """Finds an expression."""

    def __init__(self, part: RegexpPart, swept: SweptPart | None = None) -> None:
        self._swept = swept
        self.reach = _most_before_atoms(part) + limits.MAX_ATOM_LENGTH
        self._needed = needed_anchors(part) if swept is None else []
        self._verifiers = verifiers(part)
        self._distinct = list(
            {verifier for found in self._verifiers.values() for verifier in found}
        )
        self._lengths = sorted(set(map(len, self._verifiers)))
        folded = {atom.lower() for atom in self._verifiers}
        is_better = self._lengths[0] >= _SHORT and len(folded) <= _FEW < len(self._verifiers)
        self._folded = sorted(folded) if is_better else []
        """The atoms in lower case, if these are few and there are many of them."""
        self._lists = self._distinct[0] if [*self._verifiers] == [b""] else None
        """What finds hits without atoms, which may be at every byte."""

    @cached_property
    def _is_hard(self) -> bool:
        """Whether atoms are better not looked for."""
        if b"" in self._verifiers:
            return True
        is_hard = (len(self._verifiers) > _MANY and not self._folded) or self._lengths[0] < _SHORT
        return is_hard and all(verifier.can_search for verifier in self._distinct)

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        windows = self._windows(haystack)
        if windows is None:
            return self._within(haystack, low, high, deadline)
        first = bisect_left(windows, low, key=itemgetter(1))
        last = bisect_left(windows, high, first, key=itemgetter(0))
        return itertools.chain.from_iterable(
            self._within(haystack, max(start, low), min(end, high), deadline)
            for start, end in windows[first:last]
        )

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`miniyara.search.finder.Finder`."""
        if self._lists is None:
            return None
        return self._lists.dense_spans(data, max(low, 0), min(high, len(data)), deadline)

    def is_absent(self, haystack: Haystack, deadline: Deadline) -> bool:
        """See :class:`miniyara.search.finder.Finder`."""
        atoms = self._verifiers
        return len(atoms) <= _MANY and not haystack.has_any(atoms, deadline)

    def most_hits(self, haystack: Haystack, deadline: Deadline) -> int:
        """See :class:`miniyara.search.finder.Finder`."""
        limit = limits.MAX_STRING_MATCHES
        # No two hits begin at one place, and each begins not far before what it needs.
        rough = min(
            (
                sum(
                    haystack.roughly_at_most(anchor, deadline) * (before + 1)
                    for anchor, before in needed
                )
                for needed in self._needed
            ),
            default=len(haystack.data),
        )
        if rough <= limit:
            return rough
        spread = self.reach - limits.MAX_ATOM_LENGTH + 1
        atoms = (exact_anchor(atom) for atom in self._verifiers)
        exact = spread * sum(haystack.at_most(atom, limit // spread, deadline) for atom in atoms)
        return min(rough, exact)

    def _windows(self, haystack: Haystack) -> list[tuple[int, int]] | None:
        """Between where the atoms of all matches end, if that is known: stretches in order."""
        if self._swept is None:
            return None
        around: list[tuple[int, int]] = []
        for index, before in enumerate(self._swept.before):
            starts = self._swept.starts(haystack, index)
            if starts is None:
                return None
            around += [(start - before, start + self.reach + 1) for start in starts]
        around.sort()
        windows: list[tuple[int, int]] = []
        for start, end in around:
            if windows and start <= windows[-1][1]:
                windows[-1] = windows[-1][0], max(end, windows[-1][1])
            else:
                windows.append((start, end))
        return windows

    def _within(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """The occurrences whose atoms end from ``low`` to before ``high``, in order."""
        if high - low <= _SMALL:
            return self._verify_all(haystack.data, low, high, deadline)
        if not self._is_hard:
            return self._verify(haystack, low, high, deadline)
        streams = [
            self._search(haystack.data, length, low, high, deadline) for length in self._lengths
        ]
        return streams[0] if len(streams) == 1 else heapq.merge(*streams, key=_order)

    def _verify(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """Look for the atoms, and from each for matches."""
        data = haystack.data
        if self._folded:
            streams = [_folded_ends(data, atom, low, high) for atom in self._folded]
        else:
            streams = [_ends(haystack, atom, low, high) for atom in self._verifiers]
        # Of atoms with the same end, longer ones come first.
        for end, negative_length in streams[0] if len(streams) == 1 else heapq.merge(*streams):
            deadline.check()
            offset = end + negative_length
            for verifier in self._verifiers.get(data[offset:end], ()):
                if found := verifier.matches(data, offset, deadline):
                    yield Occurrence(end, -negative_length, list(itertools.starmap(Hit, found)))

    def _verify_all(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """Look at every place for an atom, and from each for matches."""
        verifiers, lengths_ = self._verifiers, self._lengths[::-1]
        for end in range(max(low, 0), min(high, len(data) + 1)):
            for length in lengths_:
                offset = end - length
                if 0 <= offset < len(data):  # libyara does not look behind the last byte
                    for verifier in verifiers.get(data[offset:end], ()):
                        deadline.check()
                        if found := verifier.matches(data, offset, deadline):
                            hits = list(itertools.starmap(Hit, found))
                            yield Occurrence(end, length, hits)

    def _search(
        self, data: Data, length: int, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """Look for matches that begin with an atom of some length."""
        start, stop = max(low - length, 0), min(high - length, len(data))
        if len(self._distinct) == 1:
            atoms = self._verifiers
            for offset, matches in self._distinct[0].search(data, start, stop, deadline):
                end = offset + length
                if data[offset:end] in atoms:
                    yield Occurrence(end, length, list(itertools.starmap(Hit, matches)))
            return
        streams = [
            _tagged(verifier, verifier.search(data, start, stop, deadline))
            for verifier in self._distinct
        ]
        merged = heapq.merge(*streams, key=itemgetter(0))
        for offset, group in itertools.groupby(merged, key=itemgetter(0)):
            found = {verifier: matches for _, verifier, matches in group}
            for verifier in self._verifiers.get(data[offset : offset + length], ()):
                if verifier in found:
                    hits = list(itertools.starmap(Hit, found[verifier]))
                    yield Occurrence(offset + length, length, hits)


def _most_before_atoms(part: RegexpPart) -> int:
    """Bytes of a match before one of its atoms, at most."""
    nodes = {node for _, node in part.entries if node is not None}
    before = (lengths(part_before(part.root, node)).longest for node in nodes)
    width = 2 if part.runs_wide else 1
    return int(min(width * max(before, default=0), limits.RE_SCAN_LIMIT))


def _order(occurrence: Occurrence) -> tuple[int, int]:
    """Libyara's order: by the end of the atom, and of those that end together longer ones first."""
    return occurrence.end, -occurrence.atom_length


def _ends(haystack: Haystack, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    length = len(atom)
    return ((end, -length) for end in haystack.ends(atom, low, high))


def _folded_ends(data: Data, atom: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Where an atom in lower case ends in any case, as the others."""
    length = len(atom)
    start = max(low - length, 0)
    block = data[start : max(min(high - 1, len(data)), 0)].lower()
    offset = block.find(atom)
    while offset >= 0:
        yield start + offset + length, -length
        offset = block.find(atom, offset + 1)


def _tagged(
    verifier: Verifier, found: Iterator[tuple[int, _Matches]]
) -> Iterator[tuple[int, Verifier, _Matches]]:
    """What a verifier has found, with the verifier."""
    return ((offset, verifier, matches) for offset, matches in found)
