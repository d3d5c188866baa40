"""The data of one scan, with what sweeps have found in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.errors import Error
from miniyara.search.frequencies import Frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor
    from miniyara.search.places import Places

TOO_MANY_MATCHES: Final = "too many matches of all strings together"

_BLOCK: Final = 1 << 24
"""Bytes that are searched between two looks at the clock: some 10 milliseconds, and 60 in the
worst case."""

_COUNTED_AT_ONCE: Final = 1 << 10
"""Texts counted between two looks at the clock."""


class Haystack:
    """Data to search."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self._places: dict[int, Places] = {}
        self._frequencies: Frequencies | None = None
        self._room = limits.MAX_SCAN_MATCHES
        self._counts: dict[bytes, tuple[int, bool]] = {}
        """How often texts were counted, and whether that is all."""

    def keep(self, hits: int) -> None:
        """Count hits that are kept, or, if there are fewer than none, no more.

        Raises :class:`miniyara.Error` if all strings together have too many.
        """
        self._room -= hits
        if self._room < 0:
            raise Error(TOO_MANY_MATCHES)

    def add_places(self, stage: int, places: Places) -> None:
        """Take what the sweep of a stage has found."""
        self._places[stage] = places

    def places(self, stage: int) -> Places | None:
        """What the sweep of a stage has found; None if there was none."""
        return self._places.get(stage)

    def has_any(self, texts: Iterable[bytes], deadline: Deadline) -> bool:
        """Whether one of some texts is in the data, found at C's speed."""
        find, size = self.data.find, len(self.data)
        if size > _BLOCK:
            return any(self._has(text, deadline) for text in texts)
        for text in texts:  # noqa: SIM110 - small files are many, and any() takes longer
            if find(text) >= 0:
                return True
        return False

    def _has(self, text: bytes, deadline: Deadline) -> bool:
        for start in range(0, len(self.data), _BLOCK):
            deadline.check()
            if self.data.find(text, start, start + _BLOCK + len(text) - 1) >= 0:
                return True
        return False

    def roughly_at_most(self, anchor: Anchor, deadline: Deadline) -> int:
        """How often an anchor can be there at most, going by its bytes."""
        if self._frequencies is None:
            self._frequencies = Frequencies(self.data, deadline)
        return self._frequencies.at_most(anchor)

    def at_most(self, anchor: Anchor, limit: int, deadline: Deadline) -> int:
        """How often an anchor can be there at most; counted no further than beyond ``limit``."""
        most = self.roughly_at_most(anchor, deadline)
        text, mask = anchor
        if most <= limit or not text or mask.count(0xFF) < len(mask):
            return most
        # Many strings may have a text in common.
        count, is_all = self._counts.get(text, (0, False))
        if not is_all and count * len(text) <= limit:
            count, is_all = self._counts[text] = self._count(text, limit // len(text), deadline)
        return min(most, count * len(text)) if is_all else most

    def _count(self, text: bytes, limit: int, deadline: Deadline) -> tuple[int, bool]:
        """Count a text, but not much further than ``limit``; tells also whether that is all."""
        # Regular expressions count at C's speed in mmaps, too, but without overlaps.
        deadline.check()
        count = 0
        for count, _ in enumerate(re.finditer(re.escape(text), self.data), 1):
            if count % _COUNTED_AT_ONCE == 0:
                deadline.check()
                if count > limit:
                    return count, False
        return count, True

    def ends(self, text: bytes, low: int, high: int) -> Iterator[int]:
        """Where ``text`` ends, from ``low`` to before ``high``, in order, overlaps included."""
        length = len(text)
        find, stop = self.data.find, min(high - 1, len(self.data))
        offset = find(text, max(low - length, 0), max(stop, 0))
        while offset >= 0:
            yield offset + length
            offset = find(text, offset + 1, stop)
