"""What rules can ask the ``dex`` module, in libyara's order."""

from __future__ import annotations

from typing import Final

from miniyara.modules.dex.constants import CONSTANTS, MAGICS
from miniyara.modules.dex.functions import HAS_CLASS, HAS_METHOD
from miniyara.modules.dex.layout import (
    ClassDef,
    CodeItem,
    FieldId,
    Header,
    MapItem,
    MethodId,
    ProtoId,
    TypeId,
)
from miniyara.modules.dex.members import ClassData
from miniyara.modules.interface import Array, Structure, Type


def _integers(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.INTEGER)


def _strings(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.STRING)


DECLARATION: Final = Structure(
    {
        **_strings(*MAGICS),
        **_integers(*(name for name in CONSTANTS if name not in MAGICS)),
        "header": Structure({**_integers(*Header._fields), **_strings("magic", "signature")}),
        "string_ids": Array(Structure({**_integers("offset", "size"), **_strings("value")})),
        "type_ids": Array(Structure(_integers(*TypeId._fields))),
        "proto_ids": Array(Structure(_integers(*ProtoId._fields))),
        "field_ids": Array(Structure(_integers(*FieldId._fields))),
        "method_ids": Array(Structure(_integers(*MethodId._fields))),
        "class_defs": Array(Structure(_integers(*ClassDef._fields))),
        "class_data_item": Array(Structure(_integers(*ClassData._fields))),
        "map_list": Structure(
            {"size": Type.INTEGER, "map_item": Array(Structure(_integers(*MapItem._fields)))}
        ),
        "number_of_fields": Type.INTEGER,
        "field": Array(
            Structure(
                {
                    **_strings("class_name", "name", "proto"),
                    **_integers("static", "instance", "field_idx_diff", "access_flags"),
                }
            )
        ),
        "has_method": HAS_METHOD,
        "has_class": HAS_CLASS,
        "number_of_methods": Type.INTEGER,
        "method": Array(
            Structure(
                {
                    **_strings("class_name", "name", "proto"),
                    **_integers("direct", "virtual", "method_idx_diff", "access_flags"),
                    **_integers("code_off"),
                    "code_item": Structure({**_integers(*CodeItem._fields), **_strings("insns")}),
                }
            )
        ),
    }
)
