"""The data of one scan, with what sweeps have found in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from miniyara.search.byte_counts import ByteCounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.patterns.data import Data
    from miniyara.search.places import Places


class Haystack:
    """Data to search."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self._places: dict[int, Places] = {}
        self._counts: ByteCounts | None = None

    def add_places(self, stage: int, places: Places) -> None:
        """Take what the sweep of a stage has found."""
        self._places[stage] = places

    def places(self, stage: int) -> Places | None:
        """What the sweep of a stage has found; None if there was none."""
        return self._places.get(stage)

    def at_most(self, text: bytes, limit: int) -> int:
        """How often a text can be there at most.

        If that is more than ``limit``, one pass at C's speed counts better.
        """
        if not text:
            return len(self.data)
        if self._counts is None:
            self._counts = ByteCounts(self.data)
        most = min(self._counts[byte] for byte in set(text))
        if most <= limit:
            return most
        # Regular expressions count at C's speed in mmaps, too, but without overlaps.
        separate = sum(1 for _ in re.finditer(re.escape(text), self.data))
        return min(most, separate * len(text))

    def ends(self, text: bytes, low: int, high: int) -> Iterator[int]:
        """Where ``text`` ends, from ``low`` to before ``high``, in order, overlaps included."""
        length = len(text)
        find, stop = self.data.find, min(high - 1, len(self.data))
        offset = find(text, max(low - length, 0), max(stop, 0))
        while offset >= 0:
            yield offset + length
            offset = find(text, offset + 1, stop)
