"""Every limit of the ``pe`` module, with its unit and its reason.

The first group is libyara's, with its names (``modules/pe/pe.c``, ``pe_utils.h``,
``limits.h``). The second is ours alone: where libyara follows tables that point to
themselves for hours, or until memory is used up, we stop. No file that means to be run
comes near.
"""

from __future__ import annotations

from typing import Final

MAX_PE_SECTIONS: Final = 96
"""Section headers that are read."""

MAX_PE_IMPORTS: Final = 16_384
"""Libraries that are read, functions that are read of one, and functions in all."""

MAX_PE_EXPORTS: Final = 16_384
"""Exported functions that are read."""

MAX_EXPORT_NAME_LENGTH: Final = 512
"""Bytes of an exported function's name, and of what it is forwarded to."""

MAX_IMPORT_NAME_LENGTH: Final = 512
"""Bytes of an imported function's name (a number in the text of ``pe.c``)."""

MAX_IMPORT_DLL_NAME_LENGTH: Final = 256
"""Bytes of a library's name, the NUL included; longer ones are invalid."""

MAX_RESOURCES: Final = 65_536
"""Resources that are listed."""

MAX_RESOURCE_NAME_LENGTH: Final = 1000
"""Characters of a resource's name; longer ones are invalid (a number in ``pe.c``)."""

MAX_PATH: Final = 4096
"""Bytes of the path of a PDB file; longer ones are invalid (``YR_MAX_PATH``)."""

MAX_VERSION_KEY_LENGTH: Final = 63
MAX_VERSION_VALUE_LENGTH: Final = 255
"""Characters of a key and a value of the version information; the rest is cut off."""

# -- ours alone -----------------------------------------------------------------------

MAX_SECTION_NAME_LENGTH: Final = 65_536
"""Bytes of a section's name in the table of strings: 96 sections may all have one."""

MAX_IMPORT_THUNKS: Final = 262_144
"""Entries of tables of imports that are looked at, those without a name included."""

MAX_DELAYED_FUNCTIONS: Final = 65_536
"""Functions that are imported when they are called."""

MAX_DELAYED_LIBRARIES: Final = 16_384
"""Libraries that are loaded when a function of theirs is called."""

MAX_DELAYED_DLL_NAME_LENGTH: Final = 4096
"""Bytes of the name of such a library, the NUL included."""

MAX_RESOURCE_ENTRIES: Final = 262_144
"""Entries of directories of resources that are looked at."""

RESOURCE_NAMES_BUDGET: Final = 16 << 20
"""Bytes of names of resources, each counted once for each place that it is at."""

VERSION_BUDGET: Final = 16 << 20
"""Bytes of version information that are worked through, over and over if need be."""

VERSION_STEP: Final = 512
"""Bytes of that budget that one entry costs besides those of its key."""
