"""The "rich" signature that Microsoft's linker leaves between the DOS and the PE header.

It counts the tools that made the parts of the file, xored with a key. Follows
``pe_parse_rich_signature`` and ``_rich_version`` in libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.image import last_aligned
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.modules.interface import Value
    from miniyara.modules.pe.image import Image
    from miniyara.values import Undefined

_END: Final = b"Rich"
_START: Final = b"DanS"

_FIRST: Final = 64
"""The signature does not begin before the end of the DOS header."""

_HEADER_SIZE: Final = 16
"""Bytes before the first entry: ``DanS`` and three times the key."""

_ENTRY: Final = struct.Struct("<HHI")


@dataclass(frozen=True, slots=True)
class RichSignature:
    """A rich signature, and the value of ``pe.rich_signature``."""

    offset: int
    key: bytes
    raw: bytes

    @property
    def clear(self) -> bytes:
        """The signature without the xor."""
        size = len(self.raw)
        mask = int.from_bytes(self.key * (size // 4), "little")
        return (int.from_bytes(self.raw, "little") ^ mask).to_bytes(size, "little")

    @property
    def is_whole(self) -> bool:
        """Whether it has at least the header."""
        return len(self.raw) >= _HEADER_SIZE

    def _entries(self) -> memoryview:
        entries = memoryview(self.clear)[_HEADER_SIZE:]
        return entries[: len(entries) // _ENTRY.size * _ENTRY.size]

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a field of ``pe.rich_signature``."""
        if name == "offset":
            return self.offset
        if name == "length":
            return len(self.raw)
        if name == "key":
            return int.from_bytes(self.key, "little")
        if name == "raw_data":
            return self.raw
        if name == "clear_data":
            return self.clear
        if not self.is_whole:
            return UNDEFINED
        return b"".join(
            bytes(entry) for entry, _times in struct.iter_unpack("4s4s", self._entries())
        )

    def times(self, version: int | None, tool: int | None) -> int | Undefined:
        """Return how many parts were made by a version and a tool; None stands for any."""
        if not self.is_whole:
            return UNDEFINED
        number: int = sum(
            times
            for its_version, its_tool, times in _ENTRY.iter_unpack(self._entries())
            if version in (None, its_version) and tool in (None, its_tool)
        )
        return number


def find_signature(image: Image) -> RichSignature | None:
    """Return the signature, or None if there is none."""
    end = last_aligned(image, _END, _FIRST, image.start - 4)
    if end is None:
        return None
    key = bytes(image.data[end + 4 : end + 8])
    if not any(key):
        return None
    masked = bytes(clear ^ mask for clear, mask in zip(_START, key, strict=True))
    start = last_aligned(image, masked, _FIRST, end - 4)
    if start is None:
        return None
    return RichSignature(start, key, bytes(image.data[start:end]))
