"""Makes the index of a set of strings: chooses their anchors, and numbers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.columns import Lists, bounds, column
from miniyara.patterns.anchors import MOST, anchors
from miniyara.patterns.grams import STRIDES
from miniyara.search.index import FIRST, NEVER_SWEPT, SECOND, AnchorTable, SearchIndex

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from miniyara.patterns.anchors import Anchors
    from miniyara.patterns.grams import Anchor, Grams
    from miniyara.search.searcher import SearchString


_FEW: Final = 16
"""Anchors of a part that any number of parts may have."""


def make_index(strings: Iterable[SearchString], *, is_swept: bool) -> SearchIndex:
    """The index of some strings; without sweeps, no anchors are looked for."""
    indexer = _Indexer(is_swept)
    for string in strings:
        indexer.add(string)
    return indexer.index()


class _Indexer:
    """An index that grows string by string."""

    def __init__(self, is_swept: bool) -> None:
        self._is_swept = is_swept
        self._anchors = _Anchors()
        self._stage_of = bytearray()
        self._representatives = column()
        self._fixed = bytearray()
        self._part_counts = column()
        self._main = column()
        self._part_stages = bytearray()
        self._anchor_counts = column()
        self._part_anchors = column()
        self._befores = column()
        self._variants_left = limits.MAX_ANCHORS_OF_VARIANTS
        self._known: dict[Hashable, int] = {}

    def add(self, string: SearchString) -> None:
        """Add the next string."""
        index = len(self._stage_of)
        key = (string.declaration, string.fixed_offset, string.single_match)
        first = index if string.declaration is None else self._known.setdefault(key, index)
        self._representatives.append(first)
        self._fixed.append(string.is_fixed)
        if first < index:
            self._stage_of.append(self._stage_of[first])
            self._part_counts.append(0)
            self._main.append(0)
            return
        parts = string.pattern.parts
        most = MOST if self._variants_left > 0 else _FEW
        found = [anchors(part, most) if self._is_swept else None for part in parts]
        # All parts of a chain must be there, so it is enough to look for one.
        best = max(
            (place for place, one in enumerate(found) if one is not None),
            key=lambda place: _quality(found[place]),
            default=None,
        )
        self._stage_of.append(NEVER_SWEPT if best is None else _stage(found[best]))
        self._part_counts.append(len(parts))
        self._main.append(0 if best is None else best + 1)
        for part in found:
            self._add_part(part)

    def _add_part(self, part: Anchors | None) -> None:
        stage = _stage(part)
        placed = () if part is None else part.placed
        self._part_stages.append(stage)
        self._anchor_counts.append(len(placed))
        self._variants_left -= len(placed) if len(placed) > _FEW else 0
        for anchor, before, grams in placed:
            self._part_anchors.append(self._anchors.add(anchor, grams, stage))
            self._befores.append(before)

    def index(self) -> SearchIndex:
        """What has been added."""
        count = len(self._part_stages)
        parts = Lists(self._part_counts, column(range(count)))
        part_anchors = Lists(self._anchor_counts, self._part_anchors)
        return SearchIndex(
            self._is_swept,
            self._anchors.table(),
            self._owners(parts, part_anchors),
            bytes(self._stage_of),
            self._representatives,
            bytes(self._fixed),
            parts,
            self._main,
            bytes(self._part_stages),
            part_anchors,
            self._befores,
        )

    def _owners(self, parts: Lists, part_anchors: Lists) -> Lists:
        """By anchor, the strings whose main part it belongs to."""
        owners: list[list[int]] = [[] for _ in range(len(self._anchors))]
        for string, first in enumerate(self._representatives):
            if place := self._main[first]:
                for anchor in part_anchors[parts.firsts[first] + place - 1]:
                    owners[anchor].append(string)
        return Lists.of(owners)


class _Anchors:
    """The anchors, numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[Anchor, int] = {}
        self._stages = bytearray()
        self._strides = bytearray()
        self._offsets = column()
        self._rarest = column()
        self._rarities = column()

    def __len__(self) -> int:
        return len(self._stages)

    def add(self, anchor: Anchor, grams: Grams, stage: int) -> int:
        """The number of an anchor, which is swept for in a stage."""
        number = self._numbers.setdefault(anchor, len(self._stages))
        if number == len(self._stages):
            self._stages.append(0)
            self._strides.append(grams.stride)
            self._offsets.extend(grams.offsets)
            self._rarest.append(grams.rarest)
            self._rarities.append(grams.rarity)
        self._stages[number] |= 1 << stage
        return number

    def table(self) -> AnchorTable:
        """All of them."""
        return AnchorTable(
            b"".join(anchor.text for anchor in self._numbers),
            b"".join(anchor.mask for anchor in self._numbers),
            bounds(len(anchor.text) for anchor in self._numbers),
            Lists(self._strides, self._offsets),
            self._rarest,
            self._rarities,
            bytes(self._stages),
        )


def _stage(part: Anchors | None) -> int:
    """The stage in which the anchors of a part are swept for."""
    if part is None:
        return NEVER_SWEPT
    return FIRST if part.stride == STRIDES[0] else SECOND


def _quality(part: Anchors | None) -> tuple[int, int]:
    assert part is not None
    return part.stride, part.rarity
