"""Grams: the four bytes in a row by which search finds an anchor.

An anchor is a text of which some bits may be unknown.  Its grams are chosen by how rare
they are in real files (:mod:`miniyara.patterns.rarity`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.patterns.rarity import FOLDED, GRAM, common_grams, gram_rarities

if TYPE_CHECKING:
    from collections.abc import Mapping

_RARE: Final = 18 * 8
_UNCOMMON: Final = 13 * 8
"""Rarities of grams that are worth looking for whatever they cost, and if there is nothing
better."""

STRIDES: Final = (4, 2, 1)
"""At every fourth byte of the data, at every second, or at each."""

_KNOWN: Final = b"\xff" * GRAM


class Anchor(NamedTuple):
    """Bytes, of which some bits may be unknown."""

    text: bytes
    """The bytes; unknown bits are 0."""
    mask: bytes
    """The known bits of each."""


class Grams(NamedTuple):
    """By which four bytes in a row an anchor is found.

    A search that looks at every fourth byte of the data needs four grams that stand
    at different distances, modulo 4, from the start of the anchor: one of them is
    looked at wherever the anchor is.
    """

    offsets: tuple[int, ...]
    """Where the grams are in the anchor, one for each remainder of a division by the stride."""
    rarity: int
    """The rarity of the least rare one."""
    rarest: int
    """Where the rarest gram of the anchor is."""

    @property
    def stride(self) -> int:
        """At which distances of the data it is enough to look."""
        return len(self.offsets)

    def at_every_byte(self) -> Grams:
        """What is enough if every byte of the data is looked at."""
        return Grams((self.rarest,), self.rarity, self.rarest)


@lru_cache(maxsize=256)  # an anchor that is chosen among others is asked about again
def choose_grams(anchor: Anchor) -> Grams | None:
    """The rarest grams of an anchor, for the longest stride for which there are rare ones.

    None if there is no gram that is worth looking for.
    """
    rarities = gram_rarities(anchor.text)
    known = anchor.mask.translate(FOLDED)
    if known.count(0xFF) < len(known):
        rarities = [
            rarity if known.startswith(_KNOWN, offset) else -1
            for offset, rarity in enumerate(rarities)
        ]
    folded, common = anchor.text.translate(FOLDED), common_grams()
    for stride in STRIDES:
        if len(rarities) >= stride:
            best = [_rarest(rarities, folded, common, start, stride) for start in range(stride)]
            rarity, _ = min(best)
            if rarity >= (_UNCOMMON if stride == 1 else _RARE):
                _, rarest = max(best)
                return Grams(tuple([offset for _, offset in best]), rarity, rarest)
    return None


def _rarest(
    rarities: list[int], folded: bytes, common: Mapping[bytes, int], start: int, stride: int
) -> tuple[int, int]:
    """The rarest of every so many grams: its rarity and where it is.

    Only what looks rare is looked up among the common grams.
    """
    some = rarities[start::stride]
    while True:
        highest = max(some)
        place = some.index(highest)
        offset = start + stride * place
        rarity = common.get(folded[offset : offset + GRAM], highest)
        if rarity >= highest:
            return highest, offset
        some[place] = rarities[offset] = rarity
