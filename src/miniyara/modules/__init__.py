"""The modules that rules can import, by name.

A module is loaded when a rule first asks for it: hashing alone brings in
OpenSSL, and most rules import nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from miniyara.modules.interface import Module

_NAMES: Final = (
    *("console", "crx", "cuckoo", "dex", "dotnet", "elf", "hash", "lnk", "macho", "magic"),
    *("math", "pe", "string", "time"),
)


def names() -> tuple[str, ...]:
    """Return the names of all modules, sorted."""
    return _NAMES


def find(name: str) -> Module | None:
    """Return the module called ``name``, or None if there is none.

    There is none either if it needs what this machine lacks, as ``magic`` does.
    """
    if name not in _NAMES:
        return None
    module: Module | None = import_module(f"{__name__}.{name}").MODULE
    return module
