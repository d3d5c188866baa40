"""The ``pe`` module's view of a scan: from names to the parts of the file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.interface import Array, Dictionary, Structure
from miniyara.modules.pe import debug, sections
from miniyara.modules.pe.constants import CONSTANTS
from miniyara.modules.pe.declaration import DECLARATION
from miniyara.modules.plain import (
    EMPTY_ARRAY,
    EMPTY_DICTIONARY,
    EMPTY_STRUCTURE,
    PlainDictionary,
    PlainStructure,
    Rows,
)
from miniyara.values import UNDEFINED, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.modules.interface import Value
    from miniyara.modules.pe.file import File
    from miniyara.modules.pe.imports import Imports
    from miniyara.values import Undefined

_UNDEFINED_NUMBER: Final = wrap(0xFFFA_BADA_FABA_DAFF)
"""The number that libyara takes for undefined."""


class View:
    """The value of ``pe``; without a file, all but the constants is undefined or empty."""

    __slots__ = ("_values", "file")

    def __init__(self, file: File | None) -> None:
        self.file = file
        self._values: dict[str, Value | Undefined] = {}

    def member(self, name: str) -> Value | Undefined:
        """Compute the value of a field, once."""
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = self._compute(name)
        return value

    def _compute(self, name: str) -> Value | Undefined:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name == "is_pe":
            return int(self.file is not None)
        if self.file is None:
            return _ABSENT.get(name, UNDEFINED)
        compute = _MEMBERS.get(name)
        return _number(self.file, name) if compute is None else compute(self.file)


def _empty(declaration: object) -> Value | Undefined:
    if isinstance(declaration, Structure):
        return EMPTY_STRUCTURE
    if isinstance(declaration, Array):
        return EMPTY_ARRAY
    return EMPTY_DICTIONARY if isinstance(declaration, Dictionary) else UNDEFINED


_ABSENT: Final = {name: _empty(member) for name, member in DECLARATION.members.items()}


# -- headers --------------------------------------------------------------------------------


def _number(file: File, name: str) -> int | Undefined:
    """Return a number of the headers; one of 64 bits may be any, as libyara reads it."""
    number = file.image.fields.get(name)
    if number is None:
        return UNDEFINED
    number = wrap(number)
    return UNDEFINED if number == _UNDEFINED_NUMBER else number


def _version(name: str) -> Callable[[File], PlainStructure]:
    def version(file: File) -> PlainStructure:
        return PlainStructure({part: _number(file, f"{name}.{part}") for part in _VERSION_PARTS})

    return version


_VERSION_PARTS: Final = ("major", "minor")


def _entry_point(file: File) -> int:
    # -1 if it is not in the file, and not undefined.
    return file.image.offset(file.image.fields["entry_point_raw"])


def _data_directories(file: File) -> Rows:
    directories = file.image.directories

    def structure(index: int) -> PlainStructure:
        address, size = directories[index]
        return PlainStructure({"virtual_address": address, "size": size})

    return Rows(directories, structure)


def _sections(file: File) -> Rows:
    return Rows(file.image.sections, partial(sections.SectionValue, file.image))


# -- tables ---------------------------------------------------------------------------------


def _rich_signature(file: File) -> Value:
    return file.rich_signature or EMPTY_STRUCTURE


def _import_details(imports: Imports) -> Rows:
    libraries = imports.libraries
    return Rows(libraries, lambda index: libraries[index].as_value())


def _export_details(file: File) -> Rows:
    functions = file.exports.functions
    return Rows(functions, lambda index: functions[index].as_value())


def _resources(file: File) -> Rows:
    items = file.resources.items
    return Rows(items, lambda index: items[index].as_value(file.image))


def _version_info_list(file: File) -> Rows:
    pairs = file.version_info

    def structure(index: int) -> PlainStructure:
        key, value = pairs[index]
        return PlainStructure({"key": key, "value": value})

    return Rows(pairs, structure)


_MEMBERS: Final[Mapping[str, Callable[[File], Any]]] = {
    "entry_point": _entry_point,
    "linker_version": _version("linker_version"),
    "os_version": _version("os_version"),
    "image_version": _version("image_version"),
    "subsystem_version": _version("subsystem_version"),
    "data_directories": _data_directories,
    "sections": _sections,
    "overlay": lambda file: sections.overlay(file.image),
    "rich_signature": _rich_signature,
    "pdb_path": lambda file: debug.pdb_path(file.image),
    "number_of_imports": lambda file: len(file.imports.libraries),
    "number_of_imported_functions": lambda file: file.imports.number_of_functions,
    "import_details": lambda file: _import_details(file.imports),
    "number_of_delayed_imports": lambda file: len(file.delayed_imports.libraries),
    "number_of_delayed_imported_functions": (lambda file: file.delayed_imports.number_of_functions),
    "delayed_import_details": lambda file: _import_details(file.delayed_imports),
    "number_of_exports": lambda file: len(file.exports.functions),
    "export_timestamp": lambda file: file.exports.timestamp,
    "dll_name": lambda file: file.exports.library,
    "export_details": _export_details,
    "resource_timestamp": lambda file: file.resources.timestamp,
    "resource_version": lambda file: file.resources.version,
    "resources": _resources,
    "number_of_resources": lambda file: len(file.resources.items),
    "version_info": lambda file: PlainDictionary(dict(file.version_info)),
    "version_info_list": _version_info_list,
    "signatures": lambda file: file.signatures.as_value(),
    "is_signed": lambda file: file.signatures.is_signed,
    "number_of_signatures": lambda file: len(file.signatures.items),
    "number_of_version_infos": lambda file: len(file.version_info),
}
