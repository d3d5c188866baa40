"""Tables that point to themselves and to each other end, soon and in little memory.

libyara is not asked: it takes hours for some of these.
"""

from __future__ import annotations

import struct
import time
import tracemalloc
from typing import Any

import pytest

from miniyara.deadline import NEVER, Deadline
from miniyara.errors import ScanTimeout
from miniyara.modules import find
from miniyara.modules.interface import ModuleScan
from miniyara.scanning.module_dictionary import module_dictionary

SECONDS = 30
"""Far more than any of them takes, be the machine slow or busy."""

MOST_BYTES = 100 << 20


def pe(content: bytes, directories: dict[int, int], bits: int = 32) -> bytes:
    """Write a file without sections, in which each address is an offset."""
    size = 240 if bits == 64 else 224
    header = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    header += b"PE\0\0" + struct.pack("<2H12x2H", 0x14C, 0, size, 0)
    optional = struct.pack("<H", 0x20B if bits == 64 else 0x10B).ljust(56, b"\0")
    optional += struct.pack("<I", 0x7FFF_FFFF)  # the size of the image
    optional = optional.ljust(size - 132, b"\0") + struct.pack("<I", 16)
    for index in range(16):
        optional += struct.pack("<2I", directories.get(index, 0), 0xFFFF)
    return (header + optional).ljust(0x200, b"\0") + content


def read(data: bytes, deadline: Deadline) -> dict[str, Any]:
    """Read everything."""
    module = find("pe")
    assert module is not None
    scan = ModuleScan(data, deadline=deadline)
    return module_dictionary("pe", module.declaration, module.load(scan))


def dump(data: bytes) -> dict[str, Any]:
    """Read everything; fail if that takes long or much memory."""
    fields = read(data, Deadline(SECONDS))
    tracemalloc.start()  # many times slower, so the time is up to the first look
    try:
        read(data, NEVER)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    return fields


def test_resources_that_are_their_own_parents() -> None:
    entries = 1000
    directory = struct.pack("<12x2H", 0, entries)
    tree = directory + struct.pack("<2I", 1, 0x8000_0000) * entries
    assert dump(pe(tree, {2: 0x200}))["number_of_resources"] == 0


def test_resources_that_all_have_the_same_data() -> None:
    entries = 300
    level = 16 + 8 * entries
    tree = b"".join(
        struct.pack("<12x2H", 0, entries) + struct.pack("<2I", 1, target) * entries
        for target in (0x8000_0000 + level, 0x8000_0000 + 2 * level, 3 * level)
    )
    fields = dump(pe(tree + struct.pack("<4I", 0x200, 10, 0, 0), {2: 0x200}))
    assert fields["number_of_resources"] == 65_536


def test_names_of_resources_that_overlap() -> None:
    entries = 30_000
    size = 16 + 8 * entries
    names = b"".join(
        struct.pack("<2I", 0x8000_0000 + size + 16 + 2 * number, size) for number in range(entries)
    )
    leaf = struct.pack("<4I", 0x200, 10, 0, 0)
    tree = struct.pack("<12x2H", 0, entries) + names + leaf + b"\xe8\x03" * 40_000
    fields = dump(pe(tree, {2: 0x200}))
    assert fields["number_of_resources"] == entries
    assert len(fields["resources"][0]["type_string"]) == 2000
    assert "type_string" not in fields["resources"][-1], "there were enough of them"


def test_libraries_with_the_same_functions_without_names() -> None:
    names = struct.pack("<I", 0x200) * 20_000
    name_at = 0x200 + len(names)
    libraries = struct.pack("<5I", 0x200, 0, 0, name_at, 0) * 16_000
    data = names + b"a.dll\0\0\0" + libraries
    assert dump(pe(data, {1: name_at + 8}))["number_of_imports"] == 0


def test_libraries_with_the_same_functions() -> None:
    function = 0x200 + 20_000 * 4
    names = struct.pack("<I", function) * 20_000
    libraries = struct.pack("<5I", 0x200, 0, 0, function + 2, 0) * 16_000
    data = names + b"\0\0name" + bytes(2) + libraries
    fields = dump(pe(data, {1: function + 8}))
    assert fields["number_of_imported_functions"] == 16_384


def test_delayed_libraries_with_the_same_functions() -> None:
    function = 0x200 + 100_000 * 4
    names = struct.pack("<I", function) * 100_000
    libraries = struct.pack("<8I", 1, function + 2, 0, 0x200, 0x200, 0, 0, 0) * 20_000
    data = names + b"\0\0" + b"n" * 510 + bytes(512) + libraries
    fields = dump(pe(data, {13: function + 1024}))
    assert fields["number_of_delayed_imported_functions"] == 65_536


def test_version_information_in_itself() -> None:
    def block(key: str, size: int) -> bytes:
        text = key.encode("utf-16-le") + b"\0\0"
        return struct.pack("<3H", size, 1, 1) + text + bytes(-(len(text) + 6) % 4)

    # Each is a table with one string, which is the next table.
    strings = struct.pack("<4H", 16, 1, 1, 0) * 8_000
    version = block("VS_VERSION_INFO", 0) + bytes(52) + block("StringFileInfo", 0xFFFC) + strings
    entries = 1000
    tree = struct.pack("<12x2H", 0, entries) + struct.pack("<2I", 16, 16 + 8 * entries) * entries
    tree += struct.pack("<4I", 0x200 + len(tree) + 16, 100, 0, 0)
    fields = dump(pe(tree + version + bytes(100), {2: 0x200}))
    assert 4_000 < fields["number_of_version_infos"] < 40_000


def test_a_rich_signature_in_the_whole_file() -> None:
    size = 1 << 20
    data = b"MZ".ljust(60, b"\0") + struct.pack("<I", size) + b"iRichRich" * (size // 9)
    headers = pe(b"", {})[64:]
    assert dump(data.ljust(size, b"\0")[:size] + headers)["is_pe"] == 1


def test_a_debug_directory_in_the_whole_file() -> None:
    assert "pdb_path" not in dump(pe(b"\x02\0\0\0" * 100_000, {6: 0x200}))


def test_long_names_of_sections() -> None:
    data = bytearray(pe(b"", {}))
    table = 64 + 24 + 224
    data[70:72] = struct.pack("<H", 96)
    data[76:84] = struct.pack("<2I", table + 96 * 40, 0)
    sections = b"".join(f"/{number}".encode().ljust(8, b"\0") + bytes(32) for number in range(96))
    data[table:] = sections + b"n" * 5_000_000 + b"\0"
    fields = dump(bytes(data))
    assert all("full_name" not in section for section in fields["sections"])


@pytest.mark.parametrize("depth", [10, 3000])
def test_signatures_inside_of_signatures(depth: int) -> None:
    signature = b""
    for _ in range(depth):
        size = len(signature)
        signature = b"\x30\x84" + struct.pack(">I", size) + signature
    certificate = struct.pack("<I4x", len(signature) + 8) + signature
    data = bytearray(pe(certificate, {4: 0x200}))
    data[64 + 24 + 96 + 36 : 64 + 24 + 96 + 40] = struct.pack("<I", len(certificate))
    assert dump(bytes(data))["number_of_signatures"] == 0


def test_the_deadline_of_the_scan_holds() -> None:
    deadline = Deadline(1e-9)
    time.sleep(1e-6)
    tree = struct.pack("<12x2H", 0, 1) + struct.pack("<2I", 1, 1)
    with pytest.raises(ScanTimeout):
        read(pe(tree, {2: 0x200}), deadline)
