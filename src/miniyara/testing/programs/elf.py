"""Writes small ELF files with all tables, of both classes and byte orders."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RELOCATABLE, EXECUTABLE, SHARED = 1, 2, 3
SYMTAB, STRTAB, DYNAMIC, DYNSYM = 2, 3, 6, 11
GLOBAL_FUNCTION = 0x12
"""Types of files, of sections, and of a symbol."""

BASE = 0x40_0000
"""Where a file is in memory."""

NAMES = [
    *(f"function_{number * 7919:x}_Of_the_library".encode() for number in range(30)),
    b"",
    b"main",
    b"_start",
    b".hidden",
    b"strcpy",
    b"memcpy",
    b"open64",
    b"Puts",
    b"\xc4\xd6",
]
"""Names of symbols: enough of them for a hash, and some that it leaves out."""


class Writer:
    """Writes the records of a class and a byte order."""

    def __init__(self, bits: int, order: str) -> None:
        self.bits = bits
        self.order = order

    def _pack(self, codes: str, *values: int) -> bytes:
        return struct.pack(
            self.order + codes.replace("N", "I" if self.bits == 32 else "Q"), *values
        )

    def header(
        self, kind: int, entry: int, segments: tuple[int, int], sections: tuple[int, int, int]
    ) -> bytes:
        """Write a header; the tables are given by offset and number.

        With the sections goes the number of the one that has their names.
        """
        ident = b"\x7fELF" + bytes([self.bits // 32, 1 if self.order == "<" else 2, 1])
        sizes = (40, 32, 52) if self.bits == 32 else (64, 56, 64)
        return ident.ljust(16, b"\0") + self._pack(
            "HHINNNIHHHHHH",
            *(kind, 62, 1, entry, segments[0], sections[0], 0, sizes[2]),
            *(sizes[1], segments[1], sizes[0], sections[1], sections[2]),
        )

    def segment(self, kind: int, offset: int, size: int) -> bytes:
        """Write a segment, which is in memory behind :data:`BASE` as in the file."""
        address = BASE + offset
        if self.bits == 32:
            return self._pack("8I", kind, offset, address, address, size, size, 5, 4096)
        return self._pack("2I6Q", kind, 5, offset, address, address, size, size, 4096)

    def section(self, name: int, kind: int, offset: int, size: int, link: int) -> bytes:
        """Write a section."""
        return self._pack("IINNNNIINN", name, kind, 2, BASE + offset, offset, size, link, 0, 1, 0)

    def symbol(self, name: int, info: int, section: int) -> bytes:
        """Write a symbol."""
        if self.bits == 32:
            return self._pack("3I2BH", name, 0x1234, 10, info, 0, section)
        return self._pack("I2BH2Q", name, info, 0, section, 0x1234, 10)

    def dynamic(self, *entries: tuple[int, int]) -> bytes:
        """Write dynamic entries, each a type and a value."""
        return b"".join(self._pack("NN", *entry) for entry in entries)

    def file(self, kind: int = SHARED, names: Sequence[bytes] = NAMES) -> bytes:
        """Return a file with two segments and six sections."""
        header_size = 52 if self.bits == 32 else 64
        strings = b"\0" + b"".join(name + b"\0" for name in names)
        starts = itertools.accumulate((len(name) + 1 for name in names), initial=1)
        symbols = [
            self.symbol(start, GLOBAL_FUNCTION, index % 3) for index, start in enumerate(starts)
        ]
        contents = [
            (0, b""),
            (DYNSYM, b"".join(symbols[: len(names)])),
            (STRTAB, strings),
            (SYMTAB, b"".join(symbols[::2])),
            (DYNAMIC, self.dynamic((1, 1), (14, 5), (0, 0), (1, 2))),
            (STRTAB, b"\0.text\0.dynsym\0"),
        ]
        segment_table_size = 2 * len(self.segment(0, 0, 0))
        body = bytearray()
        section_table = []
        for index, (type_, content) in enumerate(contents):
            offset = header_size + segment_table_size + len(body)
            section_table.append(self.section(index, type_, offset, len(content), 2))
            if type_ == DYNAMIC:
                dynamic = self.segment(2, offset, len(content))
            body += content
        header = self.header(
            kind,
            BASE + 0x100,
            (header_size, 2),
            (header_size + segment_table_size + len(body), len(contents), 5),
        )
        load = self.segment(1, 0, len(body))
        return header + load + dynamic + bytes(body) + b"".join(section_table)
