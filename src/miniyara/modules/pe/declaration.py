"""The declaration of the ``pe`` module, in the order of libyara's.

Follows the declarations in ``modules/pe/pe.c``; the order is that of the dictionary
that ``modules_callback`` is given, backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import Array, Declaration, Dictionary, Structure, Type
from miniyara.modules.pe import functions
from miniyara.modules.pe.constants import CONSTANTS

if TYPE_CHECKING:
    from collections.abc import Iterable


def _integers(names: str | Iterable[str]) -> dict[str, Declaration]:
    return dict.fromkeys(names.split() if isinstance(names, str) else names, Type.INTEGER)


def _strings(names: str) -> dict[str, Declaration]:
    return dict.fromkeys(names.split(), Type.STRING)


_VERSION: Final = Structure(_integers("major minor"))

_SECTIONS: Final = Array(
    Structure(
        {
            **_strings("name full_name"),
            **_integers(
                "characteristics virtual_address virtual_size raw_data_offset raw_data_size"
                " pointer_to_relocations pointer_to_line_numbers number_of_relocations"
                " number_of_line_numbers"
            ),
        }
    )
)

_IMPORTS: Final = Array(
    Structure(
        {
            "library_name": Type.STRING,
            "number_of_functions": Type.INTEGER,
            "functions": Array(Structure({**_strings("name"), **_integers("ordinal rva")})),
        }
    )
)

_EXPORTS: Final = Array(
    Structure(
        {
            "offset": Type.INTEGER,
            **_strings("name forward_name"),
            **_integers("ordinal rva"),
        }
    )
)

_RESOURCES: Final = Array(
    Structure(
        {
            **_integers("rva offset length type id language"),
            **_strings("type_string name_string language_string"),
        }
    )
)

_CERTIFICATE: Final[dict[str, Declaration]] = {
    **_strings("thumbprint issuer subject"),
    "version": Type.INTEGER,
    **_strings("algorithm algorithm_oid serial"),
    **_integers("not_before not_after"),
}

_CHAIN: Final = Array(Structure(_CERTIFICATE))

_SIGNATURES: Final = Array(
    Structure(
        {
            **_CERTIFICATE,
            "verified": Type.INTEGER,
            **_strings("digest_alg digest file_digest"),
            "number_of_certificates": Type.INTEGER,
            "certificates": _CHAIN,
            "signer_info": Structure(
                {
                    **_strings("program_name digest digest_alg"),
                    "length_of_chain": Type.INTEGER,
                    "chain": _CHAIN,
                }
            ),
            "number_of_countersignatures": Type.INTEGER,
            "countersignatures": Array(
                Structure(
                    {
                        **_integers("verified sign_time"),
                        **_strings("digest_alg digest"),
                        "length_of_chain": Type.INTEGER,
                        "chain": _CHAIN,
                    }
                )
            ),
            "valid_on": functions.VALID_ON,
        }
    )
)

DECLARATION: Final = Structure(
    {
        **_integers(CONSTANTS),
        **_integers(
            "is_pe machine number_of_sections timestamp pointer_to_symbol_table"
            " number_of_symbols size_of_optional_header characteristics"
            " entry_point entry_point_raw image_base number_of_rva_and_sizes"
            " number_of_version_infos"
        ),
        "version_info": Dictionary(Type.STRING),
        "version_info_list": Array(Structure(_strings("key value"))),
        **_integers(
            "opthdr_magic size_of_code size_of_initialized_data size_of_uninitialized_data"
            " base_of_code base_of_data section_alignment file_alignment"
        ),
        "linker_version": _VERSION,
        "os_version": _VERSION,
        "image_version": _VERSION,
        "subsystem_version": _VERSION,
        **_integers("win32_version_value size_of_image size_of_headers checksum"),
        "calculate_checksum": functions.CALCULATE_CHECKSUM,
        **_integers(
            "subsystem dll_characteristics size_of_stack_reserve size_of_stack_commit"
            " size_of_heap_reserve size_of_heap_commit loader_flags"
        ),
        "data_directories": Array(Structure(_integers("virtual_address size"))),
        "sections": _SECTIONS,
        "overlay": Structure(_integers("offset size")),
        "rich_signature": Structure(
            {
                **_integers("offset length key"),
                **_strings("raw_data clear_data version_data"),
                "version": functions.RICH_VERSION,
                "toolid": functions.RICH_TOOLID,
            }
        ),
        "imphash": functions.IMPHASH,
        "section_index": functions.SECTION_INDEX,
        "exports": functions.EXPORTS,
        "exports_index": functions.EXPORTS_INDEX,
        "imports": functions.IMPORTS,
        "import_rva": functions.IMPORT_RVA,
        "delayed_import_rva": functions.DELAYED_IMPORT_RVA,
        "locale": functions.LOCALE,
        "language": functions.LANGUAGE,
        "is_dll": functions.IS_DLL,
        "is_32bit": functions.IS_32BIT,
        "is_64bit": functions.IS_64BIT,
        **_integers(
            "number_of_imports number_of_imported_functions number_of_delayed_imports"
            " number_of_delayed_imported_functions number_of_exports"
        ),
        "dll_name": Type.STRING,
        "export_timestamp": Type.INTEGER,
        "export_details": _EXPORTS,
        "import_details": _IMPORTS,
        "delayed_import_details": _IMPORTS,
        "resource_timestamp": Type.INTEGER,
        "resource_version": _VERSION,
        "resources": _RESOURCES,
        "number_of_resources": Type.INTEGER,
        "pdb_path": Type.STRING,
        "signatures": _SIGNATURES,
        **_integers("is_signed number_of_signatures"),
        "rva_to_offset": functions.RVA_TO_OFFSET,
    }
)
