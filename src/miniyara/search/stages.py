"""Which anchors are swept together.

Most strings have anchors that are found by looking at every fourth byte of the data;
they are swept first.  To find the others every byte has to be looked at, which takes
four times as long; they are swept when enough of them are asked for.  Strings without
anchors are never swept.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from miniyara.search import sweep
from miniyara.search.index import FIRST, NEVER_SWEPT, SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.grams import Anchor
    from miniyara.search.haystack import Haystack
    from miniyara.search.index import SearchIndex
    from miniyara.search.sweep import Sweep, SweepFactory


class SweptPart(NamedTuple):
    """A part of a string whose anchors are swept."""

    stage: int
    numbers: tuple[int, ...]
    """The numbers of its anchors."""
    anchors: tuple[Anchor, ...]
    before: tuple[int, ...]
    """How many bytes before each a match begins: at most, for a literal exactly."""

    def is_absent(self, haystack: Haystack) -> bool:
        """Whether it is known that there is no match."""
        places = haystack.places(self.stage)
        return places is not None and not any(map(places.has, self.numbers))

    def most_hits(self, haystack: Haystack, limit: int, deadline: Deadline) -> int:
        """A number that the hits do not exceed; need not be exact beyond a limit.

        No two hits begin at one place, and each begins not far before an anchor.
        """
        total = 0
        for index, (anchor, before) in enumerate(zip(self.anchors, self.before, strict=True)):
            starts = self.starts(haystack, index)
            if starts is None:
                most = haystack.at_most(anchor, limit // (before + 1), deadline)
            else:
                most = len(starts)
            total += most * (before + 1)
        return total

    def starts(self, haystack: Haystack, index: int) -> Sequence[int] | None:
        """Where one of the anchors begins, in order; None if that is not known."""
        places = haystack.places(self.stage)
        return None if places is None else places.starts(self.numbers[index])


def swept_part(index: SearchIndex, part: int) -> SweptPart | None:
    """How a part is swept for; None if it is not."""
    stage = index.part_stages[part]
    if stage == NEVER_SWEPT:
        return None
    firsts = index.part_anchors.firsts
    numbers = index.part_anchors[part]
    return SweptPart(
        stage,
        tuple(numbers),
        tuple(map(index.anchors.anchor, numbers)),
        tuple(index.befores[firsts[part] : firsts[part + 1]]),
    )


class Stages:
    """The sweeps for the anchors of an index, made when they are needed.

    ``backend`` names what makes them; without, it is the fastest.
    """

    def __init__(self, index: SearchIndex, backend: str | None) -> None:
        self._anchors = index.anchors
        self._backend = backend

    @cached_property
    def make_sweep(self) -> SweepFactory:
        """What makes the sweeps."""
        return sweep.find(self._backend)

    def sweep(self, haystack: Haystack, stage: int, deadline: Deadline) -> int:
        """Sweep the data for the anchors of a stage; returns the last stage that is done then.

        Small data are swept for all anchors at once, at every byte.
        """
        if not self._has_stage[FIRST] and not self._has_stage[SECOND]:
            return SECOND
        data = haystack.data
        if len(data) <= self.make_sweep.most_at_once:
            places = self._everything.places(data, deadline)
            haystack.add_places(FIRST, places)
            haystack.add_places(SECOND, places)
            return SECOND
        if self._has_stage[stage]:
            made = self._first if stage == FIRST else self._second
            haystack.add_places(stage, made.places(data, deadline))
        return stage

    @cached_property
    def _has_stage(self) -> tuple[bool, bool]:
        return self._anchors.has_stage(FIRST), self._anchors.has_stage(SECOND)

    @cached_property
    def _everything(self) -> Sweep:
        return self.make_sweep(sweep.SweptAnchors(self._anchors, None))

    @cached_property
    def _first(self) -> Sweep:
        return self.make_sweep(sweep.SweptAnchors(self._anchors, FIRST))

    @cached_property
    def _second(self) -> Sweep:
        return self.make_sweep(sweep.SweptAnchors(self._anchors, SECOND))
