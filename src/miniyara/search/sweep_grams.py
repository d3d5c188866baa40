"""The sweep that needs nothing but the standard library.

Four bytes are a machine word: the data as an array of words, once from each of the
first four bytes on, has every four bytes that stand next to each other, and what a
set has in common with an array is found at C's speed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data

_WORD: Final = 4
"""Bytes of a word; the format "I" has as many wherever Python runs."""

_BLOCK: Final = 1 << 18
"""Bytes looked at between two looks at the clock."""


class GramsSweep:
    """Looks for texts of up to four bytes, and by ``in`` for all others."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._words = frozenset(
            int.from_bytes(text, sys.byteorder) for text in texts if len(text) == _WORD
        )
        self._others = tuple(text for text in texts if len(text) != _WORD)

    def present(self, data: Data, deadline: Deadline) -> set[bytes]:
        """See :class:`miniyara.search.sweep.Sweep`."""
        found: set[int] = set()
        size = len(data)
        with memoryview(data) as view:
            for start in range(0, size - _WORD + 1, _BLOCK):
                deadline.check()
                for first in range(start, min(start + _WORD, size - _WORD + 1)):
                    last = min(start + _BLOCK, size)
                    # A block ends with the last word that begins in it.
                    end = first + (min(last + _WORD - 1, size) - first) // _WORD * _WORD
                    with view[first:end] as block, block.cast("I") as words:
                        found |= self._words.intersection(words)
        present = {word.to_bytes(_WORD, sys.byteorder) for word in found}
        for text in self._others:
            deadline.check()
            if data.find(text) >= 0:
                present.add(text)
        return present
