"""How often short texts are in the data: a bound on how often anything with them is there.

libyara warns of a string with more than a million matches even if no condition asks
for it.  To know that a string has fewer, it is nearly always enough to count bytes.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor

_BLOCK: Final = 1 << 18
"""Bytes counted at a time."""

_MOST_VALUES: Final = 16
"""Values of a byte that are added up: a letter in both cases, a byte of a known nibble."""


class Frequencies:
    """Counts in one piece of data.  With numpy they are those of pairs of bytes."""

    def __init__(self, data: Data, deadline: Deadline) -> None:
        self._size = len(data)
        self._pairs: Sequence[int] | None = None
        try:
            import numpy as np  # noqa: PLC0415 - only large data are counted
        except ImportError:
            self._bytes = [0] * 256
            for start in range(0, len(data), _BLOCK):
                deadline.check()
                block = data[start : start + _BLOCK]
                for byte in set(block):
                    self._bytes[byte] += block.count(byte)
            return
        pairs = np.zeros(1 << 16, np.int64)
        for shift in (0, 1):
            end = shift + (len(data) - shift) // 2 * 2
            for start in range(shift, end, _BLOCK):
                deadline.check()
                values = np.frombuffer(data[start : min(start + _BLOCK, end)], "<u2")
                pairs += np.bincount(values, minlength=1 << 16)
        self._pairs = pairs.tolist()

    def at_most(self, anchor: Anchor) -> int:
        """How often an anchor can be there at most."""
        known = [_values(*one) for one in zip(*anchor, strict=True)]
        if self._pairs is None:
            singles = (sum(map(self._bytes.__getitem__, values)) for values in known if values)
            return min(singles, default=self._size)
        pairs = self._pairs
        counts = (
            sum(pairs[one | other << 8] for one, other in product(first, second))
            for first, second in pairwise(known)
            if first and second
        )
        return min(counts, default=self._size)


@cache
def _values(value: int, mask: int) -> tuple[int, ...]:
    """The bytes that have the known bits; none if there are many."""
    if 1 << (~mask & 0xFF).bit_count() > _MOST_VALUES:
        return ()
    return tuple(byte for byte in range(256) if byte & mask == value)
