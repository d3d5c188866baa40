"""The modules that rules can import, by name.

A module is loaded when a rule first asks for it: hashing alone brings in
OpenSSL, and most rules import nothing.  Other packages add modules by an entry
point, for which :mod:`miniyara.modules.plug_ins` looks if no module here has the name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from miniyara.modules.interface import Module

_WITH_FIELDS: Final = ("crx", "dex", "dotnet", "elf", "lnk", "macho", "pe")
"""These have fields, which tell of the scanned data."""

_FUNCTIONS_ONLY: Final = ("console", "cuckoo", "hash", "magic", "math", "string", "time")
"""These have functions and constants, so nobody needs to load them to see what is in data."""

_NAMES: Final = tuple(sorted(_WITH_FIELDS + _FUNCTIONS_ONLY))


def names() -> tuple[str, ...]:
    """Return the names of all built-in modules, sorted."""
    return _NAMES


def names_with_fields() -> tuple[str, ...]:
    """Return the names of the modules that can have fields, those of other packages last."""
    from miniyara.modules import plug_ins  # noqa: PLC0415 - slow to load and rarely asked for

    return _WITH_FIELDS + tuple(name for name in plug_ins.names() if name not in _NAMES)


def find(name: str) -> Module | None:
    """Return the module called ``name``, or None if there is none.

    There is none either if it needs what this machine lacks, as ``magic`` does.  Raises
    :class:`miniyara.modules.plug_ins.BrokenModuleError` for a module of another package
    that cannot be loaded.
    """
    if name not in _NAMES:
        from miniyara.modules import plug_ins  # noqa: PLC0415 - as above

        return plug_ins.find(name)
    module: Module | None = import_module(f"{__name__}.{name}").MODULE
    return module
