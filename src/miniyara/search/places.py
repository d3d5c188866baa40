"""Where the anchors of a sweep are in one piece of data."""

from __future__ import annotations

from array import array
from bisect import insort
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_KEPT: Final = 1 << 16
"""Places of one anchor that a sweep keeps; an anchor that is more common is searched
for when it is asked for."""

MAX_KEPT_IN_ALL: Final = 1 << 20
"""Places of all anchors that a sweep keeps; if there are more, those of the most common
anchors go.  Bounds the memory of a sweep over dense data."""

MOST_WORK: Final = 1 << 17
"""Places for all anchors of one gram or word that a sweep collects one by one; if there
are more, the anchors are as good as common."""


class Places:
    """What a sweep has found.

    ``starts`` has, by the number of the anchor, where it may begin, in ascending
    order: everywhere where it is, and perhaps in a few more places.  Of the
    anchors in ``common`` it is only known that there are too many places.
    """

    def __init__(self, starts: Mapping[int, Sequence[int]], common: Iterable[int] = ()) -> None:
        self._starts = starts
        self.common = frozenset(common)

    def found(self) -> Iterable[int]:
        """The anchors that may be in the data."""
        return [*self._starts, *self.common]

    def has(self, anchor: int) -> bool:
        """Whether an anchor may be in the data."""
        return anchor in self._starts or anchor in self.common

    def starts(self, anchor: int) -> Sequence[int] | None:
        """Where an anchor may begin; None if it is common."""
        return None if anchor in self.common else self._starts.get(anchor, ())


class Collected(dict[int, "array[int]"]):
    """Places as a sweep collects them one by one, for each anchor in ascending order.

    In arrays, because there may be a million, and an integer of Python takes 32 bytes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.common: set[int] = set()
        self._kept = 0

    def add(self, anchor: int, start: int) -> None:
        """Add a place, which may come a little before others that were added."""
        if anchor in self.common:
            return
        starts = self.get(anchor)
        if starts is None:
            self[anchor] = array("q", (start,))
        elif starts[-1] < start:
            starts.append(start)
        else:
            insort(starts, start)
        self._kept += 1
        if starts is not None and len(starts) > MAX_KEPT:
            self.give_up(anchor)
        elif self._kept > MAX_KEPT_IN_ALL:
            self.give_up(max(self, key=lambda anchor: len(self[anchor])))

    def places(self) -> Places:
        """What was collected."""
        return Places(self, self.common)

    def give_up(self, anchor: int) -> None:
        """Keep no places of an anchor."""
        self._kept -= len(self.pop(anchor, ()))
        self.common.add(anchor)
