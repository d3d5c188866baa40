"""A link of Windows: its header, and behind it the parts that the header announces.

Follows YARA-X's ``modules/lnk/parser.rs``, which stops at the first part that leaves the
file. The format is Microsoft's MS-SHLLINK.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.lnk.items import shell_items
from miniyara.modules.lnk.reader import Reader, Truncated, guid, lossy
from miniyara.modules.plain import PlainArray, PlainStructure

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.interface import Value

_HEADER_SIZE: Final = 0x4C
_START: Final = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
"""The size of the header and the class identifier of links."""

_TICKS_A_SECOND: Final = 10_000_000
_SECONDS_BEFORE_1970: Final = 11_644_473_600
"""From the year 1601, with which Windows begins."""

_MOST_NUMBER: Final = 0x7FFF_FFFF
"""The greatest number of an enumeration; greater ones are left out."""

# Bits of the header that say what follows.
_HAS_TARGET_IDS: Final = 0x01
_HAS_LINK_INFO: Final = 0x02
_IS_WIDE: Final = 0x80
_TEXTS: Final = {
    "name": 0x04,
    "relative_path": 0x08,
    "working_dir": 0x10,
    "cmd_line_args": 0x20,
    "icon_location": 0x40,
}

_LONGEST_TEXT: Final = 260
"""Characters of a text at which Windows stops reading, but for a command's arguments."""

# Bits of the link information that say what it has.
_HAS_VOLUME: Final = 0x1
_HAS_NETWORK_LINK: Final = 0x2

_SIZE_WITH_WIDE_OFFSETS: Final = 0x24
_LABEL_IS_WIDE: Final = 0x14

_TRACKER: Final = 0xA000_0003
"""The signature of the block of the service that looks for lost targets."""

_BLOCKS_BETWEEN_CHECKS: Final = 4096


class LnkFile:
    """Scanned data that begin like a link."""

    def __init__(self, data: Any, deadline: Deadline) -> None:
        self._reader = Reader(data, 20, len(data))
        self._deadline = deadline
        self.header: dict[str, Value] = {"is_lnk": 1}
        """The fields that stand in the header."""
        self._flags, attributes, *times, size, icon_index, show_command = self._reader.numbers(
            "2I3Q3I12x"
        )
        for name, time in zip(("creation_time", "access_time", "write_time"), times, strict=True):
            seconds = time // _TICKS_A_SECOND - _SECONDS_BEFORE_1970
            if seconds >= 0:
                self.header[name] = seconds
        self.header |= {"file_size": size, "file_attributes": attributes, "icon_index": icon_index}
        if show_command <= _MOST_NUMBER:
            self.header["show_command"] = show_command

    @cached_property
    def body(self) -> dict[str, Value]:
        """The fields that stand behind the header, up to where it is cut off."""
        fields: dict[str, Value] = {}
        reader = self._reader.part(0)
        assert reader is not None, "a part without a size is there"
        with suppress(Truncated):
            self._read(reader, fields)
        return fields

    def _read(self, reader: Reader, fields: dict[str, Value]) -> None:
        if self._flags & _HAS_TARGET_IDS:
            fields["target_id_list"] = PlainArray(shell_items(reader))
        if self._flags & _HAS_LINK_INFO:
            _read_link_info(reader, fields)
        for name, flag in _TEXTS.items():
            if self._flags & flag:
                most = None if name == "cmd_line_args" else _LONGEST_TEXT
                fields[name] = self._text(reader, most)
        self._read_blocks(reader, fields)

    def _text(self, reader: Reader, most: int | None) -> bytes:
        length = reader.number("H")
        if most is not None:
            length = min(length, most)
        if self._flags & _IS_WIDE:
            return reader.take(2 * length).text(is_wide=True)
        return lossy(reader.take(length).content())

    def _read_blocks(self, reader: Reader, fields: dict[str, Value]) -> None:
        """Read the blocks at the end; what is behind the last one, an overlay."""
        number = 0
        while (size := reader.number("I")) >= 4:
            block = reader.take(size - 4)
            if len(block) >= 4 and block.number("I") == _TRACKER:
                _read_tracker(block, fields)
            number += 1
            if number % _BLOCKS_BETWEEN_CHECKS == 0:
                self._deadline.check()
        fields["overlay_size"] = len(reader)
        if len(reader):
            fields["overlay_offset"] = reader.offset


def _read_link_info(reader: Reader, fields: dict[str, Value]) -> None:
    """Read where the target is: on a volume, in a network or both."""
    start = reader.part(0)
    assert start is not None, "a part without a size is there"
    size, header_size, flags, volume, base_path, _, suffix = start.numbers("7I")
    wide_base_path = wide_suffix = 0
    if header_size >= _SIZE_WITH_WIDE_OFFSETS:
        wide_base_path, wide_suffix = start.numbers("2I")
    inside = reader.take(size)
    if flags & _HAS_VOLUME:
        place = inside.part(volume)
        if place is not None:
            _read_volume(place, fields)
        _read_text(inside, "local_base_path", base_path, wide_base_path, fields)
    if flags & _HAS_NETWORK_LINK:
        _read_text(inside, "common_path_suffix", suffix, wide_suffix, fields)


def _read_text(
    inside: Reader, name: str, offset: int, wide_offset: int, fields: dict[str, Value]
) -> None:
    """Read a text that may be there in UTF-16, too."""
    place = inside.part(wide_offset or offset)
    if place is not None:
        fields[name] = place.text(is_wide=wide_offset > 0)


def _read_volume(place: Reader, fields: dict[str, Value]) -> None:
    """Read a volume; one that is cut off has no label."""
    start = place.part(0)
    assert start is not None, "a part without a size is there"
    try:
        size, drive_type, serial_number, label = start.numbers("4I")
        if drive_type <= _MOST_NUMBER:
            fields["drive_type"] = drive_type
        fields["drive_serial_number"] = serial_number
        inside = place.take(size)
        is_wide = label == _LABEL_IS_WIDE
        found = inside.part(start.number("I") if is_wide else label)
    except Truncated:
        return
    if found is not None:
        fields["volume_label"] = found.text(is_wide=is_wide)


def _read_tracker(block: Reader, fields: dict[str, Value]) -> None:
    try:
        _, version = block.numbers("2I")
        machine_id = block.take(16).text(is_wide=False)
        identifiers = [guid(block.take(16).content()) for _ in range(4)]
    except Truncated:
        return
    fields["tracker_data"] = PlainStructure(
        {
            "version": version,
            "machine_id": machine_id,
            "droid_volume_id": identifiers[0],
            "droid_file_id": identifiers[1],
            "droid_birth_volume_id": identifiers[2],
            "droid_birth_file_id": identifiers[3],
        }
    )


def lnk_file(data: Any, deadline: Deadline) -> LnkFile | None:
    """Return the data as a link, or None if they are none."""
    if len(data) < _HEADER_SIZE or bytes(data[: len(_START)]) != _START:
        return None
    return LnkFile(data, deadline)
