"""The search of data that come in blocks with addresses, as the memory of a process does.

Each block is searched alone, so that no match reaches from one into the next, and is gone
when the next one comes.  So what conditions and results may ask for is kept: all hits, and
the bytes of them that results show.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from miniyara import limits
from miniyara.errors import Error
from miniyara.search.haystack import TOO_MANY_MATCHES
from miniyara.search.hits import NO_HITS, Hit
from miniyara.search.record import Record
from miniyara.search.searcher import Searcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.deadline import Deadline
    from miniyara.search.hits import HitColumns, Hits
    from miniyara.search.search import Search


_SIZE_OF_COPY: Final = 4
"""How much memory a hit takes with a copy of its bytes, but for these, compared to one
without."""


class Blocks(Protocol):
    """Data in blocks."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """The address and the bytes of each block, by address."""
        ...


class KeptHits:
    """The hits of one string in all blocks (:class:`miniyara.search.hits.Hits`)."""

    def __init__(self) -> None:
        self._record = Record(greedy=False)
        self.matched_data: list[bytes] = []
        """What was found, cut; by hit."""
        self.abandoned_at: tuple[int, int] | None = None
        """Where the string was abandoned because of ``limits.MAX_STRING_MATCHES`` hits."""

    def extend(self, base: int, data: bytes, hits: Hits, most: int) -> int:
        """Take the hits in a block, and up to ``most`` bytes of each.

        Returns the memory that takes, counted in hits without bytes.
        """
        taken = 0
        for offset, length, key in zip(*hits.columns(), strict=True):
            matched = data[offset : offset + min(length, most)]
            if not self.add(Hit(base + offset, length, key), matched):
                return taken
            taken += _SIZE_OF_COPY + (len(matched) >> 4)
        if hits.abandoned_at is not None:
            end, negative_length = hits.abandoned_at
            self.abandoned_at = base + end, negative_length
        return taken

    def add(self, hit: Hit, matched: bytes) -> bool:
        """Take a hit behind all others, and its bytes; False if there are too many already."""
        if not self._record.add(hit):
            self.abandoned_at = hit.offset + hit.length, 0
            return False
        self.matched_data.append(matched)
        return True

    def any(self) -> bool:
        """Whether there is a hit at all."""
        return bool(self._record)

    def count(self) -> int:
        """How many hits there are."""
        return len(self._record)

    def reaches(self, number: int) -> bool:
        """Whether there are at least ``number`` hits."""
        return len(self._record) >= number

    def at(self, offset: int) -> bool:
        """Whether a hit starts at an address."""
        return self.within(offset, offset)

    def within(self, low: int, high: int) -> bool:
        """Whether a hit starts in the closed interval from ``low`` to ``high``."""
        return self._record.count_within(low, high) > 0

    def count_within(self, low: int, high: int) -> int:
        """How many hits start in the closed interval from ``low`` to ``high``."""
        return self._record.count_within(low, high)

    def hit(self, index: int) -> Hit | None:
        """The hit of this number, counted from 1."""
        return self._record[index - 1] if 1 <= index <= len(self._record) else None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._record)

    def columns(self) -> HitColumns:
        """All hits by address."""
        return self._record.columns()


class BlockSearch:
    """The hits of all strings in blocks; ``most`` is how many bytes of each are kept."""

    def __init__(
        self, searcher: Searcher, blocks: Blocks, deadline: Deadline, *, fast: bool, most: int
    ) -> None:
        self._kept: dict[int, KeptHits] = {}
        self._room = limits.MAX_SCAN_MATCHES
        self._searcher = searcher
        self._deadline = deadline
        self._fast = fast
        self._most = most
        fixed = [index for index, is_fixed in enumerate(searcher.index.fixed) if is_fixed]
        # Their offsets are addresses, which no search of a single block knows of.
        anywhere = [replace(searcher[index], fixed_offset=None) for index in fixed]
        self._fixed = dict(enumerate(fixed))
        self._fixed_searcher = Searcher(anywhere) if fixed else None
        for base, data in blocks:
            deadline.check()
            self._search(base, data)

    def hits(self, index: int) -> Hits:
        """The hits of a string."""
        return self._kept.get(index, NO_HITS)

    def matched_data(self, index: int) -> list[bytes]:
        """What was found at the hits of a string."""
        kept = self._kept.get(index)
        return [] if kept is None else kept.matched_data

    def overflowing(self) -> Iterable[int]:
        """The strings with more hits than are recorded."""
        return sorted(index for index, kept in self._kept.items() if kept.abandoned_at)

    def _search(self, base: int, data: bytes) -> None:
        searcher = self._searcher
        search = searcher.search(data, deadline=self._deadline, fast=self._fast)
        for index in sorted(search.candidates().union(searcher.unswept)):
            if not searcher.index.fixed[index]:
                self._keep(index, base, data, search.hits(index))
        if self._fixed_searcher is not None:
            search = self._fixed_searcher.search(data, deadline=self._deadline)
            self._keep_fixed(base, data, search)

    def _keep_fixed(self, base: int, data: bytes, search: Search) -> None:
        for number, index in self._fixed.items():
            offset = self._searcher[index].fixed_offset
            assert offset is not None
            if base <= offset < base + len(data) and search.hits(number).at(offset - base):
                [hit] = [each for each in search.hits(number) if each.offset == offset - base]
                start = offset - base
                kept = self._kept[index] = KeptHits()
                kept.add(
                    Hit(offset, hit.length, hit.xor_key),
                    data[start : start + min(hit.length, self._most)],
                )

    def _keep(self, index: int, base: int, data: bytes, hits: Hits) -> None:
        kept = self._kept.get(index)
        if kept is not None and (kept.abandoned_at or self._is_settled(index)):
            return
        if hits.any():
            if kept is None:
                kept = self._kept[index] = KeptHits()
            self._room -= kept.extend(base, data, hits, self._most)
            if self._room < 0:
                raise Error(TOO_MANY_MATCHES)

    def _is_settled(self, index: int) -> bool:
        """Whether a string that was found need not be found again."""
        return self._fast and self._searcher[index].single_match
