"""The fields of the ``dotnet`` module as rules see them.

Follows the declarations in libyara's ``modules/dotnet/dotnet.c``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet.classes import CLASS_VISIBILITIES, Class, Classes
from miniyara.modules.dotnet.listings import Listings, Reference, Resource
from miniyara.modules.dotnet.methods import METHOD_VISIBILITIES, Method
from miniyara.modules.interface import LazyArray, Record
from miniyara.modules.plain import PlainArray
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized

    from miniyara.modules.dotnet.metadata import Metadata, Stream
    from miniyara.modules.dotnet.rows import Assembly, AssemblyRef
    from miniyara.modules.interface import Value

_VISIBILITY: Final = 7
_INTERFACE: Final = 0x20
_ABSTRACT_CLASS: Final = 0x80
_SEALED: Final = 0x100
_STATIC: Final = 0x10
_FINAL: Final = 0x20
_VIRTUAL: Final = 0x40
_ABSTRACT_METHOD: Final = 0x400
"""Bits of the flags of classes and methods (ECMA-335, II.23.1)."""

_CONSTRUCTORS: Final = (b".ctor", b".cctor")
"""Methods whose result is not told."""


def _bit(flags: int, bit: int) -> int:
    return int(flags & bit != 0)


# -- methods -------------------------------------------------------------------------

_Parameter = tuple["bytes | Undefined", bytes]

_PARAMETER: Final[Mapping[str, Callable[[None, _Parameter], Value | Undefined]]] = {
    "name": lambda _, parameter: parameter[0],
    "type": lambda _, parameter: parameter[1],
}


def _parameters(method: Method) -> LazyArray | Undefined:
    parameters = method.parameters
    if parameters is None:
        return UNDEFINED
    return LazyArray(len(parameters), lambda index: Record(None, parameters[index], _PARAMETER))


_METHOD: Final[Mapping[str, Callable[[None, Method], Value | Undefined]]] = {
    "generic_parameters": lambda _, method: PlainArray(method.generic_parameters),
    "number_of_generic_parameters": lambda _, method: len(method.generic_parameters),
    "parameters": lambda _, method: _parameters(method),
    "number_of_parameters": lambda _, method: _count(method.parameters),
    "return_type": lambda _, method: UNDEFINED if method.name in _CONSTRUCTORS else method.result,
    "abstract": lambda _, method: _bit(method.row.flags, _ABSTRACT_METHOD),
    "final": lambda _, method: _bit(method.row.flags, _FINAL),
    "virtual": lambda _, method: _bit(method.row.flags, _VIRTUAL),
    "static": lambda _, method: _bit(method.row.flags, _STATIC),
    "visibility": lambda _, method: METHOD_VISIBILITIES[method.row.flags & _VISIBILITY],
    "name": lambda _, method: method.name,
}

# -- classes -------------------------------------------------------------------------


def _methods(classes: Classes, class_: Class) -> LazyArray | Undefined:
    methods = classes.methods(class_)
    if methods is None:
        return UNDEFINED
    return LazyArray(len(methods), lambda index: Record(None, methods[index], _METHOD))


_CLASS: Final[Mapping[str, Callable[[Classes, Class], Value | Undefined]]] = {
    "fullname": lambda _, class_: class_.full_name,
    "name": lambda _, class_: class_.name,
    "namespace": lambda _, class_: class_.namespace,
    "visibility": lambda _, class_: CLASS_VISIBILITIES[class_.row.flags & _VISIBILITY],
    "type": lambda _, class_: b"interface" if class_.row.flags & _INTERFACE else b"class",
    "abstract": lambda _, class_: _bit(class_.row.flags, _ABSTRACT_CLASS),
    "sealed": lambda _, class_: _bit(class_.row.flags, _SEALED),
    "number_of_generic_parameters": lambda _, class_: len(class_.generic_parameters),
    "generic_parameters": lambda _, class_: PlainArray(class_.generic_parameters),
    "number_of_base_types": lambda _, class_: len(class_.base_types),
    "base_types": lambda _, class_: PlainArray(class_.base_types),
    "number_of_methods": lambda classes, class_: _count(classes.methods(class_)),
    "methods": _methods,
}

# -- what is listed from tables --------------------------------------------------------

_VERSION: Final[Mapping[str, Callable[[None, Assembly | AssemblyRef], Value]]] = {
    "major": lambda _, row: row.major,
    "minor": lambda _, row: row.minor,
    "build_number": lambda _, row: row.build_number,
    "revision_number": lambda _, row: row.revision_number,
}

_ASSEMBLY: Final[Mapping[str, Callable[[Listings, Assembly], Value | Undefined]]] = {
    "version": lambda _, row: Record(None, row, _VERSION),
    "name": lambda listings, row: listings.string(row.name),
    "culture": lambda listings, row: listings.string(row.culture) or UNDEFINED,
}

_REFERENCE: Final[Mapping[str, Callable[[Listings, Reference], Value | Undefined]]] = {
    "version": lambda _, reference: Record(None, reference.row, _VERSION),
    # libyara tells neither the name nor the key if the key cannot be read.
    "public_key_or_token": lambda listings, reference: (
        listings.text(reference.key) if reference.key else UNDEFINED
    ),
    "name": lambda listings, reference: (
        UNDEFINED if reference.key is None else listings.string(reference.row.name)
    ),
}

_RESOURCE: Final[Mapping[str, Callable[[None, Resource], Value | Undefined]]] = {
    "offset": lambda _, resource: resource.offset,
    "length": lambda _, resource: resource.length,
    "name": lambda _, resource: resource.name,
}

_STREAM: Final[Mapping[str, Callable[[None, Stream], Value]]] = {
    "name": lambda _, stream: stream.name,
    "offset": lambda _, stream: stream.offset,
    "size": lambda _, stream: stream.size,
}


def _count(items: Sized | None) -> int | Undefined:
    return UNDEFINED if items is None else len(items)


def _streams(view: DotnetView) -> LazyArray:
    streams = view.metadata.streams or []
    return LazyArray(len(streams), lambda index: Record(None, streams[index], _STREAM))


def _user_strings(view: DotnetView) -> LazyArray | Undefined:
    strings = view.metadata.user_strings
    return UNDEFINED if strings is None else LazyArray(len(strings), strings.string)


def _classes(view: DotnetView) -> LazyArray | Undefined:
    classes = view.classes
    if classes is None:
        return UNDEFINED
    listed = classes.listed
    return LazyArray(len(listed), lambda index: Record(classes, listed[index], _CLASS))


def _resources(listings: Listings) -> LazyArray:
    resources = listings.resources or []
    # libyara makes no item for a resource of which it knows nothing.
    known = [
        resource.name is not UNDEFINED or resource.offset is not UNDEFINED for resource in resources
    ]
    length = len(known) - known[::-1].index(True) if any(known) else 0
    return LazyArray(
        length,
        lambda index: Record(None, resources[index], _RESOURCE) if known[index] else UNDEFINED,
    )


def _assembly(listings: Listings) -> Record[Listings, Assembly] | Undefined:
    assembly = listings.assembly
    return UNDEFINED if assembly is None else Record(listings, assembly, _ASSEMBLY)


def _references(listings: Listings) -> LazyArray:
    references = listings.references or []
    return LazyArray(len(references), lambda index: Record(listings, references[index], _REFERENCE))


def _constants(listings: Listings) -> LazyArray:
    places = listings.constants or []
    return LazyArray(len(places), lambda index: listings.text(places[index]))


_LISTED: Final[Mapping[str, Callable[[Listings], Value | Undefined]]] = {
    "module_name": lambda listings: listings.module_name,
    "resources": _resources,
    "number_of_resources": lambda listings: _count(listings.resources),
    "assembly_refs": _references,
    "number_of_assembly_refs": lambda listings: _count(listings.references),
    "assembly": _assembly,
    "modulerefs": lambda listings: PlainArray(listings.module_refs or []),
    "number_of_modulerefs": lambda listings: _count(listings.module_refs),
    "typelib": lambda listings: listings.typelib,
    "constants": _constants,
    "number_of_constants": lambda listings: _count(listings.constants),
    "field_offsets": lambda listings: PlainArray(listings.field_offsets or []),
    "number_of_field_offsets": lambda listings: _count(listings.field_offsets),
}

_DIRECT: Final[Mapping[str, Callable[[DotnetView], Value | Undefined]]] = {
    "is_dotnet": lambda _: 1,
    "version": lambda view: view.metadata.version,
    "streams": _streams,
    "number_of_streams": lambda view: _count(view.metadata.streams),
    "guids": lambda view: PlainArray(view.metadata.guids or []),
    "number_of_guids": lambda view: _count(view.metadata.guids),
    "classes": _classes,
    "number_of_classes": lambda view: (
        UNDEFINED if view.classes is None else len(view.classes.listed)
    ),
    "user_strings": _user_strings,
    "number_of_user_strings": lambda view: _count(view.metadata.user_strings),
}


class DotnetView:
    """The fields of a .NET file."""

    metadata: Metadata

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata

    def member(self, name: str) -> Value | Undefined:
        """Compute a field."""
        compute = _DIRECT.get(name)
        if compute is not None:
            return compute(self)
        return UNDEFINED if self._listings is None else _LISTED[name](self._listings)

    @cached_property
    def classes(self) -> Classes | None:
        """The classes; None if not all tables can be read."""
        contents = self.metadata.contents
        if contents is None or not contents.tables.is_complete:
            return None
        return Classes(contents, self.metadata.deadline)

    @cached_property
    def _listings(self) -> Listings | None:
        contents = self.metadata.contents
        return None if contents is None else Listings(self.metadata, contents)
