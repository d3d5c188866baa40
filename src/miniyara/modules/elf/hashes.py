"""``elf.telfhash`` and ``elf.import_md5``: hashes of the names of symbols.

Follows libyara's ``modules/elf/elf.c``, and through it
https://github.com/trendmicro/telfhash.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from miniyara.modules.elf.constants import SYMBOL_BINDINGS, SYMBOL_TYPES
from miniyara.modules.elf.tlsh import tlsh
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.deadline import Deadline
    from miniyara.modules.elf.file import ElfFile
    from miniyara.modules.elf.layout import Symbol

MOST_MEMORY: Final = 48 << 20
"""Bytes that the names to be hashed may take; with more there is no hash."""

MOST_READ: Final = 1 << 30
"""Bytes of names that may be read for a hash, those left out among them.

libyara has neither limit. A file reaches them only if it is made for that: names can
overlap, so that a file of some megabytes has gigabytes of them.
"""

_OBJECT_SIZE: Final = 64
"""Bytes that Python adds to a name, about."""

_UNDEFINED_SECTION: Final = 0
"""The section of imported symbols, ELF's SHN_UNDEF."""

_LEFT_OUT: Final = {
    b"__libc_start_main",
    b"main",
    b"abort",
    b"cachectl",
    b"cacheflush",
    b"puts",
    b"atol",
    b"malloc_trim",
}
"""Functions that differ between architectures."""

_LEFT_OUT_PREFIXES: Final = (b".", b"_", b"str", b"mem")
_LEFT_OUT_SUFFIX: Final = b"64"


def telfhash(file: ElfFile, deadline: Deadline) -> bytes | Undefined:
    """Return the TLSH of the names of the global functions; empty if they are too few."""
    text = _names(file, _is_global_function, _is_telling, deadline)
    return UNDEFINED if text is None else tlsh(text, deadline).encode("ascii")


def import_md5(file: ElfFile, deadline: Deadline) -> bytes | Undefined:
    """Return the MD5 of the names of the imported symbols."""
    text = _names(file, _is_imported, bool, deadline)
    if text is None:
        return UNDEFINED
    return hashlib.md5(text, usedforsecurity=False).hexdigest().encode("ascii")


def _names(
    file: ElfFile,
    takes: Callable[[Symbol], bool],
    takes_name: Callable[[bytes], bool],
    deadline: Deadline,
) -> bytes | None:
    """Return names of symbols in lower case, sorted and joined; None if there are none."""
    table = file.symtab if file.dynsym is None else file.dynsym
    if table is None:
        return None
    names = []
    memory = read = 0
    for symbol in filter(takes, table.symbols(deadline)):
        name = table.name(symbol)
        if name is UNDEFINED:
            continue
        read += len(name)
        if takes_name(name):
            names.append(name.lower())
            memory += len(name) + _OBJECT_SIZE
        if memory > MOST_MEMORY or read > MOST_READ:
            return None
    return b",".join(sorted(names)) if names else None


def _is_imported(symbol: Symbol) -> bool:
    return symbol.shndx == _UNDEFINED_SECTION


def _is_global_function(symbol: Symbol) -> bool:
    return (
        symbol.bind == SYMBOL_BINDINGS["STB_GLOBAL"]
        and symbol.type == SYMBOL_TYPES["STT_FUNC"]
        and symbol.visibility == 0
    )


def _is_telling(name: bytes) -> bool:
    return (
        name not in _LEFT_OUT
        and not name.startswith(_LEFT_OUT_PREFIXES)
        and not name.endswith(_LEFT_OUT_SUFFIX)
    )
