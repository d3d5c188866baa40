"""The constants of the ``dex`` module, group by group as rules name them.

The values are those of Android's format; the choice is that of libyara's
``modules/dex/dex.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGICS: Final = {
    "DEX_FILE_MAGIC_035": b"dex\n035\0",
    "DEX_FILE_MAGIC_036": b"dex\n036\0",
    "DEX_FILE_MAGIC_037": b"dex\n037\0",
    "DEX_FILE_MAGIC_038": b"dex\n038\0",
    "DEX_FILE_MAGIC_039": b"dex\n039\0",
}
"""First bytes of a file, by its version."""

NUMBERS: Final = {
    "ENDIAN_CONSTANT": 0x1234_5678,
    "REVERSE_ENDIAN_CONSTANT": 0x7856_3412,
    "NO_INDEX": 0xFFFF_FFFF,
}
"""The tag that tells a file's byte order, and the index of nothing."""

ACCESS_FLAGS: Final = {
    "ACC_PUBLIC": 1,
    "ACC_PRIVATE": 2,
    "ACC_PROTECTED": 4,
    "ACC_STATIC": 8,
    "ACC_FINAL": 0x10,
    "ACC_SYNCHRONIZED": 0x20,
    "ACC_VOLATILE": 0x40,
    "ACC_BRIDGE": 0x40,
    "ACC_TRANSIENT": 0x80,
    "ACC_VARARGS": 0x80,
    "ACC_NATIVE": 0x100,
    "ACC_INTERFACE": 0x200,
    "ACC_ABSTRACT": 0x400,
    "ACC_STRICT": 0x800,
    "ACC_SYNTHETIC": 0x1000,
    "ACC_ANNOTATION": 0x2000,
    "ACC_ENUM": 0x4000,
    "ACC_CONSTRUCTOR": 0x1_0000,
    "ACC_DECLARED_SYNCHRONIZED": 0x2_0000,
}
"""Bits of the access flags of classes, fields and methods."""

MAP_TYPES: Final = {
    "TYPE_HEADER_ITEM": 0,
    "TYPE_STRING_ID_ITEM": 1,
    "TYPE_TYPE_ID_ITEM": 2,
    "TYPE_PROTO_ID_ITEM": 3,
    "TYPE_FIELD_ID_ITEM": 4,
    "TYPE_METHOD_ID_ITEM": 5,
    "TYPE_CLASS_DEF_ITEM": 6,
    "TYPE_CALL_SITE_ID_ITEM": 7,
    "TYPE_METHOD_HANDLE_ITEM": 8,
    "TYPE_MAP_LIST": 0x1000,
    "TYPE_TYPE_LIST": 0x1001,
    "TYPE_ANNOTATION_SET_REF_LIST": 0x1002,
    "TYPE_ANNOTATION_SET_ITEM": 0x1003,
    "TYPE_CLASS_DATA_ITEM": 0x2000,
    "TYPE_CODE_ITEM": 0x2001,
    "TYPE_STRING_DATA_ITEM": 0x2002,
    "TYPE_DEBUG_INFO_ITEM": 0x2003,
    "TYPE_ANNOTATION_ITEM": 0x2004,
    "TYPE_ENCODED_ARRAY_ITEM": 0x2005,
    "TYPE_ANNOTATIONS_DIRECTORY_ITEM": 0x2006,
}
"""Kinds of items in the map of a file."""

CONSTANTS: Final[Mapping[str, bytes | int]] = {
    **MAGICS,
    **NUMBERS,
    **ACCESS_FLAGS,
    **MAP_TYPES,
}
"""All, in libyara's order."""
