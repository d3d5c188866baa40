"""The functions that a file imports: the tables of libraries and of their functions.

Follows ``pe_parse_imports``, ``pe_parse_import_descriptor`` and ``imphash`` in libyara's
``modules/pe/pe.c``.
"""

from __future__ import annotations

import hashlib
import re
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.pe.constants import DIRECTORIES
from miniyara.modules.pe.limits import (
    MAX_IMPORT_DLL_NAME_LENGTH,
    MAX_IMPORT_NAME_LENGTH,
    MAX_IMPORT_THUNKS,
    MAX_PE_IMPORTS,
)
from miniyara.modules.pe.ordinals import names_of
from miniyara.modules.plain import PlainStructure, Rows
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.modules.pe.image import Image

_DESCRIPTOR: Final = struct.Struct("<I8x2I")
"""Where the names of the functions are, the name of the library, their addresses."""

_THUNKS: Final = {4: struct.Struct("<I"), 8: struct.Struct("<Q")}

_AT_ONCE: Final = 64
"""Thunks that are read at once."""

_HINT_SIZE: Final = 2
"""Bytes before the name of a function."""

_FUNCTION_NAME: Final = re.compile(rb"[A-Za-z0-9._?@$()<>]+")
"""A name with no other letters: what libyara, like pefile, takes for one."""

_DLL_NAME: Final = re.compile(rb'[^\x00-\x1f\x7f-\xff"*<>?|]+')
"""A name with no letters that file names don't have."""

_EXTENSIONS: Final = (b".ocx", b".sys", b".dll")
"""What ``imphash`` leaves out of the name of a library."""


class Function(NamedTuple):
    """An imported function."""

    name: bytes
    ordinal: int | None
    """The number by which it is imported, and not by its name."""
    rva: int
    """Where its address is put."""

    def as_value(self) -> PlainStructure:
        """Return the item of ``functions``."""
        return PlainStructure(
            {
                "name": self.name,
                "ordinal": UNDEFINED if self.ordinal is None else self.ordinal,
                "rva": self.rva or UNDEFINED,
            }
        )


class Library(NamedTuple):
    """A library and what is imported from it."""

    name: bytes
    functions: Sequence[Function]

    def as_value(self) -> PlainStructure:
        """Return the item of ``import_details``."""
        functions = self.functions
        return PlainStructure(
            {
                "library_name": self.name,
                "number_of_functions": len(functions),
                "functions": Rows(functions, lambda index: functions[index].as_value()),
            }
        )


class Imports:
    """A table of imports, in the order of the file, and ways to look things up in it."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.libraries = libraries

    @cached_property
    def number_of_functions(self) -> int:
        """The functions of all libraries."""
        return sum(len(library.functions) for library in self.libraries)

    @cached_property
    def counts(self) -> dict[bytes, int]:
        """The number of functions by library; letters are small."""
        counts: dict[bytes, int] = {}
        for library in self.libraries:
            name = library.name.lower()
            counts[name] = counts.get(name, 0) + len(library.functions)
        return counts

    @cached_property
    def by_name(self) -> dict[tuple[bytes, bytes], int]:
        """The address of the first function of a library and a name; letters are small."""
        addresses: dict[tuple[bytes, bytes], int] = {}
        for library in self.libraries:
            name = library.name.lower()
            for function in library.functions:
                addresses.setdefault((name, function.name.lower()), function.rva)
        return addresses

    @cached_property
    def by_ordinal(self) -> dict[tuple[bytes, int], int]:
        """The address of the first function of a library, its letters small, and a number."""
        addresses: dict[tuple[bytes, int], int] = {}
        for library in self.libraries:
            name = library.name.lower()
            for function in library.functions:
                if function.ordinal is not None:
                    addresses.setdefault((name, function.ordinal), function.rva)
        return addresses

    @cached_property
    def hash(self) -> bytes:
        """The digest of all names, by which programs with the same imports are found."""
        names = (
            b"%s.%s" % (_without_extension(library.name), function.name)
            for library in self.libraries
            for function in library.functions
        )
        digest = hashlib.md5(b",".join(names).lower(), usedforsecurity=False)
        return digest.hexdigest().encode("ascii")


def parse_imports(image: Image) -> Imports:
    """Read the table of imports."""
    reader = _Reader(image)
    return Imports(list(reader.libraries()))


class _Reader:
    """Reads functions until there are too many."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._functions_left = MAX_PE_IMPORTS
        self._thunks_left = MAX_IMPORT_THUNKS

    def libraries(self) -> Iterator[Library]:
        """Yield the libraries of which functions are imported."""
        image = self._image
        first = image.directory_offset(DIRECTORIES["IMAGE_DIRECTORY_ENTRY_IMPORT"])
        if first < 0:
            return
        for number in range(MAX_PE_IMPORTS):
            # The last of its fields ends where the descriptor does.
            offset = first + number * _DESCRIPTOR.size
            if not image.fits(offset, _DESCRIPTOR.size):
                return
            image.deadline.check()
            names_at, name_at, addresses_at = _DESCRIPTOR.unpack_from(image.data, offset)
            if not name_at:
                return
            name = dll_name(image, image.offset(name_at), MAX_IMPORT_DLL_NAME_LENGTH)
            if name is None:
                continue
            table = image.offset(names_at)
            if table <= 0:
                table = image.offset(addresses_at)
            functions = list(self._functions(table, addresses_at, names_of(name)))
            if functions:
                yield Library(name, functions)

    def _functions(self, table: int, address: int, names: dict[int, bytes]) -> Iterator[Function]:
        """Yield the functions in a table of thunks; ``names`` are those of ordinals."""
        image = self._image
        size = 8 if image.is_64bit else 4
        by_ordinal = 1 << 8 * size - 1
        for thunk in self._thunks(table, size):
            if not self._functions_left:
                return
            if not thunk & by_ordinal:
                name = self._name(image.offset(thunk))
                if name is not None:
                    self._functions_left -= 1
                    yield Function(name, None, address)
            elif thunk <= by_ordinal + 0xFFFF:
                ordinal = thunk & 0xFFFF
                self._functions_left -= 1
                yield Function(names.get(ordinal) or b"ord%d" % ordinal, ordinal, address)
            address += size
            if size == 4:
                address &= 0xFFFF_FFFF

    def _thunks(self, table: int, size: int) -> Iterator[int]:
        """Yield the numbers in a table up to a zero."""
        if table < 0:
            return
        image, layout = self._image, _THUNKS[size]
        end = min(image.size - size + 1, table + MAX_PE_IMPORTS * size)
        for start in range(table, end, _AT_ONCE * size):
            image.deadline.check()
            stop = start + len(range(start, end, size)[:_AT_ONCE]) * size
            for (thunk,) in layout.iter_unpack(bytes(image.data[start:stop])):
                if not thunk or not self._thunks_left:
                    return
                self._thunks_left -= 1
                yield thunk

    def _name(self, offset: int) -> bytes | None:
        """Return the name that a thunk refers to, or None if it is none."""
        image = self._image
        if offset < 0 or not image.fits(offset, _HINT_SIZE + 1):
            return None
        start = offset + _HINT_SIZE
        longest = start + MAX_IMPORT_NAME_LENGTH
        found = _FUNCTION_NAME.match(image.data, start, longest)
        if found is None:
            return None
        end = found.end()
        is_whole = end in (longest, image.size) or image.data[end] == 0
        return found.group() if is_whole else None


def dll_name(image: Image, offset: int, longest: int) -> bytes | None:
    """Return the name of a library, or None if it is none.

    ``longest`` is the number of bytes, with a NUL, that it may have.
    """
    if offset < 0:
        return None
    found = _DLL_NAME.match(image.data, offset, offset + longest - 1)
    if found is None:
        return None
    end = found.end()
    return found.group() if image.fits(end, 1) and image.data[end] == 0 else None


def _without_extension(name: bytes) -> bytes:
    dot = name.rfind(b".")
    return name[:dot] if dot >= 0 and name[dot : dot + 4].lower() in _EXTENSIONS else name
