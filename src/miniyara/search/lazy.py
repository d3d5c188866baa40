"""Hits that are found when a condition asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from miniyara import limits
from miniyara.search.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.finder import Occurrence
    from miniyara.search.haystack import Haystack
    from miniyara.search.hits import Hit, HitColumns

_BLOCK: Final = 1 << 22
"""Bytes that are searched at a time; between them the deadline is looked at."""

_CROWD: Final = 32
"""Hits one after another, with fewer than so many bytes for each, that are dense."""

_DENSE_BLOCK: Final = 1 << 14
"""Bytes whose dense hits are found at once."""

_NEARBY: Final = 1 << 12
"""Bytes that are searched anew for one question rather than all bytes before them."""

_PATIENCE: Final = 32
"""Questions about places that are answered by searching there, before all bytes are."""


class Source(Protocol):
    """Where hits come from: a finder, or the chain of a scan."""

    @property
    def reach(self) -> int | None:
        """How many bytes before the end of its atom a hit can begin; None: any number."""
        ...

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """The occurrences whose atoms end from ``low`` to before ``high``, in order."""
        ...

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`miniyara.search.finder.Finder`."""
        ...


class LazyHits:
    """The hits of one string in one piece of data (:class:`miniyara.search.hits.Hits`).

    The data is searched from its start, no further than questions need.  A question
    about a certain place is answered by searching there.  ``single`` says that the
    search ends where the first hit is recorded.
    """

    def __init__(
        self, haystack: Haystack, source: Source, deadline: Deadline, *, greedy: bool, single: bool
    ) -> None:
        self._haystack = haystack
        self._size = len(haystack.data)
        self._source = source
        self._deadline = deadline
        self._single = single
        self._record = Record(greedy=greedy)
        self._kept = 0
        """Hits that the haystack knows of."""
        self._searched = 0  # all atoms that end before this have been found
        self._is_complete = False
        self._abandoned_at: tuple[int, int] | None = None
        self._may_be_dense = True
        self._questions = 0
        """How often it was asked about places that had not been searched."""
        self._search = self._run()

    def any(self) -> bool:
        """Whether there is a hit at all."""
        return self.reaches(1)

    def count(self) -> int:
        """How many hits there are."""
        self._complete()
        return len(self._record)

    def reaches(self, number: int) -> bool:
        """Whether there are at least ``number`` hits."""
        record, search = self._record, self._search
        while len(record) < number and next(search, None) is not None:
            pass
        return len(record) >= number

    def at(self, offset: int) -> bool:
        """Whether a hit starts at ``offset``."""
        return self.within(offset, offset)

    def within(self, low: int, high: int) -> bool:
        """Whether a hit starts in the closed interval from ``low`` to ``high``."""
        low, high = max(low, 0), min(high, self._size)
        if low > high:
            return False
        if self._record.count_within(low, high):
            return True
        if self._is_settled(high):
            return False
        reach = self._source.reach
        self._questions += 1
        is_near = high - low <= _NEARBY and self._questions <= _PATIENCE
        if reach is not None and is_near and not self._single:
            occurrences = self._source.occurrences(
                self._haystack, low, min(high + reach, self._size) + 1, self._deadline
            )
            found = any(
                low <= hit.offset <= high for occurrence in occurrences for hit in occurrence.hits
            )
            # A string that was abandoned before it came here has no hit here.
            if not found or low < limits.MAX_STRING_MATCHES - limits.RE_SCAN_LIMIT:
                return found
        while not self._is_settled(high) and next(self._search, None) is not None:
            if self._record.count_within(low, high):
                return True
        return self._record.count_within(low, high) > 0

    def count_within(self, low: int, high: int) -> int:
        """How many hits start in the closed interval from ``low`` to ``high``."""
        self._settle(high)
        return self._record.count_within(low, high)

    def hit(self, index: int) -> Hit | None:
        """The hit of this number, counted from 1."""
        if index < 1 or not self.reaches(index):
            return None
        while True:
            offset = self._record.offsets[index - 1]
            if self._is_settled(offset):
                return self._record[index - 1]
            next(self._search, None)

    def __iter__(self) -> Iterator[Hit]:
        self._complete()
        return iter(self._record)

    def columns(self) -> HitColumns:
        """All hits by offset, without an object for each."""
        self._complete()
        return self._record.columns()

    @property
    def abandoned_at(self) -> tuple[int, int] | None:
        """Where the string was abandoned because of too many hits."""
        if self._size < limits.MAX_STRING_MATCHES:
            return None
        self._complete()
        return self._abandoned_at

    def _is_settled(self, offset: int) -> bool:
        """Whether no more hits will be found up to ``offset``."""
        if self._is_complete:
            return True
        reach = self._source.reach
        return reach is not None and self._searched > offset + reach

    def _settle(self, offset: int) -> None:
        while not self._is_settled(offset) and next(self._search, None) is not None:
            pass

    def _complete(self) -> None:
        for _ in self._search:
            pass

    def _run(self) -> Iterator[int]:
        """Search step by step: each yields how far the search has come."""
        end = self._size + 1
        while self._searched < end and not self._is_complete:
            low, high = self._searched, min(self._searched + _BLOCK, end)
            occurrences = self._source.occurrences(self._haystack, low, high, self._deadline)
            for count, occurrence in enumerate(occurrences, 1):
                self._searched = occurrence.end
                if not all(map(self._record.add, occurrence.hits)):
                    self._abandoned_at = occurrence.end, -occurrence.atom_length
                    self._is_complete = True
                    return
                if self._single and self._record:
                    self._is_complete = True
                    return
                yield self._searched
                if count % _CROWD == 0:
                    self._count_kept()
                    if self._searched - low < _CROWD * _CROWD and self._add_dense():
                        break
                    low = self._searched
            else:
                self._searched = high
            self._count_kept()
            self._deadline.check()
            yield self._searched
        self._is_complete = True

    def _count_kept(self) -> None:
        kept = len(self._record)
        self._haystack.keep(kept - self._kept)
        self._kept = kept

    def _add_dense(self) -> bool:
        """Add the hits from here on as long as they are dense; False if there is no such way."""
        found, is_dense = 0, self._may_be_dense
        while is_dense:
            low, high = self._searched, min(self._searched + _DENSE_BLOCK, self._size + 1)
            spans = self._source.dense_spans(self._haystack.data, low, high, self._deadline)
            if spans is None or not self._record.extend(spans):
                self._may_be_dense = False
                break
            self._count_kept()
            self._searched = high
            found += 1
            is_dense = len(spans) * _CROWD > high - low
        return found > 0
