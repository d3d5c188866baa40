"""The sweep over whole arrays, where numpy is installed.

The data as an array of words, four bytes each, are hashed into a table that tells
whether a word may be a gram of an anchor: a few operations on thousands of words at a
time.  Where the table says yes, the gram itself and another part of the same anchor
are compared, for all such places at once; what is left is nearly always the anchor.

As in :mod:`miniyara.search.sweep_grams`, an array that begins at every fourth byte is
enough for anchors with four grams.  Small data are looked at at every byte, for one
gram of each anchor: there an operation costs the same on a hundred words as on one.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, overload

import numpy as np

from miniyara.patterns.rarity import FOLD, FOLDED, GRAM
from miniyara.search.places import MAX_KEPT, MAX_KEPT_IN_ALL, MOST_WORK, Places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.sweep import SweptAnchors

_BLOCK: Final = 1 << 14
"""Words looked at together; what is known of them fits into the processor's cache."""

_FOLD_WORD: Final = np.uint32(FOLD * 0x01010101)
_MULTIPLIER: Final = np.uint32(2654435761)
"""Knuth's multiplicative hashing: 2^32 divided by the golden ratio."""

_OTHER_MULTIPLIER: Final = np.uint32(2246822519)
"""Another one, of xxHash: what both let through is hardly ever anything but a gram."""

_MIN_BITS: Final = 14
_MAX_BITS: Final = 22
_SPARSE: Final = 7
_LEAST_SPARSE: Final = 4
_FAST_BITS: Final = 18
"""The table has 2^7 flags for each gram while it fits into the processor's cache, and
then as few as 2^4."""

_FOUR: Final = np.arange(GRAM)

_MOST_COMPARED: Final = 1 << 17
"""Grams compared at once, which bounds the memory for it."""


class NgramsSweep:
    """Looks for grams with arrays."""

    most_at_once: float = _BLOCK

    def __init__(self, swept: SweptAnchors) -> None:
        entries = _Entries.of(swept)
        at_every = _Table.of(entries.up_to(1))
        self._in_one_go = at_every if entries.longest_stride == 1 else None
        """The table that is all there is to look for, at every byte."""
        at_second = at_every if self._in_one_go else _Table.of(entries.up_to(2))
        at_fourth = at_every if self._in_one_go else _Table.of(entries)
        shifts = ((0, at_fourth), (1, at_every), (2, at_second), (3, at_every))
        self._shifts = [(shift, table) for shift, table in shifts if table is not None]
        """At which bytes an array begins, and what is looked for in it."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        found = _Found(len(data))
        if self._in_one_go is not None and len(data) <= _BLOCK:
            if len(data) >= GRAM:
                words: NDArray[np.uint32] = np.ndarray(
                    (len(data) - GRAM + 1,), "<u4", data, strides=(1,)
                )
                _look(data, _Stretch(0, 1), words, _Wanted(self._in_one_go), found)
            return found.places()
        bytes_ = np.frombuffer(data, np.uint8)
        for shift, table in self._shifts:
            wanted = _Wanted(table)
            count = (len(data) - shift) // GRAM
            for start in range(0, count, _BLOCK):
                deadline.check()
                begin = shift + start * GRAM
                block = bytes_[begin : begin + min(_BLOCK, count - start) * GRAM]
                if shift:
                    block = block.copy()  # words that are not aligned are slow
                stretch = _Stretch(begin, GRAM)
                _look(data, stretch, block.view("<u4"), wanted, found)
        return found.places()


class _Stretch(NamedTuple):
    """Which bytes of the data the words of a block begin at."""

    begin: int
    step: int


class _Flagged(NamedTuple):
    """The words of a block that may be grams."""

    begin: int
    step: int
    """Those of the stretch."""
    places: NDArray[np.intp]
    """Which words of the block they are."""
    words: NDArray[np.uint32]
    hashes: NDArray[np.intp]


class _Entries(NamedTuple):
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
    def of(cls, swept: SweptAnchors) -> _Entries:
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

    def up_to(self, stride: int) -> _Entries:
        """Those of anchors that have to be looked for at such distances or smaller ones."""
        chosen = self.strides <= stride
        columns: list[Any] = [column[chosen] for column in self]
        return _Entries(*columns)


def _words(text: bytes, places: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The four bytes at each place."""
    found: NDArray[np.uint32] = (
        np.frombuffer(text, np.uint8)[places[:, np.newaxis] + _FOUR].view("<u4").ravel()
    )
    return found


class _Entry(NamedTuple):
    """A gram of an anchor, as the columns of a table have it."""

    anchor: int
    offset: int
    rest: int
    other_offset: int
    other: int
    other_mask: int


class _Table:
    """The grams that are looked for in one array of words, by their hash."""

    @classmethod
    def of(cls, entries: _Entries) -> _Table | None:
        """The table of some entries, if there are any."""
        return cls(entries) if entries.words.size else None

    def __init__(self, entries: _Entries) -> None:
        needed = len(entries.words).bit_length()
        fast = min(needed + _SPARSE, _FAST_BITS)
        bits = min(max(fast, needed + _LEAST_SPARSE, _MIN_BITS), _MAX_BITS)
        self.shift = np.uint32(32 - bits)
        words = entries.words
        hashes = (words * _MULTIPLIER >> self.shift).astype(np.int64)
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
        self.other_flags[words * _OTHER_MULTIPLIER >> self.shift] = True
        self.counts = counts.astype(np.int32)
        """By hash, how many entries there are."""
        self.first = (np.cumsum(counts) - counts).astype(np.int32)
        """By hash, the first of its entries."""
        self.are_unique = int(counts.max()) == 1
        """Whether there is at most one entry with each hash."""
        self.by_word = self._by_word() if len(words) <= _MOST_BY_WORD else None
        """By gram, its entries, to compare a few of them; None if that takes much memory."""

    def _by_word(self) -> dict[int, list[_Entry]]:
        columns: list[NDArray[Any]] = [
            self.words,
            self.anchors,
            self.offsets,
            self.rests,
            self.other_offsets,
            self.others,
            self.other_masks,
        ]
        entries: dict[int, list[_Entry]] = {}
        for word, *entry in zip(*(column.tolist() for column in columns), strict=True):
            entries.setdefault(word, []).append(_Entry(*entry))
        return entries


class _Buffers(threading.local):
    """Memory for a block, kept by each thread from scan to scan."""

    def __init__(self) -> None:
        self.words: Any = np.empty(_BLOCK, np.uint32)
        self.hashed: Any = np.empty(_BLOCK, np.uint32)
        self.indexes: Any = np.empty(_BLOCK, np.intp)
        self.flags: Any = np.empty(_BLOCK, np.bool_)


_BUFFERS: Final = _Buffers()


class _Wanted:
    """The grams of a table that are looked for in one piece of data: at first all."""

    __slots__ = ("_work", "flags", "table")

    def __init__(self, table: _Table) -> None:
        self.table = table
        self.flags = table.flags
        self._work: defaultdict[int, int] = defaultdict(int)
        """By hash, what was compared in blocks where there was much."""

    def affordable(self, hashes: NDArray[np.intp], found: _Found) -> NDArray[np.bool_]:
        """Tell which of the places in a block are compared; give up the grams that cost most."""
        table, work = self.table, self._work
        frequent, times = np.unique(hashes, return_counts=True)
        new = times * table.counts[frequent].astype(np.int64)
        for hash_, more in zip(frequent.tolist(), new.tolist(), strict=True):
            work[hash_] += more
        given_up = [hash_ for hash_ in frequent.tolist() if work[hash_] > MOST_WORK]
        self.flags = self.flags.copy()
        self.flags[given_up] = False
        for hash_ in given_up:
            first = table.first[hash_]
            found.give_up(table.anchors[first : first + table.counts[hash_]])
        return self.flags[hashes]


def _look(
    data: Data,
    stretch: _Stretch,
    block: NDArray[np.uint32],
    wanted: _Wanted,
    found: _Found,
) -> None:
    """Look for grams in a block."""
    table = wanted.table
    size = len(block)
    buffers = _BUFFERS
    words, indexes = buffers.words[:size], buffers.indexes[:size]
    hashed, is_flagged = buffers.hashed[:size], buffers.flags[:size]
    np.bitwise_or(block, _FOLD_WORD, out=words)
    np.multiply(words, _MULTIPLIER, out=hashed)
    np.right_shift(hashed, table.shift, out=indexes, casting="unsafe")
    wanted.flags.take(indexes, out=is_flagged, mode="clip")
    flagged = is_flagged.nonzero()[0]
    if len(flagged) <= _FEW and table.by_word is not None:
        if flagged.size:
            found.add_few(data, table.by_word, stretch, flagged.tolist(), words[flagged].tolist())
        return
    if len(flagged) > _FEW:
        other_hashes = words[flagged] * _OTHER_MULTIPLIER >> table.shift
        flagged = flagged[table.other_flags[other_hashes]]
    if not flagged.size:
        return
    hashes = indexes[flagged]
    if not table.are_unique and int(table.counts[hashes].sum(dtype=np.int64)) > _MOST_COMPARED:
        is_kept = wanted.affordable(hashes, found)
        flagged, hashes = flagged[is_kept], hashes[is_kept]
        most = max(_MOST_COMPARED // int(table.counts.max()), 1)
        for start in range(0, len(flagged), most):
            piece = flagged[start : start + most]
            compared = _Flagged(*stretch, piece, words[piece], hashes[start : start + most])
            found.add(data, table, compared)
        return
    found.add(data, table, _Flagged(*stretch, flagged, words[flagged], hashes))


class _Found:
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

    def add(self, data: Data, table: _Table, flagged: _Flagged) -> None:
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
        quads = np.frombuffer(data, np.uint8)[others[:, np.newaxis] + _FOUR].view("<u4").ravel()
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
        by_word: dict[int, list[_Entry]],
        stretch: _Stretch,
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
        if len(self._few) >= _BLOCK:
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
        if len(anchors) <= _FEW:
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


_FEW: Final = 64
"""Places that are sorted faster without arrays."""

_MOST_BY_WORD: Final = 10_000
"""Grams of which there is a dictionary as well."""


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
