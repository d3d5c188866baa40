"""The metadata of a .NET file: its version, its streams, and what they consist of.

Follows ``dotnet_is_dotnet``, ``dotnet_parse_com`` and ``dotnet_parse_stream_headers``
in libyara's ``modules/dotnet/dotnet.c`` (ECMA-335, II.24.2 and II.25.3.3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.dotnet.heaps import BlobHeap, StringHeap, UserStrings, guids
from miniyara.modules.dotnet.limits import LONGEST_VERSION, STREAM_NAME_SIZE
from miniyara.modules.dotnet.tables import Tables
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.pe.image import Image

_CLI_HEADER: Final = struct.Struct("<I4xI12xI44x")
"""Its size, the address of the metadata and that of the resources."""

_ROOT: Final = struct.Struct("<4s8xI")
"""The magic number and the length of the version, which follows."""

_MAGIC: Final = b"BSJB"
_STREAM: Final = struct.Struct("<II")
_TABLES_HEADER_SIZE: Final = 24

_CLI_DIRECTORY: Final = 14
"""The data directory that says where the CLI header is."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A part of the metadata."""

    name: bytes
    offset: int
    """Where it is in the file."""
    size: int


class Metadata:
    """The metadata at an offset of a file, which must have been found to be some."""

    def __init__(
        self, image: Image, root: int, version_size: int, resources: int, deadline: Deadline
    ) -> None:
        self.image = image
        self.data: Any = image.data
        self.deadline = deadline
        self.root = root
        """Where the metadata begin."""
        self._version_size = version_size
        self._resources_address = resources

    @property
    def version(self) -> bytes | Undefined:
        """The version of the runtime; undefined if it has no NUL as its end."""
        start = self.root + _ROOT.size
        text, end, _ = bytes(self.data[start : start + self._version_size]).partition(b"\0")
        return text if end else UNDEFINED

    @cached_property
    def streams(self) -> list[Stream] | None:
        """The streams; None if the file ends before their number."""
        # Flags are between the version and the number, of which libyara reads one byte.
        place = self.root + _ROOT.size + self._version_size + 2
        if place + 2 > len(self.data):
            return None
        return list(self._read_streams(place + 2, self.data[place]))

    def _read_streams(self, offset: int, count: int) -> Iterator[Stream]:
        for _ in range(count):
            name_start = offset + _STREAM.size
            if name_start + STREAM_NAME_SIZE > len(self.data):
                return
            field = bytes(self.data[name_start : name_start + STREAM_NAME_SIZE])
            name, end, _ = field.partition(b"\0")
            if not end:
                return
            distance, size = _STREAM.unpack_from(self.data, offset)
            yield Stream(name, self.root + distance, size)
            offset = name_start + len(name) + 4 - len(name) % 4

    def _stream(self, *prefixes: bytes) -> Stream | None:
        """Return the first stream whose name begins in one of these ways."""
        for stream in self.streams or ():
            if stream.name.startswith(prefixes):
                return stream
        return None

    @cached_property
    def guids(self) -> list[bytes] | None:
        """The GUIDs; None without a stream of them. The last such stream counts."""
        found = [stream for stream in self.streams or () if stream.name.startswith(b"#GUID")]
        return guids(self.data, found[-1].offset, found[-1].size) if found else None

    @cached_property
    def user_strings(self) -> UserStrings | None:
        """The literals of the program; None without a sound stream of them."""
        stream = self._stream(b"#US")
        if stream is None:
            return None
        strings = UserStrings(self.data, stream.offset, stream.size, self.deadline)
        return strings if strings.is_sound else None

    @cached_property
    def contents(self) -> Contents | None:
        """The tables with their heaps; None if one of them is not there."""
        tables = self._stream(b"#~", b"#-")
        strings = self._stream(b"#Strings")
        blobs = self._stream(b"#Blob")
        if tables is None or strings is None or blobs is None:
            return None
        if tables.offset + _TABLES_HEADER_SIZE > len(self.data):
            return None
        return Contents(
            Tables(self.data, tables.offset),
            StringHeap(self.data, strings.offset, strings.size),
            BlobHeap(self.data, blobs.offset),
        )

    @cached_property
    def resources_start(self) -> int:
        """Where resources are, -1 if their address is nowhere in the file."""
        return self.image.offset(self._resources_address)


@dataclass(frozen=True, slots=True)
class Contents:
    """The tables, and the heaps that their columns index."""

    tables: Tables
    strings: StringHeap
    blobs: BlobHeap


def metadata_of(image: Image, deadline: Deadline) -> Metadata | None:
    """Return the metadata of a PE file, or None if libyara doesn't take it for .NET."""
    data = image.data
    header = image.offset(image.directory(_CLI_DIRECTORY).address)
    if header < 0 or header + _CLI_HEADER.size > len(data):
        return None
    size, address, resources = _CLI_HEADER.unpack_from(data, header)
    if size != _CLI_HEADER.size:
        return None
    root = image.offset(address)
    if root < 0 or root + _ROOT.size > len(data):
        return None
    magic, version_size = _ROOT.unpack_from(data, root)
    if (
        magic != _MAGIC
        or not 0 < version_size <= LONGEST_VERSION
        or version_size % 4
        or root + _ROOT.size + version_size > len(data)
        or not _is_declared(image)
    ):
        return None
    return Metadata(image, root, version_size, resources, deadline)


def _is_declared(image: Image) -> bool:
    """Whether there are enough data directories, which libyara asks of 64-bit files only."""
    return not image.is_64bit or image.fields["number_of_rva_and_sizes"] >= _CLI_DIRECTORY
