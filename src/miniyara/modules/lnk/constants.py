"""The constants of the ``lnk`` module, group by group as rules name them.

The values are those of Microsoft's MS-SHLLINK and, for the types of shell items, of
Joachim Metz's description of them; the choice is that of YARA-X's ``lnk.proto``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_ATTRIBUTES: Final[Mapping[str, int]] = {
    "FILE_ATTRIBUTE_READONLY": 0x1,
    "FILE_ATTRIBUTE_HIDDEN": 0x2,
    "FILE_ATTRIBUTE_SYSTEM": 0x4,
    "RESERVED_1": 0x8,
    "FILE_ATTRIBUTE_DIRECTORY": 0x10,
    "FILE_ATTRIBUTE_ARCHIVE": 0x20,
    "RESERVED_2": 0x40,
    "FILE_ATTRIBUTE_NORMAL": 0x80,
    "FILE_ATTRIBUTE_TEMPORARY": 0x100,
    "FILE_ATTRIBUTE_SPARSE_FILE": 0x200,
    "FILE_ATTRIBUTE_REPARSE_POINT": 0x400,
    "FILE_ATTRIBUTE_COMPRESSED": 0x800,
    "FILE_ATTRIBUTE_OFFLINE": 0x1000,
    "FILE_ATTRIBUTE_NOT_CONTENT_INDEXED": 0x2000,
    "FILE_ATTRIBUTE_ENCRYPTED": 0x4000,
}
"""Bits of the attributes of the target."""

SHOW_COMMANDS: Final[Mapping[str, int]] = {
    "NORMAL": 1,
    "MAXIMIZED": 3,
    "MIN_NO_ACTIVE": 7,
}
"""How the window of the target is to be shown."""

DRIVE_TYPES: Final[Mapping[str, int]] = {
    "UNKNOWN": 0,
    "NO_ROOT_DIR": 1,
    "REMOVABLE": 2,
    "FIXED": 3,
    "REMOTE": 4,
    "CDROM": 5,
    "RAMDISK": 6,
}
"""Kinds of drives."""

SHELL_ITEM_TYPES: Final[Mapping[str, int]] = {
    "CONTROL_PANEL_CPL": 0x00,
    "CONTROL_PANEL_CATEGORY": 0x01,
    "ROOT_FOLDER": 0x1F,
    "VOLUME": 0x20,
    "FILE_ENTRY": 0x30,
    "NETWORK_LOCATION": 0x40,
    "COMPRESSED_FOLDER": 0x52,
    "URI": 0x61,
    "CONTROL_PANEL": 0x71,
    "PRINTERS": 0x72,
    "COMMON_PLACES_FOLDER": 0x73,
    "USERS_FILES_FOLDER": 0x74,
}
"""Kinds of shell items, by the byte that they begin with."""

GROUPS: Final[Mapping[str, Mapping[str, int]]] = {
    "ShowCommand": SHOW_COMMANDS,
    "DriveType": DRIVE_TYPES,
    "ShellItemType": SHELL_ITEM_TYPES,
}
"""The constants that are named with their group: ``lnk.DriveType.FIXED``."""
