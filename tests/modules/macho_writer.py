"""Writes small Mach-O files, and has those whose fields are recorded."""

from __future__ import annotations

import struct
from itertools import product

LC_SEGMENT, LC_UNIXTHREAD, LC_SEGMENT_64, LC_UUID, LC_MAIN = 0x1, 0x5, 0x19, 0x1B, 0x8000_0028

X86, ARM, POWERPC, SPARC, MC680X0, MC88000 = 7, 12, 18, 14, 6, 13
X86_64, ARM64, POWERPC64 = 0x100_0007, 0x100_000C, 0x100_0012

THREAD_STATES = {
    MC680X0: (72, 68, 4),
    MC88000: (136, 124, 4),
    SPARC: (76, 4, 4),
    POWERPC: (160, 0, 4),
    X86: (64, 40, 4),
    ARM: (68, 60, 4),
    X86_64: (168, 128, 8),
    ARM64: (268, 256, 8),
    POWERPC64: (304, 0, 8),
}
"""Bytes of the registers, and place and bytes of the instruction pointer."""

BASE = 0x10_0000


class Writer:
    """Writes the records of a class and a byte order."""

    def __init__(self, bits: int, order: str) -> None:
        self.bits = bits
        self.order = order

    def pack(self, codes: str, *values: int | bytes) -> bytes:
        return struct.pack(
            self.order + codes.replace("N", "I" if self.bits == 32 else "Q"), *values
        )

    def file(self, cputype: int, *commands: bytes, cpusubtype: int = 3, ncmds: int = -1) -> bytes:
        body = b"".join(commands)
        count = len(commands) if ncmds < 0 else ncmds
        magic = 0xFEED_FACE if self.bits == 32 else 0xFEED_FACF
        header = self.pack("7I", magic, cputype, cpusubtype, 2, count, len(body), 0x20_0085)
        return header + (b"" if self.bits == 32 else self.pack("I", 7)) + body

    def command(self, kind: int, body: bytes, size: int = -1) -> bytes:
        return self.pack("2I", kind, 8 + len(body) if size < 0 else size) + body

    def segment(
        self, name: bytes, offset: int, *sections: bytes, nsects: int = -1, size: int = -1
    ) -> bytes:
        count = len(sections) if nsects < 0 else nsects
        body = self.pack("16s4N", name, BASE + offset, 0x1000, offset, 0x800)
        body += self.pack("4I", 7, 5, count, 8) + b"".join(sections)
        return self.command(LC_SEGMENT if self.bits == 32 else LC_SEGMENT_64, body, size)

    def section(self, name: bytes, segment: bytes, offset: int) -> bytes:
        start = self.pack("16s16s2N", name, segment, BASE + offset, 0x40)
        reserved = (1, 2) if self.bits == 32 else (1, 2, 3)
        return start + self.pack(f"{5 + len(reserved)}I", offset, 4, 5, 6, 0x8000_0400, *reserved)

    def thread(self, cputype: int, address: int, missing: int = 0) -> bytes:
        size, place, width = THREAD_STATES[cputype]
        pointer = self.pack("I" if width == 4 else "Q", address)
        state = bytes(place) + pointer + bytes(size - place - width)
        return self.command(
            LC_UNIXTHREAD, self.pack("2I", 1, size // 4) + state[: len(state) - missing]
        )

    def main(self, entry: int, stack: int = 0x8000) -> bytes:
        return self.command(LC_MAIN, self.pack("2Q", entry, stack))

    def text_segment(self) -> bytes:
        return self.segment(
            b"__TEXT",
            0,
            self.section(b"__text", b"__TEXT", 0x100),
            self.section(b"__sixteen_letters", b"__TEXT\0junk", 0x200),
        )

    def data_segment(self) -> bytes:
        return self.segment(b"__DATA", 0x1000, self.section(b"__data", b"__DATA", 0x1000))

    def program(self, cputype: int) -> bytes:
        return self.file(
            cputype,
            self.text_segment(),
            self.data_segment(),
            self.command(LC_UUID, bytes(16)),
            self.thread(cputype, BASE + 0x1234),
        )


def fat(*files: bytes, bits: int = 32, **changes: int) -> bytes:
    """Return a fat file; ``changes`` replaces the count or fields of the second entry."""
    entry = ">5I" if bits == 32 else ">2I2QI4x"
    magic = 0xCAFE_BABE if bits == 32 else 0xCAFE_BABF
    place = 8 + len(files) * struct.calcsize(entry)
    table, body = b"", b""
    for number, file in enumerate(files):
        order = "<" if file[:1] in b"\xce\xcf" else ">"
        cputype, cpusubtype = struct.unpack_from(f"{order}2I", file.ljust(12, b"\0"), 4)
        offset, size = place + len(body), len(file)
        if number == 1:
            offset, size = changes.get("offset", offset), changes.get("size", size)
        table += struct.pack(entry, cputype, cpusubtype, offset, size, 12)
        body += file
    return struct.pack(">2I", magic, changes.get("count", len(files))) + table + body


LITTLE_64, LITTLE_32 = Writer(64, "<"), Writer(32, "<")
BIG_64, BIG_32 = Writer(64, ">"), Writer(32, ">")


def _files() -> dict[str, bytes]:
    files = {"nothing": b"", "no file": b"MZ" + bytes(100)}
    for bits, order in product((32, 64), "<>"):
        writer = Writer(bits, order)
        name = f"{bits} bits, {'little' if order == '<' else 'big'}-endian"
        files[name] = writer.program(X86 if bits == 32 else X86_64)
        files[f"{name}, main"] = writer.file(ARM64, writer.text_segment(), writer.main(0x55))
        files[f"{name}, commands cut off"] = files[name][:-20]
        files[f"{name}, segment cut off"] = writer.file(
            X86, writer.segment(b"a", 0), writer.segment(b"b", 1, size=8)[:40]
        )
        files[f"{name}, header only"] = writer.file(X86, ncmds=5)
        files[f"{name}, header cut off"] = writer.file(X86, bytes(8))[:31]
    for cputype in THREAD_STATES:
        for writer in (LITTLE_32, BIG_64):
            files[f"thread of {cputype:#x}, {writer.bits} bits"] = writer.program(cputype)
    two = LITTLE_64.program(X86_64), BIG_32.program(POWERPC)
    files |= {
        "thread of no machine": LITTLE_32.program(X86).replace(b"\7\0\0\0", b"\x63\0\0\0", 1),
        "thread cut off": LITTLE_32.file(
            X86, LITTLE_32.text_segment(), LITTLE_32.thread(X86, BASE + 9, missing=1)
        ),
        "thread outside segments": LITTLE_32.file(
            X86, LITTLE_32.text_segment(), LITTLE_32.thread(X86, 5)
        ),
        "several starts": LITTLE_64.file(
            X86_64,
            LITTLE_64.main(1),
            LITTLE_64.text_segment(),
            LITTLE_64.main(2),
            LITTLE_64.thread(X86_64, BASE + 3),
            LITTLE_64.thread(X86_64, 4),
        ),
        "an undefined start": LITTLE_64.file(
            X86_64, LITTLE_64.main(1), LITTLE_64.main(0xFFFA_BADA_FABA_DAFF)
        ),
        "sections beyond their command": LITTLE_64.file(
            X86_64, LITTLE_64.segment(b"a", 0, LITTLE_64.section(b"b", b"c", 1), nsects=9)
        ),
        "a command without size": LITTLE_64.file(
            X86_64, LITTLE_64.segment(b"a", 0, size=7), LITTLE_64.main(1)
        ),
        "a segment of another class": LITTLE_32.file(
            X86, LITTLE_64.text_segment(), LITTLE_32.data_segment()
        ),
        "a hole between segments": LITTLE_32.file(X86)[:-4]
        + struct.pack("<I", 0)
        + LITTLE_32.command(LC_SEGMENT_64, b"", 8)
        + LITTLE_32.segment(b"last", 0),
        "fat": fat(*two),
        "fat for 64 bits": fat(*two, bits=64),
        "fat with a file outside": fat(*two, LITTLE_64.program(ARM64), size=1 << 31),
        "fat with a last file outside": fat(*two, offset=1 << 31),
        "fat with a small file": fat(two[0], two[1][:31], LITTLE_64.program(ARM64)),
        "fat with no Mach-O file": fat(bytes(range(64)), b"\xca\xfe\xba\xbe" + bytes(60)),
        "fat with the same machine twice": fat(two[0], LITTLE_64.file(X86_64, cpusubtype=4)),
        "fat with a table beyond": fat(*two, count=60),
        "fat in the wrong order": b"\xbe\xba\xfe\xca" + fat(*two, bits=64)[4:],
        "fat without a count": b"\xca\xfe\xba\xbe\0\0\0",
        "fat with a far file": fat(*two, bits=64, offset=2**64 - 1),
    }
    return files


FILES = _files()
"""By name."""

_MACHINES = (X86, X86_64, POWERPC, ARM64, 0x0405_0607, 0)

QUESTIONS = [
    f"macho.{function}({arguments})"
    for function in ("file_index_for_arch", "entry_point_for_arch")
    for cputype in _MACHINES
    for arguments in (f"{cputype}", f"{cputype}, 3", f"{cputype}, 4")
]
"""Expressions whose values are recorded."""
