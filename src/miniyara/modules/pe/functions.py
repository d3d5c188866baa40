"""The functions of the ``pe`` module.

Follows the functions in libyara's ``modules/pe/pe.c``. Truth is the number 1. Without a
PE file their results are undefined. Some compare texts as C does, which end at a NUL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.interface import Function, Type
from miniyara.modules.pe.checksum import calculate_checksum
from miniyara.modules.pe.constants import CHARACTERISTICS
from miniyara.modules.pe.constants import IMPORTS as IMPORT_KINDS
from miniyara.modules.pe.rich import RichSignature
from miniyara.modules.pe.sections import short_name
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from miniyara.modules.interface import ModuleScan, StructureValue
    from miniyara.modules.pe.file import File
    from miniyara.modules.pe.imports import Imports
    from miniyara.modules.pe.view import View
    from miniyara.patterns import ConditionRegexp
    from miniyara.values import Undefined

_STANDARD: Final = IMPORT_KINDS["IMPORT_STANDARD"]
_DELAYED: Final = IMPORT_KINDS["IMPORT_DELAYED"]

_UNDEFINED_LANGUAGE: Final = 0xDAFF
"""The low bits of the number that libyara takes for undefined: a resource without a
language has this one."""


def _function(result: Type, overloads: Mapping[str, Callable[..., Any]]) -> Function:
    """Declare functions of the file; they get it instead of the structure."""

    def of_file(compute: Callable[..., Any]) -> Callable[..., Any]:
        def call(_scan: ModuleScan, view: View, *arguments: Any) -> Any:
            return UNDEFINED if view.file is None else compute(view.file, *arguments)

        return call

    return Function(
        result,
        {letters: of_file(compute) for letters, compute in overloads.items()},
        is_method=True,
    )


def _c_text(text: bytes) -> bytes:
    return text.partition(b"\0")[0].lower()


# -- headers --------------------------------------------------------------------------------


def _rva_to_offset(file: File, address: int) -> int | Undefined:
    offset = file.image.offset(address & 0xFFFF_FFFF_FFFF_FFFF)
    return UNDEFINED if offset < 0 else offset


def _section_by_name(file: File, name: bytes) -> int | Undefined:
    wanted = name.partition(b"\0")[0]
    for index, section in enumerate(file.image.sections):
        if short_name(section).partition(b"\0")[0] == wanted:
            return index
    return UNDEFINED


def _section_by_offset(file: File, offset: int) -> int | Undefined:
    for index, section in enumerate(file.image.sections):
        if section.raw_offset <= offset < section.raw_offset + section.raw_size:
            return index
    return UNDEFINED


RVA_TO_OFFSET: Final = _function(Type.INTEGER, {"i": _rva_to_offset})
SECTION_INDEX: Final = _function(Type.INTEGER, {"s": _section_by_name, "i": _section_by_offset})
IS_DLL: Final = _function(
    Type.INTEGER,
    {"": lambda file: file.image.fields["characteristics"] & CHARACTERISTICS["DLL"]},
)
IS_32BIT: Final = _function(Type.INTEGER, {"": lambda file: int(not file.image.is_64bit)})
IS_64BIT: Final = _function(Type.INTEGER, {"": lambda file: int(file.image.is_64bit)})
CALCULATE_CHECKSUM: Final = _function(
    Type.INTEGER, {"": lambda file: calculate_checksum(file.image)}
)


# -- the rich signature ---------------------------------------------------------------------


def _rich(compute: Callable[..., tuple[int | None, int | None]]) -> Callable[..., Any]:
    def call(_scan: ModuleScan, signature: StructureValue, *numbers: int) -> int | Undefined:
        if not isinstance(signature, RichSignature):  # there is none
            return UNDEFINED
        return signature.times(*compute(*numbers))

    return call


RICH_VERSION: Final = Function(
    Type.INTEGER,
    {
        "i": _rich(lambda version: (version, None)),
        "ii": _rich(lambda version, tool: (version, tool)),
    },
    is_method=True,
)
RICH_TOOLID: Final = Function(
    Type.INTEGER,
    {
        "i": _rich(lambda tool: (None, tool)),
        "ii": _rich(lambda tool, version: (version, tool)),
    },
    is_method=True,
)


# -- exports --------------------------------------------------------------------------------


def _export_by_name(file: File, name: bytes) -> int | None:
    return file.exports.by_name.get(name.lower())


def _export_by_ordinal(file: File, ordinal: int) -> int | None:
    # A base above 1 makes libyara deny the last ones.
    if ordinal > len(file.exports.functions) or ordinal == 0:
        return None
    return file.exports.by_ordinal.get(ordinal)


def _export_by_regexp(file: File, regexp: ConditionRegexp) -> int | None:
    deadline = file.image.deadline
    for index, function in enumerate(file.exports.functions):
        if isinstance(function.name, bytes) and regexp.reaches(function.name, 0, deadline):
            return index
    return None


_EXPORT_FINDERS: Final[Mapping[str, Callable[..., int | None]]] = {
    "s": _export_by_name,
    "i": _export_by_ordinal,
    "r": _export_by_regexp,
}


def _is_exported(find: Callable[..., int | None]) -> Callable[..., int]:
    return lambda file, what: int(find(file, what) is not None)


def _export_index(find: Callable[..., int | None]) -> Callable[..., int | Undefined]:
    def index(file: File, what: Any) -> int | Undefined:
        found = find(file, what)
        return UNDEFINED if found is None else found

    return index


EXPORTS: Final = _function(
    Type.INTEGER, {letter: _is_exported(find) for letter, find in _EXPORT_FINDERS.items()}
)
EXPORTS_INDEX: Final = _function(
    Type.INTEGER, {letter: _export_index(find) for letter, find in _EXPORT_FINDERS.items()}
)


# -- imports --------------------------------------------------------------------------------


def _tables(file: File, kinds: int) -> Iterator[Imports]:
    if kinds & _STANDARD:
        yield file.imports
    if kinds & _DELAYED:
        yield file.delayed_imports


def _imports_name(file: File, kinds: int, library: bytes, name: bytes) -> int:
    wanted = _c_text(library), _c_text(name)
    return int(any(wanted in table.by_name for table in _tables(file, kinds)))


def _imports_ordinal(file: File, kinds: int, library: bytes, ordinal: int) -> int:
    wanted = _c_text(library), ordinal
    return int(any(wanted in table.by_ordinal for table in _tables(file, kinds)))


def _imports_library(file: File, kinds: int, library: bytes) -> int:
    wanted = _c_text(library)
    return sum(table.counts.get(wanted, 0) for table in _tables(file, kinds))


def _imports_regexp(
    file: File, kinds: int, library_regexp: ConditionRegexp, regexp: ConditionRegexp
) -> int:
    # A match of nothing at the start of a name is no match here.
    deadline = file.image.deadline
    return sum(
        regexp.reaches(function.name, 1, deadline)
        for table in _tables(file, kinds)
        for library in table.libraries
        if library_regexp.reaches(library.name, 1, deadline)
        for function in library.functions
    )


_IMPORT_TESTS: Final[Mapping[str, Callable[..., int]]] = {
    "ss": _imports_name,
    "si": _imports_ordinal,
    "s": _imports_library,
    "rr": _imports_regexp,
}


def _standard(test: Callable[..., int]) -> Callable[..., int]:
    return lambda file, *arguments: test(file, _STANDARD, *arguments)


IMPORTS: Final = _function(
    Type.INTEGER,
    {letters: _standard(test) for letters, test in _IMPORT_TESTS.items()}
    | {f"i{letters}": test for letters, test in _IMPORT_TESTS.items()},
)
IMPHASH: Final = _function(Type.STRING, {"": lambda file: file.imports.hash})


def _rva_of(table_of: Callable[[File], Imports]) -> Function:
    """Declare a function that finds where the address of an import is put."""

    def by_name(file: File, library: bytes, name: bytes) -> int | Undefined:
        address = table_of(file).by_name.get((library.lower(), name.lower()))
        return address or UNDEFINED

    def by_ordinal(file: File, library: bytes, ordinal: int) -> int | Undefined:
        return table_of(file).by_ordinal.get((library.lower(), ordinal)) or UNDEFINED

    return _function(Type.INTEGER, {"ss": by_name, "si": by_ordinal})


IMPORT_RVA: Final = _rva_of(lambda file: file.imports)
DELAYED_IMPORT_RVA: Final = _rva_of(lambda file: file.delayed_imports)


# -- resources ------------------------------------------------------------------------------


def _has_language(bits: int) -> Callable[[File, int], int]:
    def has(file: File, wanted: int) -> int:
        for resource in file.resources.items:
            language = resource.language.number_value
            number = _UNDEFINED_LANGUAGE if language is UNDEFINED else language
            if number & bits == wanted:
                return 1
        return 0

    return has


LOCALE: Final = _function(Type.INTEGER, {"i": _has_language(0xFFFF)})
LANGUAGE: Final = _function(Type.INTEGER, {"i": _has_language(0xFF)})


# -- signatures -----------------------------------------------------------------------------


def _valid_on(_scan: ModuleScan, signature: StructureValue, time: int) -> int | Undefined:
    """Whether a time, in seconds since 1970, is in the certificate's period."""
    before, after = signature.member("not_before"), signature.member("not_after")
    if isinstance(before, int) and isinstance(after, int):
        return int(before <= time <= after)
    return UNDEFINED


VALID_ON: Final = Function(Type.INTEGER, {"i": _valid_on}, is_method=True)
