"""Searches data for the strings of a set of rules."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.deadline import NEVER, Deadline
from miniyara.patterns.anchors import anchors
from miniyara.patterns.literal import LiteralPart
from miniyara.search import sweep
from miniyara.search.finder import FinderAt
from miniyara.search.literals import LiteralFinder, XorFinder
from miniyara.search.regexps import RegexpFinder
from miniyara.search.search import Search
from miniyara.search.stages import NEVER_SWEPT, SECOND, Stages, SweptPart

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from miniyara.patterns.anchors import Anchors
    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor
    from miniyara.patterns.pattern import Part, Pattern
    from miniyara.search.finder import Finder

_FEW: Final = 16
"""Up to so many texts each is searched for when it is asked for: ``bytes.find`` runs at
gigabytes a second, a sweep at hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class SearchString:
    """A string to search for, and what its rule needs to know of it."""

    pattern: Pattern
    fixed_offset: int | None = None
    """The only offset that is asked for; libyara then records no other."""
    single_match: bool = False
    """Whether any hit is as good as all, so that fast mode stops at the first."""
    declaration: Hashable = None
    """What was written, if that is known: strings that are alike are searched for once."""

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
        effort = sum(_effort(part) for string in self._strings for part in string.pattern.parts)
        self._is_swept = backend is not None or effort > _FEW
        self.stages = Stages(sweep.find(backend) if self._is_swept else None)
        self._parts: list[tuple[SweptPart | None, ...]] = []
        """By string and part, how it is swept."""
        self.stage_of: list[int] = []
        """By string, the stage that tells whether it is there."""
        self._costs: list[float] = []
        """By string, how often the anchors by which it is found are expected."""
        self.representatives: list[int] = []
        """By string, the first that is like it."""
        self._main: dict[int, SweptPart] = {}
        """By first string, the part by which it is found."""
        known: dict[Hashable, int] = {}
        for index, string in enumerate(self._strings):
            key = (string.declaration, string.fixed_offset, string.single_match)
            first = index if string.declaration is None else known.setdefault(key, index)
            self.representatives.append(first)
            self._add(index, string, first)
        self.unswept = [index for index, stage in enumerate(self.stage_of) if stage == NEVER_SWEPT]
        """The strings of which no sweep tells anything."""
        self.in_second_stage = [
            index for index, stage in enumerate(self.stage_of) if stage == SECOND
        ]
        """The strings of which the second stage of a sweep tells."""

    def cost(self, index: int, last_stage: int = SECOND) -> float:
        """How often a string is expected to be found; infinite if not by the end of a stage.

        In hits per byte, if data were as :mod:`miniyara.patterns.rarity` takes them to be.
        """
        return self._costs[index] if self.stage_of[index] <= last_stage else float("inf")

    def search(self, data: Data, *, deadline: Deadline = NEVER, fast: bool = False) -> Search:
        """Begin the search of one piece of data."""
        return Search(self, data, deadline, fast=fast)

    def parts(self, index: int) -> tuple[SweptPart | None, ...]:
        """How the parts of a string are swept."""
        return self._parts[index]

    def anchors_of(self, index: int) -> Sequence[Anchor]:
        """The anchors of which one is in the data if a string is there."""
        return self._main[self.representatives[index]].anchors

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

    def _add(self, index: int, string: SearchString, first: int) -> None:
        """Put the anchors of a string into the stages."""
        parts = string.pattern.parts
        if not self._is_swept:
            self._parts.append((None,) * len(parts))
            self.stage_of.append(NEVER_SWEPT)
            self._costs.append(float("inf"))
            return
        if first < index:
            self._parts.append(self._parts[first])
            self.stage_of.append(self.stage_of[first])
            self._costs.append(self._costs[first])
            main = self._main.get(first)
            if main is not None:
                self.stages.own(main, index)
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
        cost, stage = float("inf"), NEVER_SWEPT
        if best is not None:
            main, chosen = swept[best], found[best]
            assert main is not None
            assert chosen is not None
            self.stages.own(main, index)
            self._main[index] = main
            stage = main.stage
            cost = len(main.numbers) * 2.0 ** (-chosen.rarity / 8)
        self._costs.append(cost)
        self.stage_of.append(stage)


def _effort(part: Part) -> int:
    """What it takes to search for a part alone, in searches for a text."""
    if not isinstance(part, LiteralPart):
        return min(len(part.entries), _FEW)
    if part.xor_keys is not None:
        return _FEW
    return len(part.needles) * (4 if part.nocase else 1)


def _quality(found: Anchors | None) -> tuple[int, int]:
    assert found is not None
    return found.stride, found.rarity


def _finder(part: Part, swept: SweptPart | None) -> Finder:
    if not isinstance(part, LiteralPart):
        return RegexpFinder(part, swept)
    if part.xor_keys is not None:
        return XorFinder(part, *part.xor_keys, swept)
    return LiteralFinder(part, swept)
