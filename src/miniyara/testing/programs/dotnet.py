"""Writes small .NET files for tests, with any rows in their tables."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ADDRESS = 0x2000
START = 0x200
"""Where the only section is in memory and in the file."""

CLI_HEADER_SIZE = 72

FORMATS = {
    0x00: "<5H",
    0x01: "<3H",
    0x02: "<I5H",
    0x06: "<I5H",
    0x08: "<3H",
    0x09: "<2H",
    0x0A: "<3H",
    0x0B: "<3H",
    0x0C: "<3H",
    0x1A: "<H",
    0x1B: "<H",
    0x1D: "<IH",
    0x20: "<I4HI3H",
    0x23: "<4HI4H",
    0x28: "<2I2H",
    0x29: "<2H",
    0x2A: "<4H",
}
"""How rows are written where all indexes are short."""


class StringHeap:
    """The heap ``#Strings``."""

    def __init__(self) -> None:
        self.content = b"\0"

    def add(self, text: bytes) -> int:
        """Add a string; return its index."""
        self.content += text + b"\0"
        return len(self.content) - len(text) - 1


class BlobHeap:
    """The heaps ``#Blob`` and ``#US``."""

    def __init__(self) -> None:
        self.content = b"\0"

    def add(self, blob: bytes) -> int:
        """Add a blob with its length in front; return its index."""
        index = len(self.content)
        self.content += compressed(len(blob)) + blob
        return index


def compressed(number: int) -> bytes:
    """Return a number as blobs have it, in one, two or four bytes."""
    if number < 0x80:
        return bytes([number])
    if number < 0x4000:
        return (0x8000 | number).to_bytes(2, "big")
    return (0xC000_0000 | number).to_bytes(4, "big")


@dataclass
class DotnetWriter:
    """A .NET file that is put together."""

    strings: StringHeap = field(default_factory=StringHeap)
    blobs: BlobHeap = field(default_factory=BlobHeap)
    literals: BlobHeap = field(default_factory=BlobHeap)
    guids: bytes = b""
    tables: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)
    resources: bytes = b""
    version: bytes = b"v4.0.30319\0\0"
    tables_name: bytes = b"#~"
    is_64_bit: bool = False

    def add(self, table: int, *row: int) -> int:
        """Add a row to a table; return its index, counted from 1."""
        self.tables.setdefault(table, []).append(row)
        return len(self.tables[table])

    def repeat(self, table: int, count: int, *row: int) -> None:
        """Make the same row a whole table."""
        self.tables[table] = [row] * count

    def file(self) -> bytes:
        """Return the file."""
        streams = {
            self.tables_name: self._tables(),
            b"#Strings": self.strings.content,
            b"#US": self.literals.content,
            b"#GUID": self.guids,
            b"#Blob": self.blobs.content,
        }
        metadata = _metadata(self.version, streams)
        resources = CLI_HEADER_SIZE + len(metadata)
        header = struct.pack(
            "<IHHIIIIII",
            *(CLI_HEADER_SIZE, 2, 5, ADDRESS + CLI_HEADER_SIZE, len(metadata), 1, 0),
            *(ADDRESS + resources, len(self.resources)),
        ).ljust(CLI_HEADER_SIZE, b"\0")
        return _image(header + metadata + self.resources, self.is_64_bit)

    def _tables(self) -> bytes:
        present = sorted(self.tables)
        valid = sum(1 << table for table in present)
        header = struct.pack("<IBBBBQQ", 0, 2, 0, 0, 1, valid, 0)
        counts = b"".join(struct.pack("<I", len(self.tables[table])) for table in present)
        rows = b"".join(
            struct.pack(FORMATS[table], *row) for table in present for row in self.tables[table]
        )
        return header + counts + rows


def _metadata(version: bytes, streams: Mapping[bytes, bytes]) -> bytes:
    names = {name: name + bytes(4 - len(name) % 4) for name in streams}
    root = struct.pack("<4sHHII", b"BSJB", 1, 1, 0, len(version)) + version
    root += struct.pack("<HH", 0, len(streams))
    place = len(root) + sum(8 + len(name) for name in names.values())
    headers = contents = b""
    for name, content in streams.items():
        padded = content + bytes(-len(content) % 4)
        headers += struct.pack("<II", place + len(contents), len(padded)) + names[name]
        contents += padded
    return root + headers + contents


def _image(content: bytes, is_64_bit: bool) -> bytes:
    """Return a PE file with one section that begins with a CLI header."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    optional_size = 240 if is_64_bit else 224
    file_header = struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, optional_size, 0x2102)
    optional = struct.pack("<H30xII", 0x20B if is_64_bit else 0x10B, 0x2000, 0x200)
    directories = 112 if is_64_bit else 96
    optional = optional.ljust(directories - 4, b"\0") + struct.pack("<I", 16)
    optional += bytes(14 * 8) + struct.pack("<II8x", ADDRESS, CLI_HEADER_SIZE)
    size = len(content)
    section = struct.pack("<8sIIII16x", b".text", size, ADDRESS, size, START)
    headers = dos + b"PE\0\0" + file_header + optional + section
    return headers.ljust(START, b"\0") + content + bytes(16)


def rich_file(is_64_bit: bool = False) -> bytes:
    """Return a file that has something of everything that is read."""
    writer = DotnetWriter(is_64_bit=is_64_bit)
    name = writer.strings.add
    blob = writer.blobs.add
    none = 0
    space, outer = name(b"Space"), name(b"Outer")
    writer.guids = bytes(range(1, 33))
    for literal in ("text", "", "\N{GREEK SMALL LETTER OMEGA}"):
        writer.literals.add(literal.encode("utf-16-le") + bytes([not literal.isascii()]))
    writer.add(0x00, 0, name(b"module.dll"), 1, 0, 0)
    writer.add(0x01, 6, name(b"Object"), name(b"System"))
    attribute = writer.add(0x01, 6, name(b"GuidAttribute"), name(b"System.Runtime"))
    classes: Sequence[tuple[int, int, int, int, int]] = [
        (0x00, name(b"<Module>"), none, 0, 1),
        (0x81, outer, space, 1 << 2 | 1, 1),
        (0x102, name(b"Nested`1"), none, 2 << 2, 3),
        (0xA1, name(b"Interface"), space, 0, 5),
        (0x07, name(b"Deep"), none, 1 << 2 | 2, 5),
        (0x01, name(b"`1"), space, 0, 7),
    ]
    for flags, class_name, namespace, extends, first_method in classes:
        writer.add(0x02, flags, class_name, namespace, extends, 1, first_method)
    first_parameter = writer.add(0x08, 0, 1, name(b"first"))
    writer.add(0x08, 0, 2, name(b"second"))
    for flags, method, signature, parameter in [
        (0x06, name(b".ctor"), bytes([0x20, 0, 0x01]), 1),
        (0x56, name(b"Do"), bytes([0x00, 3, 0x08, 0x0E, 0x1D, 0x1C, 0x0F, 0x02]), first_parameter),
        (0x424, name(b"Generic"), bytes([0x10, 1, 1, 0x1E, 0, 0x13, 0]), first_parameter),
        (0x01, name(b"Instance"), bytes([0, 1, 1, 0x15, 0x12, 5, 2, 0x08, 0x12, 8]), 3),
        (0x03, name(b"Broken"), bytes([0, 1, 1, 0x45]), 1),
        (0x05, name(b"Array"), bytes([0, 0, 0x14, 0x0E, 3, 2, 5, 6, 2, 4, 0x7D]), 0),
    ]:
        writer.add(0x06, 0x2050, 0, flags, method, blob(signature), parameter)
    writer.add(0x09, 3, 1 << 2 | 1)
    writer.add(0x09, 3, 4 << 2)
    guid_constructor = writer.add(0x0A, attribute << 3 | 1, name(b".ctor"), 0)
    writer.add(0x0B, 0x0E, 0, blob("constant".encode("utf-16-le")))
    writer.add(0x0B, 0x08, 0, blob(b"\0\0\0\0"))
    guid = b"c0ffee00-0000-0000-0000-000000000000"
    value = b"\x01\0" + bytes([len(guid)]) + guid + b"\0\0"
    writer.add(0x0C, 1 << 5 | 0x0E, guid_constructor << 3 | 3, blob(value))
    writer.add(0x1A, name(b"kernel32.dll"))
    writer.add(0x1A, name(b"user32.dll"))
    writer.add(0x1B, blob(bytes([0x15, 0x12, 1 << 2 | 1, 2, 0x13, 0, 0x11, 4 << 2])))
    writer.add(0x1D, ADDRESS + 0x10, 1)
    writer.add(0x1D, ADDRESS - 0x10, 1)
    writer.add(0x20, 0x8004, 1, 2, 3, 4, 0, 0, name(b"assembly"), name(b"en"))
    writer.add(0x23, 4, 0, 0, 0, 0, blob(b"\xb7\x7a\x5c\x56"), name(b"mscorlib"), 0, 0)
    writer.add(0x23, 5, 6, 7, 8, 0, blob(b""), name(b"System"), 0, 0)
    writer.resources = struct.pack("<I", 5) + b"bytes"
    writer.add(0x28, 0, 1, name(b"here.resources"), 0)
    writer.add(0x28, 0, 1, name(b"elsewhere"), 1)
    writer.add(0x29, 3, 2)
    writer.add(0x29, 5, 3)
    writer.add(0x2A, 0, 0, 3 << 1, name(b"T"))
    writer.add(0x2A, 0, 0, 3 << 1 | 1, name(b"M"))
    return writer.file()
