"""The sweep that needs nothing but the standard library.

Four bytes are a machine word.  The data as an array of words, once from each of the
first four bytes on, has every four bytes that stand next to each other, and which of
them are in a set is found out at C's speed.
"""

from __future__ import annotations

import sys
from itertools import compress, count
from typing import TYPE_CHECKING, Final

from miniyara.search.haystack import MAX_KEPT, Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data

_WORD: Final = 4
"""Bytes of a word; the format "I" has as many wherever Python runs."""

_BLOCK: Final = 1 << 18
"""Bytes looked at between two looks at the clock."""


class GramsSweep:
    """Looks for texts of four bytes as words, and for others one by one."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._words = {
            int.from_bytes(text, sys.byteorder): text for text in texts if len(text) == _WORD
        }
        self._others = tuple(text for text in texts if len(text) != _WORD)

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        places = Places()
        with memoryview(data) as view:
            for start in range(0, len(data) - _WORD + 1, _BLOCK):
                deadline.check()
                for first in range(start, min(start + _WORD, len(data) - _WORD + 1)):
                    self._add_words(view, first, start + _BLOCK, places)
                places.drop_common()
        for ends in places.values():
            if len(ends) > 1:
                ends[:] = type(ends)("q", sorted(ends))
        for text in self._others:
            deadline.check()
            self._add_other(data, text, places)
        return places

    def _add_words(self, view: memoryview, first: int, last: int, places: Places) -> None:
        """Add the words at ``first``, ``first + 4``, ... that begin before ``last``."""
        end = first + (min(last + _WORD - 1, len(view)) - first) // _WORD * _WORD
        with view[first:end] as block, block.cast("I") as words:
            for index in compress(count(), map(self._words.__contains__, words)):
                text = self._words[words[index]]
                if text not in places.common:
                    places[text].append(first + index * _WORD + _WORD)

    def _add_other(self, data: Data, text: bytes, places: Places) -> None:
        offset = data.find(text)
        while offset >= 0:
            ends = places[text]
            ends.append(offset + len(text))
            if len(ends) >= MAX_KEPT:
                places.drop_common()
                return
            offset = data.find(text, offset + 1)
