"""Looks for a few strings one by one, where the data are small.

A sweep costs some 20 microseconds however small the data are; ``find`` in a thousand
bytes a tenth of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from miniyara.patterns.rarity import FOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor
    from miniyara.search.searcher import Searcher

LARGEST: Final = 1 << 12
"""Bytes of data that are small."""

_MOST: Final = 100
"""Texts that are looked for one by one."""

_KNOWN: Final = re.compile(b"[\\xff" + bytes((0xFF ^ FOLD,)) + b"]+")
"""In a mask, bytes that are known, but perhaps for the case of a letter."""


class Probe:
    """Tells which of some strings may have a hit; immutable, shared by threads."""

    def __init__(self, searcher: Searcher, strings: Iterable[int]) -> None:
        self._texts: list[tuple[bytes, int]] = []
        self._lower_texts: list[tuple[bytes, int]] = []
        self.is_cheap = True
        """Whether it is faster than a sweep."""
        for string in strings:
            for anchor in searcher.anchors_of(string):
                self._add(anchor, string)
                if len(self._texts) + len(self._lower_texts) > _MOST:
                    self.is_cheap = False
            if not self.is_cheap:
                return

    def found(self, data: Data) -> list[int]:
        """The strings of which an anchor is in the data, and perhaps others."""
        find = data.find
        found = [string for text, string in self._texts if find(text) >= 0]
        if self._lower_texts:
            lower_find = data[:].lower().find
            found += [string for text, string in self._lower_texts if lower_find(text) >= 0]
        return found

    def _add(self, anchor: Anchor, string: int) -> None:
        text, mask = anchor
        if mask.count(0xFF) == len(mask):
            self._texts.append((text, string))
            return
        start, end = max(
            (run.span() for run in _KNOWN.finditer(mask)),
            key=lambda span: span[1] - span[0],
            default=(0, 0),
        )
        self._lower_texts.append((text[start:end].lower(), string))
