"""Joins the parts of a chain: a string with a long jump, like ``{ 01 02 [-] 03 04 }``.

libyara keeps the hits of a part until those of the next part confirm them, and what
it forgets on the way shows in the results; follows
``_yr_scan_verify_chained_string_match`` in its ``scan.c``.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.search.finder import Occurrence
from miniyara.search.hits import Hit
from miniyara.search.lazy import LazyHits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Gap
    from miniyara.search.finder import Finder
    from miniyara.search.haystack import Haystack


_COUNTED: Final = 1 << 12
"""Occurrences between two looks at how many hits wait."""

_SIZE_OF_WAITING: Final = 12
"""How much more memory a hit takes that waits than one that is recorded."""


class Chain:
    """Joins the hits of the parts of a chain; made for one scan.

    If ``single`` (fast mode, and one match will do), the first part is not looked for
    any more after a match.
    """

    reach = None
    """A hit may begin anywhere before the atom that confirms it."""

    def __init__(self, finders: Sequence[Finder], gaps: Sequence[Gap], *, single: bool) -> None:
        self._finders = finders
        self._waiting = [_Waiting(gap) for gap in gaps]
        self._single = single
        self._is_found = False
        self._kept = 0
        """Hits that wait, as far as the haystack knows of them."""
        self.abandoned: dict[int, tuple[int, int]] = {}
        """The parts of which there are too many hits, and where that came out."""

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """The matches of the whole chain; stretches have to be asked for in order."""
        streams = [
            self._stream(index, haystack, low, high, deadline)
            for index in range(len(self._finders))
        ]
        merged = heapq.merge(*streams)
        for count, (end, negative_length, negative_index, hits) in enumerate(merged, 1):
            index = -negative_index
            if count % _COUNTED == 0:
                self._count_kept(haystack)
            if index in self.abandoned or (index == 0 and self._single and self._is_found):
                continue
            for hit in hits:
                if index < len(self._waiting):
                    if not self._wait(index, hit):
                        self.abandoned[index] = end, negative_length
                        break
                elif matches := self._confirm(hit):
                    self._is_found = True
                    yield Occurrence(end, -negative_length, matches)
        self._count_kept(haystack)

    def _count_kept(self, haystack: Haystack) -> None:
        kept = _SIZE_OF_WAITING * sum(map(len, self._waiting))
        haystack.keep(kept - self._kept)
        self._kept = kept

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`miniyara.search.finder.Finder`: parts have to wait for each other."""

    def _stream(
        self, index: int, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, int, int, Sequence[Hit]]]:
        """The occurrences of a part; longer atoms sort first, and so do later parts."""
        for end, length, hits in self._finders[index].occurrences(haystack, low, high, deadline):
            deadline.check()
            yield end, -length, -index, hits

    def _wait(self, index: int, hit: Hit) -> bool:
        """Keep a hit of a part but the last, if it can follow one of the part before."""
        waiting = self._waiting[index]
        return not self._follows(index, hit, waiting.lowest()) or waiting.add(hit)

    def _follows(self, index: int, hit: Hit, lowest: int | None) -> bool:
        """Whether a hit is in reach of one of the part before; forgets those out of reach."""
        if index == 0:
            return True
        before = self._waiting[index - 1]
        first = before.first_reaching(hit.offset)
        before.forget(hit.offset if lowest is None else lowest, first)
        return first is not None

    def _confirm(self, hit: Hit) -> list[Hit]:
        """The matches that a hit of the last part completes."""
        if not self._follows(len(self._waiting), hit, None):
            return []
        starts = [hit.offset]
        for waiting in reversed(self._waiting):
            starts = sorted({start for after in starts for start in waiting.confirm(after)})
        self._waiting[0].remove(starts)
        return [Hit(start, hit.offset - start + hit.length) for start in starts]


class ChainHits(LazyHits):
    """The hits of a chain."""

    def __init__(self, haystack: Haystack, chain: Chain, deadline: Deadline) -> None:
        super().__init__(haystack, chain, deadline, greedy=False, single=False)
        self._chain = chain

    @property
    def abandoned_at(self) -> tuple[int, int] | None:
        """Where the string or a part of it was abandoned because of too many hits."""
        whole = super().abandoned_at
        places = self._chain.abandoned.values()
        return min(places if whole is None else (whole, *places), default=None)


class _Waiting:
    """The hits of a part that wait for one of the next part; ``gap`` is the way to it."""

    def __init__(self, gap: Gap) -> None:
        self._low, self._high = gap
        self._offsets: list[int] = []
        self._unconfirmed: list[int] = []
        self._lengths: dict[int, int] = {}
        self._longest = 0

    def __len__(self) -> int:
        return len(self._offsets)

    def lowest(self) -> int | None:
        """The offset of the first hit."""
        return self._offsets[0] if self._offsets else None

    def add(self, hit: Hit) -> bool:
        """Add a hit; False if there are too many."""
        if len(self._offsets) == limits.MAX_STRING_MATCHES:
            return False
        if hit.offset not in self._lengths:
            insort(self._offsets, hit.offset)
            insort(self._unconfirmed, hit.offset)
            self._lengths[hit.offset] = hit.length
            self._longest = max(self._longest, hit.length)
        return True

    def first_reaching(self, offset: int) -> int | None:
        """The first hit from whose end the gap leads to ``offset``."""
        return next(self._reaching(offset, self._offsets), None)

    def confirm(self, offset: int) -> list[int]:
        """Confirm the hits that reach ``offset``; returns those that had not been confirmed."""
        confirmed = list(self._reaching(offset, self._unconfirmed))
        _remove(self._unconfirmed, confirmed)
        return confirmed

    def forget(self, lowest: int, first: int | None) -> None:
        """Remove hits from which the gap doesn't lead to ``lowest``, until ``first`` is met."""
        candidates = itertools.takewhile(
            lambda offset: offset != first and offset + self._high < lowest, self._offsets
        )
        lengths = self._lengths
        self.remove([o for o in candidates if o + lengths[o] + self._high < lowest])

    def remove(self, offsets: Sequence[int]) -> None:
        """Remove the hits at these offsets, which ascend."""
        _remove(self._offsets, offsets)
        _remove(self._unconfirmed, offsets)
        for offset in offsets:
            del self._lengths[offset]

    def _reaching(self, offset: int, offsets: Sequence[int]) -> Iterator[int]:
        """Those of some hits from whose ends the gap leads to ``offset``."""
        start = bisect_left(offsets, offset - self._high - self._longest)
        for place in range(start, bisect_right(offsets, offset - self._low)):
            distance = offset - offsets[place] - self._lengths[offsets[place]]
            if self._low <= distance <= self._high:
                yield offsets[place]


def _remove(offsets: list[int], removed: Sequence[int]) -> None:
    """Remove ascending numbers from a list of ascending numbers that may have them."""
    if removed:
        start, end = bisect_left(offsets, removed[0]), bisect_right(offsets, removed[-1])
        gone = set(removed)
        offsets[start:end] = [offset for offset in offsets[start:end] if offset not in gone]
