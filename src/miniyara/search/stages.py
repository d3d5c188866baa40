"""Which anchors are swept together, and which strings they belong to.

Most strings have anchors that are found by looking at every fourth byte of the data;
they are swept first.  To find the others every byte has to be looked at, which takes
four times as long; they are swept when enough of them are asked for.  Strings without
anchors are never swept.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.patterns.grams import STRIDES
from miniyara.search.sweep import SweptAnchor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.anchors import Anchors
    from miniyara.patterns.grams import Anchor, Grams
    from miniyara.search.haystack import Haystack
    from miniyara.search.sweep import Sweep, SweepFactory

FIRST: Final = 0
SECOND: Final = 1
"""The two stages."""
NEVER_SWEPT: Final = 2
"""Stands for the stage of what is in none."""


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


class Stages:
    """The anchors of all strings; they are made into sweeps when they are needed."""

    def __init__(self, make_sweep: SweepFactory | None) -> None:
        self.make_sweep = make_sweep
        """What makes the sweeps; None if there is nothing to sweep for."""
        self._numbers: dict[Anchor, int] = {}
        self._grams: list[Grams] = []
        self._members: tuple[set[int], set[int]] = (set(), set())
        """By stage, the numbers of the anchors."""
        self._owners: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, anchors: Anchors) -> SweptPart:
        """Add the anchors of a part."""
        stage = FIRST if anchors.stride == STRIDES[0] else SECOND
        numbers = []
        for anchor, _, grams in anchors.placed:
            number = self._numbers.setdefault(anchor, len(self._grams))
            if number == len(self._grams):
                self._grams.append(grams)
            numbers.append(number)
        self._members[stage].update(numbers)
        return SweptPart(
            stage,
            tuple(numbers),
            tuple(one.anchor for one in anchors.placed),
            tuple(one.before for one in anchors.placed),
        )

    def own(self, part: SweptPart, string: int) -> None:
        """Note that a string may have a hit if one of the anchors of a part is found."""
        for number in part.numbers:
            self._owners[number].append(string)

    def strings(self, anchor: int) -> Sequence[int]:
        """The strings that may have a hit if an anchor is found."""
        return self._owners.get(anchor, ())

    def sweep(self, haystack: Haystack, stage: int, deadline: Deadline) -> int:
        """Sweep the data for the anchors of a stage; returns the last stage that is done then.

        Small data are swept for all anchors at once, at every byte.
        """
        if self.make_sweep is None or not self._grams:
            return SECOND
        data = haystack.data
        if len(data) <= self.make_sweep.most_at_once:
            places = self._everything.places(data, deadline)
            haystack.add_places(FIRST, places)
            haystack.add_places(SECOND, places)
            return SECOND
        if self._members[stage]:
            haystack.add_places(stage, self._sweeps[stage].places(data, deadline))
        return stage

    @cached_property
    def _everything(self) -> Sweep:
        assert self.make_sweep is not None
        return self.make_sweep(
            SweptAnchor(number, anchor, grams.at_every_byte())
            for (anchor, number), grams in zip(self._numbers.items(), self._grams, strict=True)
        )

    @cached_property
    def _sweeps(self) -> list[Sweep]:
        make_sweep = self.make_sweep
        assert make_sweep is not None
        return [
            make_sweep(
                SweptAnchor(number, anchor, self._grams[number])
                for anchor, number in self._numbers.items()
                if number in members
            )
            for members in self._members
        ]
