"""Reading messages of Protocol Buffers, of which only fields of bytes are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.crx.limits import DEEPEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

# How a field is written.
_VARINT: Final = 0
_FIXED_64: Final = 1
_BYTES: Final = 2
_GROUP: Final = 3
_END_GROUP: Final = 4
_FIXED_32: Final = 5

_LONGEST_VARINT: Final = 10


class Malformed(Exception):  # noqa: N818 - of data, not an error of ours
    """The message is no message."""


def fields_of_bytes(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each field of bytes.  May raise Malformed."""
    place = 0
    while place < len(message):
        kind, number, place = _tag(message, place)
        if kind == _BYTES:
            start, place = _length(message, place)
            yield number, message[start:place]
        else:
            place = _skip(message, place, kind, 0)


def last_field(message: bytes, wanted: int) -> bytes | None:
    """Return the content of a field of bytes, which is the last one with its number.

    None if there is none.  May raise Malformed.
    """
    found = None
    for number, content in fields_of_bytes(message):
        if number == wanted:
            found = content
    return found


def _tag(message: bytes, place: int) -> tuple[int, int, int]:
    tag, place = _varint(message, place)
    number, kind = tag >> 3, tag & 7
    if number == 0 or tag >> 32:
        raise Malformed
    return kind, number, place


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 7 * _LONGEST_VARINT, 7):
        if place >= len(message):
            raise Malformed
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise Malformed


def _length(message: bytes, place: int) -> tuple[int, int]:
    size, start = _varint(message, place)
    return start, _inside(message, start + size)


def _inside(message: bytes, place: int) -> int:
    if place > len(message):
        raise Malformed
    return place


def _skip(message: bytes, place: int, kind: int, depth: int) -> int:
    """Return the place behind a field."""
    if kind == _VARINT:
        return _varint(message, place)[1]
    if kind == _FIXED_64:
        return _inside(message, place + 8)
    if kind == _FIXED_32:
        return _inside(message, place + 4)
    if kind == _BYTES:
        return _length(message, place)[1]
    if kind != _GROUP or depth == DEEPEST_GROUP:
        raise Malformed
    while True:
        kind, _, place = _tag(message, place)
        if kind == _END_GROUP:
            return place
        place = _skip(message, place, kind, depth + 1)
