"""The sweep over pyahocorasick's automaton, where that package is installed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import ahocorasick

from miniyara.search.haystack import Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data

_BLOCK: Final = 1 << 16
"""Bytes handed to the automaton at a time: it needs four bytes of memory for each."""


class AhoCorasickSweep:
    """Looks for texts with an Aho-Corasick automaton."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._overlap = max(map(len, texts), default=1) - 1
        self._automaton = ahocorasick.Automaton()
        # Each node keeps a list of its children in the order in which they came, and
        # goes through it byte by byte: so the texts with common bytes go first.
        counts = [0] * 256
        for byte in chain.from_iterable(texts):
            counts[byte] += 1
        for text in sorted(texts, key=lambda text: [-counts[byte] for byte in text]):
            self._automaton.add_word(text.decode("latin-1"), text)
        self._automaton.make_automaton()

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        places = Places()
        if not len(self._automaton):
            return places
        for block_start in range(0, len(data), _BLOCK):
            deadline.check()
            start = max(block_start - self._overlap, 0)
            block = data[start : block_start + _BLOCK].decode("latin-1")
            for last, text in self._automaton.iter(block):
                end = start + last + 1
                if end > block_start:  # else the block before has had it
                    places[text].append(end)
            places.drop_common()
        return places
