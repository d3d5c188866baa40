"""YARA's ``pe`` module: Windows' executables and libraries.

Follows libyara's ``modules/pe/pe.c`` and ``pe_utils.c``. ``image`` has the headers and
finds addresses in the file, and each table of the file is read in a file of its own when
it is first asked for (``file``); ``view`` and ``functions`` are what rules see of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.declaration import DECLARATION
from miniyara.modules.pe.file import File
from miniyara.modules.pe.image import Image, find_headers
from miniyara.modules.pe.view import View

if TYPE_CHECKING:
    from miniyara.modules.interface import ModuleScan, Structure


class PEModule:
    """The module ``pe``."""

    name = "pe"

    @property
    def declaration(self) -> Structure:
        """The fields and functions."""
        return DECLARATION

    def load(self, scan: ModuleScan) -> View:
        """Return the view of a scan; reads only where the headers are."""
        start = find_headers(scan.data)
        return View(None if start is None else File(Image(scan.data, start, scan.deadline)))


MODULE: Final = PEModule()
