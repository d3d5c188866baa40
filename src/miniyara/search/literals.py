"""Finds literal strings."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.patterns.anchors import exact_anchor
from miniyara.patterns.words import standing_alone, stands_alone
from miniyara.search.finder import Occurrence
from miniyara.search.haystack import Haystack
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.literal import LiteralPart, Needle
    from miniyara.search.stages import SweptPart


class LiteralFinder:
    """Finds the variants of a text."""

    def __init__(self, part: LiteralPart, swept: SweptPart | None = None) -> None:
        self._part = part
        self._swept = swept
        self._texts = [needle.text for needle in part.needles]
        self.reach = max(needle.end for needle in part.needles)

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        streams = [
            self._occurrences(haystack, index, low, high, deadline)
            for index in range(len(self._part.needles))
        ]
        return streams[0] if len(streams) == 1 else heapq.merge(*streams)

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`miniyara.search.finder.Finder`."""
        deadline.check()
        part = self._part
        if len(part.needles) > 1 or part.nocase:
            return None
        needle = part.needles[0]
        text, length, find = needle.text, len(needle.text), data.find
        stop = max(high - needle.end, 0) + length - 1
        spans = []
        offset = find(text, max(low - needle.end, 0), stop)
        while offset >= 0:
            spans.append((offset, length))
            offset = find(text, offset + 1, stop)
        if part.fullword:
            return standing_alone(data, spans, wide=needle.is_wide)
        return spans

    def is_absent(self, haystack: Haystack, deadline: Deadline) -> bool:
        """See :class:`miniyara.search.finder.Finder`."""
        if self._part.nocase:
            return False
        return not haystack.has_any(self._texts, deadline)

    def most_hits(self, haystack: Haystack, deadline: Deadline) -> int:
        """See :class:`miniyara.search.finder.Finder`."""
        limit = limits.MAX_STRING_MATCHES
        anchors = (
            exact_anchor(needle.text, nocase=self._part.nocase) for needle in self._part.needles
        )
        return sum(haystack.at_most(anchor, limit, deadline) for anchor in anchors)

    def _starts(self, haystack: Haystack, index: int) -> Sequence[int] | None:
        """Where a variant may stand, if that is known."""
        return None if self._swept is None else self._swept.starts(haystack, index)

    def _occurrences(
        self, haystack: Haystack, index: int, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        part, data = self._part, haystack.data
        needle = part.needles[index]
        length, end, atom_length = len(needle.text), needle.end, len(needle.atom.text)
        first = part.needles[0]
        # libyara compares with the first variant first, and goes no further if it is there.
        has_priority = needle is first or part.fits_in_atom
        for offset in self._offsets(haystack, index, low, high):
            deadline.check()
            if not has_priority and self._is_at(data, offset, first):
                continue
            if part.fullword and not stands_alone(
                data, offset, offset + length, wide=needle.is_wide
            ):
                continue
            yield Occurrence(offset + end, atom_length, (Hit(offset, length),))

    def _offsets(self, haystack: Haystack, index: int, low: int, high: int) -> Iterator[int]:
        """Where a variant stands whose atom ends from ``low`` to before ``high``."""
        needle = self._part.needles[index]
        starts = self._starts(haystack, index)
        if starts is not None:
            first = bisect_left(starts, low - needle.end)
            for offset in starts[first : bisect_left(starts, high - needle.end, first)]:
                if self._is_at(haystack.data, offset, needle):
                    yield offset
        elif self._part.nocase:
            start = max(low - needle.end, 0)
            block = haystack.data[start : max(high - needle.end, 0) + len(needle.text) - 1].lower()
            text = needle.text.lower()
            offset = block.find(text)
            while offset >= 0:
                yield start + offset
                offset = block.find(text, offset + 1)
        else:
            shift = len(needle.text) - needle.end
            for end in haystack.ends(needle.text, low + shift, high + shift):
                yield end - len(needle.text)

    def _is_at(self, data: Data, offset: int, needle: Needle) -> bool:
        """Whether a variant stands at an offset."""
        text = data[offset : offset + len(needle.text)]
        return text.lower() == needle.text.lower() if self._part.nocase else text == needle.text


_STRETCH: Final = 1 << 16
"""Bytes in which a text is looked for under all keys before what was found is sorted."""


class XorFinder:
    """Finds a text under any key of a range.

    Neighbouring bytes differ by the same bits under every key, so that one search
    in the differences finds a text under all keys at once.
    """

    def __init__(
        self, part: LiteralPart, low_key: int, high_key: int, swept: SweptPart | None = None
    ) -> None:
        self._part = part
        self._swept = swept
        self._keys = range(low_key, high_key + 1)
        self.reach = max(needle.end for needle in part.needles)
        # libyara tries the plain text under a key even if only wide text is asked for.
        self._texts = dict.fromkeys([part.text, *(needle.text for needle in part.needles)])

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        data = haystack.data
        for start in range(low, high, _STRETCH):
            end = min(start + _STRETCH, high)
            found = []
            for offset in self._offsets(haystack, start, end):
                deadline.check()
                found += [
                    Occurrence(offset + needle.end, len(needle.atom.text), (hit,))
                    for needle in self._part.needles
                    if start <= offset + needle.end < end
                    and self._is_triggered(data, offset, needle)
                    for hit in self._hits(data, offset, needle)
                ]
            found.sort()
            yield from found

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`miniyara.search.finder.Finder`: each hit has a key of its own."""

    def is_absent(self, haystack: Haystack, deadline: Deadline) -> bool:  # noqa: ARG002 - the protocol's signature
        """See :class:`miniyara.search.finder.Finder`."""
        return False

    def most_hits(self, haystack: Haystack, deadline: Deadline) -> int:
        """See :class:`miniyara.search.finder.Finder`."""
        deadline.check()
        known = self._starts(haystack)
        return len(haystack.data) if known is None else len(known)

    def _offsets(self, haystack: Haystack, low: int, high: int) -> list[int]:
        """Where one of the texts may stand under some key, by its atom if that was swept."""
        known = self._starts(haystack)
        if known is not None:
            first = bisect_left(known, low - self.reach)
            return known[first : bisect_left(known, high, first)]
        offsets: set[int] = set()
        data, low = haystack.data, max(low - self.reach, 0)
        longest = max(map(len, self._texts))
        differences = Haystack(_differences(data[low : high + longest]))
        for text in self._texts:
            pattern = _differences(text)
            last = min(high, len(data) - len(text) + 1) - low
            offsets.update(
                low + end - len(pattern)
                for end in differences.ends(pattern, len(pattern), last + len(pattern))
            )
        return sorted(offsets)

    def _starts(self, haystack: Haystack) -> list[int] | None:
        """Where the text may stand under some key, if that is known."""
        if self._swept is None:
            return None
        found: set[int] = set()
        for index in range(len(self._swept.numbers)):
            starts = self._swept.starts(haystack, index)
            if starts is None:
                return None
            found.update(starts)
        return sorted(found)

    def _is_triggered(self, data: Data, offset: int, needle: Needle) -> bool:
        """Whether libyara finds the atom of this variant, under a key of the range."""
        atom = needle.atom
        return _key(data, offset + atom.offset, atom.text) in self._keys

    def _hits(self, data: Data, offset: int, needle: Needle) -> Iterator[Hit]:
        """The match at an offset, if there is one.

        Follows ``_yr_scan_verify_literal_match`` in libyara's ``scan.c``: without
        a key first, and then the other way round.
        """
        part = self._part
        any_key = range(256)
        if part.fits_in_atom:
            attempts = [(needle.text, needle.is_wide, self._keys)]
        else:
            attempts = [(other.text, other.is_wide, range(1)) for other in part.needles]
            attempts += [(other.text, True, any_key) for other in part.needles if other.is_wide]
            attempts.append((part.text, False, any_key))
        for text, wide, keys in attempts:
            key = _key(data, offset, text)
            if key is not None and key in keys:
                end = offset + len(text)
                if not part.fullword or stands_alone(data, offset, end, wide=wide):
                    yield Hit(offset, len(text), key)
                return


def _differences(text: bytes) -> bytes:
    """By which bits each byte differs from the next."""
    number = int.from_bytes(text, "little")
    return (number ^ number >> 8).to_bytes(len(text), "little")[:-1]


_UNDER_KEY: Final = [bytes(byte ^ key for byte in range(256)) for key in range(256)]
"""By key, what becomes of each byte."""


def _key(data: Data, offset: int, text: bytes) -> int | None:
    """The key under which ``text`` stands at ``offset``, if it does."""
    if offset + len(text) > len(data):
        return None
    key = data[offset] ^ text[0]
    return key if data[offset : offset + len(text)] == text.translate(_UNDER_KEY[key]) else None
