"""The tree of resources: types, names and languages, with the data at its leaves.

Follows ``pe_iterate_resources`` and ``pe_collect_resources`` in libyara's
``modules/pe/pe.c``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.pe.constants import DIRECTORIES, RESOURCE_TYPES
from miniyara.modules.pe.limits import (
    MAX_RESOURCE_ENTRIES,
    MAX_RESOURCE_NAME_LENGTH,
    MAX_RESOURCES,
    RESOURCE_NAMES_BUDGET,
)
from miniyara.modules.plain import EMPTY_STRUCTURE, PlainStructure
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.modules.interface import Value
    from miniyara.modules.pe.image import Image
    from miniyara.values import Undefined

_DIRECTORY: Final = struct.Struct("<2I4H")
_ENTRY: Final = struct.Struct("<2I")
_LEAF: Final = struct.Struct("<2I")
_LEAF_SIZE: Final = 16

_HIGH_BIT: Final = 0x8000_0000
_LOW_BITS: Final = 0x7FFF_FFFF

_LEVELS: Final = 3
"""Levels of directories: types, names, languages."""

_MOST_ENTRIES: Final = 32_768
"""Entries with a name, and with a number, beyond which a directory is no directory."""

_LARGEST: Final = 0x3FFF_FFFF
"""Bytes of a resource beyond which its size is taken for garbage."""

VERSION_TYPE: Final = RESOURCE_TYPES["RESOURCE_TYPE_VERSION"]


class Label(NamedTuple):
    """What a resource is called on one level of the tree."""

    number: int | None
    """The number, which is negative where a name was meant that is not there; None if the
    tree has ended before."""
    name: bytes | None = None
    """The name in UTF-16, if it has one."""

    @property
    def number_value(self) -> int | Undefined:
        """The number, which one with a name does not have."""
        return UNDEFINED if self.number is None or self.name is not None else self.number

    @property
    def name_value(self) -> bytes | Undefined:
        """The name."""
        return UNDEFINED if self.name is None else self.name


class Resource(NamedTuple):
    """A piece of data."""

    rva: int
    length: int
    type: Label
    id: Label
    language: Label

    def as_value(self, image: Image) -> PlainStructure:
        """Return the item of ``pe.resources``."""
        offset = image.offset(self.rva)
        members: dict[str, Value | Undefined] = {
            "rva": self.rva,
            "offset": UNDEFINED if offset < 0 else offset,
            "length": self.length,
            "type": self.type.number_value,
            "id": self.id.number_value,
            "language": self.language.number_value,
            "type_string": self.type.name_value,
            "name_string": self.id.name_value,
            "language_string": self.language.name_value,
        }
        return PlainStructure(members)


@dataclass(slots=True)
class Resources:
    """The tree of resources, flattened."""

    timestamp: int | Undefined = UNDEFINED
    version: PlainStructure = EMPTY_STRUCTURE
    items: list[Resource] = field(default_factory=list)


def parse_resources(image: Image) -> Resources:
    """Read the tree."""
    root = image.directory_offset(DIRECTORIES["IMAGE_DIRECTORY_ENTRY_RESOURCE"])
    if root < 0 or not image.fits(root, _DIRECTORY.size):
        return Resources()
    _, timestamp, major, minor, _, _ = _DIRECTORY.unpack_from(image.data, root)
    walk = _Walk(image, root)
    walk.directory(root, 0, [Label(None)] * _LEVELS)
    return Resources(timestamp, PlainStructure({"major": major, "minor": minor}), walk.items)


class _Walk:
    """A walk through the tree, which may lead through the same place many times."""

    def __init__(self, image: Image, root: int) -> None:
        self.items: list[Resource] = []
        self._image = image
        self._root = root
        self._entries_left = MAX_RESOURCE_ENTRIES
        self._names: dict[int, bytes | None] = {}
        self._names_budget = RESOURCE_NAMES_BUDGET
        self._numbers: list[int | None] = [None] * _LEVELS
        """The number last seen on each level.

        libyara goes on to report it where a branch ends before that level.
        """

    def directory(self, offset: int, level: int, labels: list[Label]) -> None:
        """Collect what is below a directory."""
        image = self._image
        header = _DIRECTORY.unpack_from(image.data, offset)
        characteristics, _, _, _, named, numbered = header
        first = offset + _DIRECTORY.size
        count = named + numbered
        if (
            characteristics
            or max(named, numbered) > _MOST_ENTRIES
            or not image.fits(first, count * _ENTRY.size)
        ):
            return
        for entry in range(first, first + count * _ENTRY.size, _ENTRY.size):
            image.deadline.check()
            self._entries_left -= 1
            if self._entries_left < 0 or len(self.items) >= MAX_RESOURCES:
                break
            name, target = _ENTRY.unpack_from(image.data, entry)
            if not target:
                break  # libyara looks at this entry again until it has counted to the end
            number = name - 2 * _HIGH_BIT if name & _HIGH_BIT else name
            self._numbers[level] = None if number == -1 else number
            below = list(labels)
            below[level] = Label(None, self._name(name))
            place = self._root + (target & _LOW_BITS)
            if target & _HIGH_BIT and level < _LEVELS - 1:
                if image.fits(place, _DIRECTORY.size):
                    self.directory(place, level + 1, below)
            elif image.fits(place, _LEAF_SIZE):
                self._collect(place, below)

    def _name(self, reference: int) -> bytes | None:
        """Return the name that an entry refers to, if it does and it is in the file."""
        if not reference & _HIGH_BIT:
            return None
        if reference not in self._names:
            name = self._read_name(self._root + (reference & _LOW_BITS))
            if name is not None:
                self._names_budget -= len(name)
            self._names[reference] = name if self._names_budget >= 0 else None
        return self._names[reference]

    def _read_name(self, place: int) -> bytes | None:
        image = self._image
        if not image.fits(place, 2):
            return None
        length = image.word(place)
        if length > MAX_RESOURCE_NAME_LENGTH or not image.fits(place, 2 + 2 * length):
            return None
        return bytes(image.data[place + 2 : place + 2 + 2 * length])

    def _collect(self, leaf: int, labels: list[Label]) -> None:
        rva, length = _LEAF.unpack_from(self._image.data, leaf)
        if 0 < length <= _LARGEST:
            type_, id_, language = (
                Label(number, label.name)
                for number, label in zip(self._numbers, labels, strict=True)
            )
            self.items.append(Resource(rva, length, type_, id_, language))
