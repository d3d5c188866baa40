"""Classes and interfaces, what they inherit from, and their methods.

Follows ``parse_user_types``, ``parse_type_parents``, ``parse_generic_params``,
``parse_methods`` and ``parse_method_params`` in libyara's ``modules/dotnet/dotnet.c``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet import limits, tables
from miniyara.modules.dotnet.names import MODULE_CLASS, TypeNames, full_name
from miniyara.modules.dotnet.signatures import Parameters, Signature
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.dotnet.metadata import Contents
    from miniyara.modules.dotnet.rows import MethodDef, TypeDef

CLASS_VISIBILITIES: Final = (
    b"internal",
    b"public",
    b"public",
    b"private",
    b"protected",
    b"internal",
    b"private protected",
    b"protected internal",
)
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

_CACHED_METHODS: Final = 1 << 16
"""More than a table has: classes that claim the same methods share them."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method whose signature can be read."""

    row: MethodDef
    name: bytes
    generic_parameters: tuple[bytes, ...]
    result: bytes
    parameters: tuple[tuple[bytes | Undefined, bytes], ...] | None
    """Names and types; None if the row names no parameters."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class or an interface."""

    index: int
    """Where it is in the table of types, counted from 1."""
    row: TypeDef
    method_count: int
    """Rows of the table of methods that it claims."""
    has_methods: bool
    """Whether its methods are listed at all."""


class Classes:
    """The classes of a file; parts of them are read when they are asked for."""

    def __init__(self, contents: Contents, deadline: Deadline) -> None:
        self._contents = contents
        self._deadline = deadline
        self._names = TypeNames(contents)
        self._method_defs = contents.tables.find(tables.METHOD_DEF)
        self._parameters = contents.tables.find(tables.PARAM)
        # Each is computed once in a scan, or else rules would use the budget up that
        # is for a file.
        self._method = lru_cache(_CACHED_METHODS)(self._read_method)
        self._methods = cache(self._read_methods)
        self.base_types = cache(self._base_types)
        """Return the names of the types that a class extends or implements."""
        self.namespace = cache(self._namespace)
        """Return the namespace of a class, or the full name of the class around it."""
        self.full_name = cache(self._full_name)
        """Return the name of a class with its namespace."""

    @cached_property
    def listed(self) -> list[Class]:
        """The classes that have a name, but for the one of the module."""
        table = self._contents.tables.find(tables.TYPE_DEF)
        type_defs = [] if table is None else list(table.rows())
        method_rows = 0 if self._method_defs is None else self._method_defs.row_count
        is_cut = table is not None and len(type_defs) < table.row_count
        starts = [row.first_method for row in type_defs]
        # Behind the last class stands nothing, or a row that cannot be read.
        starts.append(0 if is_cut else method_rows + 1)
        listed = []
        rows = 0
        for index, row in enumerate(type_defs, 1):
            self._check(index)
            name = self.name(row)
            if not name or self._string(row.name) == MODULE_CLASS:
                continue
            count = max(starts[index] - row.first_method, 0)
            has_methods = row.first_method > 0 and count <= limits.MOST_METHODS
            if has_methods:
                count = min(count, max(method_rows + 1 - row.first_method, 0))
                rows += count
                has_methods = rows <= limits.MOST_METHOD_ROWS
            listed.append(Class(index, row, count, has_methods))
        return listed

    def _check(self, index: int) -> None:
        if index % 256 == 0:
            self._deadline.check()

    def _string(self, index: int) -> bytes | Undefined:
        return self._contents.strings.string(index)

    # -- classes -------------------------------------------------------------------

    def name(self, row: TypeDef) -> bytes | Undefined:
        """Return the name of a class without its number of generic parameters."""
        name = self._string(row.name)
        return UNDEFINED if name is UNDEFINED else name.partition(b"`")[0]

    def _namespace(self, class_: Class) -> bytes | Undefined:
        return self._names.budget.named(self._names.namespace(class_.row, class_.index))

    def _full_name(self, class_: Class) -> bytes | Undefined:
        name = self._string(class_.row.name)
        return self._names.budget.named(full_name(name, self.namespace(class_)))

    def generic_parameters(self, class_: Class) -> tuple[bytes, ...]:
        """Return the names of the generic parameters of a class."""
        return self._generic_parameters.get(class_.index << 1, ())

    @cached_property
    def _generic_parameters(self) -> dict[int, tuple[bytes, ...]]:
        """Names of generic parameters by coded index of a type or a method.

        One that has a parameter without a name has none.
        """
        table = self._contents.tables.find(tables.GENERIC_PARAM)
        found: defaultdict[int, list[bytes | Undefined]] = defaultdict(list)
        for row in table.rows() if table is not None else ():
            found[row.owner].append(self._string(row.name))
        return {
            owner: tuple(name for name in names if name is not UNDEFINED)
            for owner, names in found.items()
            if all(names)
        }

    def _base_types(self, class_: Class) -> list[bytes]:
        self._deadline.check()
        parameters = Parameters(self.generic_parameters(class_))
        bases = [class_.row.extends, *self._interfaces.get(class_.index, ())]
        names = (self._names.coded(base, parameters) for base in bases)
        return [name for name in names if name is not UNDEFINED]

    @cached_property
    def _interfaces(self) -> dict[int, list[int]]:
        """By the index of a class the coded indexes of the interfaces it implements."""
        table = self._contents.tables.find(tables.INTERFACE_IMPL)
        interfaces: defaultdict[int, list[int]] = defaultdict(list)
        for row in table.rows() if table is not None else ():
            interfaces[row.class_].append(row.interface)
        return interfaces

    # -- methods -------------------------------------------------------------------

    def methods(self, class_: Class) -> list[Method] | None:
        """Return the methods of a class, or None if they are not listed."""
        if not class_.has_methods:
            return None
        if self._claims > limits.MOST_LISTED_METHODS:
            return self._methods_in_order.get(class_.index)
        return self._methods(class_)

    @cached_property
    def _claims(self) -> int:
        """How many methods all classes claim."""
        return sum(class_.method_count for class_ in self.listed if class_.has_methods)

    @cached_property
    def _methods_in_order(self) -> dict[int, list[Method]]:
        """The methods of all classes that claim some, as long as there are not too many."""
        methods = {}
        left = limits.MOST_LISTED_METHODS
        for class_ in self.listed:
            if class_.has_methods:
                found = self._read_methods(class_)
                left -= len(found)
                if left < 0:
                    break
                methods[class_.index] = found
        return methods

    def _read_methods(self, class_: Class) -> list[Method]:
        of_class = self.generic_parameters(class_)
        first = class_.row.first_method
        methods = []
        for index in range(first, first + class_.method_count):
            self._check(index)
            row = None if self._method_defs is None else self._method_defs.row(index)
            if row is None:
                break
            method = self._method(index, row, of_class)
            if method is not None:
                methods.append(method)
        return methods

    def _read_method(
        self, index: int, row: MethodDef, of_class: tuple[bytes, ...]
    ) -> Method | None:
        """Return a method, or None if it has no name or no signature that can be read."""
        name = self._string(row.name)
        blob = self._contents.blobs.blob(row.signature)
        if not name or blob is None or len(blob) < _SHORTEST_SIGNATURE:
            return None
        of_method = self._generic_parameters.get(index << 1 | 1, ())
        parameters = Parameters(of_class, of_method)
        signature = Signature(self._contents.blobs.data, blob)
        if signature.byte() & _GENERIC:
            signature.unsigned()
        count = signature.unsigned()
        result = self._names.reader.type(signature, parameters)
        if result is UNDEFINED or count > limits.MOST_PARAMETERS:
            return None
        if not row.first_parameter:
            return Method(row, name, of_method, result, None)
        typed = []
        for number in range(count):
            parameter_name = self._parameter_name(row.first_parameter + number, number)
            if parameter_name is None:
                return None
            type_ = self._names.reader.type(signature, parameters)
            if type_ is UNDEFINED:
                return None
            typed.append((parameter_name, type_))
        return Method(row, name, of_method, result, tuple(typed))

    def _parameter_name(self, index: int, number: int) -> bytes | Undefined | None:
        """Return the name of the parameter at an index, the ``number``-th of its method.

        One that is not in the table gets a name, and None is for one that is in it,
        but not in the file.
        """
        table = self._parameters
        if table is None or index > table.row_count:
            return b"P_%d" % number
        row = table.row(index)
        return None if row is None else self._names.budget.named(self._string(row.name))
