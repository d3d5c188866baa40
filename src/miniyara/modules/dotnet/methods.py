"""Methods of classes: their signatures, and the names of their parameters.

Follows ``parse_methods``, ``parse_method_params`` and ``parse_generic_params`` in
libyara's ``modules/dotnet/dotnet.c``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet import limits, tables
from miniyara.modules.dotnet.signatures import Parameters, Signature
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.dotnet.metadata import Contents
    from miniyara.modules.dotnet.names import TypeNames
    from miniyara.modules.dotnet.rows import MethodDef

METHOD_VISIBILITIES: Final = (
    b"private",
    b"private",
    b"private protected",
    b"internal",
    b"protected",
    b"protected internal",
    b"public",
    b"private",
)
"""By the lowest three bits of the flags."""

_GENERIC: Final = 0x10
"""The bit of a signature that says that the number of generic parameters follows."""

_SHORTEST_SIGNATURE: Final = 3
_ROWS_PER_CHECK: Final = 256

_MOST_KEPT: Final = 1 << 16
"""More methods than a table has: classes that claim the same ones share them."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method whose signature can be read."""

    row: MethodDef
    name: bytes
    generic_parameters: tuple[bytes, ...]
    result: bytes
    parameters: tuple[tuple[bytes | Undefined, bytes], ...] | None
    """Names and types; None if the row names no parameters."""


class MethodReader:
    """Reads methods, and the generic parameters of methods and classes."""

    def __init__(self, contents: Contents, names: TypeNames, deadline: Deadline) -> None:
        self._contents = contents
        self._names = names
        self._deadline = deadline
        self._rows = contents.tables.find(tables.METHOD_DEF)
        self._parameter_rows = contents.tables.find(tables.PARAM)
        self._kept: dict[tuple[int, tuple[bytes, ...]], Method | None] = {}

    @property
    def row_count(self) -> int:
        """Rows of the table of methods."""
        return 0 if self._rows is None else self._rows.row_count

    @cached_property
    def generic_parameters(self) -> dict[int, tuple[bytes, ...]]:
        """Names of generic parameters by coded index of a class or a method.

        One that has a parameter without a name has none.
        """
        table = self._contents.tables.find(tables.GENERIC_PARAM)
        found: defaultdict[int, list[bytes | Undefined]] = defaultdict(list)
        for row in table.rows() if table is not None else ():
            found[row.owner].append(self._contents.strings.string(row.name))
        return {
            owner: tuple(name for name in names if name is not UNDEFINED)
            for owner, names in found.items()
            if all(names)
        }

    def methods(self, first: int, count: int, of_class: tuple[bytes, ...]) -> list[Method]:
        """Return the methods in rows of the table that can be read.

        ``of_class`` are the names of the generic parameters of their class.
        """
        methods = []
        for index in range(first, first + count):
            if index % _ROWS_PER_CHECK == 0:
                self._deadline.check()
            row = None if self._rows is None else self._rows.row(index)
            if row is None:
                break
            method = self._method(index, row, of_class)
            if method is not None:
                methods.append(method)
        return methods

    def _method(self, index: int, row: MethodDef, of_class: tuple[bytes, ...]) -> Method | None:
        key = index, of_class
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._read(index, row, of_class)
        return self._kept[key]

    def _read(self, index: int, row: MethodDef, of_class: tuple[bytes, ...]) -> Method | None:
        """Return a method, or None if it has no name or no signature that can be read."""
        name = self._contents.strings.string(row.name)
        blob = self._contents.blobs.blob(row.signature)
        if not name or blob is None or len(blob) < _SHORTEST_SIGNATURE:
            return None
        of_method = self.generic_parameters.get(index << 1 | 1, ())
        parameters = Parameters(of_class, of_method)
        signature = Signature(self._contents.blobs.data, blob)
        if signature.byte() & _GENERIC:
            signature.unsigned()
        count = signature.unsigned()
        types = self._names.reader()
        result = types.type(signature, parameters)
        if result is UNDEFINED or count > limits.MOST_PARAMETERS:
            return None
        if not row.first_parameter:
            return Method(row, name, of_method, result, None)
        typed = []
        for number in range(count):
            parameter_name = self._parameter_name(row.first_parameter + number, number)
            if parameter_name is None:
                return None
            type_ = types.type(signature, parameters)
            if type_ is UNDEFINED:
                return None
            typed.append((parameter_name, type_))
        return Method(row, name, of_method, result, tuple(typed))

    def _parameter_name(self, index: int, number: int) -> bytes | Undefined | None:
        """Return the name of the parameter at an index, the ``number``-th of its method.

        One that is not in the table gets a name, and None is for one that is in it,
        but not in the file.
        """
        table = self._parameter_rows
        if table is None or index > table.row_count:
            return b"P_%d" % number
        row = table.row(index)
        if row is None:
            return None
        return self._names.budget.named(self._contents.strings.string(row.name))
