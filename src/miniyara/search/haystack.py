"""The data of one scan, with what a sweep has found in it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from miniyara.patterns.data import Data

MAX_KEPT: Final = 1 << 16
"""Places of one text that a sweep keeps; a text that is more common is searched for
when it is asked for.  Bounds the memory of a sweep over dense data."""


class Places(dict[bytes, "array[int]"]):
    """Where texts end in the data, as a sweep collects it.

    A text with ``MAX_KEPT`` places or more is in ``common`` and loses them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.common: set[bytes] = set()

    def __missing__(self, text: bytes) -> array[int]:
        ends = self[text] = array("q")
        return ends

    def drop_common(self) -> None:
        """Forget the places of texts that have too many; to be called now and then."""
        for text in [text for text, ends in self.items() if len(ends) >= MAX_KEPT]:
            del self[text]
            self.common.add(text)


class Haystack:
    """Data to search, and where the swept texts end in it.

    ``swept`` are the texts that a sweep has looked for; without a sweep, none.
    """

    def __init__(self, data: Data, places: Places | None, swept: Container[bytes]) -> None:
        self.data = data
        self._places: Mapping[bytes, Sequence[int]] = {} if places is None else places
        self._common = frozenset[bytes]() if places is None else places.common
        self._swept = () if places is None else swept

    def knows(self, text: bytes) -> bool:
        """Whether the sweep has found all places of a text."""
        return text in self._swept and text not in self._common

    def lacks(self, text: bytes) -> bool:
        """Whether the sweep has shown that a text is not there."""
        return text not in self._places and self.knows(text)

    def at_most(self, text: bytes) -> int:
        """How often a text can be there at most; costs no more than one pass at C's speed."""
        if self.knows(text):
            return len(self._places.get(text, ()))
        if not text:
            return len(self.data)
        # Regular expressions count at C's speed in mmaps, too, but without overlaps.
        separate = sum(1 for _ in re.finditer(re.escape(text), self.data))
        return separate * len(text)

    def ends(self, text: bytes, low: int, high: int) -> Iterator[int]:
        """Where ``text`` ends, from ``low`` to before ``high``, in order, overlaps included."""
        if self.knows(text):
            if text in self._places:
                places = self._places[text]
                yield from places[bisect_left(places, low) : bisect_left(places, high)]
            return
        length = len(text)
        find, stop = self.data.find, min(high - 1, len(self.data))
        offset = find(text, max(low - length, 0), max(stop, 0))
        while offset >= 0:
            yield offset + length
            offset = find(text, offset + 1, stop)
