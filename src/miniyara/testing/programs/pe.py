"""Writes small PE files with a bit of everything, piece by piece."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ADDRESS: Final = 0x1000
OFFSET: Final = 0x400
SIZE: Final = 0x2000
"""Where the only section is in memory and in the file, and its bytes."""


class Section:
    """The content of the one section that has all tables."""

    def __init__(self, bits: int) -> None:
        self.content = bytearray()
        self.bits = bits
        self.directories: dict[int, tuple[int, int]] = {}

    def add(self, data: bytes) -> int:
        """Put data behind what is there; return its address."""
        self.content += b"\0" * (-len(self.content) % 8)
        address = ADDRESS + len(self.content)
        self.content += data
        return address

    def pointers(self, numbers: Iterable[int]) -> bytes:
        """Encode numbers of the file's width, and a zero."""
        letter = "Q" if self.bits == 64 else "I"
        return b"".join(struct.pack(f"<{letter}", number) for number in (*numbers, 0))

    def references(self, functions: Sequence[str | int]) -> bytes:
        """Encode references to functions by name or number."""
        by_number = 1 << self.bits - 1
        return self.pointers(
            by_number | function
            if isinstance(function, int)
            else self.add(b"\1\0" + function.encode() + b"\0")
            for function in functions
        )

    def imports(self, libraries: Mapping[str, Sequence[str | int]]) -> None:
        """Write a table of imports."""
        table = b""
        for library, functions in libraries.items():
            names = self.add(self.references(functions))
            addresses = self.add(self.references(functions))
            name = self.add(library.encode() + b"\0")
            table += struct.pack("<5I", names, 0, 0, name, addresses)
        self.directories[1] = self.add(table + bytes(20)), len(table) + 20

    def delayed_imports(self, libraries: Mapping[str, Sequence[str | int]]) -> None:
        """Write a table of delayed imports."""
        table = b""
        for library, functions in libraries.items():
            names = self.add(self.references(functions))
            addresses = self.add(self.pointers(range(1, len(functions) + 1)))
            name = self.add(library.encode() + b"\0")
            table += struct.pack("<8I", 1, name, 0, addresses, names, 0, 0, 0)
        self.directories[13] = self.add(table + bytes(32)), len(table) + 32

    def exports(self, library: str, names: Mapping[int, str], forwarded: str) -> None:
        """Write a table of four exports; one is another library's, and has no name."""
        start = self.add(bytes(40))
        functions = [0x1010, 0x1020, self.add(forwarded.encode() + b"\0"), 0x1030]
        end = ADDRESS + len(self.content)
        encoded = self.add(struct.pack("<4I", *functions))
        addresses = [self.add(name.encode() + b"\0") for name in names.values()]
        names_at = self.add(struct.pack(f"<{len(names)}I", *addresses))
        numbers = self.add(struct.pack(f"<{len(names)}H", *names) + bytes(8))
        name = self.add(library.encode() + b"\0")
        place = start - ADDRESS
        self.content[place : place + 40] = struct.pack(
            "<2I2H7I", 0, 99, 1, 2, name, 5, 4, len(names), encoded, names_at, numbers
        )
        self.directories[0] = start, end - start

    def debug(self, path: str) -> None:
        """Write a debug directory."""
        information = b"RSDS" + bytes(20) + path.encode() + b"\0"
        at = self.add(information)
        entry = struct.pack("<2I2H4I", 0, 0, 0, 0, 2, len(information), at, 0)
        self.directories[6] = self.add(entry), len(entry)

    def resources(self, version: Mapping[str, str]) -> None:
        """Write version information in a language, and a piece of data with names."""
        data = self.add(version_info(version))
        start = self.add(bytes(168))

        def name(text: str, place: int) -> int:
            encoded = struct.pack("<H", len(text)) + text.encode("utf-16-le")
            tree[place : place + len(encoded)] = encoded
            return 0x8000_0000 | place

        tree = bytearray(300)

        def directory(place: int, *entries: tuple[int, int]) -> None:
            header = struct.pack("<2I4H", 0, 7, 1, 2, 0, len(entries))
            encoded = header + b"".join(struct.pack("<2I", *entry) for entry in entries)
            tree[place : place + len(encoded)] = encoded

        below = 0x8000_0000
        directory(0, (16, below | 32), (name("TYPE", 200), below | 56))
        directory(32, (1, below | 80))
        directory(56, (name("NAME", 220), below | 104))
        directory(80, (0x409, 128))
        directory(104, (7, 144))
        tree[128:144] = struct.pack("<4I", data, 200, 0, 0)
        tree[144:160] = struct.pack("<4I", data + 4, 10, 0, 0)
        self.content += bytes(300)
        self.content[start - ADDRESS : start - ADDRESS + 300] = tree
        self.directories[2] = start, 300


def version_info(strings: Mapping[str, str]) -> bytes:
    """Encode version information."""

    def block(key: str, content: bytes, value_length: int = 0) -> bytes:
        start = key.encode("utf-16-le") + b"\0\0"
        start += bytes(-(len(start) + 6) % 4)
        size = 6 + len(start) + len(content)
        return struct.pack("<3H", size, value_length, 1) + start + content + bytes(-size % 4)

    lines = b"".join(
        block(key, value.encode("utf-16-le") + b"\0\0", len(value) + 1)
        for key, value in strings.items()
    )
    variables = block("VarFileInfo", block("Translation", b"\x09\x04\xb0\x04", 4))
    table = block("040904b0", lines)
    return block("VS_VERSION_INFO", bytes(52) + variables + block("StringFileInfo", table), 52)


def rich_signature(entries: Sequence[tuple[int, int, int]], key: bytes) -> bytes:
    """Encode a rich signature of versions, tools and times."""
    clear = b"DanS" + bytes(12) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    masked = bytes(byte ^ key[place % 4] for place, byte in enumerate(clear))
    return masked + b"Rich" + key


def write(bits: int, section: Section, stub: bytes = b"", overlay: bytes = b"") -> bytes:
    """Write the file around the section."""
    start = 64 + len(stub) + -len(stub) % 8
    dos = b"MZ" + bytes(58) + struct.pack("<I", start) + stub
    optional_size = 240 if bits == 64 else 224
    characteristics = 0x2102 if bits == 32 else 0x2022
    file_header = struct.pack(
        "<2H3I2H", 0x8664 if bits == 64 else 0x14C, 1, 1234, 0, 0, optional_size, characteristics
    )
    magic = 0x20B if bits == 64 else 0x10B
    optional = struct.pack("<H2B5I", magic, 14, 2, 0x200, 0x400, 0, 0x1010, ADDRESS)
    optional += struct.pack("<Q" if bits == 64 else "<2I", *([1 << 40] if bits == 64 else [1, 2]))
    optional += struct.pack(
        "<2I6H4I2H", 0x1000, 0x200, 6, 1, 3, 4, 5, 2, 9, 0x4000, 0x400, 77, 3, 8
    )
    optional += struct.pack("<4Q" if bits == 64 else "<4I", 0x100, 0x10, 0x200, 0x20)
    optional += struct.pack("<2I", 0, 16)
    for index in range(16):
        optional += struct.pack("<2I", *section.directories.get(index, (0, 0)))
    header = struct.pack("<8s6I2HI", b".rdata", SIZE, ADDRESS, SIZE, OFFSET, 0, 0, 0, 0, 0x40000040)
    headers = dos.ljust(start, b"\0") + b"PE\0\0" + file_header + optional + header
    return headers.ljust(OFFSET, b"\0") + section.content.ljust(SIZE, b"\0") + overlay


def sample(bits: int) -> bytes:
    """Write a file with everything."""
    section = Section(bits)
    section.add(bytes(0x100))
    section.imports(
        {
            "KERNEL32.dll": ["CreateFileA", "ReadFile", "bad name", "CloseHandle"],
            "ws2_32.DLL": [1, 2, 500, "send"],
            "odd.ocx": ["?method@Class@@QAEXXZ", 7],
            "kernel32.DLL": ["ReadFile"],
            'not"valid.dll': ["Nothing"],
        }
    )
    section.delayed_imports({"USER32.dll": ["MessageBoxA", 12], "none.dll": []})
    section.exports("sample.dll", {0: "First", 3: "fourth", 1: "Second"}, "other.Function")
    section.debug("c:\\made\\up.pdb")
    section.resources({"CompanyName": "miniyara", "FileVersion": "1.2", "Empty": ""})
    stub = rich_signature([(30729, 147, 8), (1, 2, 3), (30729, 260, 4)], b"\x12\x34\x56\x78")
    return write(bits, section, stub, b"overlay")
