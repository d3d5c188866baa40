"""Searches data for the strings of a set of rules."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.deadline import NEVER, Deadline
from miniyara.patterns.anchors import anchors
from miniyara.patterns.literal import LiteralPart
from miniyara.search import sweep
from miniyara.search.chains import Chain, ChainHits
from miniyara.search.finder import FinderAt
from miniyara.search.haystack import Haystack
from miniyara.search.hits import NO_HITS
from miniyara.search.lazy import LazyHits
from miniyara.search.literals import LiteralFinder, XorFinder
from miniyara.search.regexps import RegexpFinder
from miniyara.search.stages import FIRST, SECOND, Stages, SweptPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.patterns.anchors import Anchors
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Part, Pattern
    from miniyara.search.finder import Finder
    from miniyara.search.hits import Hits

_FEW: Final = 16
"""Up to so many strings each is searched for when it is asked for: ``bytes.find`` runs
at gigabytes a second, a sweep at hundreds of megabytes."""

_PATIENCE: Final = 8
"""Strings of the second stage that are searched for one by one, before it is swept."""


@dataclass(frozen=True, slots=True)
class SearchString:
    """A string to search for, and what its rule needs to know of it."""

    pattern: Pattern
    fixed_offset: int | None = None
    """The only offset that is asked for; libyara then records no other."""
    single_match: bool = False
    """Whether any hit is as good as all, so that fast mode stops at the first."""

    @property
    def is_fixed(self) -> bool:
        """Whether there is only one offset to look at."""
        return self.fixed_offset is not None and isinstance(self.pattern.parts[0], LiteralPart)


class Searcher:
    """Searches data for strings; immutable, shared by threads.

    ``backend`` names the sweep to use (:mod:`miniyara.search.sweep`).  Without one, and if
    the environment names none, a few strings are searched for one by one.
    """

    def __init__(self, strings: Sequence[SearchString], *, backend: str | None = None) -> None:
        self._strings = tuple(strings)
        self._finders: dict[int, list[Finder]] = {}
        backend = backend or os.environ.get(sweep.ENVIRONMENT_VARIABLE)
        self._is_swept = backend is not None or len(self._strings) > _FEW
        self.stages = Stages(sweep.find(backend))
        self._parts: list[tuple[SweptPart | None, ...]] = []
        """By string and part, how it is swept."""
        self._costs: list[float] = []
        """By string, how often the anchors by which it is found are expected."""
        for index, string in enumerate(self._strings):
            self._add(index, string)

    def cost(self, index: int, last_stage: int = SECOND) -> float:
        """How often a string is expected to be found; infinite if not by the end of a stage.

        In hits per byte, if data were as :mod:`miniyara.patterns.rarity` takes them to be.
        """
        parts = self._parts[index]
        is_swept = any(part is not None and part.stage <= last_stage for part in parts)
        return self._costs[index] if is_swept else float("inf")

    def search(self, data: Data, *, deadline: Deadline = NEVER, fast: bool = False) -> Search:
        """Begin the search of one piece of data."""
        return Search(self, data, deadline, fast=fast)

    def parts(self, index: int) -> tuple[SweptPart | None, ...]:
        """How the parts of a string are swept."""
        return self._parts[index]

    def finders(self, index: int) -> list[Finder]:
        """The finders of the parts of a string."""
        finders = self._finders.get(index)
        if finders is None:
            string = self._strings[index]
            finders = list(map(_finder, string.pattern.parts, self._parts[index]))
            if string.fixed_offset is not None and string.is_fixed:
                finders[0] = FinderAt(finders[0], string.fixed_offset)
            self._finders[index] = finders
        return finders

    def __len__(self) -> int:
        return len(self._strings)

    def __getitem__(self, index: int) -> SearchString:
        return self._strings[index]

    def _add(self, index: int, string: SearchString) -> None:
        """Put the anchors of a string into the stages."""
        parts = string.pattern.parts
        if not self._is_swept:
            self._parts.append((None,) * len(parts))
            self._costs.append(float("inf"))
            return
        found = [anchors(part) for part in parts]
        swept = [None if one is None else self.stages.add(one) for one in found]
        self._parts.append(tuple(swept))
        # All parts of a chain must be there, so it is enough to look for one.
        best = max(
            (place for place, one in enumerate(found) if one is not None),
            key=lambda place: _quality(found[place]),
            default=None,
        )
        cost = float("inf")
        if best is not None:
            main, chosen = swept[best], found[best]
            assert main is not None
            assert chosen is not None
            self.stages.own(main, index)
            cost = len(main.numbers) * 2.0 ** (-chosen.rarity / 8)
        self._costs.append(cost)


def _quality(found: Anchors | None) -> tuple[int, int]:
    assert found is not None
    return found.stride, found.rarity


def _finder(part: Part, swept: SweptPart | None) -> Finder:
    if not isinstance(part, LiteralPart):
        return RegexpFinder(part, swept)
    if part.xor_keys is not None:
        return XorFinder(part, *part.xor_keys, swept)
    return LiteralFinder(part, swept)


class Search:
    """The search of one piece of data."""

    def __init__(self, searcher: Searcher, data: Data, deadline: Deadline, *, fast: bool) -> None:
        self._searcher = searcher
        self._deadline = deadline
        self._fast = fast
        self._hits: dict[int, Hits] = {}
        self._haystack = Haystack(data)
        self._patience = _PATIENCE

    def hits(self, index: int) -> Hits:
        """The hits of a string."""
        hits = self._hits.get(index)
        if hits is None:
            hits = self._hits[index] = self._lazy_hits(index)
        return hits

    def candidates(self, last_stage: int = SECOND) -> set[int]:
        """The strings that a sweep has found, and perhaps some that have no hit.

        Up to a stage: strings for which :meth:`Searcher.cost` is infinite then are not
        among them.
        """
        found: set[int] = set()
        stages, haystack = self._searcher.stages, self._haystack
        for stage in range(last_stage + 1):
            stages.sweep(haystack, stage, self._deadline)
            places = haystack.places(stage)
            if places is not None:
                for anchor in places.found():
                    found.update(stages.strings(anchor))
        return found

    def overflowing(self) -> Iterable[int]:
        """The indexes of all strings that may have more hits than are recorded."""
        haystack, searcher = self._haystack, self._searcher
        if len(haystack.data) <= limits.MAX_STRING_MATCHES:
            return
        searcher.stages.sweep(haystack, FIRST, self._deadline)
        for index in range(len(searcher)):
            if any(part is not None and part.is_absent(haystack) for part in searcher.parts(index)):
                continue
            if any(
                finder.most_hits(haystack) > limits.MAX_STRING_MATCHES
                for finder in searcher.finders(index)
            ):
                yield index

    def _is_absent(self, part: SweptPart) -> bool:
        """Whether a sweep has shown that there is no match of a part."""
        if self._haystack.places(part.stage) is None:
            if part.stage == SECOND:
                self._patience -= 1
            if part.stage == FIRST or self._patience < 0:
                self._searcher.stages.sweep(self._haystack, part.stage, self._deadline)
        return part.is_absent(self._haystack)

    def _lazy_hits(self, index: int) -> Hits:
        searcher = self._searcher
        for part in searcher.parts(index):
            if part is not None and self._is_absent(part):
                return NO_HITS
        string = searcher[index]
        finders = searcher.finders(index)
        single = self._fast and string.single_match
        first = string.pattern.parts[0]
        if len(finders) > 1:
            chain = Chain(finders, string.pattern.gaps, single=single)
            return ChainHits(self._haystack, chain, self._deadline)
        greedy = not isinstance(first, LiteralPart) and first.greedy
        return LazyHits(self._haystack, finders[0], self._deadline, greedy=greedy, single=single)
