"""Reading texts of unknown length from the scanned data, as far as they go and no further."""

from __future__ import annotations

from typing import Any, Final

_FIRST_STRETCH: Final = 64
_LONGEST_STRETCH: Final = 1 << 16


def terminated(data: Any, start: int, end: int) -> bytes | None:
    """Return the bytes from ``start`` to the next NUL, or None if there is none before ``end``.

    ``end`` must not be past the end of the data.
    """
    parts = []
    stretch = _FIRST_STRETCH
    while start < end:
        part = bytes(data[start : min(start + stretch, end)])
        length = part.find(0)
        if length >= 0:
            parts.append(part[:length])
            return b"".join(parts)
        parts.append(part)
        start += stretch
        stretch = min(2 * stretch, _LONGEST_STRETCH)
    return None


def last_nul(data: Any, start: int, end: int) -> int:
    """Return the offset of the last NUL between two offsets, or -1 if there is none."""
    stretch = _FIRST_STRETCH
    while start < end:
        first = max(start, end - stretch)
        place = bytes(data[first:end]).rfind(0)
        if place >= 0:
            return first + place
        end = first
        stretch = min(2 * stretch, _LONGEST_STRETCH)
    return -1
