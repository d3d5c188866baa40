"""The rows of those tables of .NET metadata from which fields are taken (ECMA-335, II.22).

Names are indexes into the heap of strings, signatures, values and keys into that of
blobs.
"""

from __future__ import annotations

from typing import NamedTuple


class Module(NamedTuple):
    """The module that the file is."""

    generation: int
    name: int
    mvid: int
    enc_id: int
    enc_base_id: int


class TypeRef(NamedTuple):
    """A type of another module."""

    resolution_scope: int
    name: int
    namespace: int


class TypeDef(NamedTuple):
    """A type that is defined here."""

    flags: int
    name: int
    namespace: int
    extends: int
    """A coded index of the type from which it inherits."""
    first_field: int
    first_method: int


class MethodDef(NamedTuple):
    """A method of a type."""

    address: int
    implementation_flags: int
    flags: int
    name: int
    signature: int
    first_parameter: int


class Param(NamedTuple):
    """A parameter of a method."""

    flags: int
    sequence: int
    name: int


class InterfaceImpl(NamedTuple):
    """That a class implements an interface."""

    class_: int
    interface: int
    """A coded index."""


class MemberRef(NamedTuple):
    """A member of another type."""

    class_: int
    """A coded index."""
    name: int
    signature: int


class Constant(NamedTuple):
    """The value of a constant."""

    type: int
    parent: int
    value: int


class CustomAttribute(NamedTuple):
    """An attribute of something."""

    parent: int
    """A coded index."""
    type: int
    """A coded index of the attribute's constructor."""
    value: int


class ModuleRef(NamedTuple):
    """Another module, mostly a library of native code."""

    name: int


class TypeSpec(NamedTuple):
    """A type that is built of others."""

    signature: int


class FieldRva(NamedTuple):
    """Where the initial value of a field is."""

    address: int
    field: int


class Assembly(NamedTuple):
    """The assembly to which the file belongs."""

    hash_algorithm: int
    major: int
    minor: int
    build_number: int
    revision_number: int
    flags: int
    public_key: int
    name: int
    culture: int


class AssemblyRef(NamedTuple):
    """An assembly that is used."""

    major: int
    minor: int
    build_number: int
    revision_number: int
    flags: int
    public_key_or_token: int
    name: int
    culture: int
    hash_value: int


class ManifestResource(NamedTuple):
    """A resource."""

    offset: int
    flags: int
    name: int
    implementation: int
    """A coded index of the file that has the resource, 0 for this one."""


class NestedClass(NamedTuple):
    """That a class is inside another one."""

    nested: int
    enclosing: int


class GenericParam(NamedTuple):
    """A parameter of a generic type or method."""

    number: int
    flags: int
    owner: int
    """A coded index."""
    name: int
