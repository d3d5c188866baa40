"""The grams that the sweep over whole arrays looks for, as arrays themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from miniyara.patterns.rarity import FOLDED, GRAM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from miniyara.search.sweep import SweptAnchors

MULTIPLIER: Final = np.uint32(2654435761)
"""Knuth's multiplicative hashing: 2^32 divided by the golden ratio."""

OTHER_MULTIPLIER: Final = np.uint32(2246822519)
"""Another one, of xxHash: what both let through is hardly ever anything but a gram."""

FOUR: Final = np.arange(GRAM)

_MIN_BITS: Final = 14
_MAX_BITS: Final = 22
_SPARSE: Final = 7
_LEAST_SPARSE: Final = 4
_FAST_BITS: Final = 18
"""The table has 2^7 flags for each gram while it fits into the processor's cache, and
then as few as 2^4."""

_MOST_BY_WORD: Final = 10_000
"""Grams of which there is a dictionary as well."""


class Entries(NamedTuple):
    """Grams of anchors, and another part of each anchor to compare; an array each."""

    strides: NDArray[np.int64]
    words: NDArray[np.uint32]
    anchors: NDArray[np.int64]
    offsets: NDArray[np.int64]
    """Where the grams are in the anchors."""
    lengths: NDArray[np.int64]
    """The lengths of the anchors."""
    other_offsets: NDArray[np.int64]
    """From the gram to the other part."""
    others: NDArray[np.uint32]
    other_masks: NDArray[np.uint32]

    @classmethod
    def of(cls, swept: SweptAnchors) -> Entries:
        """The entries of some anchors."""
        table = swept.table
        stages = np.frombuffer(table.stages, np.uint8)
        numbers = np.arange(len(stages))
        if swept.stage is None:
            strides = np.ones(len(stages), np.int64)
            offsets = np.array(table.rarest, np.int64)
        else:
            numbers = (stages & 1 << swept.stage).nonzero()[0]
            firsts = np.array(table.grams.firsts, np.int64)
            strides = np.diff(firsts)[numbers]
            ends = strides.cumsum()
            places = np.arange(ends[-1] if ends.size else 0) - (ends - strides).repeat(strides)
            places += firsts[numbers].repeat(strides)
            offsets = np.array(table.grams.values, np.int64)[places]
        numbers = numbers.repeat(strides)
        starts = np.array(table.starts, np.int64)
        lengths = np.diff(starts)[numbers]
        starts = starts[numbers]
        last = lengths - GRAM
        # The end that is farther away has less in common with the gram.
        others = np.where(offsets < last - offsets, last, 0)
        return cls(
            strides.repeat(strides),
            _words(table.texts.translate(FOLDED), starts + offsets),
            numbers,
            offsets,
            lengths,
            others - offsets,
            _words(table.texts, starts + others),
            _words(table.masks, starts + others),
        )

    @property
    def longest_stride(self) -> int:
        """At which distances of the data it is enough to look for some of them."""
        return int(self.strides.max(initial=1))

    def up_to(self, stride: int) -> Entries:
        """Those of anchors that have to be looked for at such distances or smaller ones."""
        chosen = self.strides <= stride
        columns: list[Any] = [column[chosen] for column in self]
        return Entries(*columns)


def _words(text: bytes, places: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The four bytes at each place."""
    found: NDArray[np.uint32] = (
        np.frombuffer(text, np.uint8)[places[:, np.newaxis] + FOUR].view("<u4").ravel()
    )
    return found


class Entry(NamedTuple):
    """A gram of an anchor, as the columns of a table have it."""

    anchor: int
    offset: int
    rest: int
    other_offset: int
    other: int
    other_mask: int


class GramTable:
    """The grams that are looked for in one array of words, by their hash."""

    @classmethod
    def of(cls, entries: Entries) -> GramTable | None:
        """The table of some entries, if there are any."""
        return cls(entries) if entries.words.size else None

    def __init__(self, entries: Entries) -> None:
        needed = len(entries.words).bit_length()
        fast = min(needed + _SPARSE, _FAST_BITS)
        bits = min(max(fast, needed + _LEAST_SPARSE, _MIN_BITS), _MAX_BITS)
        self.shift = np.uint32(32 - bits)
        words = entries.words
        hashes = (words * MULTIPLIER >> self.shift).astype(np.int64)
        order = np.argsort(hashes, kind="stable")
        self.words = words[order]
        self.anchors = entries.anchors[order].astype(np.int32)
        self.offsets = entries.offsets[order].astype(np.int32)
        self.rests = (entries.lengths - entries.offsets)[order].astype(np.int32)
        self.other_offsets = entries.other_offsets[order].astype(np.int32)
        self.others = entries.others[order]
        self.other_masks = entries.other_masks[order]
        counts = np.bincount(hashes, minlength=1 << bits)
        self.flags = counts.astype(np.bool_)
        self.other_flags = np.zeros(1 << bits, np.bool_)
        """The same by another hash."""
        self.other_flags[words * OTHER_MULTIPLIER >> self.shift] = True
        self.counts = counts.astype(np.int32)
        """By hash, how many entries there are."""
        self.first = (np.cumsum(counts) - counts).astype(np.int32)
        """By hash, the first of its entries."""
        self.are_unique = int(counts.max()) == 1
        """Whether there is at most one entry with each hash."""
        self.by_word = self._by_word() if len(words) <= _MOST_BY_WORD else None
        """By gram, its entries, to compare a few of them; None if that takes much memory."""

    def _by_word(self) -> dict[int, list[Entry]]:
        columns: list[NDArray[Any]] = [
            self.words,
            self.anchors,
            self.offsets,
            self.rests,
            self.other_offsets,
            self.others,
            self.other_masks,
        ]
        entries: dict[int, list[Entry]] = {}
        for word, *entry in zip(*(column.tolist() for column in columns), strict=True):
            entries.setdefault(word, []).append(Entry(*entry))
        return entries
