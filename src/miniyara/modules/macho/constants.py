"""The constants of the ``macho`` module, group by group as rules name them.

The values are those of Mach-O's headers (``loader.h``, ``fat.h``, ``machine.h``); the
choice is that of libyara's ``modules/macho/macho.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGICS: Final = {
    "MH_MAGIC": 0xFEED_FACE,
    "MH_CIGAM": 0xCEFA_EDFE,
    "MH_MAGIC_64": 0xFEED_FACF,
    "MH_CIGAM_64": 0xCFFA_EDFE,
}
"""First numbers of a file, read as big-endian; ``CIGAM`` is one in little-endian."""

FAT_MAGICS: Final = {
    "FAT_MAGIC": 0xCAFE_BABE,
    "FAT_CIGAM": 0xBEBA_FECA,
    "FAT_MAGIC_64": 0xCAFE_BABF,
    "FAT_CIGAM_64": 0xBFBA_FECA,
}
"""First numbers of a file that holds files for several machines."""

MASKS: Final = {
    "CPU_ARCH_ABI64": 0x100_0000,
    "CPU_SUBTYPE_LIB64": 0x8000_0000,
}
"""Bits that say 64 in the type and in the subtype of a machine."""

CPU_TYPES: Final = {
    "CPU_TYPE_MC680X0": 6,
    "CPU_TYPE_X86": 7,
    "CPU_TYPE_I386": 7,
    "CPU_TYPE_X86_64": 0x100_0007,
    "CPU_TYPE_MIPS": 8,
    "CPU_TYPE_MC98000": 0xA,
    "CPU_TYPE_ARM": 0xC,
    "CPU_TYPE_ARM64": 0x100_000C,
    "CPU_TYPE_MC88000": 0xD,
    "CPU_TYPE_SPARC": 0xE,
    "CPU_TYPE_POWERPC": 0x12,
    "CPU_TYPE_POWERPC64": 0x100_0012,
}
"""Machines that a file is for."""

CPU_SUBTYPES: Final = {
    "CPU_SUBTYPE_INTEL_MODEL_ALL": 0,
    "CPU_SUBTYPE_386": 3,
    "CPU_SUBTYPE_I386_ALL": 3,
    "CPU_SUBTYPE_X86_64_ALL": 3,
    "CPU_SUBTYPE_486": 4,
    "CPU_SUBTYPE_486SX": 0x84,
    "CPU_SUBTYPE_586": 5,
    "CPU_SUBTYPE_PENT": 5,
    "CPU_SUBTYPE_PENTPRO": 0x16,
    "CPU_SUBTYPE_PENTII_M3": 0x36,
    "CPU_SUBTYPE_PENTII_M5": 0x56,
    "CPU_SUBTYPE_CELERON": 0x67,
    "CPU_SUBTYPE_CELERON_MOBILE": 0x77,
    "CPU_SUBTYPE_PENTIUM_3": 8,
    "CPU_SUBTYPE_PENTIUM_3_M": 0x18,
    "CPU_SUBTYPE_PENTIUM_3_XEON": 0x28,
    "CPU_SUBTYPE_PENTIUM_M": 9,
    "CPU_SUBTYPE_PENTIUM_4": 0xA,
    "CPU_SUBTYPE_PENTIUM_4_M": 0x1A,
    "CPU_SUBTYPE_ITANIUM": 0xB,
    "CPU_SUBTYPE_ITANIUM_2": 0x1B,
    "CPU_SUBTYPE_XEON": 0xC,
    "CPU_SUBTYPE_XEON_MP": 0x1C,
    "CPU_SUBTYPE_ARM_ALL": 0,
    "CPU_SUBTYPE_ARM_V4T": 5,
    "CPU_SUBTYPE_ARM_V6": 6,
    "CPU_SUBTYPE_ARM_V5": 7,
    "CPU_SUBTYPE_ARM_V5TEJ": 7,
    "CPU_SUBTYPE_ARM_XSCALE": 8,
    "CPU_SUBTYPE_ARM_V7": 9,
    "CPU_SUBTYPE_ARM_V7F": 0xA,
    "CPU_SUBTYPE_ARM_V7S": 0xB,
    "CPU_SUBTYPE_ARM_V7K": 0xC,
    "CPU_SUBTYPE_ARM_V6M": 0xE,
    "CPU_SUBTYPE_ARM_V7M": 0xF,
    "CPU_SUBTYPE_ARM_V7EM": 0x10,
    "CPU_SUBTYPE_ARM64_ALL": 0,
    "CPU_SUBTYPE_SPARC_ALL": 0,
    "CPU_SUBTYPE_POWERPC_ALL": 0,
    "CPU_SUBTYPE_MC980000_ALL": 0,
    "CPU_SUBTYPE_POWERPC_601": 1,
    "CPU_SUBTYPE_MC98601": 1,
    "CPU_SUBTYPE_POWERPC_602": 2,
    "CPU_SUBTYPE_POWERPC_603": 3,
    "CPU_SUBTYPE_POWERPC_603e": 4,
    "CPU_SUBTYPE_POWERPC_603ev": 5,
    "CPU_SUBTYPE_POWERPC_604": 6,
    "CPU_SUBTYPE_POWERPC_604e": 7,
    "CPU_SUBTYPE_POWERPC_620": 8,
    "CPU_SUBTYPE_POWERPC_750": 9,
    "CPU_SUBTYPE_POWERPC_7400": 0xA,
    "CPU_SUBTYPE_POWERPC_7450": 0xB,
    "CPU_SUBTYPE_POWERPC_970": 0x64,
}
"""Models of machines; their numbers are libyara's, some are not Apple's."""

FILE_TYPES: Final = {
    "MH_OBJECT": 1,
    "MH_EXECUTE": 2,
    "MH_FVMLIB": 3,
    "MH_CORE": 4,
    "MH_PRELOAD": 5,
    "MH_DYLIB": 6,
    "MH_DYLINKER": 7,
    "MH_BUNDLE": 8,
    "MH_DYLIB_STUB": 9,
    "MH_DSYM": 0xA,
    "MH_KEXT_BUNDLE": 0xB,
}
"""Kinds of files."""

FLAGS: Final = {
    "MH_NOUNDEFS": 1,
    "MH_INCRLINK": 2,
    "MH_DYLDLINK": 4,
    "MH_BINDATLOAD": 8,
    "MH_PREBOUND": 0x10,
    "MH_SPLIT_SEGS": 0x20,
    "MH_LAZY_INIT": 0x40,
    "MH_TWOLEVEL": 0x80,
    "MH_FORCE_FLAT": 0x100,
    "MH_NOMULTIDEFS": 0x200,
    "MH_NOFIXPREBINDING": 0x400,
    "MH_PREBINDABLE": 0x800,
    "MH_ALLMODSBOUND": 0x1000,
    "MH_SUBSECTIONS_VIA_SYMBOLS": 0x2000,
    "MH_CANONICAL": 0x4000,
    "MH_WEAK_DEFINES": 0x8000,
    "MH_BINDS_TO_WEAK": 0x1_0000,
    "MH_ALLOW_STACK_EXECUTION": 0x2_0000,
    "MH_ROOT_SAFE": 0x4_0000,
    "MH_SETUID_SAFE": 0x8_0000,
    "MH_NO_REEXPORTED_DYLIBS": 0x10_0000,
    "MH_PIE": 0x20_0000,
    "MH_DEAD_STRIPPABLE_DYLIB": 0x40_0000,
    "MH_HAS_TLV_DESCRIPTORS": 0x80_0000,
    "MH_NO_HEAP_EXECUTION": 0x100_0000,
    "MH_APP_EXTENSION_SAFE": 0x200_0000,
}
"""Bits of a file's flags."""

SEGMENT_FLAGS: Final = {
    "SG_HIGHVM": 1,
    "SG_FVMLIB": 2,
    "SG_NORELOC": 4,
    "SG_PROTECTED_VERSION_1": 8,
}
"""Bits of a segment's flags."""

SECTION_MASKS: Final = {
    "SECTION_TYPE": 0xFF,
    "SECTION_ATTRIBUTES": 0xFFFF_FF00,
}
"""The parts of a section's flags."""

SECTION_TYPES: Final = {
    "S_REGULAR": 0,
    "S_ZEROFILL": 1,
    "S_CSTRING_LITERALS": 2,
    "S_4BYTE_LITERALS": 3,
    "S_8BYTE_LITERALS": 4,
    "S_LITERAL_POINTERS": 5,
    "S_NON_LAZY_SYMBOL_POINTERS": 6,
    "S_LAZY_SYMBOL_POINTERS": 7,
    "S_SYMBOL_STUBS": 8,
    "S_MOD_INIT_FUNC_POINTERS": 9,
    "S_MOD_TERM_FUNC_POINTERS": 0xA,
    "S_COALESCED": 0xB,
    "S_GB_ZEROFILL": 0xC,
    "S_INTERPOSING": 0xD,
    "S_16BYTE_LITERALS": 0xE,
    "S_DTRACE_DOF": 0xF,
    "S_LAZY_DYLIB_SYMBOL_POINTERS": 0x10,
    "S_THREAD_LOCAL_REGULAR": 0x11,
    "S_THREAD_LOCAL_ZEROFILL": 0x12,
    "S_THREAD_LOCAL_VARIABLES": 0x13,
    "S_THREAD_LOCAL_VARIABLE_POINTERS": 0x14,
    "S_THREAD_LOCAL_INIT_FUNCTION_POINTERS": 0x15,
}
"""Kinds of sections."""

SECTION_ATTRIBUTES: Final = {
    "S_ATTR_PURE_INSTRUCTIONS": 0x8000_0000,
    "S_ATTR_NO_TOC": 0x4000_0000,
    "S_ATTR_STRIP_STATIC_SYMS": 0x2000_0000,
    "S_ATTR_NO_DEAD_STRIP": 0x1000_0000,
    "S_ATTR_LIVE_SUPPORT": 0x800_0000,
    "S_ATTR_SELF_MODIFYING_CODE": 0x400_0000,
    "S_ATTR_DEBUG": 0x200_0000,
    "S_ATTR_SOME_INSTRUCTIONS": 0x400,
    "S_ATTR_EXT_RELOC": 0x200,
    "S_ATTR_LOC_RELOC": 0x100,
}
"""Bits of a section's flags."""

CONSTANTS: Final[Mapping[str, int]] = {
    **MAGICS,
    **FAT_MAGICS,
    **MASKS,
    **CPU_TYPES,
    **CPU_SUBTYPES,
    **FILE_TYPES,
    **FLAGS,
    **SEGMENT_FLAGS,
    **SECTION_MASKS,
    **SECTION_TYPES,
    **SECTION_ATTRIBUTES,
}
"""All, in libyara's order."""
