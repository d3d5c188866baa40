"""Classes and interfaces, and what they inherit from.

Follows ``parse_user_types`` and ``parse_type_parents`` in libyara's
``modules/dotnet/dotnet.c``.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet import limits, tables
from miniyara.modules.dotnet.methods import Method, MethodReader
from miniyara.modules.dotnet.names import MODULE_CLASS, TypeNames, full_name
from miniyara.modules.dotnet.signatures import Parameters
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.modules.dotnet.metadata import Contents
    from miniyara.modules.dotnet.rows import TypeDef

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
"""By the lowest three bits of the flags."""

_ROWS_PER_CHECK: Final = 256


class _Source:
    """What classes are read from."""

    def __init__(self, contents: Contents, deadline: Deadline) -> None:
        self.contents = contents
        self.deadline = deadline
        self.names = TypeNames(contents)
        self.methods = MethodReader(contents, self.names, deadline)

    @cached_property
    def interfaces(self) -> dict[int, list[int]]:
        """By the index of a class the coded indexes of the interfaces it implements."""
        table = self.contents.tables.find(tables.INTERFACE_IMPL)
        interfaces: defaultdict[int, list[int]] = defaultdict(list)
        for row in table.rows() if table is not None else ():
            interfaces[row.class_].append(row.interface)
        return interfaces


class Class:
    """A class or an interface.

    Each part is read when it is asked for, and once: the budget is for a file and
    not for the rules that ask.
    """

    def __init__(self, source: _Source, index: int, row: TypeDef, method_count: int | None) -> None:
        self.index = index
        """Where it is in the table of types, counted from 1."""
        self.row = row
        self.method_count = method_count
        """Rows of the table of methods that it claims; None if they are not read."""
        self._source = source

    @property
    def _whole_name(self) -> bytes | Undefined:
        return self._source.contents.strings.string(self.row.name)

    @property
    def name(self) -> bytes | Undefined:
        """Its name without its number of generic parameters."""
        name = self._whole_name
        return UNDEFINED if name is UNDEFINED else name.partition(b"`")[0]

    @property
    def is_listed(self) -> bool:
        """Whether it has a name, and is not the class of what is outside all classes."""
        return bool(self.name) and self._whole_name != MODULE_CLASS

    @cached_property
    def namespace(self) -> bytes | Undefined:
        """Its namespace, or the full name of the class around it."""
        names = self._source.names
        return names.budget.named(names.namespace(self.row, self.index))

    @cached_property
    def full_name(self) -> bytes | Undefined:
        """Its name with its namespace."""
        return self._source.names.budget.named(full_name(self._whole_name, self.namespace))

    @property
    def generic_parameters(self) -> tuple[bytes, ...]:
        """The names of its generic parameters."""
        return self._source.methods.generic_parameters.get(self.index << 1, ())

    @cached_property
    def base_types(self) -> list[bytes]:
        """The names of the types that it extends or implements."""
        self._source.deadline.check()
        parameters = Parameters(self.generic_parameters)
        bases = [self.row.extends, *self._source.interfaces.get(self.index, ())]
        names = (self._source.names.coded(base, parameters) for base in bases)
        return [name for name in names if name is not UNDEFINED]

    @cached_property
    def methods(self) -> list[Method]:
        """The methods in the rows that it claims."""
        count = self.method_count or 0
        return self._source.methods.methods(self.row.first_method, count, self.generic_parameters)


class Classes:
    """The classes of a file."""

    def __init__(self, contents: Contents, deadline: Deadline) -> None:
        self._source = _Source(contents, deadline)

    @cached_property
    def listed(self) -> list[Class]:
        """The classes that have a name, but for the one of the module."""
        table = self._source.contents.tables.find(tables.TYPE_DEF)
        rows = [] if table is None else list(table.rows())
        last = self._source.methods.row_count
        is_cut = table is not None and len(rows) < table.row_count
        # The methods of a class end where those of the next begin. Behind the last class
        # stands nothing, or a row that cannot be read.
        ends = [*(row.first_method for row in rows[1:]), 0 if is_cut else last + 1]
        listed = []
        left = limits.MOST_METHOD_ROWS
        for index, (row, end) in enumerate(zip(rows, ends, strict=False), 1):
            if index % _ROWS_PER_CHECK == 0:
                self._source.deadline.check()
            class_ = Class(self._source, index, row, None)
            if not class_.is_listed:
                continue
            listed.append(class_)
            if row.first_method and end - row.first_method <= limits.MOST_METHODS:
                count = max(min(end, last + 1) - row.first_method, 0)
                left -= count
                if left >= 0:
                    class_.method_count = count
        return listed

    def methods(self, class_: Class) -> list[Method] | None:
        """Return the methods of a class, or None if they are not listed."""
        if class_.method_count is None:
            return None
        if self._claimed <= limits.MOST_LISTED_METHODS or class_.index in self._within_limit:
            return class_.methods
        return None

    @cached_property
    def _claimed(self) -> int:
        """How many methods all classes claim."""
        return sum(class_.method_count or 0 for class_ in self.listed)

    @cached_property
    def _within_limit(self) -> set[int]:
        """The indexes of the first classes that do not have too many methods together."""
        indexes = set()
        left = limits.MOST_LISTED_METHODS
        for class_ in self.listed:
            left -= len(class_.methods)
            if left < 0:
                break
            indexes.add(class_.index)
        return indexes
