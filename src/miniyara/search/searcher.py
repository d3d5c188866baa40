"""Searches data for the strings of a set of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.deadline import NEVER, Deadline
from miniyara.patterns.literal import LiteralPart
from miniyara.search.candidates import CandidateFilter
from miniyara.search.chains import Chain, ChainHits
from miniyara.search.finder import FinderAt
from miniyara.search.hits import NO_HITS
from miniyara.search.lazy import LazyHits
from miniyara.search.literals import LiteralFinder, XorFinder
from miniyara.search.regexps import RegexpFinder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Part, Pattern
    from miniyara.search.finder import Finder
    from miniyara.search.haystack import Haystack
    from miniyara.search.hits import Hits


@dataclass(frozen=True, slots=True)
class SearchString:
    """A string to search for, and what its rule needs to know of it."""

    pattern: Pattern
    fixed_offset: int | None = None
    """The only offset that is asked for; libyara then records no other."""
    single_match: bool = False
    """Whether any hit is as good as all, so that fast mode stops at the first."""


class Searcher:
    """Searches data for strings; immutable, shared by threads.

    ``backend`` names the sweep to use (:mod:`miniyara.search.sweep`).
    """

    def __init__(self, strings: Sequence[SearchString], *, backend: str | None = None) -> None:
        self._strings = tuple(strings)
        self._finders: dict[int, list[Finder]] = {}
        self.filter = CandidateFilter(self._strings, backend)
        """Tells which strings are worth searching for."""

    def search(self, data: Data, *, deadline: Deadline = NEVER, fast: bool = False) -> Search:
        """Begin the search of one piece of data."""
        return Search(self, data, deadline, fast=fast)

    def finders(self, index: int) -> list[Finder]:
        """The finders of the parts of a string."""
        finders = self._finders.get(index)
        if finders is None:
            string = self._strings[index]
            finders = [_finder(part) for part in string.pattern.parts]
            if string.fixed_offset is not None and isinstance(string.pattern.parts[0], LiteralPart):
                finders[0] = FinderAt(finders[0], string.fixed_offset)
            self._finders[index] = finders
        return finders

    def __len__(self) -> int:
        return len(self._strings)

    def __getitem__(self, index: int) -> SearchString:
        return self._strings[index]


def _finder(part: Part) -> Finder:
    if not isinstance(part, LiteralPart):
        return RegexpFinder(part)
    if part.xor_keys is not None:
        return XorFinder(part, *part.xor_keys)
    return LiteralFinder(part)


class Search:
    """The search of one piece of data."""

    def __init__(self, searcher: Searcher, data: Data, deadline: Deadline, *, fast: bool) -> None:
        self._searcher = searcher
        self._data = data
        self._deadline = deadline
        self._fast = fast
        self._hits: dict[int, Hits] = {}
        self._haystack: Haystack | None = None
        self._candidates: set[int] | None = None

    def hits(self, index: int) -> Hits:
        """The hits of a string."""
        hits = self._hits.get(index)
        if hits is None:
            self._sweep()
            candidates = self._candidates
            is_there = candidates is None or index in candidates
            hits = self._hits[index] = self._lazy_hits(index) if is_there else NO_HITS
        return hits

    def candidates(self) -> Iterable[int]:
        """The indexes of all strings that have a hit, and perhaps of some that have none."""
        self._sweep()
        candidates = self._candidates
        return range(len(self._searcher)) if candidates is None else candidates

    def overflowing(self) -> Iterable[int]:
        """The indexes of all strings that may have more hits than are recorded."""
        if len(self._data) < limits.MAX_STRING_MATCHES:
            return ()
        haystack = self._sweep()
        return [
            index
            for index in self.candidates()
            if any(
                finder.most_hits(haystack) > limits.MAX_STRING_MATCHES
                for finder in self._searcher.finders(index)
            )
        ]

    def _sweep(self) -> Haystack:
        """The data, swept when this is first asked for."""
        if self._haystack is None:
            self._haystack, self._candidates = self._searcher.filter.sweep(
                self._data, self._deadline
            )
        return self._haystack

    def _lazy_hits(self, index: int) -> LazyHits:
        string = self._searcher[index]
        finders = self._searcher.finders(index)
        single = self._fast and string.single_match
        part = string.pattern.parts[0]
        if len(finders) > 1:
            chain = Chain(finders, string.pattern.gaps, single=single)
            return ChainHits(self._sweep(), chain, self._deadline)
        greedy = not isinstance(part, LiteralPart) and part.greedy
        return LazyHits(self._sweep(), finders[0], self._deadline, greedy=greedy, single=single)
