"""YARA's ``dotnet`` module: classes, strings, resources and references of .NET files.

Follows libyara's ``modules/dotnet/dotnet.c``. The parts of the file format (ECMA-335)
are a file each: the metadata with their streams and heaps, the tables, and what is told
of them. The PE file around them is read by :mod:`miniyara.modules.pe.image`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.modules.dotnet.fields import DotnetView
from miniyara.modules.dotnet.metadata import metadata_of
from miniyara.modules.interface import Array, Structure, Type
from miniyara.modules.pe.image import Image, find_headers
from miniyara.modules.plain import EMPTY_STRUCTURE, PlainStructure

if TYPE_CHECKING:
    from miniyara.modules.interface import ModuleScan, StructureValue

_VERSION: Final = Structure(
    {
        "major": Type.INTEGER,
        "minor": Type.INTEGER,
        "build_number": Type.INTEGER,
        "revision_number": Type.INTEGER,
    }
)

_METHOD: Final = Structure(
    {
        "generic_parameters": Array(Type.STRING),
        "number_of_generic_parameters": Type.INTEGER,
        "parameters": Array(Structure({"name": Type.STRING, "type": Type.STRING})),
        "number_of_parameters": Type.INTEGER,
        "return_type": Type.STRING,
        "abstract": Type.INTEGER,
        "final": Type.INTEGER,
        "virtual": Type.INTEGER,
        "static": Type.INTEGER,
        "visibility": Type.STRING,
        "name": Type.STRING,
    }
)

_CLASS: Final = Structure(
    {
        "fullname": Type.STRING,
        "name": Type.STRING,
        "namespace": Type.STRING,
        "visibility": Type.STRING,
        "type": Type.STRING,
        "abstract": Type.INTEGER,
        "sealed": Type.INTEGER,
        "number_of_generic_parameters": Type.INTEGER,
        "generic_parameters": Array(Type.STRING),
        "number_of_base_types": Type.INTEGER,
        "base_types": Array(Type.STRING),
        "number_of_methods": Type.INTEGER,
        "methods": Array(_METHOD),
    }
)

_DECLARATION: Final = Structure(
    {
        "is_dotnet": Type.INTEGER,
        "version": Type.STRING,
        "module_name": Type.STRING,
        "streams": Array(
            Structure({"name": Type.STRING, "offset": Type.INTEGER, "size": Type.INTEGER})
        ),
        "number_of_streams": Type.INTEGER,
        "guids": Array(Type.STRING),
        "number_of_guids": Type.INTEGER,
        "resources": Array(
            Structure({"offset": Type.INTEGER, "length": Type.INTEGER, "name": Type.STRING})
        ),
        "number_of_resources": Type.INTEGER,
        "classes": Array(_CLASS),
        "number_of_classes": Type.INTEGER,
        "assembly_refs": Array(
            Structure(
                {"version": _VERSION, "public_key_or_token": Type.STRING, "name": Type.STRING}
            )
        ),
        "number_of_assembly_refs": Type.INTEGER,
        "assembly": Structure({"version": _VERSION, "name": Type.STRING, "culture": Type.STRING}),
        "modulerefs": Array(Type.STRING),
        "number_of_modulerefs": Type.INTEGER,
        "user_strings": Array(Type.STRING),
        "number_of_user_strings": Type.INTEGER,
        "typelib": Type.STRING,
        "constants": Array(Type.STRING),
        "number_of_constants": Type.INTEGER,
        "field_offsets": Array(Type.INTEGER),
        "number_of_field_offsets": Type.INTEGER,
    }
)

_NOT_DOTNET: Final = PlainStructure({"is_dotnet": 0})


@dataclass(frozen=True, slots=True)
class DotnetModule:
    """The module as rules import it."""

    name: str
    declaration: Structure

    def load(self, scan: ModuleScan) -> StructureValue:
        """Return the fields of the scanned data, of which nothing but headers is read."""
        headers = find_headers(scan.data)
        if headers is None:
            return EMPTY_STRUCTURE
        metadata = metadata_of(Image(scan.data, headers, scan.deadline), scan.deadline)
        return _NOT_DOTNET if metadata is None else DotnetView(metadata)


MODULE: Final = DotnetModule("dotnet", _DECLARATION)
