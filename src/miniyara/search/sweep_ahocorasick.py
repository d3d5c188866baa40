"""The sweep over pyahocorasick's automaton, where that package is installed."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final

import ahocorasick

from miniyara.patterns.rarity import FOLDED, GRAM
from miniyara.search.places import MOST_WORK, Collected

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.places import Places
    from miniyara.search.sweep import SweptAnchors

_BLOCK: Final = 1 << 16
"""Bytes handed to the automaton at a time: it needs four bytes of memory for each."""

_LONGEST: Final = 8
"""Bytes of a word.  Longer ones are found less often and cost more nodes."""


class AhoCorasickSweep:
    """Looks for the rarest bytes of each anchor with an Aho-Corasick automaton."""

    most_at_once: float = math.inf

    def __init__(self, swept: SweptAnchors) -> None:
        owners: defaultdict[bytes, list[tuple[int, int]]] = defaultdict(list)
        for number, anchor, grams in swept:
            start, end = _word(anchor.text, anchor.mask, grams.rarest)
            owners[anchor.text[start:end].translate(FOLDED)].append((number, end))
        self._overlap = max(map(len, owners), default=1) - 1
        self._automaton = ahocorasick.Automaton()
        # Each node keeps a list of its children in the order in which they came, and
        # goes through it byte by byte: so the words with common bytes go first.
        counts = [0] * 256
        for byte in chain.from_iterable(owners):
            counts[byte] += 1
        words = sorted(owners, key=lambda word: [-counts[byte] for byte in word])
        for number, word in enumerate(words):
            self._automaton.add_word(word.decode("latin-1"), number)
        self._automaton.make_automaton()
        self._owners = [owners[word] for word in words]
        """By the number of a word, the anchors, and where in them it ends."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        collected = Collected()
        work: defaultdict[int, int] = defaultdict(int)
        if not len(self._automaton):
            return collected.places()
        for block_start in range(0, len(data), _BLOCK):
            deadline.check()
            start = max(block_start - self._overlap, 0)
            block = data[start : block_start + _BLOCK].translate(FOLDED).decode("latin-1")
            for last, word in self._automaton.iter(block):
                end = start + last + 1
                # The block before has had what ends in it.
                if end > block_start and work[word] <= MOST_WORK:
                    owners = self._owners[word]
                    work[word] += len(owners)
                    for number, end_in_anchor in owners:
                        if end >= end_in_anchor:
                            collected.add(number, end - end_in_anchor)
        for word, places in work.items():
            if places > MOST_WORK:
                for number, _ in self._owners[word]:
                    collected.give_up(number)
        return collected.places()


def _word(text: bytes, mask: bytes, gram: int) -> tuple[int, int]:
    """The known bytes around a gram: where they begin and end."""
    known = mask.translate(FOLDED)
    start, end = gram, gram + GRAM
    while end - start < _LONGEST and end < len(text) and known[end] == 0xFF:
        end += 1
    while end - start < _LONGEST and start > 0 and known[start - 1] == 0xFF:
        start -= 1
    return start, end
