"""The dotnet module gives libyara's fields of small made-up files, sound and broken."""

from __future__ import annotations

import gc
import struct
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.deadline import NEVER
from miniyara.modules.dotnet import MODULE
from miniyara.modules.dotnet.fields import DotnetView
from miniyara.modules.dotnet.heaps import UserStrings
from miniyara.modules.interface import ModuleScan
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.testing.programs.dotnet import ADDRESS, DotnetWriter, compressed, rich_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

RICH = {is_64_bit: rich_file(is_64_bit) for is_64_bit in (False, True)}

EXTREMES = [0, 1, 2, 3, 0x0E, 0x3F, 0x7F, 0x80, 0xBF, 0xC0, 0xDF, 0xE0, 0xFF, 0x100, 0x7FFF]
EXTREMES += [0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]

patches = st.lists(
    st.tuples(
        st.integers(0, 2**16),
        st.sampled_from((1, 2, 4)),
        st.one_of(st.sampled_from(EXTREMES), st.integers(0, 3000)),
    ),
    min_size=1,
    max_size=4,
)


def ours(data: bytes) -> dict[str, Any]:
    return module_dictionary("dotnet", MODULE.declaration, MODULE.load(ModuleScan(data)))


@pytest.mark.parametrize("is_64_bit", [False, True])
def test_a_rich_file(agree_on_fields: Callable[..., dict[str, Any]], is_64_bit: bool) -> None:
    fields = agree_on_fields("dotnet", RICH[is_64_bit])
    assert fields["is_dotnet"] == 1
    assert [class_["fullname"] for class_ in fields["classes"]] == [
        b"Space.Outer",
        b"Space.Outer.Nested",
        b"Space.Interface",
        b"Space.Outer.Nested.Deep",
    ]
    assert fields["classes"][1]["base_types"] == [
        b"Space.Outer",
        b"System.Object",
        b"Space.Interface",
    ]
    assert fields["classes"][3]["base_types"] == [b"System.Object<,Space.Interface>"]
    methods = [method for class_ in fields["classes"] for method in class_["methods"]]
    assert {method["name"]: method.get("return_type") for method in methods} == {
        b".ctor": None,
        b"Do": b"int",
        b"Generic": b"M",
        b"Instance": b"void",
        b"Array": b"string[2...6,-2...3,]",
    }
    assert methods[2]["parameters"] == [{"name": b"first", "type": b"T"}]
    assert methods[3]["parameters"] == [{"name": b"P_0", "type": b"System.Object<int,Space.Outer>"}]
    assert fields["typelib"].startswith(b"c0ffee")
    assert fields["user_strings"] == ["text".encode("utf-16-le"), "\u03c9".encode("utf-16-le")]
    assert fields["number_of_constants"] == 1
    assert [resource.get("length") for resource in fields["resources"]] == [5, None]
    assert fields["number_of_field_offsets"] == 1


@pytest.mark.parametrize("is_64_bit", [False, True])
@given(patches=patches, size=st.one_of(st.none(), st.integers(0, 3000)))
def test_broken_files(
    agree_on_fields: Callable[..., Any],
    is_64_bit: bool,
    patches: list[tuple[int, int, int]],
    size: int | None,
) -> None:
    data = bytearray(RICH[is_64_bit])
    for place, width, value in patches:
        offset = place % len(data)
        data[offset : offset + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")
    agree_on_fields("dotnet", bytes(data[:size]))


def test_bytes_all_over_the_metadata(agree_on_fields: Callable[..., Any]) -> None:
    sound = RICH[False]
    for offset in range(0x200, len(sound), 7):
        data = bytearray(sound)
        data[offset] ^= 1 << offset % 8
        agree_on_fields("dotnet", bytes(data))


@pytest.mark.parametrize("size", [0, 2, 63, 64, 100, 0x1FF, 0x200, 0x248, 0x258, 0x26C])
def test_short_files(agree_on_fields: Callable[..., Any], size: int) -> None:
    agree_on_fields("dotnet", RICH[False][:size])


def file_of_types(*signatures: bytes, is_generic: bool = True) -> bytes:
    """Return a file with a class whose methods have these signatures and extends them."""
    writer = DotnetWriter()
    name = writer.strings.add
    writer.add(0x01, 6, name(b"Reference"), name(b"Space"))
    class_name = name(b"Class`2")
    for index in range(len(signatures)):
        first = 1 if index == 0 else len(signatures) + 1
        writer.add(0x02, 1, class_name, name(b"Space"), index + 1 << 2 | 2, 1, first)
    for index, signature in enumerate(signatures):
        writer.add(0x1B, writer.blobs.add(signature))
        method = writer.blobs.add(b"\0\1" + signature + signature)
        writer.add(0x06, 0, 0, 6, name(b"Method%d" % index), method, 1)
    if is_generic:
        for owner in (2, 3):
            writer.add(0x2A, 0, 0, owner, name(b"T%d" % owner))
            writer.add(0x2A, 0, 0, owner, name(b"U%d" % owner))
    return writer.file()


def composite(inner: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Types that contain others, as bytes of a signature."""
    numbers = st.one_of(st.integers(0, 3), st.integers(0, 0x1FFF_FFFF)).map(compressed)
    counts = st.integers(0, 4).map(compressed)
    lists = st.lists(inner, max_size=4).map(lambda types: compressed(len(types)) + b"".join(types))
    return st.one_of(
        st.tuples(st.sampled_from([b"\x0f", b"\x10", b"\x1d"]), inner).map(b"".join),
        st.tuples(st.sampled_from([b"\x11", b"\x12", b"\x13", b"\x1e"]), numbers).map(b"".join),
        st.tuples(st.sampled_from([b"\x1f", b"\x20"]), numbers, inner).map(b"".join),
        st.tuples(
            st.just(b"\x14"), inner, counts, counts, st.lists(numbers, max_size=5).map(b"".join)
        ).map(b"".join),
        st.tuples(st.just(b"\x15"), inner, lists).map(b"".join),
        st.tuples(st.just(b"\x1b\0"), lists).map(b"".join),
    )


simple_types = st.integers(1, 0x45).map(lambda element: bytes([element]))
types = st.recursive(simple_types, composite, max_leaves=12)


@given(
    signatures=st.lists(st.one_of(types, st.binary(max_size=12)), min_size=1, max_size=4),
    is_generic=st.booleans(),
)
def test_types(
    agree_on_fields: Callable[..., Any], signatures: list[bytes], is_generic: bool
) -> None:
    agree_on_fields("dotnet", file_of_types(*signatures, is_generic=is_generic))


@pytest.mark.parametrize("depth", [15, 16, 17, 18, 40])
def test_deep_types(agree_on_fields: Callable[..., Any], depth: int) -> None:
    agree_on_fields(
        "dotnet", file_of_types(depth * b"\x1d" + b"\x08", depth * b"\x0f" + b"\x12\x05")
    )


@given(
    content=st.lists(
        st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 0x80, 0x81, 0xC0, 0xE0, 0xFF]), max_size=60
    ).map(bytes)
)
def test_user_strings(agree_on_fields: Callable[..., Any], content: bytes) -> None:
    writer = DotnetWriter()
    writer.literals.content = content
    agree_on_fields("dotnet", writer.file())


@pytest.mark.parametrize("count", [1, 9, 10, 11, 12, 20])
def test_nested_classes(agree_on_fields: Callable[..., Any], count: int) -> None:
    writer = DotnetWriter()
    for index in range(1, count + 1):
        writer.add(0x02, 2, writer.strings.add(b"C%d" % index), writer.strings.add(b"N"), 0, 1, 1)
        writer.add(0x29, index, index % count + 1)
    agree_on_fields("dotnet", writer.file())


@pytest.mark.parametrize("length", [1023, 1024, 1025])
def test_long_names(agree_on_fields: Callable[..., Any], length: int) -> None:
    writer = DotnetWriter()
    writer.add(0x1A, writer.strings.add(length * b"n"))
    agree_on_fields("dotnet", writer.file())


@pytest.mark.parametrize("count", [15_000, 15_001])
def test_large_tables(agree_on_fields: Callable[..., Any], count: int) -> None:
    writer = DotnetWriter()
    writer.repeat(0x09, count, 1, 1)
    writer.add(0x1A, writer.strings.add(b"behind"))
    agree_on_fields("dotnet", writer.file())


@pytest.mark.parametrize("name", [b"#~", b"#-", b"#~x", b"#"])
def test_names_of_streams(agree_on_fields: Callable[..., Any], name: bytes) -> None:
    agree_on_fields("dotnet", DotnetWriter(tables={0x1A: [(0,)]}, tables_name=name).file())


@pytest.mark.parametrize("version", [b"", b"v\0\0\0", b"four", 252 * b"v" + bytes(4)])
def test_versions(agree_on_fields: Callable[..., Any], version: bytes) -> None:
    agree_on_fields("dotnet", DotnetWriter(version=version).file())


@pytest.mark.parametrize("offset", [0, 4, 8, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_resources_that_are_nowhere(agree_on_fields: Callable[..., Any], offset: int) -> None:
    writer = DotnetWriter()
    writer.add(0x28, offset, 1, writer.strings.add(b"name"), 0)
    writer.add(0x28, 1, 1, 0xFFF0, 1)
    data = bytearray(writer.file())
    agree_on_fields("dotnet", bytes(data))
    struct.pack_into("<I", data, 0x200 + 24, ADDRESS + 0x10_0000)
    agree_on_fields("dotnet", bytes(data))


@pytest.mark.parametrize("buffer", [bytearray, memoryview])
def test_other_buffers(buffer: Callable[[bytes], Any]) -> None:
    view = MODULE.load(ModuleScan(buffer(RICH[False])))
    assert module_dictionary("dotnet", MODULE.declaration, view) == ours(RICH[False])


def test_nothing_is_read_before_it_is_asked_for() -> None:
    view = MODULE.load(ModuleScan(RICH[False]))
    assert isinstance(view, DotnetView)
    assert view.member("number_of_streams") == 5
    assert "contents" not in vars(view.metadata)
    assert view.member("module_name") == b"module.dll"
    assert "classes" not in vars(view)
    assert "user_strings" not in vars(view.metadata)


def test_a_view_that_is_dropped_lets_the_data_go() -> None:
    data = bytes(bytearray(RICH[False]))
    before = sys.getrefcount(data)
    gc.disable()
    try:
        ours(data)
        assert sys.getrefcount(data) == before
    finally:
        gc.enable()


def test_types_that_contain_each_other_cost_little() -> None:
    # Each type has all of them twenty times: libyara would never end.
    self_containing = b"\x15\x12\x05" + compressed(20) + 20 * b"\x12\x06"
    fields = ours(file_of_types(self_containing))
    assert fields["number_of_classes"] == 1


def test_methods_of_several_classes_are_limited() -> None:
    writer = DotnetWriter()
    name = writer.strings.add(b"Name")
    signature = writer.blobs.add(b"\0\0\x01")
    for index in range(50):
        writer.add(0x02, 1, name, 0, 0, 1, 1 if index % 2 == 0 else 5_001)
    writer.repeat(0x06, 5_000, 0, 0, 6, name, signature, 0)
    fields = ours(writer.file())
    counts = [class_.get("number_of_methods", 0) for class_ in fields["classes"]]
    assert sum(counts) == 60_000


def test_shared_constants_are_limited() -> None:
    writer = DotnetWriter()
    blob = writer.blobs.add(bytes(1 << 20))
    writer.repeat(0x0B, 15_000, 0x0E, 0, blob)
    assert ours(writer.file())["number_of_constants"] == 64


def test_zeros_among_user_strings_are_no_strings() -> None:
    content = bytes(10_000) + b"\x03ab\0" + bytes(4096) + b"\x03cd\0" + bytes(4097) + b"\x03ef\0"
    strings = UserStrings(content, 0, len(content), NEVER)
    assert [strings.string(index) for index in range(len(strings))] == [b"ab", b"cd", b"ef"]
