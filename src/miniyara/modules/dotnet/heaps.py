"""The heaps of .NET metadata: strings, blobs, user strings and GUIDs.

Follows ``pe_get_dotnet_string``, ``dotnet_parse_blob_entry``, ``dotnet_parse_us`` and
``dotnet_parse_guid`` in libyara's ``modules/dotnet/dotnet.c`` (ECMA-335, II.24.2).
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.dotnet.limits import LONGEST_NAME, MOST_GUIDS
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from miniyara.deadline import Deadline

_GUID: Final = struct.Struct("<I2H8B")
_GUID_TEXT: Final = b"%08x-%04x-%04x-%02x%02x-" + 6 * b"%02x"
_ENTRIES_PER_CHECK: Final = 4096
_LONGEST_RUN: Final = 4096
"""Zeros that are passed over at once where there are several, as at the end."""


@dataclass(frozen=True, slots=True)
class StringHeap:
    """The heap ``#Strings``: names, each with a NUL as its end."""

    data: Any
    start: int
    size: int

    def string(self, index: int) -> bytes | Undefined:
        """Return the string at an index; undefined if it is too long or not there."""
        offset = self.start + index
        if index >= self.size or offset >= len(self.data):
            return UNDEFINED
        text, end, _ = bytes(self.data[offset : offset + LONGEST_NAME + 1]).partition(b"\0")
        return text if end else UNDEFINED


def blob_at(data: Any, offset: int) -> range | None:
    """Return where the bytes of the blob at an offset are; None if they leave the data.

    In front of them stands their number, in one, two or four bytes.
    """
    size = len(data)
    if offset >= size:
        return None
    first = data[offset]
    if first < 0x80:
        start, length = offset + 1, first
    elif first < 0xC0:
        start = offset + 2
        length = int.from_bytes(data[offset:start], "big") & 0x3FFF
    elif first < 0xE0 and offset + 4 < size:
        start = offset + 4
        length = int.from_bytes(data[offset:start], "big") & 0x1FFF_FFFF
    else:
        return None
    return range(start, start + length) if start + length <= size else None


@dataclass(frozen=True, slots=True)
class BlobHeap:
    """The heap ``#Blob``: signatures, values and keys."""

    data: Any
    start: int

    def blob(self, index: int) -> range | None:
        """Return where the blob at an index is; None if it is not in the data."""
        return blob_at(self.data, self.start + index)


class UserStrings:
    """The heap ``#US``: literals of the program, mostly UTF-16.

    Raises :class:`~miniyara.errors.ScanTimeout` when made after the deadline.
    """

    def __init__(self, data: Any, start: int, size: int, deadline: Deadline) -> None:
        self._data = data
        self._start = start
        self._starts = array("I")
        """Where in the heap each string is, with its length in front."""
        self.is_sound = 0 < size <= len(data) - start and data[start] == 0
        """Whether libyara reads the heap."""
        if self.is_sound:
            self._find(start + 1, start + size, deadline)

    def __len__(self) -> int:
        return len(self._starts)

    def string(self, index: int) -> bytes:
        """Return the string at an index, which must be less than their number."""
        blob = blob_at(self._data, self._start + self._starts[index])
        assert blob is not None
        return bytes(self._data[blob.start : blob.stop - 1])

    def _find(self, offset: int, end: int, deadline: Deadline) -> None:
        """Find the strings that begin before ``end``.

        The last byte of each is not part of it; it says whether a character is not
        ASCII. libyara reads on at that very byte, and so a 0 is an empty string, of
        which there are many, and a 1 is one without characters.
        """
        data, starts = self._data, self._starts
        passed = 0
        while offset < end:
            passed += 1
            if passed % _ENTRIES_PER_CHECK == 0:
                deadline.check()
            if data[offset] == 0:
                offset += 1
                if offset < end and data[offset] == 0:
                    block = bytes(data[offset : min(offset + _LONGEST_RUN, end)])
                    offset += len(block) - len(block.lstrip(b"\0"))
                continue
            blob = blob_at(data, offset)
            if blob is None:
                break
            if len(blob) > 1:
                starts.append(offset - self._start)
                offset = blob.stop - 1
            else:
                offset = blob.start


def guids(data: Any, start: int, size: int) -> list[bytes]:
    """Return the GUIDs of the heap ``#GUID`` as text."""
    count = min(size // _GUID.size, MOST_GUIDS, max(len(data) - start, 0) // _GUID.size)
    return [
        _GUID_TEXT % _GUID.unpack_from(data, offset)
        for offset in range(start, start + count * _GUID.size, _GUID.size)
    ]
