"""YARA's ``macho`` module: the executables of macOS and iOS, alone and in fat files.

Follows libyara's ``modules/macho/macho.c``. ``file`` reads a file for one machine,
``fat`` one for several; ``view`` and ``functions`` are what rules see of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.macho.constants import FAT_MAGICS, MAGICS
from miniyara.modules.macho.declaration import DECLARATION
from miniyara.modules.macho.fat import FatFile
from miniyara.modules.macho.file import HEADER_SIZE, MachOFile
from miniyara.modules.macho.layout import FAT_HEADER
from miniyara.modules.macho.view import View

if TYPE_CHECKING:
    from miniyara.modules.interface import ModuleScan, Structure


class MachOModule:
    """The module ``macho``."""

    name = "macho"

    @property
    def declaration(self) -> Structure:
        """The fields and functions."""
        return DECLARATION

    def load(self, scan: ModuleScan) -> View:
        """Return the view of a scan; reads nothing but the header."""
        data = scan.data
        magic = int.from_bytes(data[:4], "big")
        if magic in MAGICS.values() and len(data) >= HEADER_SIZE:
            return View(MachOFile(data, 0, len(data), scan.deadline), None)
        if magic in FAT_MAGICS.values() and len(data) >= FAT_HEADER.size:
            return View(None, FatFile(data, scan.deadline))
        return View(None, None)


MODULE: Final = MachOModule()
