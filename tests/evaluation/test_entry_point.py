"""``entrypoint`` on headers of all sorts, on both engines."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import yara
from hypothesis import given, settings
from hypothesis import strategies as st

import miniyara

SOURCE = 'import "console" rule a { condition: console.log(entrypoint) or true }'
RULES = {engine: engine.compile(source=SOURCE) for engine in (yara, miniyara)}


def entry_point(engine: Any, data: bytes) -> list[str]:
    """What ``entrypoint`` is: nothing if it is undefined."""
    lines: list[str] = []
    RULES[engine].match(data=data, console_callback=lines.append)
    return lines


def pe(
    sections: list[tuple[int, int]], entry: int, machine: int = 0x014C, header: int = 64
) -> bytes:
    """A PE file with sections at (address, file offset)."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", header)
    file_header = b"PE\0\0" + struct.pack("<HH12xHH", machine, len(sections), 224, 0)
    optional = (b"\x0b\x01".ljust(16, b"\0") + struct.pack("<I", entry)).ljust(224, b"\0")
    table = b"".join(
        b".text".ljust(8, b"\0") + struct.pack("<IIII16x", 0x1000, address, 0x200, offset)
        for address, offset in sections
    )
    return dos.ljust(header, b"\0") + file_header + optional + table + b"\0" * 64


def elf(bits: int, kind: int, entry: int, address: int, offset: int, size: int) -> bytes:
    """An ELF file with one program header and one section header."""
    ident = b"\x7fELF" + bytes([bits // 32, 1, 1]) + b"\0" * 9
    if bits == 32:
        header = struct.pack("<HHIIIIIHHHHHH", kind, 3, 1, entry, 52, 84, 0, 52, 32, 1, 40, 1, 0)
        segment = struct.pack("<IIIIIIII", 1, offset, address, address, size, size, 5, 0)
        section = struct.pack("<IIIIIIIIII", 0, 1, 6, address, offset, size, 0, 0, 0, 0)
    else:
        header = struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, entry, 64, 120, 0, 64, 56, 1, 64, 1, 0)
        segment = struct.pack("<IIQQQQQQ", 1, 5, offset, address, address, size, size, 0)
        section = struct.pack("<IIQQQQIIQQ", 0, 1, 6, address, offset, size, 0, 0, 0, 0)
    return ident + header + segment + section + b"\0" * 16


FILES = {
    "nothing": b"",
    "text": b"MZ and no more",
    "pe": pe([(0x1000, 0x200), (0x2000, 0x600)], 0x1010),
    "pe, second section": pe([(0x1000, 0x200), (0x2000, 0x600)], 0x2010),
    "pe, sections out of order": pe([(0x2000, 0x600), (0x1000, 0x200)], 0x2010),
    "pe, no sections": pe([], 0x10),
    "pe, before the sections": pe([(0x1000, 0x200)], 0x10),
    "pe for arm64": pe([(0x1000, 0x200)], 0x1010, machine=0xAA64),
    "pe for amd64": pe([(0x1000, 0x200)], 0x1010, machine=0x8664),
    "pe, cut off": pe([(0x1000, 0x200)], 0x1010)[:-90],
    "elf, executable": elf(64, 2, 0x401000, 0x400000, 0x100, 0x2000),
    "elf, library": elf(64, 3, 0x1000, 0x800, 0x100, 0x2000),
    "elf, elsewhere": elf(64, 2, 0x9000, 0x800, 0x100, 0x20),
    "elf32, executable": elf(32, 2, 0x401000, 0x400000, 0x100, 0x2000),
    "elf32, library": elf(32, 3, 0x1000, 0x800, 0x100, 0x2000),
    "elf32, wrapping": elf(32, 2, 0xFFFFFFF0, 0xFFFFFF00, 0x100, 0xFFFF),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_files(data: bytes) -> None:
    assert entry_point(miniyara, data) == entry_point(yara, data)


EXTREMES = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


@given(
    data=st.sampled_from(list(FILES.values())).filter(lambda data: len(data) > 50),
    changes=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(EXTREMES)), max_size=3),
    cut=st.integers(0, 60),
)
@settings(deadline=None)
def test_broken_headers(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    broken = bytearray(data)
    for offset, value in changes:
        place = offset % (len(broken) - 4)
        broken[place : place + 4] = struct.pack("<I", value)
    broken = broken[: len(broken) - cut]
    assert entry_point(miniyara, bytes(broken)) == entry_point(yara, bytes(broken))
