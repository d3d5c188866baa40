"""Shell items: the steps on the way from the desktop to the target of a link.

Follows YARA-X's ``modules/lnk/parser.rs``. Microsoft does not describe shell items; what
is known of them is in Joachim Metz's "Windows Shell Item format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.lnk.constants import SHELL_ITEM_TYPES
from miniyara.modules.lnk.reader import Reader, guid
from miniyara.modules.plain import PlainStructure

if TYPE_CHECKING:
    from collections.abc import Mapping

_VOLUME: Final = SHELL_ITEM_TYPES["VOLUME"]
_FILE_ENTRY: Final = SHELL_ITEM_TYPES["FILE_ENTRY"]
_NETWORK_LOCATION: Final = SHELL_ITEM_TYPES["NETWORK_LOCATION"]
_ROOT_FOLDER: Final = SHELL_ITEM_TYPES["ROOT_FOLDER"]
_CONTROL_PANEL_CPL: Final = SHELL_ITEM_TYPES["CONTROL_PANEL_CPL"]

_FAMILY: Final = 0x70
"""The bits of the first byte that tell volumes, files and network locations."""

_SAME_TYPES: Final[Mapping[int, int]] = {
    0x1E: _ROOT_FOLDER,
    0x70: SHELL_ITEM_TYPES["CONTROL_PANEL"],
}

_HAS_NAME: Final = 0x01
_IS_WIDE: Final = 0x04


def shell_items(reader: Reader) -> list[PlainStructure]:
    """Read a list of items, up to an empty one; items that are cut off count.

    May raise :class:`~miniyara.modules.lnk.reader.Truncated` if there is no list.
    """
    size = reader.number("H")
    inside = reader.take(min(size, len(reader)))
    items = []
    while len(inside) >= 2:
        size = inside.number("H")
        if size == 0:
            break
        item = inside.take(min(max(size - 2, 0), len(inside)))
        if len(item):
            items.append(_shell_item(item))
    return items


def _shell_item(item: Reader) -> PlainStructure:
    content = item.content()
    first = content[0]
    type_ = first & _FAMILY
    if type_ not in (_VOLUME, _FILE_ENTRY, _NETWORK_LOCATION):
        type_ = _SAME_TYPES.get(first, first)
    members: dict[str, int | bytes | None] = {"item_type": type_, "data": content[1:]}
    if type_ == _CONTROL_PANEL_CPL:
        members["cpl_file_path"] = _cpl_file_path(item, content)
    elif type_ == _ROOT_FOLDER:
        members["root_folder_id"] = _guid(content)
    elif type_ == _VOLUME and first & _HAS_NAME:
        members["volume_name"] = _text(item, 1, size=20)
    elif type_ == _VOLUME:
        members["volume_id"] = _guid(content)
    elif type_ == _FILE_ENTRY:
        members["file_entry_name"] = _text(item, 12, is_wide=bool(first & _IS_WIDE))
    elif type_ == _NETWORK_LOCATION:
        members["network_location"] = _text(item, 3)
    return PlainStructure({name: value for name, value in members.items() if value is not None})


def _guid(content: bytes) -> bytes | None:
    return guid(content[2:18]) if len(content) >= 18 else None


def _text(
    item: Reader, offset: int, *, size: int | None = None, is_wide: bool = False
) -> bytes | None:
    part = item.part(offset, size)
    return None if part is None else part.text(is_wide=is_wide)


def _cpl_file_path(item: Reader, content: bytes) -> bytes | None:
    """Return the path of a part of the control panel, which is in one of two places."""
    if len(content) <= 10:
        return None
    return _text(item, 22, is_wide=True) if content[10] == 0 else _text(item, 10)
