"""The ``lnk`` module: links of Windows, which start programs with arguments.

YARA has no such module; it is YARA-X's, with the same names, fields and values (see its
``modules/lnk`` and ``lnk.proto``). Truth is the number 1. ``file`` reads the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import Array, Structure, Type
from miniyara.modules.lnk.constants import FILE_ATTRIBUTES, GROUPS
from miniyara.modules.lnk.file import LnkFile, lnk_file
from miniyara.modules.plain import EMPTY_ARRAY, EMPTY_STRUCTURE, PlainStructure
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.modules.interface import ModuleScan, Value


def _integers(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.INTEGER)


def _strings(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.STRING)


_ITEM: Final = Structure(
    {
        "item_type": Type.INTEGER,
        **_strings("data", "cpl_file_path", "root_folder_id", "volume_name", "volume_id"),
        **_strings("file_entry_name", "network_location"),
    }
)

_TRACKER_DATA: Final = Structure(
    {
        "version": Type.INTEGER,
        **_strings("machine_id", "droid_volume_id", "droid_file_id"),
        **_strings("droid_birth_volume_id", "droid_birth_file_id"),
    }
)

_DECLARATION: Final = Structure(
    {
        **_integers(*FILE_ATTRIBUTES),
        **{name: Structure(_integers(*group)) for name, group in GROUPS.items()},
        "is_lnk": Type.INTEGER,
        "name": Type.STRING,
        **_integers("creation_time", "access_time", "write_time", "file_size", "file_attributes"),
        "icon_location": Type.STRING,
        **_integers("icon_index", "show_command", "drive_type", "drive_serial_number"),
        **_strings("volume_label", "local_base_path", "common_path_suffix", "relative_path"),
        **_strings("working_dir", "cmd_line_args"),
        **_integers("overlay_size", "overlay_offset"),
        "tracker_data": _TRACKER_DATA,
        "target_id_list": Array(_ITEM),
    }
)

_CONSTANTS: Final[Mapping[str, Value]] = {
    **FILE_ATTRIBUTES,
    **{name: PlainStructure(group) for name, group in GROUPS.items()},
}

_ABSENT: Final[Mapping[str, Value]] = {
    "is_lnk": 0,
    "tracker_data": EMPTY_STRUCTURE,
    "target_id_list": EMPTY_ARRAY,
}


@dataclass(frozen=True, slots=True)
class _View:
    """The value of ``lnk``: the constants, and the fields of a link."""

    file: LnkFile | None

    def member(self, name: str) -> Value | Undefined:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        file = self.file
        if file is not None:
            for fields in (file.header, file.body):
                if name in fields:
                    return fields[name]
        return _ABSENT.get(name, UNDEFINED)


class LnkModule:
    """The module ``lnk``."""

    name = "lnk"

    @property
    def declaration(self) -> Structure:
        """The fields."""
        return _DECLARATION

    def load(self, scan: ModuleScan) -> _View:
        """Return the view of a scan; reads nothing but the header."""
        return _View(lnk_file(scan.data, scan.deadline))


MODULE: Final = LnkModule()
