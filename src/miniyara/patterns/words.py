r"""Whether a match stands alone, as ``fullword`` asks.

Only letters and digits join words: an underscore does not, unlike for ``\b``.
Follows ``_yr_scan_match_callback`` in libyara's ``scan.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from miniyara.patterns.data import Data

_ALPHANUMERIC: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def stands_alone(data: Data, start: int, end: int, *, wide: bool) -> bool:
    """Whether no letter or digit joins the bytes from ``start`` to ``end``.

    If ``wide``, the neighbours are characters of two bytes.
    """
    if not wide:
        return not (
            (start >= 1 and data[start - 1] in _ALPHANUMERIC)
            or (end < len(data) and data[end] in _ALPHANUMERIC)
        )
    return not (
        (start >= 2 and data[start - 1] == 0 and data[start - 2] in _ALPHANUMERIC)
        or (end + 1 < len(data) and data[end + 1] == 0 and data[end] in _ALPHANUMERIC)
    )


def standing_alone(
    data: Data, spans: list[tuple[int, int]], *, wide: bool
) -> list[tuple[int, int]]:
    """Those of some offsets and lengths that stand alone."""
    return [
        (offset, length)
        for offset, length in spans
        if stands_alone(data, offset, offset + length, wide=wide)
    ]
