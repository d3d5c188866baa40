"""The functions that a file imports only when they are first called.

Follows ``pe_parse_delayed_imports`` in libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.constants import DIRECTORIES
from miniyara.modules.pe.imports import Function, Imports, Library, dll_name
from miniyara.modules.pe.limits import (
    MAX_DELAYED_DLL_NAME_LENGTH,
    MAX_DELAYED_FUNCTIONS,
    MAX_DELAYED_LIBRARIES,
    MAX_IMPORT_NAME_LENGTH,
    MAX_IMPORT_THUNKS,
)
from miniyara.modules.pe.ordinals import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.modules.pe.image import Image

_DESCRIPTOR: Final = struct.Struct("<8I")
"""Attributes, and where the library's name, its handle, the addresses and the names of
the functions, the bound addresses and what to unload are, then a time."""

_POINTERS: Final = {4: struct.Struct("<I"), 8: struct.Struct("<Q")}

_HINT_SIZE: Final = 2

_DOS_HEADER_SIZE: Final = 64

_UNDEFINED: Final = 0xFFFA_BADA_FABA_DAFF
"""What libyara takes for no value, and so for the end of a table."""


def parse_delayed_imports(image: Image) -> Imports:
    """Read the table of delayed imports."""
    return Imports(list(_Reader(image).libraries()))


class _Reader:
    """Reads functions until there are too many."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._size = 8 if image.is_64bit else 4
        self._base = image.fields["image_base"]
        self._functions_left = MAX_DELAYED_FUNCTIONS
        self._thunks_left = MAX_IMPORT_THUNKS

    def libraries(self) -> Iterator[Library]:
        """Yield the libraries, be it that no functions are imported of them."""
        image = self._image
        first = image.directory_offset(DIRECTORIES["IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT"])
        if first < 0:
            return
        image_size = image.fields["size_of_image"]
        for number in range(MAX_DELAYED_LIBRARIES):
            offset = first + number * _DESCRIPTOR.size
            if not image.fits(offset, _DESCRIPTOR.size):
                return
            image.deadline.check()
            descriptor = _DESCRIPTOR.unpack_from(image.data, offset)
            attributes, name_at, _, addresses_at, names_at, *_ = descriptor
            if not any(descriptor) or attributes > 1:
                return
            has_rvas = attributes == 1
            if not has_rvas and not image.is_64bit:
                name_at, addresses_at, names_at = map(
                    self._relative, (name_at, addresses_at, names_at)
                )
            if max(names_at, addresses_at) >= image_size:
                return
            if min(names_at, name_at) < _DOS_HEADER_SIZE:
                return
            name = dll_name(image, image.offset(name_at), MAX_DELAYED_DLL_NAME_LENGTH)
            if name is not None:
                functions = self._functions(name, names_at, addresses_at, has_rvas=has_rvas)
                yield Library(name, list(functions))

    def _functions(
        self, library: bytes, names_at: int, addresses_at: int, *, has_rvas: bool
    ) -> Iterator[Function]:
        image = self._image
        known = names_of(library)
        by_ordinal = 1 << 8 * self._size - 1
        while self._thunks_left and self._functions_left:
            self._thunks_left -= 1
            image.deadline.check()
            reference, address = self._pointer(names_at), self._pointer(addresses_at)
            if not reference or not address:
                return
            if reference & by_ordinal:
                ordinal = reference & 0xFFFF
                self._functions_left -= 1
                yield Function(known.get(ordinal) or b"ord%d" % ordinal, ordinal, addresses_at)
            else:
                if not has_rvas:
                    reference = self._relative(reference)
                offset = image.offset(reference + _HINT_SIZE)
                if offset >= 0:
                    self._functions_left -= 1
                    name = image.text(offset, MAX_IMPORT_NAME_LENGTH)
                    yield Function(name, None, addresses_at)
            names_at += self._size
            addresses_at += self._size

    def _pointer(self, address: int) -> int | None:
        """Return the pointer at an address, or None if it is not in the file."""
        offset = self._image.offset(address)
        if offset < 0 or not self._image.fits(offset, self._size):
            return None
        pointer: int = _POINTERS[self._size].unpack_from(self._image.data, offset)[0]
        return None if pointer == _UNDEFINED else pointer

    def _relative(self, address: int) -> int:
        """Return an address of the loaded image counted from its start.

        Old compilers wrote absolute addresses; some files have both kinds.
        """
        return address - self._base if address > self._base else address
