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
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from miniyara.patterns.rarity import FOLD, GRAM
from miniyara.search.gram_places import FEW, Flagged, FoundGrams, Stretch
from miniyara.search.gram_table import MULTIPLIER, OTHER_MULTIPLIER, Entries, GramTable
from miniyara.search.places import MOST_WORK, Places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.sweep import SweptAnchors

_BLOCK: Final = 1 << 14
"""Words looked at together; what is known of them fits into the processor's cache."""

_FOLD_WORD: Final = np.uint32(FOLD * 0x01010101)

_MOST_COMPARED: Final = 1 << 17
"""Grams compared at once, which bounds the memory for it."""


class NgramsSweep:
    """Looks for grams with arrays."""

    most_at_once: float = _BLOCK

    def __init__(self, swept: SweptAnchors) -> None:
        entries = Entries.of(swept)
        at_every = GramTable.of(entries.up_to(1))
        self._in_one_go = at_every if entries.longest_stride == 1 else None
        """The table that is all there is to look for, at every byte."""
        at_second = at_every if self._in_one_go else GramTable.of(entries.up_to(2))
        at_fourth = at_every if self._in_one_go else GramTable.of(entries)
        shifts = ((0, at_fourth), (1, at_every), (2, at_second), (3, at_every))
        self._shifts = [(shift, table) for shift, table in shifts if table is not None]
        """At which bytes an array begins, and what is looked for in it."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        found = FoundGrams(len(data))
        if self._in_one_go is not None and len(data) <= _BLOCK:
            if len(data) >= GRAM:
                words: NDArray[np.uint32] = np.ndarray(
                    (len(data) - GRAM + 1,), "<u4", data, strides=(1,)
                )
                _look(data, Stretch(0, 1), words, _Wanted(self._in_one_go), found)
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
                stretch = Stretch(begin, GRAM)
                _look(data, stretch, block.view("<u4"), wanted, found)
        return found.places()


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

    def __init__(self, table: GramTable) -> None:
        self.table = table
        self.flags = table.flags
        self._work: defaultdict[int, int] = defaultdict(int)
        """By hash, what was compared in blocks where there was much."""

    def affordable(self, hashes: NDArray[np.intp], found: FoundGrams) -> NDArray[np.bool_]:
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
    stretch: Stretch,
    block: NDArray[np.uint32],
    wanted: _Wanted,
    found: FoundGrams,
) -> None:
    """Look for grams in a block."""
    table = wanted.table
    size = len(block)
    buffers = _BUFFERS
    words, indexes = buffers.words[:size], buffers.indexes[:size]
    hashed, is_flagged = buffers.hashed[:size], buffers.flags[:size]
    np.bitwise_or(block, _FOLD_WORD, out=words)
    np.multiply(words, MULTIPLIER, out=hashed)
    np.right_shift(hashed, table.shift, out=indexes, casting="unsafe")
    wanted.flags.take(indexes, out=is_flagged, mode="clip")
    flagged = is_flagged.nonzero()[0]
    if len(flagged) <= FEW and table.by_word is not None:
        if flagged.size:
            found.add_few(data, table.by_word, stretch, flagged.tolist(), words[flagged].tolist())
        return
    if len(flagged) > FEW:
        other_hashes = words[flagged] * OTHER_MULTIPLIER >> table.shift
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
            compared = Flagged(*stretch, piece, words[piece], hashes[start : start + most])
            found.add(data, table, compared)
        return
    found.add(data, table, Flagged(*stretch, flagged, words[flagged], hashes))
