"""What imported modules declare, as a saved file remembers it.

Rules are checked against the declarations of modules.  A module of another package may be
gone, or another one, when the rules are loaded; then they have to be compiled anew.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from miniyara.errors import Error
from miniyara.modules import find as find_module
from miniyara.modules.interface import Array, Dictionary, Function, Structure
from miniyara.storage.sections import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.modules.interface import Declaration


def declared(modules: Iterable[str]) -> dict[str, str | None]:
    """By module, a digest of what it declares; None if there is no such module now."""
    return {name: _digest(name) for name in modules}


def _digest(name: str) -> str | None:
    try:
        module = find_module(name)
    except Error:
        return None
    if module is None:
        return None
    return hashlib.sha256(record(_plain(module.declaration))).hexdigest()[:16]


def _plain(declaration: Declaration) -> Any:
    """All of a declaration that rules are checked against."""
    match declaration:
        case Structure(members=members):
            return {name: _plain(member) for name, member in members.items()}
        case Array(item=item):
            return ["array", _plain(item)]
        case Dictionary(value=value):
            return ["dictionary", _plain(value)]
        case Function(result=result, overloads=overloads, has_effect=has_effect):
            return [_plain(result), list(overloads), has_effect]
        case simple:
            return simple.value
