"""Files that are cut, changed or made up: an error, or the answers of before, and no more."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.storage import container

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import "math"
rule a : t { meta: m = "x" n = 5 strings: $a = "hello world" $b = { 61 62 [2-300] 63 64 65 66 }
    condition: any of them and uint16(0) == 0x5A4D }
rule b { strings: $a = "hello world" $b = /xyz[0-9]+uvw/ $c = "texty" xor
    $d = "other" nocase wide ascii condition: a or 2 of them }
global rule c { condition: name == "x" and filesize < 1MB }
rule d { strings: $x = "unswept" $y = /[a-z]{3}/ condition: #x > 1 or $y at 5 }
"""
DATA = (b"", b"MZ hello world ab  cdef", b"xyz123uvw OTHER texty", b"unsweptunswept", b"a" * 9000)


def saved(backend: str = "grams") -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIYARA_BACKEND", backend)
        stream = io.BytesIO()
        miniyara.compile(source=SOURCE, externals={"name": "x"}).save(file=stream)
    return stream.getvalue()


SAVED = saved()
SECTIONS = {name: bytes(content) for name, content in container.unpack(SAVED).items()}


def answers(data: bytes) -> object:
    """What the rules of a file answer, or None if that is an error."""
    try:
        rules = miniyara.load(file=io.BytesIO(data))
        told: list[Any] = []
        for scanned in DATA:
            rules.match(data=scanned, callback=told.append)
        return repr((list(rules), told, rules.warnings))
    except miniyara.Error:
        return None


EXPECTED = answers(SAVED)


def test_the_file_is_good() -> None:
    assert EXPECTED is not None
    assert "'matches': True" in str(EXPECTED)


def test_every_shorter_file_is_refused() -> None:
    for length in range(len(SAVED)):
        with pytest.raises(miniyara.Error, match=r"^(corrupt|invalid) rules file"):
            miniyara.load(file=io.BytesIO(SAVED[:length]))


@given(st.integers(0, 8 * len(SAVED) - 1))
def test_every_changed_bit_is_noticed(bit: int) -> None:
    data = bytearray(SAVED)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(miniyara.Error):
        miniyara.load(file=io.BytesIO(data))


@given(st.binary(max_size=200))
def test_anything_behind_the_magic(rest: bytes) -> None:
    with pytest.raises(miniyara.Error):
        miniyara.load(file=io.BytesIO(container.MAGIC + rest))


def test_a_promise_of_more_than_there_is_memory_for() -> None:
    header = container.HEADER.pack(container.MAGIC, container.VERSION, 0, 1 << 62)
    tracemalloc.start()
    try:
        with pytest.raises(miniyara.Error, match="corrupt rules file"):
            miniyara.load(file=io.BytesIO(header + b"x" * 100))
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


# -- files under the right checksum ---------------------------------------------------------

NUMBERS = sorted(
    name
    for name in SECTIONS
    if name not in {"origin", "texts", "version", "program", "prepared", "gates", "r.heads"}
)
RECORDS = ("origin", "program", "prepared", "gates", "r.heads")


def changed(section: str, content: bytes) -> object:
    return answers(container.pack(SECTIONS | {section: content}))


@given(st.sampled_from(NUMBERS), st.data())
def test_columns_of_any_numbers(section: str, data: st.DataObject) -> None:
    content = bytearray(SECTIONS[section])
    number = data.draw(st.sampled_from((0, 1, 2, 3, 255, 1 << 16, (1 << 31) - 1, (1 << 32) - 1)))
    places = data.draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=9))
    for place in places:
        start = place // 4 * 4
        new = struct.pack("<I", number)
        if data.draw(st.booleans()) and start + 4 <= len(content):
            content[start : start + 4] = new
        elif content:
            content[place] = number & 0xFF
    changed(section, bytes(content))


@pytest.mark.parametrize("byte", [0, 1, 2, 3, 127, 255])
@pytest.mark.parametrize("section", NUMBERS)
def test_columns_of_one_number(section: str, byte: int) -> None:
    size = len(SECTIONS[section])
    changed(section, bytes([byte]) * size)
    changed(section, bytes([byte, 0, 0, 0]) * (size // 4) + bytes([byte]) * (size % 4))


@given(st.sampled_from(sorted(SECTIONS)), st.data())
def test_columns_of_any_length(section: str, data: st.DataObject) -> None:
    content = SECTIONS[section]
    length = data.draw(st.integers(0, len(content)))
    changed(section, content[:length])
    changed(section, content + content[:length])


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_section_that_is_not_there(section: str) -> None:
    rest = {name: content for name, content in SECTIONS.items() if name != section}
    found = answers(container.pack(rest))
    # Without a version, the rules are compiled anew.
    assert found == (EXPECTED if section == "version" else None)


def everywhere(value: Any, replace: Callable[[Any], Any]) -> Any:
    """Yield copies of a value, in each of which one part is replaced."""
    yield replace(value)
    if isinstance(value, list):
        for place, item in enumerate(value):
            for new in everywhere(item, replace):
                yield [*value[:place], new, *value[place + 1 :]]
    elif isinstance(value, dict):
        for key, item in value.items():
            for new in everywhere(item, replace):
                yield value | {key: new}


STRANGE: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda _: None,
    "a number": lambda _: 7,
    "a negative number": lambda _: -1,
    "a huge number": lambda _: 1 << 70,
    "a fraction": lambda _: 0.5,
    "a text": lambda _: "\u1234",
    "a list": lambda value: [value],
    "an empty list": lambda _: [],
    "a dictionary": lambda _: {},
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("section", RECORDS[:-1])
def test_records_of_anything(section: str, kind: str) -> None:
    value = json.loads(SECTIONS[section])
    for new in everywhere(value, STRANGE[kind]):
        changed(section, json.dumps(new).encode())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000])
@pytest.mark.parametrize("section", RECORDS)
def test_records_that_are_none(section: str, content: bytes) -> None:
    sections = SECTIONS | {section: content}
    if section == "r.heads":
        count = len(SECTIONS["r.head"]) // 4
        sections["r.head"] = struct.pack(f"<{count}I", len(content), *[0] * (count - 1))
    assert answers(container.pack(sections)) is None


@pytest.mark.parametrize(
    "text",
    [
        "a { condition: true }",
        "other { condition: true }",
        "a { strings: $a = /(/ condition: $a }",
        "a { condition: a }",
        'a { condition: true } import "math"',
        'a { condition: true } include "x"',
        "a { condition: true } rule z { condition: true }",
        "\xff",
    ],
)
def test_the_text_of_another_rule(text: str) -> None:
    content = text.encode("latin-1")
    origin = json.loads(SECTIONS["origin"])
    starts, ends = (bytearray(SECTIONS[name]) for name in ("r.start", "r.end"))
    starts[:4] = struct.pack("<I", len(SECTIONS["texts"]))
    ends[:4] = struct.pack("<I", len(SECTIONS["texts"]) + len(content))
    origin["texts"] = [origin["texts"][0] + len(content)]
    sections = SECTIONS | {
        "origin": json.dumps(origin).encode(),
        "texts": SECTIONS["texts"] + content,
        "r.start": bytes(starts),
        "r.end": bytes(ends),
    }
    rules = miniyara.load(file=io.BytesIO(container.pack(sections)))
    with pytest.raises(miniyara.Error, match='invalid rules file: rule "a" is not what'):
        rules.match(data=DATA[1])
    with pytest.raises(miniyara.Error, match='invalid rules file: rule "a" is not what'):
        rules.match(data=DATA[1])
