"""The ZIP archive in an extension, of which one or two small files are read.

It does what the library zip of YARA-X does: the end of the archive is looked for from
behind, and data before the archive shift all offsets.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from miniyara.modules.crx.limits import MOST_ENDS, MOST_JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline

_END: Final = struct.Struct("<4H2IH")
"""Behind its signature: this disk, the disk with the directory, entries here and in all,
size and offset of the directory, and the length of a comment."""
_END_SIGNATURE: Final = b"PK\5\6"
_LOCATOR_SIGNATURE: Final = b"PK\6\7"
_LOCATOR_SIZE: Final = 20

_ENTRY: Final = struct.Struct("<4x2H4x3I3H8xI")
"""Behind its signature: flags and method, checksum and sizes, lengths, and an offset."""
_ENTRY_SIGNATURE: Final = b"PK\1\2"

_LARGE_SIZES: Final = 0x0001
_UNIX_TIMES: Final = 0x5455
_NTFS_TIMES: Final = 0x000A
_NTFS_TIMES_SIZE: Final = 32
_NTFS_TIMES_START: Final = b"\1\0\x18\0"
_KNOWN_FIELDS: Final = (_LARGE_SIZES, _UNIX_TIMES, _NTFS_TIMES, 0x6375, 0x7075, 0x9901, 0xA11E)
"""Fields behind the name of a file of which the header must be whole, by their number."""

_LOCAL_SIZE: Final = 30
_LOCAL_SIGNATURE: Final = b"PK\3\4"

_IS_ENCRYPTED: Final = 0x1
_IS_UTF8: Final = 0x800

_STORED: Final = 0
_DEFLATED: Final = 8

_STRETCH: Final = 1 << 16
_ENTRIES_BETWEEN_CHECKS: Final = 1024


class _Broken(Exception):  # noqa: N818 - of data, not an error of ours
    """There is no archive here."""


class _Entry(NamedTuple):
    """A file of the archive."""

    flags: int
    method: int
    checksum: int
    packed_size: int
    offset: int
    """Of its local header."""


class _Directory(NamedTuple):
    """Where the list of files is, in the data."""

    start: int
    entry_count: int
    shift: int
    """What is added to offsets of the archive."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive at the end of the data, whose directory is sound."""

    data: Any
    directory: _Directory
    deadline: Deadline

    def read(self, name: str) -> bytes | None:
        """Return what a file has; None if there is none, or it is damaged or too large.

        Of files with the same name the last one counts.
        """
        found = None
        for raw_name, entry in _entries(self.data, self.directory, self.deadline):
            encoding = "utf-8" if entry.flags & _IS_UTF8 else "cp437"
            if raw_name.decode(encoding, "replace") == name:
                found = entry
        return None if found is None else self._unpack(found)

    def _unpack(self, entry: _Entry) -> bytes | None:
        data, start = self.data, self.directory.shift + entry.offset
        header = bytes(data[start : start + _LOCAL_SIZE])
        if len(header) < _LOCAL_SIZE or not header.startswith(_LOCAL_SIGNATURE):
            return None
        start += _LOCAL_SIZE + sum(struct.unpack("<2H", header[26:]))
        if entry.flags & _IS_ENCRYPTED or entry.packed_size > MOST_JSON:
            return None
        content = bytes(data[start : start + entry.packed_size])
        if entry.method == _DEFLATED:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = unpacker.decompress(content, MOST_JSON)
            except zlib.error:
                return None
            if not unpacker.eof:
                return None
        elif entry.method != _STORED:
            return None
        return content if zlib.crc32(content) == entry.checksum else None


def archive(data: Any, start: int, deadline: Deadline) -> Archive | None:
    """Return the archive in the data behind an offset, or None if there is none."""
    end = len(data)
    for _ in range(MOST_ENDS):
        deadline.check()
        end = _find_last(data, _END_SIGNATURE, start, end)
        if end < 0:
            return None
        try:
            directory = _directory(data, start, end)
            for _ in _entries(data, directory, deadline):
                pass
        except _Broken:
            continue
        return Archive(data, directory, deadline)
    return None


def _directory(data: Any, start: int, end: int) -> _Directory:
    """Read the end of an archive."""
    behind = end + 4 + _END.size
    if behind > len(data):
        raise _Broken
    disk, first_disk, count_here, count, _, offset, comment = _END.unpack(data[end + 4 : behind])
    if behind + comment > len(data) or disk != first_disk:
        raise _Broken
    if (count == 0xFFFF or offset == 0xFFFF_FFFF) and _has_locator(data, start, end):
        # An archive of more than 4 GiB or 65,534 files, which no extension is.
        raise _Broken
    if count == 0:
        shift = max(0, end - start - offset)
        return _Directory(start + offset + shift, count_here, start + shift)
    if start + offset >= end:
        raise _Broken
    first = _find_first(data, _ENTRY_SIGNATURE, start + offset, end)
    if first < 0:
        raise _Broken
    return _Directory(first, count_here, first - offset)


def _has_locator(data: Any, start: int, end: int) -> bool:
    place = end - _LOCATOR_SIZE
    return place >= start and bytes(data[place : place + 4]) == _LOCATOR_SIGNATURE


def _entries(
    data: Any, directory: _Directory, deadline: Deadline
) -> Iterator[tuple[bytes, _Entry]]:
    """Yield name and place of each file."""
    place = directory.start
    for number in range(directory.entry_count):
        if number % _ENTRIES_BETWEEN_CHECKS == 0:
            deadline.check()
        block = bytes(data[place : place + 4 + _ENTRY.size])
        if len(block) < 4 + _ENTRY.size or not block.startswith(_ENTRY_SIGNATURE):
            raise _Broken
        flags, method, checksum, packed, _, name_size, extra_size, comment_size, offset = (
            _ENTRY.unpack(block[4:])
        )
        name_start = place + len(block)
        place = name_start + name_size + extra_size + comment_size
        if place > len(data):
            raise _Broken
        extra_start = name_start + name_size
        name = bytes(data[name_start:extra_start])
        _check_extra_fields(bytes(data[extra_start : extra_start + extra_size]))
        yield name, _Entry(flags, method, checksum, packed, offset)


def _check_extra_fields(fields: bytes) -> None:
    """Check what stands behind a name; may raise _Broken.

    What a field says of files too large for an extension, of encryption or of another
    name is not looked at.
    """
    place = 0
    while place + 2 <= len(fields):
        kind = int.from_bytes(fields[place : place + 2], "little")
        start = place + 4
        if start > len(fields):
            if kind in _KNOWN_FIELDS:
                raise _Broken
            return
        size = int.from_bytes(fields[place + 2 : start], "little")
        place = start + size
        is_sound = {
            _UNIX_TIMES: size > 0,
            _NTFS_TIMES: size == _NTFS_TIMES_SIZE
            and fields[start + 4 : start + 8] == _NTFS_TIMES_START,
        }.get(kind, True)
        if not is_sound or (place > len(fields) and kind != _LARGE_SIZES):
            raise _Broken


def _find_first(data: Any, wanted: bytes, start: int, end: int) -> int:
    """Return where something first is between two offsets, or -1."""
    while start < end:
        part = bytes(data[start : min(end, start + _STRETCH + len(wanted) - 1)])
        place = part.find(wanted)
        if place >= 0:
            return start + place
        start += _STRETCH
    return -1


def _find_last(data: Any, wanted: bytes, start: int, end: int) -> int:
    """Return where something last is between two offsets, or -1."""
    while end > start:
        first = max(start, end - _STRETCH)
        place = bytes(data[first:end]).rfind(wanted)
        if place >= 0:
            return first + place
        end = first + len(wanted) - 1 if first > start else start
    return -1
