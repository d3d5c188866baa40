"""Writes small DEX files, and has those whose fields are recorded."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HEADER_SIZE = 112


def uleb128(number: int) -> bytes:
    """Return a number of variable length."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


@dataclass
class Class:
    """A class: its type and its members, as numbers of the tables."""

    type: int
    static_fields: list[tuple[int, int]] = field(default_factory=list)
    fields: list[tuple[int, int]] = field(default_factory=list)
    direct: list[tuple[int, int, bytes | None]] = field(default_factory=list)
    virtual: list[tuple[int, int, bytes | None]] = field(default_factory=list)
    has_data: bool = True


STRINGS = [
    b"<init>",
    b"I",
    b"La/b/Main;",
    b"La/b/Other;",
    b"V",
    b"VI",
    b"count",
    b"main",
    b"onCreate",
    b"z" * 200,
    b"",
    b"nul\0inside",
]
TYPES = [1, 2, 3, 4]
PROTOS = [(4, 3, 0), (5, 3, 0)]
FIELDS = [(1, 0, 6), (1, 0, 7), (2, 0, 9), (2, 9, 11)]
METHODS = [(1, 0, 0), (1, 1, 7), (2, 0, 8), (2, 9, 11), (9, 0, 9)]
CLASSES = [
    Class(
        1,
        [(0, 9), (1, 2)],
        [(2, 1)],
        [(0, 0x1_0001, b"\x0e\0"), (1, 9, b"\x12\0\x0e\0")],
        [(2, 1, None)],
    ),
    Class(2, has_data=False),
    Class(2, [], [(3, 0)], [(3, 2, b"")], [(4, 1, None), (0, 1, b"\x0e\0")]),
]


def dex(
    classes: list[Class] | None = None,
    strings: list[bytes] | None = None,
    tail: bytes = bytes(32),
    changes: Mapping[str, int] | None = None,
) -> bytes:
    """Return a file; ``changes`` replaces fields of its header, by name."""
    classes = CLASSES if classes is None else classes
    strings = STRINGS if strings is None else strings
    sizes = [4 * len(strings), 4 * len(TYPES), 12 * len(PROTOS)]
    sizes += [8 * len(FIELDS), 8 * len(METHODS), 32 * len(classes)]
    counts = [len(strings), len(TYPES), len(PROTOS), len(FIELDS), len(METHODS), len(classes)]
    offsets = [HEADER_SIZE + sum(sizes[:index]) for index in range(7)]
    body = bytearray()

    def place() -> int:
        return offsets[6] + len(body)

    string_places = []
    for string in strings:
        string_places.append(place())
        # libyara takes the size to have one byte, so for longer strings it does here.
        body += uleb128(len(string)) + string + b"\0"
    class_rows = []
    for each in classes:
        methods = [[_method(body, place, *method) for method in each.direct]]
        methods += [[_method(body, place, *method) for method in each.virtual]]
        offset = place() if each.has_data else 0
        if each.has_data:
            groups: list[Sequence[tuple[int, ...]]] = [each.static_fields, each.fields, *methods]
            body += b"".join(uleb128(len(group)) for group in groups)
            for group in groups:
                before = 0
                for index, *numbers in group:
                    body += b"".join(map(uleb128, (index - before & 0xFFFF_FFFF, *numbers)))
                    before = index
        class_rows.append(struct.pack("<8I", each.type, 1, 0, 0, 6, 0, offset, 0))
    map_place = place()
    body += struct.pack("<I", 2) + struct.pack("<2H2I2H2I", 0, 0, 1, 0, 1, 0, counts[0], 112)
    header = {
        "file_size": place() + len(tail),
        "header_size": HEADER_SIZE,
        "endian_tag": 0x1234_5678,
        "link_size": 0,
        "link_offset": 0,
        "map_offset": map_place,
    }
    names = ("string_ids", "type_ids", "proto_ids", "field_ids", "method_ids", "class_defs")
    for name, count, offset in zip(names, counts, offsets, strict=False):
        header |= {f"{name}_size": count, f"{name}_offset": offset}
    header |= {"data_size": len(body), "data_offset": offsets[6]}
    tables = struct.pack(f"<{len(strings)}I", *string_places)
    tables += struct.pack(f"<{len(TYPES)}I", *TYPES)
    tables += b"".join(struct.pack("<3I", *row) for row in PROTOS)
    tables += b"".join(struct.pack("<2HI", *row) for row in FIELDS + METHODS)
    start = b"dex\n035\0" + struct.pack("<I20s", 0x1122_3344, bytes(range(200, 220)))
    head = start + struct.pack("<20I", *{**header, **(changes or {})}.values())
    return bytes(head + tables + b"".join(class_rows) + body + tail)


def _method(
    body: bytearray, place: Callable[[], int], index: int, flags: int, code: bytes | None
) -> tuple[int, int, int]:
    """Write the code of a method; return the numbers of the method."""
    if code is None:
        return index, flags, 0
    offset = place()
    body += struct.pack("<4H2I", 3, 2, 1, 0, 77, len(code) // 2) + code
    return index, flags, offset


def _files() -> dict[str, bytes]:
    sound = dex()
    files = {
        "nothing": b"",
        "no file": b"dex\n034\0" + sound[8:],
        "sound": sound,
        "header only": sound[:112],
        "header cut off": sound[:111],
        "no map": dex(changes={"map_offset": 0}),
        "map beyond the data": dex(changes={"map_offset": len(sound) - 3}),
        "map at the end": dex(changes={"map_offset": len(sound) - 4}),
        "map too large": dex(changes={"map_offset": 76}),
        "map cut off": dex(tail=b"", changes={"map_offset": len(dex(tail=b"")) - 28}),
        "no class": dex([]),
        "nothing behind the class": dex(tail=b""),
        "class data at the end": dex([Class(1), Class(2)], tail=b""),
        "members outside the tables": dex(
            [Class(1, [(0, 1), (9, 1)], [(3, 1)], [(9, 1, None)], [(9, 2, b"\0\0")])]
        ),
        "members that go back": dex([Class(1, [(3, 1), (1, 1)], [], [(4, 1, None), (0, 1, b"")])]),
        "no names": dex(strings=[]),
        "a string beyond the data": dex(changes={"string_ids_offset": 108, "string_ids_size": 2}),
    }
    for name in ("string", "type", "proto", "field", "method"):
        files[f"{name}s beyond the data"] = dex(changes={f"{name}_ids_size": 1 << 30})
        files[f"no {name}s"] = dex(changes={f"{name}_ids_size": 0})
    files["classes beyond the data"] = dex(changes={"class_defs_offset": 0xFFFF_FFF0})
    for missing in (1, 20, 30, 50, 70, 100, 150):
        files[f"{missing} bytes cut off"] = dex(tail=b"")[:-missing]
    return files


FILES = _files()
"""By name."""

_NAMES = ('"main"', '"MAIN"', '"nul"', '"nul\\x00other"', '"none"', '""', "/ain/", "/^$/", "/x?/")
_CLASSES = ('"La/b/Main;"', '"La"', "/Other/", "/nothing/")

QUESTIONS = [
    *(f"dex.has_method({name})" for name in _NAMES),
    *(f"dex.has_class({name})" for name in _CLASSES),
    *(
        f"dex.has_method({of}, {name})"
        for of in _CLASSES
        for name in _NAMES
        if (of[0] == "/") == (name[0] == "/")
    ),
]
"""Expressions whose values are recorded."""
