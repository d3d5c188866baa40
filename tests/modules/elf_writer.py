"""ELF files of both classes and byte orders, with all tables."""

from __future__ import annotations

from miniyara.testing.programs.elf import EXECUTABLE, SHARED, Writer

FILES = {
    "32 bits, little-endian": Writer(32, "<").file(SHARED),
    "64 bits, big-endian": Writer(64, ">").file(EXECUTABLE),
}

QUESTIONS = ["elf.telfhash()", "elf.import_md5()"]
