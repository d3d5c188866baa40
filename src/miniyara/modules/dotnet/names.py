"""The names of types: with their namespace, and with the classes that they are inside.

Follows ``create_full_name``, ``get_type_def_or_ref_fullname`` and
``parse_enclosing_types`` in libyara's ``modules/dotnet/dotnet.c``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet import limits, tables
from miniyara.modules.dotnet.signatures import Parameters, Signature, TypeReader
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from miniyara.modules.dotnet.metadata import Contents
    from miniyara.modules.dotnet.rows import TypeDef

MODULE_CLASS: Final = b"<Module>"
"""The class that has what is outside all classes."""

_VISIBILITY: Final = 7
_FIRST_NESTED: Final = 2
"""Visibilities from this on are those of nested classes."""


def full_name(name: bytes | Undefined, namespace: bytes | Undefined) -> bytes | Undefined:
    """Join a namespace and a name, up to a grave accent.

    Behind it stands the number of generic parameters.
    """
    if not name:
        return namespace
    if namespace:
        name = b"%b.%b" % (namespace, name)
    return name.partition(b"`")[0]


class TypeNames:
    """The names of all types that a file defines or uses."""

    def __init__(self, contents: Contents) -> None:
        self.budget = limits.Budget()
        self._contents = contents
        self._type_defs = contents.tables.find(tables.TYPE_DEF)
        self._type_refs = contents.tables.find(tables.TYPE_REF)
        self._type_specs = contents.tables.find(tables.TYPE_SPEC)

    def reader(self) -> TypeReader:
        """Return what reads types from signatures."""
        return TypeReader(self.budget, self.coded)

    def coded(self, coded_index: int, parameters: Parameters, depth: int = 0) -> bytes | Undefined:
        """Return the name of the type at a coded index; undefined if there is none."""
        index, kind = coded_index >> 2, coded_index & 3
        if kind == 0 and self._type_defs is not None:
            type_def = self._type_defs.row(index)
            if type_def is not None:
                name = self._string(type_def.name)
                return self.budget.named(full_name(name, self.namespace(type_def, index)))
        if kind == 1 and self._type_refs is not None:
            type_ref = self._type_refs.row(index)
            if type_ref is not None:
                return full_name(self._string(type_ref.name), self._string(type_ref.namespace))
        if kind == 2 and self._type_specs is not None:
            type_spec = self._type_specs.row(index)
            if type_spec is not None:
                return self._specified(type_spec.signature, parameters, depth)
        return UNDEFINED

    def _specified(self, signature: int, parameters: Parameters, depth: int) -> bytes | Undefined:
        """Return the name of a type that is given by a signature."""
        blobs = self._contents.blobs
        blob = blobs.blob(signature)
        if blob is None:
            return UNDEFINED
        of_class = Parameters(parameters.of_class)
        return self.reader().type(Signature(blobs.data, blob), of_class, depth)

    def namespace(self, type_def: TypeDef, index: int) -> bytes | Undefined:
        """Return the namespace of the type at an index of the table of types.

        For a nested class that is the name of the class around it.
        """
        return self._namespace(type_def, index, depth=1)

    def _namespace(self, type_def: TypeDef, index: int, depth: int) -> bytes | Undefined:
        namespace = self._string(type_def.namespace)
        if not _is_nested(type_def):
            return namespace
        return full_name(namespace, self._enclosing_name(index, depth))

    def _enclosing_name(self, index: int, depth: int) -> bytes | Undefined:
        """Return the name of the class around a class; undefined if there is none."""
        enclosing = self._enclosing.get(index)
        if depth > limits.DEEPEST_NESTING or enclosing is None or self._type_defs is None:
            return UNDEFINED
        type_def = self._type_defs.row(enclosing)
        if type_def is None:
            return UNDEFINED
        name = self._string(type_def.name)
        if name == MODULE_CLASS:
            return UNDEFINED
        if enclosing == index:
            return full_name(name, self._string(type_def.namespace))
        return full_name(name, self._namespace(type_def, enclosing, depth + 1))

    @cached_property
    def _enclosing(self) -> dict[int, int]:
        """By the index of a nested class that of the class around it, the first one given."""
        table = self._contents.tables.find(tables.NESTED_CLASS)
        enclosing: dict[int, int] = {}
        for row in table.rows() if table is not None else ():
            enclosing.setdefault(row.nested, row.enclosing)
        return enclosing

    def _string(self, index: int) -> bytes | Undefined:
        return self._contents.strings.string(index)


def _is_nested(type_def: TypeDef) -> bool:
    return type_def.flags & _VISIBILITY >= _FIRST_NESTED
