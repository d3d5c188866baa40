"""The container of saved rules: named sections of bytes behind a header.

=======  ========================================================
bytes    what
=======  ========================================================
8        ``MAGIC``
4        the version of the container
4        CRC-32 of the version and of all that follows the header
8        the length of what follows the header
=======  ========================================================

A table follows (the number of sections, and of each its name of 8 bytes and its length
in 8), and then the sections.  Numbers are little-endian.  The checksum finds accidents.
It does not tell who wrote a file.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAGIC: Final = b"\x89MYARA\r\n"
"""No text begins so, and what takes a file for text changes it."""

VERSION: Final = 1
"""Of the container.  What the sections hold has a version of its own."""

HEADER: Final = struct.Struct("<8sIIQ")
_COUNT: Final = struct.Struct("<I")
_SECTION: Final = struct.Struct("<8sQ")

_LIBYARAS: Final = b"YARA"
"""With this begins what libyara saves."""

_CHUNK: Final = 1 << 24
"""Bytes that are read at a time: a header can promise more than there is memory for."""


class FormatError(Exception):
    """These are not saved rules; the text says why."""


class ForeignError(FormatError):
    """This is another kind of file; ``is_libyaras`` says whether it is one of libyara."""

    def __init__(self, reason: str, *, is_libyaras: bool = False) -> None:
        super().__init__(reason)
        self.is_libyaras = is_libyaras


class VersionError(FormatError):
    """These are the saved rules of a later version."""


def pack(sections: Mapping[str, bytes]) -> bytes:
    """The file of some sections."""
    table = _COUNT.pack(len(sections)) + b"".join(
        _SECTION.pack(name.encode(), len(content)) for name, content in sections.items()
    )
    body = b"".join((table, *sections.values()))
    return HEADER.pack(MAGIC, VERSION, _checksum(body), len(body)) + body


def read(read_bytes: Callable[[int], bytes]) -> bytes:
    """Read one file from a stream and return it whole, unchecked but for its header.

    Raises :class:`FormatError`, and whatever ``read_bytes`` raises.
    """
    header = _read_exactly(read_bytes, HEADER.size)
    return header + _read_exactly(read_bytes, _length(header))


def unpack(data: bytes) -> dict[str, memoryview]:
    """The sections of a file; what comes behind the file is left alone.

    Raises :class:`FormatError`.
    """
    length = _length(data[: HEADER.size])
    _, _, checksum, _ = HEADER.unpack_from(data)
    body = memoryview(data)[HEADER.size : HEADER.size + length]
    if len(body) < length:
        raise FormatError("the file ends too early")
    if _checksum(body) != checksum:
        raise FormatError("the checksum is wrong")
    try:
        return _sections(body)
    except (struct.error, UnicodeDecodeError) as error:
        raise FormatError("the table of sections is broken") from error


def _sections(body: memoryview) -> dict[str, memoryview]:
    (count,) = _COUNT.unpack_from(body)
    start = _COUNT.size + count * _SECTION.size
    table = body[_COUNT.size : start]
    if len(table) < count * _SECTION.size:
        raise FormatError("the table of sections is broken")
    sections = {}
    for name, length in _SECTION.iter_unpack(table):
        sections[name.rstrip(b"\0").decode("ascii")] = body[start : start + length]
        start += length
    if start != len(body):
        raise FormatError("the sections do not fill the file")
    return sections


def _length(header: bytes) -> int:
    """What a header promises."""
    if header.startswith(_LIBYARAS):
        raise ForeignError(
            "libyara has compiled it; compile the source of its rules", is_libyaras=True
        )
    if not MAGIC.startswith(header[: len(MAGIC)]):
        raise ForeignError("these are no saved rules")
    if len(header) < HEADER.size:
        raise ForeignError("the file ends in its header")
    _, version, _, length = HEADER.unpack(header)
    if version != VERSION:
        raise VersionError(f"the version of the file is {version}, and not {VERSION}")
    assert isinstance(length, int)
    return length


def _checksum(body: bytes | memoryview) -> int:
    return zlib.crc32(body, VERSION)


def _read_exactly(read_bytes: Callable[[int], bytes], size: int) -> bytes:
    """So many bytes, or all if there are fewer."""
    chunks = []
    while size > 0:
        chunk = read_bytes(min(size, _CHUNK))
        if not isinstance(chunk, bytes):
            raise ForeignError("what was read are not bytes")
        if not chunk:
            break
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
