"""How often each byte is in the data: a bound on how often anything with it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from miniyara.patterns.data import Data

_BLOCK: Final = 1 << 20
"""Bytes counted at a time."""


class ByteCounts(dict[int, int]):
    """The number of times that a byte is in the data, counted when it is asked for.

    With numpy all bytes are counted in one pass.
    """

    def __init__(self, data: Data) -> None:
        super().__init__()
        self._data = data

    def __missing__(self, byte: int) -> int:
        data = self._data
        blocks = (data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK))
        try:
            import numpy as np  # noqa: PLC0415 - only large data are counted
        except ImportError:
            single = bytes((byte,))
            self[byte] = sum(block.count(single) for block in blocks)
        else:
            counts = np.zeros(256, np.int64)
            for block in blocks:
                counts += np.bincount(np.frombuffer(block, np.uint8), minlength=256)
            self.update(enumerate(counts.tolist()))
        return self[byte]
