"""Tables that overlap and point to themselves cost no more than their size."""

from __future__ import annotations

import struct

import pytest
from dex_writer import Class, dex
from macho_writer import LITTLE_32, X86, fat

import miniyara
from miniyara.deadline import NEVER, Deadline
from miniyara.errors import ScanTimeout
from miniyara.modules.dex.file import dex_file
from miniyara.modules.dex.limits import MOST_MEMBERS
from miniyara.modules.macho.fat import FatFile
from miniyara.modules.macho.file import MachOFile
from miniyara.modules.macho.limits import MOST_OVERLAP, MOST_STARTS

SMALL_SEGMENT = struct.pack("<2I", 1, 8)


def test_segments_inside_each_other() -> None:
    data = LITTLE_32.file(X86, *[SMALL_SEGMENT] * 1000)
    file = MachOFile(data, 0, len(data), NEVER)
    assert file.number_of_segments == 1000
    # The last ones are cut off.
    assert file.segment_count == 994


def test_only_the_last_threads_count() -> None:
    text, outside = LITTLE_32.text_segment(), LITTLE_32.thread(X86, 0)
    for count, entry_point in ((MOST_STARTS - 1, 7), (MOST_STARTS, None)):
        data = LITTLE_32.file(X86, text, LITTLE_32.main(7), *[outside] * count)
        file = MachOFile(data, 0, len(data), NEVER)
        assert (file.entry_point or None) == entry_point


def test_files_that_share_their_bytes() -> None:
    program = LITTLE_32.program(X86)
    data = bytearray(fat(*[program] * 100))
    for number in range(100):
        struct.pack_into(">2I", data, 8 + 20 * number + 8, 0, len(data))
    file = FatFile(bytes(data), NEVER)
    assert file.count == 100
    assert file.file_count == MOST_OVERLAP


def test_classes_that_share_their_members() -> None:
    members = [(0, 1)] * 5000
    data = bytearray(dex([Class(1, members, [], [], [(0, 1, None)] * 5000)]))
    row = bytes(data[struct.unpack_from("<I", data, 32 + 17 * 4)[0] :][:32])
    struct.pack_into("<2I", data, 32 + 16 * 4, 1000, len(data))
    data += row * 1000
    file = dex_file(bytes(data), NEVER)
    assert file is not None
    assert file.members.class_count == 1000
    assert len(file.members.fields) == len(file.members.methods) == MOST_MEMBERS
    rules = miniyara.compile(source='import "dex" rule r { condition: dex.has_method("none") }')
    assert not rules.match(data=bytes(data))


def test_time_is_up() -> None:
    file = dex_file(dex([Class(1, [(0, 1)] * 5000)]), Deadline(1e-9))
    assert file is not None
    with pytest.raises(ScanTimeout):
        _ = file.members.class_count
