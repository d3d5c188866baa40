"""Reading a part of the data field after field: numbers, texts and identifiers.

Texts become UTF-8; what cannot be decoded becomes U+FFFD, as in YARA-X.
"""

from __future__ import annotations

import struct
from typing import Any, Final

MOST_TEXT: Final = 1 << 20
"""Bytes of a text that are read. Ours alone; a path of Windows has at most 65,534."""


class Truncated(Exception):  # noqa: N818 - of data, not an error of ours
    """The data end before what is read."""


class Reader:
    """A place in a part of the data, and where the part ends."""

    __slots__ = ("_data", "_end", "_start")

    def __init__(self, data: Any, start: int, end: int) -> None:
        self._data = data
        self._start = start
        self._end = end

    def __len__(self) -> int:
        """Bytes that are left."""
        return self._end - self._start

    @property
    def offset(self) -> int:
        """Where the next byte is in the data."""
        return self._start

    def numbers(self, codes: str) -> tuple[int, ...]:
        """Read numbers; ``codes`` are those of :mod:`struct`.  May raise Truncated."""
        size = struct.calcsize(f"<{codes}")
        return struct.unpack(f"<{codes}", self.take(size).content())

    def number(self, code: str) -> int:
        """Read a number.  May raise Truncated."""
        return self.numbers(code)[0]

    def take(self, size: int) -> Reader:
        """Read a part of so many bytes.  May raise Truncated."""
        if size > len(self):
            raise Truncated
        start = self._start
        self._start += size
        return Reader(self._data, start, self._start)

    def part(self, offset: int, size: int | None = None) -> Reader | None:
        """Return the part at an offset from here; None if it is not all there.

        Without a size it goes on to the end.
        """
        start = self._start + offset
        end = self._end if size is None else start + size
        return Reader(self._data, start, end) if start <= end <= self._end else None

    def content(self, most: int | None = None) -> bytes:
        """Return the bytes that are left, or so many of them."""
        end = self._end if most is None else min(self._end, self._start + most)
        return bytes(self._data[self._start : end])

    def text(self, *, is_wide: bool) -> bytes:
        """Return the text here, up to a NUL or the end."""
        content = self.content(MOST_TEXT)
        return _wide(content) if is_wide else lossy(content.partition(b"\0")[0])


def lossy(content: bytes) -> bytes:
    """Return UTF-8 as valid UTF-8."""
    return content.decode("utf-8", "replace").encode("utf-8")


def _wide(content: bytes) -> bytes:
    end = content.find(b"\0\0")
    while end % 2 and end > 0:
        end = content.find(b"\0\0", end + 1)
    if end < 0:
        end = len(content) & ~1
    return content[:end].decode("utf-16-le", "replace").encode("utf-8")


def guid(identifier: bytes) -> bytes:
    """Return an identifier of 16 bytes as text."""
    first, second, third, *rest = struct.unpack("<IHH8B", identifier)
    digits = "".join(f"{byte:02x}" for byte in rest)
    return f"{first:08x}-{second:04x}-{third:04x}-{digits[:4]}-{digits[4:]}".encode("ascii")
