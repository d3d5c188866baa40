"""What rules can ask the ``macho`` module, in libyara's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import Array, Structure, Type
from miniyara.modules.macho.constants import CONSTANTS
from miniyara.modules.macho.functions import ENTRY_POINT_FOR_ARCH, FILE_INDEX_FOR_ARCH
from miniyara.modules.macho.layout import FatArch, Section, Segment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.modules.interface import Declaration


def _integers(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.INTEGER)


_SECTIONS: Final = Array(
    Structure({"sectname": Type.STRING, "segname": Type.STRING, **_integers(*Section._fields[2:])})
)

_FILE: Final[Mapping[str, Declaration]] = {
    **_integers("magic", "cputype", "cpusubtype", "filetype"),
    **_integers("ncmds", "sizeofcmds", "flags", "reserved", "number_of_segments"),
    "segments": Array(
        Structure(
            {
                "segname": Type.STRING,
                **_integers(*Segment._fields[3:]),
                "sections": _SECTIONS,
            }
        )
    ),
    **_integers("entry_point", "stack_size"),
}
"""The fields of a file for one machine."""

DECLARATION: Final = Structure(
    {
        **_integers(*CONSTANTS),
        **_FILE,
        **_integers("fat_magic", "nfat_arch"),
        "fat_arch": Array(Structure(_integers(*FatArch._fields))),
        "file": Array(Structure(_FILE)),
        "file_index_for_arch": FILE_INDEX_FOR_ARCH,
        "entry_point_for_arch": ENTRY_POINT_FOR_ARCH,
    }
)
