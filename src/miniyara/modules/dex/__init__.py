"""YARA's ``dex`` module: the classes of Android's programs.

Follows libyara's ``modules/dex/dex.c``. ``file`` has the tables, ``members`` the fields
and methods of classes; ``view`` and ``functions`` are what rules see of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.dex.declaration import DECLARATION
from miniyara.modules.dex.file import dex_file
from miniyara.modules.dex.view import View

if TYPE_CHECKING:
    from miniyara.modules.interface import ModuleScan, Structure


class DexModule:
    """The module ``dex``."""

    name = "dex"

    @property
    def declaration(self) -> Structure:
        """The fields and functions."""
        return DECLARATION

    def load(self, scan: ModuleScan) -> View:
        """Return the view of a scan; reads nothing but the header."""
        return View(dex_file(scan.data, scan.deadline))


MODULE: Final = DexModule()
