"""Writes small links of Windows, and has those whose fields are recorded."""

from __future__ import annotations

import struct

HEADER = bytes.fromhex("4c0000000114020000000000c000000000000046")

TARGET_IDS, LINK_INFO, NAME, RELATIVE_PATH, WORKING_DIR, ARGUMENTS, ICON, WIDE = (
    1 << bit for bit in range(8)
)

EPOCH = 116_444_736_000_000_000

GUID = bytes(range(0x10, 0x20))


def lnk(
    flags: int,
    *parts: bytes,
    times: tuple[int, int, int] = (EPOCH, EPOCH + 12_345_678_901, EPOCH - 1),
    show: int = 7,
) -> bytes:
    """Return a file with a header and what stands behind it."""
    numbers = struct.pack("<2I3Q3IH10x", flags, 0x21, *times, 1234, 5, show, 0x41)
    return HEADER + numbers + b"".join(parts)


def item(first: int, body: bytes, size: int = -1) -> bytes:
    return struct.pack("<HB", 3 + len(body) if size < 0 else size, first) + body


def target_ids(*items: bytes, size: int = -1, end: bytes = b"\0\0") -> bytes:
    body = b"".join(items) + end
    return struct.pack("<H", len(body) if size < 0 else size) + body


def text(value: str, *, is_wide: bool = True, length: int = -1) -> bytes:
    encoded = value.encode("utf-16-le" if is_wide else "latin-1", "surrogatepass")
    count = len(encoded) // (1 + is_wide) if length < 0 else length
    return struct.pack("<H", count) + encoded


def volume(label: bytes, offset: int = 16, *extra: int, size: int = -1, kind: int = 3) -> bytes:
    body = struct.pack(f"<{len(extra)}I", *extra) + label
    return struct.pack("<4I", 16 + len(body) if size < 0 else size, kind, 0xCAFE, offset) + body


def link_info(
    flags: int,
    volume_part: bytes,
    base: bytes,
    suffix: bytes,
    wide: tuple[bytes, bytes] | None = None,
    size: int = -1,
) -> bytes:
    header = 28 if wide is None else 36
    offsets = [header]
    for part in (volume_part, base, suffix, *(wide or ())):
        offsets.append(offsets[-1] + len(part))
    numbers = [header, flags, offsets[0], offsets[1], 0, offsets[2]]
    numbers += [] if wide is None else offsets[3:5]
    body = b"".join((volume_part, base, suffix, *(wide or ())))
    total = 4 + 4 * len(numbers) + len(body)
    return struct.pack(f"<{1 + len(numbers)}I", total if size < 0 else size, *numbers) + body


def tracker(machine: bytes = b"machine", *, cut: int = 0) -> bytes:
    body = struct.pack("<2I", 88, 3) + machine.ljust(16, b"\0") + GUID + GUID[::-1] + bytes(32)
    body = body[: len(body) - cut]
    return struct.pack("<2I", 8 + len(body), 0xA000_0003) + body


END = bytes(4)

ITEMS = [
    item(0x1F, b"\x50" + GUID),
    item(0x1E, b"\x50" + GUID[:-1]),
    item(0x2F, b"C:\\\0" + bytes(16)),
    item(0x2F, b"C:\\"),
    item(0x2E, b"\x80" + GUID),
    item(0x31, bytes(11) + b"Program Files\0more"),
    item(0x34, bytes(11) + "Übung".encode("utf-16-le") + b"\0\0more"),
    item(0x31, bytes(10)),
    item(0xB1, bytes(11) + b"\xff\xfe"),
    item(0x42, b"ab\\\\server\\share\0"),
    item(0x42, b""),
    item(0x00, bytes(9) + b"C:\\a.cpl\0"),
    item(0x00, bytes(21) + "C:\\b.cpl".encode("utf-16-le") + b"\0\0"),
    item(0x00, bytes(12)),
    item(0x00, b""),
    *(item(first, b"x") for first in (1, 0x52, 0x61, 0x70, 0x71, 0x72, 0x73, 0x74, 0x99, 0xFF)),
]

WIDE_TEXTS = [text("A name"), text("..\\a.exe"), text("C:\\"), text("-x 😀"), text("icon.ico")]
NARROW_TEXTS = [text("A n\xe4me", is_wide=False), text("a\0b", is_wide=False)]
ALL_TEXTS = NAME | RELATIVE_PATH | WORKING_DIR | ARGUMENTS | ICON

LOCAL = link_info(1, volume(b"label\0"), b"C:\\a.exe\0", b"suffix\0")


def _utf16(value: str) -> bytes:
    return value.encode("utf-16-le") + b"\0\0"


FILES = {
    "nothing": b"",
    "another file": b"MZ" + bytes(100),
    "header cut off": lnk(0)[:75],
    "another class": lnk(0).replace(b"F", b"G", 1),
    "header only": lnk(0),
    "header and end": lnk(0, END),
    "overlay": lnk(0, END, b"overlay"),
    "early times": lnk(0, END, times=(0, 1, EPOCH + 2**40)),
    "late times": lnk(0, END, times=(2**64 - 1, 2**63, EPOCH)),
    "no known command": lnk(0, END, show=5),
    "no possible command": lnk(0, END, show=0x8000_0000),
    "target": lnk(TARGET_IDS, target_ids(*ITEMS), END),
    "target without end": lnk(TARGET_IDS, target_ids(*ITEMS[:3], end=b""), END),
    "target cut off": lnk(TARGET_IDS, target_ids(*ITEMS[:6]))[:-20],
    "target too large": lnk(TARGET_IDS, target_ids(*ITEMS[:2], size=0xFFFF)),
    "target with a large item": lnk(TARGET_IDS, target_ids(item(0x31, b"a", size=99)), END),
    "target with small items": lnk(
        TARGET_IDS, target_ids(b"\1\0\2\0", item(0x1F, b"", size=3), ITEMS[0]), END
    ),
    "no target": lnk(TARGET_IDS, b"\0"),
    "texts": lnk(ALL_TEXTS | WIDE, *WIDE_TEXTS, END),
    "narrow texts": lnk(NAME | ARGUMENTS, *NARROW_TEXTS, END),
    "long texts": lnk(NAME | ARGUMENTS | WIDE, text("n" * 260, length=300), text("a" * 300), END),
    "texts that are no UTF-16": lnk(NAME | ICON | WIDE, text("a\ud800b\udc00"), text("a\0b"), END),
    "texts cut off": lnk(ALL_TEXTS | WIDE, *WIDE_TEXTS)[:-30],
    "local": lnk(LINK_INFO, LOCAL, END),
    "local cut off": lnk(LINK_INFO, LOCAL)[:-1],
    "network": lnk(LINK_INFO, link_info(2, b"", b"", b"suffix\0"), END),
    "both, wide": lnk(
        LINK_INFO | NAME,
        link_info(3, volume(b""), b"base\0", b"suffix\0", (_utf16("bäse"), _utf16("süffix"))),
        text("name", is_wide=False),
        END,
    ),
    "wide offsets cut off": lnk(LINK_INFO, LOCAL[:4] + b"\x24" + LOCAL[5:28]),
    "small information": lnk(LINK_INFO, link_info(3, volume(b"a\0"), b"b\0", b"c\0", size=30), END),
    "wide label": lnk(LINK_INFO, link_info(1, volume(_utf16("läbel"), 0x14, 20), b"", b""), END),
    "label outside": lnk(LINK_INFO, link_info(1, volume(b"a\0", 99), b"b\0", b""), END),
    "volume too large": lnk(LINK_INFO, link_info(1, volume(b"a\0", size=999), b"b", b""), END),
    "volume cut off": lnk(LINK_INFO, link_info(1, b"abc", b"", b""), END),
    "no possible drive": lnk(LINK_INFO, link_info(1, volume(b"", kind=0xFFFF_FFFF), b"", b""), END),
    "tracker": lnk(0, struct.pack("<2I", 8, 0xA000_0001), tracker(), END, b"x"),
    "two trackers": lnk(0, tracker(b"one"), tracker(b"tw\xff"), END),
    "tracker cut off": lnk(0, tracker(), tracker(b"other", cut=1), END),
    "tracker without an end": lnk(0, tracker()),
    "block without a type": lnk(0, struct.pack("<I", 6), b"ab", END),
    "block cut off": lnk(0, tracker(), struct.pack("<2I", 99, 0)),
}
"""By name."""

QUESTIONS: list[str] = []
"""There are no functions."""
