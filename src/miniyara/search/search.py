"""The search of one piece of data, which goes no further than it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.patterns.literal import LiteralPart
from miniyara.search.chains import Chain, ChainHits
from miniyara.search.haystack import Haystack
from miniyara.search.hits import NO_HITS
from miniyara.search.index import FIRST, NEVER_SWEPT, SECOND
from miniyara.search.lazy import LazyHits
from miniyara.search.probe import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.hits import Hits
    from miniyara.search.searcher import Searcher

_MANY: Final = 64
"""Strings of the second stage that are swept for if there is a question about each."""

_PATIENCE: Final = 8
"""Strings that are searched for one by one before there is a sweep for the second stage,
or for any in small data."""


class Search:
    """The search of one piece of data."""

    def __init__(self, searcher: Searcher, data: Data, deadline: Deadline, *, fast: bool) -> None:
        self.searcher = searcher
        self._deadline = deadline
        self._fast = fast
        self._haystack = Haystack(data)
        self.last_swept = FIRST - 1
        self.found: set[int] = set()
        """The strings that were found by sweeps."""
        self._patience = _PATIENCE
        self.hits: Callable[[int], Hits] = _Answers(self).__getitem__
        """The hits of a string."""

    def candidates(self, last_stage: int = SECOND) -> set[int]:
        """The strings that a sweep has found, and perhaps some that have no hit.

        Up to a stage: strings for which :meth:`Searcher.cost` is infinite then are not
        among them.
        """
        stages, haystack = self.searcher.stages, self._haystack
        owners = self.searcher.index.owners
        while self.last_swept < last_stage:
            self.last_swept = stages.sweep(haystack, self.last_swept + 1, self._deadline)
            places = haystack.places(self.last_swept)
            if places is not None:
                self.found |= owners.union(places.found())
        return self.found

    def overflowing(self) -> Iterable[int]:
        """The indexes of all strings that may have more hits than are recorded."""
        searcher = self.searcher
        if len(self._haystack.data) <= limits.MAX_STRING_MATCHES:
            return
        last_stage = SECOND if len(searcher.in_second_stage) > _MANY else FIRST
        asked = self.candidates(last_stage).union(searcher.unswept)
        if last_stage == FIRST:
            asked.update(searcher.in_second_stage)
        for index in sorted(asked):
            self._deadline.check()
            if self._most_hits(index) > limits.MAX_STRING_MATCHES:
                yield index

    def _most_hits(self, index: int) -> int:
        """A number that the hits of any part of a string do not exceed."""
        haystack, limit = self._haystack, limits.MAX_STRING_MATCHES
        index = self.searcher.representatives[index]
        parts = self.searcher.parts(index)
        if self.searcher.index.fixed[index]:
            parts = parts[1:]  # of the first there is one hit at most
        return max(
            (
                self.searcher.finders(index)[place].most_hits(haystack, self._deadline)
                if part is None
                else part.most_hits(haystack, limit, self._deadline)
                for place, part in enumerate(parts, -len(parts))
            ),
            default=1,
        )

    def _is_absent(self, index: int) -> bool:
        """Whether a sweep has shown that a string is not there."""
        stage = self.searcher.stage_of[index]
        if stage > self.last_swept:
            if stage == NEVER_SWEPT:
                return False
            if stage == SECOND or len(self._haystack.data) <= LARGEST:
                self._patience -= 1
                if self._patience >= 0:
                    return False
            self.candidates(stage)
        return index not in self.found

    def new_hits(self, index: int) -> Hits:
        """The hits of a string that was not asked for before."""
        searcher, haystack = self.searcher, self._haystack
        first = searcher.representatives[index]
        if first < index:
            return self.hits(first)
        if self._is_absent(index):
            return NO_HITS
        finders = searcher.finders(index)
        string = searcher[index]
        single = self._fast and string.single_match
        if searcher.stage_of[index] > self.last_swept and any(
            finder.is_absent(haystack, self._deadline) for finder in finders
        ):
            return NO_HITS
        if len(finders) > 1:
            if any(part is not None and part.is_absent(haystack) for part in searcher.parts(index)):
                return NO_HITS
            chain = Chain(finders, string.pattern.gaps, single=single)
            return ChainHits(haystack, chain, self._deadline)
        part = string.pattern.parts[0]
        greedy = not isinstance(part, LiteralPart) and part.greedy
        return LazyHits(haystack, finders[0], self._deadline, greedy=greedy, single=single)


class _Answers(dict[int, "Hits"]):
    """The hits of the strings that were asked for; looked up as fast as can be."""

    def __init__(self, search: Search) -> None:
        super().__init__()
        self._search = search
        self._stage_of = search.searcher.stage_of

    def __missing__(self, index: int) -> Hits:
        search = self._search
        is_absent = self._stage_of[index] <= search.last_swept and index not in search.found
        hits = self[index] = NO_HITS if is_absent else search.new_hits(index)
        return hits
