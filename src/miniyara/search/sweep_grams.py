"""The sweep that needs nothing but the standard library.

Four bytes are a machine word.  The data as an array of words has the four bytes at
every fourth place, and which of them are in a set is found out at C's speed.  Of an
anchor with four grams at different distances one is at such a place; for an anchor
with fewer, arrays that begin one, two or three bytes later are looked at as well.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import compress, count
from typing import TYPE_CHECKING, Final

from miniyara.patterns.rarity import FOLDED, GRAM
from miniyara.search.places import Collected

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.places import Places
    from miniyara.search.sweep import SweptAnchors

_BLOCK: Final = 1 << 18
"""Bytes looked at between two looks at the clock."""


class GramsSweep:
    """Looks for grams as words."""

    most_at_once: float = 0

    def __init__(self, swept: SweptAnchors) -> None:
        self._owners: list[defaultdict[int, list[tuple[int, int]]]] = [
            defaultdict(list) for _ in range(GRAM)
        ]
        for number, anchor, grams in swept:
            text = anchor.text.translate(FOLDED)
            for offset in grams.offsets:
                word = int.from_bytes(text[offset : offset + GRAM], sys.byteorder)
                for shift in range(0, GRAM, grams.stride):
                    self._owners[shift][word].append((number, offset))

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        collected = Collected()
        for block_start in range(0, len(data), _BLOCK):
            block = data[block_start : block_start + _BLOCK + GRAM].translate(FOLDED)
            for shift, owners in enumerate(self._owners):
                if not owners:
                    continue
                deadline.check()
                end = shift + (min(len(block) - shift, _BLOCK)) // GRAM * GRAM
                with memoryview(block)[shift:end] as shifted, shifted.cast("I") as words:
                    for index in compress(count(), map(owners.__contains__, words)):
                        place = block_start + shift + index * GRAM
                        for number, offset in owners[words[index]]:
                            if place >= offset:
                                collected.add(number, place - offset)
        return collected.places()
