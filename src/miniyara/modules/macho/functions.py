"""The functions of the ``macho`` module, which find the file for a machine in a fat file.

Follows the functions in libyara's ``modules/macho/macho.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import Function, Type
from miniyara.values import UNDEFINED, UNDEFINED_IN_C, Undefined, integer_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.interface import ModuleScan
    from miniyara.modules.macho.fat import FatFile
    from miniyara.modules.macho.layout import FatArch, Header
    from miniyara.modules.macho.view import View

_ENTRIES_BETWEEN_CHECKS: Final = 4096


def _file_index(scan: ModuleScan, view: View, cputype: int, *cpusubtype: int) -> int | Undefined:
    """Return the index of the first file whose own header says that it is for a machine."""
    fat = view.fat
    if fat is not None:
        for index in _indices(fat.file_count, scan.deadline):
            file = fat.file(index) if fat.is_there(index) else None
            if file is not None and _is_for(file.header, cputype, cpusubtype):
                return index
    return UNDEFINED


def _arch_index(fat: FatFile, deadline: Deadline, cputype: int, *cpusubtype: int) -> int | None:
    """Return the index of the first entry of the table that is for a machine."""
    for index in _indices(fat.count, deadline):
        if _is_for(fat.arch(index), cputype, cpusubtype):
            return index
    return None


def _is_for(record: Header | FatArch, cputype: int, cpusubtype: tuple[int, ...]) -> bool:
    """Whether a record names a machine, and a model if one is given."""
    return record.cputype == cputype and cpusubtype in ((), (record.cpusubtype,))


def _indices(count: int, deadline: Deadline) -> Iterator[int]:
    for index in range(count):
        if index % _ENTRIES_BETWEEN_CHECKS == 0:
            deadline.check()
        yield index


def _entry_point(fat: FatFile, index: int) -> int | Undefined:
    file = fat.file(index) if index < fat.file_count and fat.is_there(index) else None
    return UNDEFINED if file is None else file.entry_point


def _entry_point_by_type(scan: ModuleScan, view: View, cputype: int) -> int | Undefined:
    """Return where in the fat file the program for a machine begins.

    Without an entry point libyara adds the offset of the file to the number that means
    undefined.
    """
    fat = view.fat
    index = None if fat is None else _arch_index(fat, scan.deadline, cputype)
    if fat is None or index is None:
        return UNDEFINED
    entry_point = _entry_point(fat, index)
    number = UNDEFINED_IN_C if entry_point is UNDEFINED else entry_point
    return integer_field(fat.arch(index).offset + number)


def _entry_point_by_subtype(
    scan: ModuleScan, view: View, cputype: int, cpusubtype: int
) -> int | Undefined:
    """Return where in the fat file the program for a model of a machine begins."""
    fat = view.fat
    index = None if fat is None else _arch_index(fat, scan.deadline, cputype, cpusubtype)
    if fat is None or index is None:
        return UNDEFINED
    entry_point = _entry_point(fat, index)
    if entry_point is UNDEFINED:
        return UNDEFINED
    return integer_field(fat.arch(index).offset + entry_point)


FILE_INDEX_FOR_ARCH: Final = Function(
    Type.INTEGER, {"i": _file_index, "ii": _file_index}, is_method=True
)
ENTRY_POINT_FOR_ARCH: Final = Function(
    Type.INTEGER, {"i": _entry_point_by_type, "ii": _entry_point_by_subtype}, is_method=True
)
