"""A fat file: a table of Mach-O files, each for another machine.

Follows ``macho_parse_fat_file`` in libyara's ``modules/macho/macho.c``. A class of Java
begins like a fat file and is taken for one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.macho.constants import FAT_MAGICS
from miniyara.modules.macho.file import HEADER_SIZE, MachOFile
from miniyara.modules.macho.layout import FAT_ARCH_32, FAT_ARCH_64, FAT_HEADER
from miniyara.modules.macho.limits import MOST_OVERLAP

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.macho.layout import FatArch

_ENTRIES_BETWEEN_CHECKS: Final = 4096

_FILES_KEPT: Final = 16
"""Files that are remembered, for rules tend to ask the same ones."""


class FatFile:
    """The scanned data as a fat file; there must be its header."""

    def __init__(self, data: Any, deadline: Deadline) -> None:
        self._data = data
        self._deadline = deadline
        self.magic, self.nfat_arch = FAT_HEADER.unpack(data[: FAT_HEADER.size])
        is_32bit = self.magic == FAT_MAGICS["FAT_MAGIC"]
        self._format = FAT_ARCH_32 if is_32bit else FAT_ARCH_64
        table_end = FAT_HEADER.size + self.nfat_arch * self._format.size
        self.count = self.nfat_arch if table_end <= len(data) else 0
        """Entries of the table that can be read: all or none."""
        self._files: dict[int, MachOFile] = {}

    def arch(self, index: int) -> FatArch:
        """Return the entry at an index, which must be less than the count."""
        return self._format.read(self._data, FAT_HEADER.size + index * self._format.size)

    @cached_property
    def file_count(self) -> int:
        """Number of the last file that lies in the data, counted from 1."""
        room = MOST_OVERLAP * len(self._data)
        last = 0
        for index in range(self.count):
            if index % _ENTRIES_BETWEEN_CHECKS == 0:
                self._deadline.check()
            arch = self.arch(index)
            if self._is_inside(arch):
                room -= arch.size
                if room < 0:
                    break
                last = index + 1
        return last

    def is_there(self, index: int) -> bool:
        """Whether a file lies in the data; the index must be less than the count of files."""
        return self._is_inside(self.arch(index))

    def _is_inside(self, arch: FatArch) -> bool:
        return arch.offset + arch.size <= len(self._data)

    def file(self, index: int) -> MachOFile | None:
        """Return a file that lies in the data; None if it is too small to have a header."""
        arch = self.arch(index)
        if arch.size < HEADER_SIZE:
            return None
        file = self._files.get(index)
        if file is None:
            if len(self._files) == _FILES_KEPT:
                self._files.clear()
            file = MachOFile(self._data, arch.offset, arch.size, self._deadline)
            self._files[index] = file
        return file
