"""The sweep that needs nothing but the standard library.

Four bytes are a machine word.  The data as an array of words has the four bytes at
every fourth place, and the intersection of a set with them is made at C's speed.  Of
an anchor with four grams at different distances one is at such a place; for an anchor
with fewer, arrays that begin one, two or three bytes later are looked at as well.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import compress, count
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.patterns.rarity import FOLD, FOLDED, GRAM
from miniyara.search.places import MOST_WORK, Collected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.places import Places
    from miniyara.search.sweep import SweptAnchors

_BLOCK: Final = 1 << 15
"""Bytes looked at together: in many there is no gram at all."""

_FEW: Final = 16
"""Grams that are sooner searched for one by one than by another look at every word."""


_MOST_COMPARED: Final = 16
"""Anchors that share a gram and are compared where it is; of more, each may be there."""

_KNOWN: Final = bytes((0xFF, 0xFF ^ FOLD))
"""In a mask, bytes that are known once the data are folded."""


class _Owner(NamedTuple):
    """An anchor, and where in it a gram is."""

    number: int
    offset: int
    text: bytes | None
    """All of the anchor, folded; None to leave it at the gram."""


class GramsSweep:
    """Looks for grams as words."""

    most_at_once: float = 0

    def __init__(self, swept: SweptAnchors) -> None:
        owners: list[defaultdict[int, list[_Owner]]] = [defaultdict(list) for _ in range(GRAM)]
        for number, anchor, grams in swept:
            text = anchor.text.translate(FOLDED)
            is_known = not anchor.mask.translate(None, _KNOWN)
            for offset in grams.offsets:
                word = int.from_bytes(text[offset : offset + GRAM], sys.byteorder)
                for shift in range(0, GRAM, grams.stride):
                    owner = _Owner(number, offset, text if is_known else None)
                    owners[shift][word].append(owner)
        for words in owners:
            for word, sharing in words.items():
                if len(sharing) > _MOST_COMPARED:
                    words[word] = [owner._replace(text=None) for owner in sharing]
        self._arrays = [
            (shift, frozenset(words), words) for shift, words in enumerate(owners) if words
        ]
        """At which bytes an array begins, the words looked for in it, and by word the
        anchors, and where in them it is."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """See :class:`miniyara.search.sweep.Sweep`."""
        collected = Collected()
        arrays = list(self._arrays)
        work: defaultdict[int, int] = defaultdict(int)
        for block_start in range(0, len(data), _BLOCK):
            block = data[block_start : block_start + _BLOCK + GRAM].translate(FOLDED)
            for number, (shift, words, owners) in enumerate(arrays):
                deadline.check()
                end = shift + (min(len(block) - shift, _BLOCK)) // GRAM * GRAM
                with memoryview(block)[shift:end] as shifted, shifted.cast("I") as array:
                    found = words.intersection(array)
                    for word, place in _places(found, block[:end], shift, array) if found else ():
                        if work[word] <= MOST_WORK:
                            _collect(data, block_start + place, owners[word], collected)
                            work[word] += len(owners[word])
                frequent = {word for word in found if work[word] > MOST_WORK}
                if frequent:
                    arrays[number] = shift, words - frequent, owners
                    for word in frequent:
                        for owner in owners[word]:
                            collected.give_up(owner.number)
        return collected.places()


def _collect(data: Data, place: int, owners: Iterable[_Owner], collected: Collected) -> None:
    """Collect the anchors that have a gram which is at a place."""
    for number, offset, text in owners:
        start = place - offset
        if start >= 0 and (
            text is None or data[start : start + len(text)].translate(FOLDED) == text
        ):
            collected.add(number, start)


def _places(
    words: frozenset[int], block: bytes, shift: int, array: memoryview
) -> Iterator[tuple[int, int]]:
    """The places of some words in a block whose array begins at ``shift``."""
    if len(words) > _FEW:
        for index in compress(count(), map(words.__contains__, array)):
            yield array[index], shift + index * GRAM
        return
    for word in words:
        text = word.to_bytes(GRAM, sys.byteorder)
        place = block.find(text, shift)
        while place >= 0:
            if (place - shift) % GRAM == 0:
                yield word, place
            place = block.find(text, place + 1)
