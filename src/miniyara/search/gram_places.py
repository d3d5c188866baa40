"""Where the sweep over whole arrays has found grams, and what is left of them.

Where a gram is, another part of the same anchor is compared, for all such places at once;
what is left is nearly always the anchor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, overload

import numpy as np

from miniyara.patterns.rarity import GRAM
from miniyara.search.gram_table import FOUR
from miniyara.search.places import MAX_KEPT, MAX_KEPT_IN_ALL, Places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from miniyara.patterns.data import Data
    from miniyara.search.gram_table import Entry, GramTable

FEW: Final = 64
"""Places that are dealt with faster one by one than with arrays."""

_MOST_FEW: Final = 1 << 14
"""Places that were found one by one, before they are put into arrays."""


class Stretch(NamedTuple):
    """Which bytes of the data the words of a block begin at."""

    begin: int
    step: int


class Flagged(NamedTuple):
    """The words of a block that may be grams."""

    begin: int
    step: int
    """Those of the stretch."""
    places: NDArray[np.intp]
    """Which words of the block they are."""
    words: NDArray[np.uint32]
    hashes: NDArray[np.intp]


class FoundGrams:
    """The places that are found in one piece of data."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._anchors: list[NDArray[np.int32]] = []
        self._starts: list[NDArray[np.int64]] = []
        self._kept = 0
        self._few: list[tuple[int, int]] = []
        """Anchors and places that were found one by one."""
        self._given_up: set[int] = set()

    def give_up(self, anchors: NDArray[Any]) -> None:
        """Keep no places of some anchors."""
        self._given_up.update(anchors.tolist())

    def add(self, data: Data, table: GramTable, flagged: Flagged) -> None:
        """Add those places of a block where the grams and another part of an anchor are."""
        begin, step, places, words, hashes = flagged
        entries: NDArray[Any] = table.first[hashes]
        if not table.are_unique:
            counts = table.counts[hashes]
            total = int(counts.sum())
            if total > len(counts):
                ends = counts.cumsum(dtype=np.int64)
                entries = np.arange(total) + (entries - ends + counts).repeat(counts)
                places, words = places.repeat(counts), words.repeat(counts)
        same = (table.words[entries] == words).nonzero()[0]
        if not same.size:
            return
        entries = entries[same]
        grams = begin + places[same] * step
        inside = (grams >= table.offsets[entries]) & (grams + table.rests[entries] <= self._size)
        if not inside.all():
            entries, grams = entries[inside], grams[inside]
        others = grams + table.other_offsets[entries]
        quads = np.frombuffer(data, np.uint8)[others[:, np.newaxis] + FOUR].view("<u4").ravel()
        same = (quads & table.other_masks[entries] == table.others[entries]).nonzero()[0]
        if same.size:
            entries = entries[same]
            self._anchors.append(table.anchors[entries])
            self._starts.append(grams[same] - table.offsets[entries])
            self._kept += len(entries)
            if self._kept > MAX_KEPT_IN_ALL:
                self._drop_common()

    def add_few(
        self,
        data: Data,
        by_word: dict[int, list[Entry]],
        stretch: Stretch,
        places: list[int],
        words: list[int],
    ) -> None:
        """The same as :meth:`add`, one by one: faster than with arrays of a few items."""
        begin, step = stretch
        size = self._size
        for place, word in zip(places, words, strict=True):
            for anchor, offset, rest, other_offset, other, other_mask in by_word.get(word, ()):
                gram = begin + place * step
                if gram < offset or gram + rest > size:
                    continue
                at = gram + other_offset
                if int.from_bytes(data[at : at + GRAM], "little") & other_mask == other:
                    self._few.append((anchor, gram - offset))
        if len(self._few) >= _MOST_FEW:
            self._gather_few()

    def _gather_few(self) -> None:
        """Put what was found one by one into arrays, which take less memory."""
        columns = np.array(self._few, np.int64)
        self._few = []
        self._anchors.append(columns[:, 0].astype(np.int32))
        self._starts.append(columns[:, 1])
        self._kept += len(columns)
        if self._kept > MAX_KEPT_IN_ALL:
            self._drop_common()

    def places(self) -> Places:
        """What was found."""
        if self._few:
            if not self._kept and not self._given_up:
                return Places(_by_anchor(self._few))
            self._gather_few()
        if self._given_up or self._kept > MAX_KEPT:
            self._drop_common()
        if not self._kept:
            return Places({}, self._given_up)
        anchors = self._anchors[0] if len(self._anchors) == 1 else np.concatenate(self._anchors)
        starts = self._starts[0] if len(self._starts) == 1 else np.concatenate(self._starts)
        if len(anchors) <= FEW:
            pairs = zip(anchors.tolist(), starts.tolist(), strict=True)
            return Places(_by_anchor(pairs), self._given_up)
        order = np.lexsort((starts, anchors))
        anchors, starts = anchors[order], starts[order]
        begins = [0, *((anchors[1:] != anchors[:-1]).nonzero()[0] + 1).tolist()]
        numbers = anchors[begins].tolist()
        slices = zip(numbers, begins, [*begins[1:], len(anchors)], strict=True)
        return Places(
            {number: _Slice(starts, begin, end) for number, begin, end in slices}, self._given_up
        )

    def _drop_common(self) -> None:
        """Give up the most common anchors, and forget those that were given up since."""
        if not self._kept:
            return
        anchors = np.concatenate(self._anchors)
        starts = np.concatenate(self._starts)
        counts = np.bincount(anchors)
        order = np.argsort(counts)
        affordable = np.searchsorted(np.cumsum(counts[order]), MAX_KEPT_IN_ALL // 2)
        self.give_up(order[affordable:])
        self.give_up((counts > MAX_KEPT).nonzero()[0])
        given_up = np.array(sorted(self._given_up), np.int64)
        kept = ~np.isin(anchors, given_up)
        self._anchors, self._starts = [anchors[kept]], [starts[kept]]
        self._kept = int(kept.sum())


def _by_anchor(found: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The places of each anchor, in order."""
    places: dict[int, list[int]] = {}
    for anchor, start in sorted(found):
        places.setdefault(anchor, []).append(start)
    return places


class _Slice(Sequence[int]):
    """A part of an array, as the integers of Python."""

    __slots__ = ("_array", "_begin", "_end")

    def __init__(self, array: NDArray[np.int64], begin: int, end: int) -> None:
        self._array = array
        self._begin = begin
        self._end = end

    def __len__(self) -> int:
        return self._end - self._begin

    def __iter__(self) -> Iterator[int]:
        return iter(self._array[self._begin : self._end].tolist())

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        found: int | list[int] = self._array[self._begin : self._end][index].tolist()
        return found
