"""What is listed straight from a table: constants, resources, references, and so on.

Follows ``dotnet_parse_tilde_2`` in libyara's ``modules/dotnet/dotnet.c``. None stands
for a table that the file does not have, or that is behind one that cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet import limits, tables
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.modules.dotnet.metadata import Contents, Metadata
    from miniyara.modules.dotnet.rows import Assembly, AssemblyRef

_STRING_CONSTANT: Final = 0x0E

_ASSEMBLY: Final = 0x0E
_MEMBER_REF: Final = 3
_TYPE_REF: Final = 1
"""What the low bits of coded indexes say: of a parent (five), of a type and of a class
(three)."""

_GUID_ATTRIBUTE: Final = b"GuidAttribute"
_PROLOGUE: Final = b"\x01\0"
_NO_STRING: Final = (b"\0", b"\xff")


@dataclass(frozen=True, slots=True)
class Reference:
    """Another assembly that is used."""

    row: AssemblyRef
    key: range | None
    """Where its public key or the token of it is; None if that leaves the data."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource; undefined are the place and size of one that is not in the file."""

    name: bytes | Undefined
    offset: int | Undefined
    length: int | Undefined


class Listings:
    """The contents of tables, each read when it is asked for."""

    def __init__(self, metadata: Metadata, contents: Contents) -> None:
        self._metadata = metadata
        self._data = metadata.data
        self._tables = contents.tables
        self._strings = contents.strings
        self._blobs = contents.blobs

    def text(self, place: range) -> bytes:
        """Return the bytes at a place of the data."""
        return bytes(self._data[place.start : place.stop])

    @property
    def module_name(self) -> bytes | Undefined:
        """The name of the module."""
        table = self._tables.find(tables.MODULE)
        row = None if table is None else table.peek(0)
        return UNDEFINED if row is None else self._strings.string(row.name)

    @property
    def assembly(self) -> Assembly | None:
        """The assembly, from the first row of its table."""
        table = self._tables.find(tables.ASSEMBLY)
        return None if table is None else table.peek(0)

    def string(self, index: int) -> bytes | Undefined:
        """Return a string of the heap."""
        return self._strings.string(index)

    @cached_property
    def constants(self) -> list[range] | None:
        """Where the constants are that are strings."""
        table = self._tables.find(tables.CONSTANT)
        if table is None:
            return None
        found = []
        left = limits.MOST_BLOB_BYTES
        for row in table.rows():
            if row.type != _STRING_CONSTANT:
                continue
            blob = self._blobs.blob(row.value)
            if blob is not None and blob.stop < len(self._data):
                left -= len(blob)
                if left < 0:
                    break
                found.append(blob)
        return found

    @cached_property
    def module_refs(self) -> list[bytes] | None:
        """The names of other modules."""
        table = self._tables.find(tables.MODULE_REF)
        if table is None:
            return None
        names = (self._strings.string(row.name) for row in table.rows())
        return [name for name in names if name is not UNDEFINED]

    @cached_property
    def field_offsets(self) -> list[int] | None:
        """Where in the file the initial values of fields are."""
        table = self._tables.find(tables.FIELD_RVA)
        if table is None:
            return None
        offset_of = self._metadata.image.offset
        offsets = []
        for row in table.rows():
            self._metadata.deadline.check()
            offset = offset_of(row.address)
            if offset >= 0:
                offsets.append(offset)
        return offsets

    @cached_property
    def references(self) -> list[Reference] | None:
        """The assemblies that are used."""
        table = self._tables.find(tables.ASSEMBLY_REF)
        if table is None:
            return None
        found = []
        left = limits.MOST_BLOB_BYTES
        for row in table.rows():
            key = self._blobs.blob(row.public_key_or_token)
            if key is not None:
                left -= len(key)
            found.append(Reference(row, key if left >= 0 else None))
        return found

    @cached_property
    def resources(self) -> list[Resource] | None:
        """The resources."""
        table = self._tables.find(tables.MANIFEST_RESOURCE)
        if table is None:
            return None
        start = self._metadata.resources_start
        found = []
        for row in table.rows():
            place = start + row.offset
            offset: int | Undefined = UNDEFINED
            length: int | Undefined = UNDEFINED
            if row.implementation == 0 and 0 <= place <= len(self._data) - 4:
                offset = place + 4
                length = int.from_bytes(self._data[place:offset], "little")
            found.append(Resource(self._strings.string(row.name), offset, length))
        return found

    @cached_property
    def typelib(self) -> bytes | Undefined:
        """The last GUID that is given to the assembly by an attribute."""
        found: bytes | Undefined = UNDEFINED
        for value in self._guid_attributes():
            text = self._attribute_text(value)
            if text is not UNDEFINED:
                found = text
        return found

    def _guid_attributes(self) -> Iterator[int]:
        """Yield the values of attributes of the assembly that are called ``GuidAttribute``.

        Also of those whose name cannot be read, as libyara does.
        """
        attributes = self._tables.find(tables.CUSTOM_ATTRIBUTE)
        members = self._tables.find(tables.MEMBER_REF)
        types = self._tables.find(tables.TYPE_REF)
        if attributes is None or members is None or types is None:
            return
        for row in attributes.rows():
            if row.parent & 0x1F != _ASSEMBLY or row.type & 7 != _MEMBER_REF:
                continue
            member = members.peek(max((row.type >> 3) - 1, 0))
            if member is None:
                return
            # libyara reads two bytes of the index, also where it has four.
            class_ = member.class_ & 0xFFFF
            if class_ & 7 != _TYPE_REF:
                continue
            type_ = types.peek(max((class_ >> 3) - 1, 0))
            if type_ is None:
                return
            name = self._strings.string(type_.name)
            if name is UNDEFINED or name.startswith(_GUID_ATTRIBUTE):
                yield row.value

    def _attribute_text(self, value: int) -> bytes | Undefined:
        """Return the string that is the first argument of an attribute."""
        blob = self._blobs.blob(value) if value else None
        if blob is None or len(blob) < 3 or blob.stop >= len(self._data):
            return UNDEFINED
        start = blob.start + 3
        length = self._data[start - 1]
        if self.text(range(blob.start, start - 1)) != _PROLOGUE or start + length > len(self._data):
            return UNDEFINED
        if self.text(range(start, start + 1)) in _NO_STRING:
            return b""
        return self.text(range(start, start + length)).partition(b"\0")[0]
