"""The elf module gives libyara's fields and hashes of small made-up files, sound and broken."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.deadline import NEVER
from miniyara.modules.elf import MODULE
from miniyara.modules.elf.file import ElfFile, elf_file
from miniyara.modules.elf.hashes import import_md5, telfhash
from miniyara.modules.elf.tlsh import tlsh
from miniyara.modules.interface import ModuleScan
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.testing.programs.elf import (
    DYNSYM,
    EXECUTABLE,
    GLOBAL_FUNCTION,
    NAMES,
    RELOCATABLE,
    SHARED,
    STRTAB,
    Writer,
)
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = list(itertools.product((32, 64), "<>"))
CLASS_NAMES = [
    "32-bit little-endian",
    "32-bit big-endian",
    "64-bit little-endian",
    "64-bit big-endian",
]

EXTREMES = [0, 1, 2, 7, 0x40, 0xFF, 0x100, 0x7FFF, 0xFF00, 0xFFFF]
EXTREMES += [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 2**63 - 1, 2**63, 2**64 - 1]

FILES = {
    (bits, order): Writer(bits, order).file(kind)
    for (bits, order), kind in zip(CLASSES, (SHARED, EXECUTABLE, EXECUTABLE, SHARED), strict=True)
}

patches = st.lists(
    st.tuples(
        st.integers(0, 2**16),
        st.sampled_from((1, 2, 4, 8)),
        st.one_of(st.sampled_from(EXTREMES), st.integers(0, 4096)),
    ),
    max_size=6,
)


@pytest.mark.parametrize(("bits", "order"), CLASSES, ids=CLASS_NAMES)
@pytest.mark.parametrize("kind", [RELOCATABLE, EXECUTABLE, SHARED])
def test_sound_files(
    agree_on_fields: Callable[..., dict[str, Any]], bits: int, order: str, kind: int
) -> None:
    fields = agree_on_fields("elf", Writer(bits, order).file(kind))
    assert fields["type"] == kind
    assert fields["entry_point"] == 0x100
    assert fields["dynsym_entries"] == len(NAMES)
    assert fields["dynsym"][1]["name"] == NAMES[1]
    assert fields["sections"][1]["name"] == b".text"
    assert fields["dynamic_section_entries"] == 3
    assert fields["telfhash()"].startswith("T1")


@pytest.mark.parametrize("key", FILES, ids=CLASS_NAMES)
@given(patches=patches, size=st.one_of(st.none(), st.integers(0, 2500)))
def test_broken_files(
    agree_on_fields: Callable[..., Any],
    key: tuple[int, str],
    patches: list[tuple[int, int, int]],
    size: int | None,
) -> None:
    data = bytearray(FILES[key])
    for place, width, value in patches:
        offset = place % len(data)
        number = value & ((1 << 8 * width) - 1)
        data[offset : offset + width] = number.to_bytes(width, "little" if key[1] == "<" else "big")
    agree_on_fields("elf", bytes(data[:size]))


@pytest.mark.parametrize("key", FILES, ids=CLASS_NAMES)
def test_every_header_field(agree_on_fields: Callable[..., Any], key: tuple[int, str]) -> None:
    byteorder = "little" if key[1] == "<" else "big"
    for offset, value in itertools.product(range(16, 64, 2), (0, 1, 0xFF00, 0xFFFF)):
        data = bytearray(FILES[key])
        data[offset : offset + 2] = value.to_bytes(2, byteorder)  # type: ignore[arg-type]
        agree_on_fields("elf", bytes(data))


@pytest.mark.parametrize("size", [0, 4, 16, 51, 52, 53, 63, 64, 65])
@pytest.mark.parametrize("key", FILES, ids=CLASS_NAMES)
def test_short_files(agree_on_fields: Callable[..., Any], key: tuple[int, str], size: int) -> None:
    agree_on_fields("elf", FILES[key][:size])


@pytest.mark.parametrize("data", [b"", b"MZ", b"\x7fELF\x03\x01" + bytes(100)])
def test_other_files(agree_on_fields: Callable[..., Any], data: bytes) -> None:
    assert "type" not in agree_on_fields("elf", data)


@given(names=st.lists(st.binary(max_size=12), max_size=40), kind=st.sampled_from((1, 2, 3)))
def test_names(agree_on_fields: Callable[..., Any], names: list[bytes], kind: int) -> None:
    agree_on_fields("elf", Writer(64, "<").file(kind, [name.replace(b"\0", b"") for name in names]))


def test_large_names(agree_on_fields: Callable[..., Any]) -> None:
    # Longer than what is hashed and read at once.
    names = [f"{number:x}".encode() * (number % 300) for number in range(1, 2000)]
    agree_on_fields("elf", Writer(64, "<").file(names=names))


def test_a_number_that_means_undefined(agree_on_fields: Callable[..., Any]) -> None:
    data = bytearray(FILES[64, "<"])
    struct.pack_into("<Q", data, 40, 0xFFFA_BADA_FABA_DAFF)
    assert "sh_offset" not in agree_on_fields("elf", bytes(data))


@pytest.mark.parametrize("buffer", [bytearray, memoryview])
def test_other_buffers(buffer: Callable[[bytes], Any]) -> None:
    views = [MODULE.load(ModuleScan(data)) for data in (FILES[64, "<"], buffer(FILES[64, "<"]))]
    expected, actual = (module_dictionary("elf", MODULE.declaration, view) for view in views)
    assert actual == expected


def test_no_hash_of_few_names() -> None:
    assert tlsh(49 * b"a", NEVER) == ""
    assert tlsh(5000 * b"a", NEVER) == ""


def test_many_dynamic_sections_are_read_once() -> None:
    writer = Writer(32, "<")
    count = 30_000
    entries = writer.dynamic((1, 1)) * count
    table = b"".join(writer.segment(2, 52 + 8 * index, 0) for index in range(count))
    data = writer.header(SHARED, 0, (52 + len(entries), count), (0, 0, 0)) + entries + table
    file = elf_file(data, NEVER)
    assert isinstance(file, ElfFile)
    # They all end in the first record of the table, which has a size of 0.
    assert len(file.dynamic) == count + 3
    assert file.dynamic.entry_count == 4
    assert [file.dynamic.entry(index).type for index in (0, 1, 5, count)] == [1, 2, 0, 0]


@pytest.mark.parametrize("prefix", [b"_", b"a"])
def test_overlapping_names_cost_little(prefix: bytes) -> None:
    writer = Writer(64, "<")
    size = 1 << 20
    strings = b"\0" + prefix * size + b"\0" + b"unterminated" * 1000
    symbols = b"".join(writer.symbol(1 + index, GLOBAL_FUNCTION, 0) for index in range(20_000))
    symbols += b"".join(writer.symbol(size + 9, GLOBAL_FUNCTION, 0) for index in range(20_000))
    table = writer.section(0, DYNSYM, 64, len(symbols), 1)
    table += writer.section(0, STRTAB, 64 + len(symbols), len(strings), 0)
    sections = (64 + len(symbols) + len(strings), 2, 0)
    file = elf_file(writer.header(SHARED, 0, (0, 0), sections) + symbols + strings + table, NEVER)
    assert isinstance(file, ElfFile)
    assert telfhash(file, NEVER) is UNDEFINED
    assert import_md5(file, NEVER) is UNDEFINED


def test_nothing_is_read_before_it_is_asked_for() -> None:
    class Data(bytes):
        """Counts the bytes that are read."""

        read = 0

        def __getitem__(self, key: Any) -> Any:
            part = super().__getitem__(key)
            Data.read += len(part) if isinstance(key, slice) else 1
            return part

    file = elf_file(Data(FILES[64, "<"]), NEVER)
    assert isinstance(file, ElfFile)
    assert file.header.sh_entry_count == 6
    assert Data.read < 100
