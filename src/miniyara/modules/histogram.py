"""How often each byte value occurs, which is what most statistics need.

NumPy counts some 25 times faster than the standard library. It is used where it
is installed and there is enough to count to pay for importing it.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMPY_FROM: Final = 1 << 16
"""Bytes of a block from which on NumPy counts it."""


@cache
def _numpy() -> Any:
    try:
        return import_module("numpy")
    except ImportError:
        return None


def histogram(blocks: Iterator[bytes]) -> list[int]:
    """Return the number of occurrences of each of the 256 byte values."""
    counts: Counter[int] = Counter()
    for block in blocks:
        numpy = _numpy() if len(block) >= NUMPY_FROM else None
        if numpy is None:
            counts.update(block)
        else:
            occurrences = numpy.bincount(numpy.frombuffer(block, numpy.uint8), minlength=256)
            counts.update(dict(enumerate(occurrences.tolist())))
    return [counts[byte] for byte in range(256)]
