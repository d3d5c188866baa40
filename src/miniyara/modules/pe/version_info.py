"""The version information: keys and values in the resources of that type.

Blocks in blocks, each with its length, a key and a value: ``StringFileInfo`` has tables
of strings, one for each language. Follows ``pe_parse_version_info`` in libyara's
``modules/pe/pe.c``, and ``strcmp_w``, ``strnlen_w``, ``strlcpy_w`` in ``strutils.c``.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.limits import (
    MAX_VERSION_KEY_LENGTH,
    MAX_VERSION_VALUE_LENGTH,
    VERSION_BUDGET,
    VERSION_STEP,
)
from miniyara.modules.pe.resources import VERSION_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.modules.pe.image import Image
    from miniyara.modules.pe.resources import Resource

_BLOCK: Final = struct.Struct("<3H")
"""The length of the block, the length of the value, its type."""

_ROOT: Final = "VS_VERSION_INFO"
_VARIABLES: Final = "VarFileInfo"
_STRINGS: Final = "StringFileInfo"

_ROOT_VALUE_SIZE: Final = 52

_SEARCHED: Final = 4096
"""Bytes that are searched at a time for the end of a text."""


def parse_version_info(image: Image, resources: Iterable[Resource]) -> list[tuple[bytes, bytes]]:
    """Return the keys and values of all resources that have version information."""
    reader = _Reader(image)
    for resource in resources:
        if resource.type.number == VERSION_TYPE:
            offset = image.offset(resource.rva)
            if offset >= 0:
                reader.read(offset)
    return reader.pairs


class _Exhausted(Exception):  # noqa: N818 - ends the work, no error
    """The budget is used up."""


class _Reader:
    """Reads version information within its budget."""

    def __init__(self, image: Image) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []
        self._image = image
        self._budget = VERSION_BUDGET
        self._last_ends: dict[int, int] = {}

    def read(self, root: int) -> None:
        """Read the version information at an offset."""
        with suppress(_Exhausted):
            self._root(root)

    def _root(self, root: int) -> None:
        if not self._image.fits(root, _BLOCK.size) or not self._has_key(root, _ROOT):
            return
        block = self._behind(root, len(_ROOT)) + _ROOT_VALUE_SIZE
        while self._has_key(block, _VARIABLES) and self._length(block):
            block = self._next(block)
        while self._has_key(block, _STRINGS) and self._length(block):
            end = self._next(block)
            table = self._behind(block, len(_STRINGS))
            while self._is_block(table) and table < end:
                following = self._next(table)
                self._strings(self._behind(table, self._key_length(table)), following)
                table = following
            block = end

    def _strings(self, string: int, end: int) -> None:
        image = self._image
        while self._is_block(string) and string < end:
            value = self._behind(string, self._key_length(string))
            if self._text_ends(value):
                key = self._narrow(string + _BLOCK.size, MAX_VERSION_KEY_LENGTH)
                has_value = image.word(string + 2) != 0
                text = self._narrow(value, MAX_VERSION_VALUE_LENGTH) if has_value else b""
                self.pairs.append((key, text))
            string = self._next(string)

    # -- blocks -------------------------------------------------------------------------

    def _has_key(self, block: int, key: str) -> bool:
        place = block + _BLOCK.size
        expected = f"{key}\0".encode("utf-16-le")
        return bytes(self._image.data[place : place + len(expected)]) == expected

    def _is_block(self, block: int) -> bool:
        return (
            self._image.fits(block, _BLOCK.size)
            and self._text_ends(block + _BLOCK.size)
            and self._length(block) != 0
        )

    def _length(self, block: int) -> int:
        return self._image.word(block)

    def _next(self, block: int) -> int:
        """Return where the next block is; each costs part of the budget."""
        self._spend(VERSION_STEP)
        return block + _padded(self._length(block))

    @staticmethod
    def _behind(block: int, key_length: int) -> int:
        """Return where the value is that follows a key of so many characters."""
        return block + _padded(_BLOCK.size + 2 * (key_length + 1))

    # -- texts of two bytes a character ---------------------------------------------------

    def _narrow(self, place: int, longest: int) -> bytes:
        """Return the low bytes of the characters, up to one whose low byte is zero."""
        wide = bytes(self._image.data[place : place + 2 * longest])
        return wide[::2].partition(b"\0")[0]

    def _key_length(self, block: int) -> int:
        """Return the characters of a key, which must have an end."""
        first = place = block + _BLOCK.size
        while True:
            wide = bytes(self._image.data[place : place + _SEARCHED])
            self._spend(len(wide))
            end = wide.find(b"\0\0")
            while end > 0 and end % 2:
                end = wide.find(b"\0\0", end + 1)
            if end >= 0:
                self._budget += len(wide) - end
                return (place + end - first) // 2
            place += _SEARCHED

    def _text_ends(self, place: int) -> bool:
        """Whether there is an end of a text at ``place`` or behind it."""
        parity = place % 2
        last = self._last_ends.get(parity)
        if last is None:
            last = self._last_ends[parity] = self._last_end(parity)
        return place <= last

    def _last_end(self, parity: int) -> int:
        """Return the last offset of this parity at which there are two zeros, or -1."""
        image = self._image
        high = image.size - 2
        while high >= 0:
            image.deadline.check()
            low = max(0, high - _SEARCHED)
            zeros = bytes(image.data[low : high + 2])
            end = zeros.rfind(b"\0\0")
            while end >= 0 and (low + end) % 2 != parity:
                end = zeros.rfind(b"\0\0", 0, end + 1)
            if end >= 0:
                return low + end
            high = low - 1
        return -1

    def _spend(self, size: int) -> None:
        self._image.deadline.check()
        self._budget -= size
        if self._budget < 0:
            raise _Exhausted


def _padded(size: int) -> int:
    """Round up to a multiple of four."""
    return size + 3 & ~3
