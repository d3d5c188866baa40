"""Searches data for the strings of a set of rules."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.deadline import NEVER, Deadline
from miniyara.patterns.literal import LiteralPart
from miniyara.search import sweep
from miniyara.search.index import NEVER_SWEPT, SECOND
from miniyara.search.search import Search
from miniyara.search.stages import Stages, swept_part

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor
    from miniyara.patterns.pattern import Part, Pattern
    from miniyara.search.finder import Finder
    from miniyara.search.index import SearchIndex
    from miniyara.search.stages import SweptPart

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
    the environment names none, a few strings are searched for one by one.  ``index`` is
    that of the strings, if it has been made before.
    """

    def __init__(
        self,
        strings: Sequence[SearchString],
        *,
        backend: str | None = None,
        index: SearchIndex | None = None,
    ) -> None:
        self._strings = strings
        self._asked: dict[int, SearchString] = {}
        """The strings that were asked for: a sequence may make them anew each time."""
        self._finders: dict[int, list[Finder]] = {}
        self._parts: dict[int, tuple[SweptPart | None, ...]] = {}
        backend = backend or os.environ.get(sweep.ENVIRONMENT_VARIABLE)
        if backend is not None:
            sweep.find(backend)
        if index is None:
            from miniyara.search.indexing import make_index  # noqa: PLC0415 - not always needed

            is_swept = backend is not None or _effort_of(strings) > _FEW
            index = make_index(strings, is_swept=is_swept)
        self.index = index
        self.stages = Stages(index, backend)
        self.stage_of = index.stage_of
        """By string, the stage that tells whether it is there."""
        self.representatives = index.representatives
        """By string, the first that is like it."""

    @cached_property
    def unswept(self) -> list[int]:
        """The strings of which no sweep tells anything."""
        return [index for index, stage in enumerate(self.stage_of) if stage == NEVER_SWEPT]

    @cached_property
    def in_second_stage(self) -> list[int]:
        """The strings of which the second stage of a sweep tells."""
        return [index for index, stage in enumerate(self.stage_of) if stage == SECOND]

    def cost(self, index: int, last_stage: int = SECOND) -> float:
        """How often a string is expected to be found; infinite if not by the end of a stage.

        In hits per byte, if data were as :mod:`miniyara.patterns.rarity` takes them to be.
        """
        part = self.index.main_part(index)
        if part is None or self.stage_of[index] > last_stage:
            return float("inf")
        numbers = self.index.part_anchors[part]
        rarity = min(map(self.index.anchors.rarities.__getitem__, numbers))
        return len(numbers) * math.pow(2.0, -rarity / 8)

    def search(self, data: Data, *, deadline: Deadline = NEVER, fast: bool = False) -> Search:
        """Begin the search of one piece of data."""
        return Search(self, data, deadline, fast=fast)

    def parts(self, index: int) -> tuple[SweptPart | None, ...]:
        """How the parts of a string are swept."""
        first = self.representatives[index]
        parts = self._parts.get(first)
        if parts is None:
            parts = tuple(swept_part(self.index, part) for part in self.index.parts[first])
            self._parts[first] = parts
        return parts

    def anchors_of(self, index: int) -> Sequence[Anchor]:
        """The anchors of which one is in the data if a string is there; none if it has none."""
        part = self.index.main_part(index)
        if part is None:
            return ()
        return [self.index.anchors.anchor(number) for number in self.index.part_anchors[part]]

    def finders(self, index: int) -> list[Finder]:
        """The finders of the parts of a string."""
        finders = self._finders.get(index)
        if finders is None:
            from miniyara.search.finders import make_finders  # noqa: PLC0415 - not always needed

            finders = self._finders[index] = make_finders(self[index], self.parts(index))
        return finders

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, index: int) -> SearchString:
        string = self._asked.get(index)
        if string is None:
            string = self._asked[index] = self._strings[index]
        return string


def _effort_of(strings: Iterable[SearchString]) -> int:
    """What it takes to search for some strings one by one; not exact if that is a lot."""
    effort = 0
    for string in strings:
        effort += sum(map(_effort, string.pattern.parts))
        if effort > _FEW:
            break
    return effort


def _effort(part: Part) -> int:
    """What it takes to search for a part alone, in searches for a text."""
    if not isinstance(part, LiteralPart):
        return min(len(part.entries), _FEW)
    if part.xor_keys is not None:
        return _FEW
    return len(part.needles) * (4 if part.nocase else 1)
