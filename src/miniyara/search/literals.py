"""Finds literal strings."""

from __future__ import annotations

import heapq
import re
from typing import TYPE_CHECKING, Final

from miniyara.patterns.words import stands_alone
from miniyara.search.finder import Occurrence, occurrences_of
from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.literal import LiteralPart, Needle


class LiteralFinder:
    """Finds the variants of a text."""

    def __init__(self, part: LiteralPart) -> None:
        self._part = part
        self.reach = max(needle.end for needle in part.needles)
        self._expressions = {
            needle: re.compile(re.escape(needle.text), re.IGNORECASE if part.nocase else 0)
            for needle in part.needles
        }

    def occurrences(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        streams = [
            self._occurrences(data, needle, low, high, deadline) for needle in self._part.needles
        ]
        return streams[0] if len(streams) == 1 else heapq.merge(*streams)

    def _occurrences(
        self, data: Data, needle: Needle, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        part = self._part
        length, end, atom_length = len(needle.text), needle.end, len(needle.atom.text)
        first = part.needles[0]
        # libyara compares with the first variant first, and goes no further if it is there.
        has_priority = needle is first or part.fits_in_atom
        for offset in self._offsets(data, needle, low - end, high - end):
            deadline.check()
            if not has_priority and self._expressions[first].match(data, offset):
                continue
            if part.fullword and not stands_alone(
                data, offset, offset + length, wide=needle.is_wide
            ):
                continue
            yield Occurrence(offset + end, atom_length, (Hit(offset, length),))

    def _offsets(self, data: Data, needle: Needle, low: int, high: int) -> Iterator[int]:
        if not self._part.nocase:
            yield from occurrences_of(data, needle.text, low, high)
            return
        search, stop = self._expressions[needle].search, max(high, 0) + len(needle.text) - 1
        found = search(data, max(low, 0), stop)
        while found:
            yield found.start()
            found = search(data, found.start() + 1, stop)


class XorFinder:
    """Finds a text under any key of a range.

    Neighbouring bytes differ by the same bits under every key, so that one search
    in the differences finds a text under all keys at once.
    """

    def __init__(self, part: LiteralPart, low_key: int, high_key: int) -> None:
        self._part = part
        self._keys = range(low_key, high_key + 1)
        self.reach = max(needle.end for needle in part.needles)
        # libyara tries the plain text under a key even if only wide text is asked for.
        self._texts = dict.fromkeys([part.text, *(needle.text for needle in part.needles)])

    def occurrences(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`miniyara.search.finder.Finder`."""
        found = []
        for offset in self._offsets(data, max(low - self.reach, 0), high):
            deadline.check()
            found += [
                Occurrence(offset + needle.end, len(needle.atom.text), (hit,))
                for needle in self._part.needles
                if low <= offset + needle.end < high and self._is_triggered(data, offset, needle)
                for hit in self._hits(data, offset, needle)
            ]
        found.sort()
        return iter(found)

    def _offsets(self, data: Data, low: int, high: int) -> list[int]:
        """Where one of the texts may stand under some key."""
        longest = max(map(len, self._texts))
        differences = _differences(data[low : high + longest])
        offsets = set()
        for text in self._texts:
            last = min(high, len(data) - len(text) + 1)
            offsets.update(
                low + offset
                for offset in occurrences_of(differences, _differences(text), 0, last - low)
            )
        return sorted(offsets)

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
