"""Modules of other packages, which are found by their entry points.

A package names its modules in the group ``miniyara.modules``: the name that rules import,
and an object with what :class:`miniyara.modules.interface.Module` describes.  Looking
through all installed packages takes milliseconds, so it is done once, for the first name
that is not built in; and a module is loaded when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, cast

from miniyara.errors import Error
from miniyara.modules.interface import Structure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from miniyara.modules.interface import Module

GROUP: Final = "miniyara.modules"


class BrokenModuleError(Error):
    """A package promises a module, which cannot be loaded or is none."""


@cache
def registered() -> Mapping[str, EntryPoint]:
    """Return the entry points by name; of several with one name, the first on ``sys.path``."""
    found: dict[str, EntryPoint] = {}
    for entry in metadata.entry_points(group=GROUP):
        found.setdefault(entry.name, entry)
    return found


def names() -> tuple[str, ...]:
    """Return the names of the modules that other packages promise, sorted."""
    return tuple(sorted(registered()))


def find(name: str) -> Module | None:
    """Return the module that a package promises, or None.

    Raises :class:`BrokenModuleError` if it cannot be loaded.
    """
    return loaded(name) if name in registered() else None


@cache
def loaded(name: str) -> Module:
    """Return the module of this entry point, which there is; raises as :func:`find` does."""
    entry = registered()[name]
    try:
        module: Any = entry.load()
        reason = _fault(module, name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise BrokenModuleError(_text(entry, reason)) from error
    if reason is not None:
        raise BrokenModuleError(_text(entry, reason))
    return cast("Module", module)


def _text(entry: EntryPoint, reason: str) -> str:
    return f'module "{entry.name}" cannot be loaded from {entry.value}: {reason}'


def _fault(module: Any, name: str) -> str | None:
    """Tell why an object is not the module called ``name``."""
    if not isinstance(module.declaration, Structure):
        return "its declaration is not a Structure"
    if not callable(module.load):
        return "its load cannot be called"
    if module.name != name:
        return f"it calls itself {module.name!r}"
    return None
