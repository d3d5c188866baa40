"""How ``miniyara dump`` shows values: as JSON, or as a tree for people.

A string of a file may be any bytes; :mod:`miniyara.printable` says how it is shown.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from miniyara.modules.interface import Array, Dictionary, Structure
from miniyara.printable import as_text, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.modules.interface import Declaration
    from miniyara.scanning.module_dump import ModuleReport


def as_json(path: bytes, reports: Iterable[ModuleReport]) -> str:
    """Return one line of JSON: the file, and the values by module and field."""
    modules = {report.name: _plain(report.values) for report in reports}
    return json.dumps({"file": as_text(path), "modules": modules}, allow_nan=False)


def _plain(value: Any) -> Any:
    """Replace what JSON does not have."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(_plain, value))
    if isinstance(value, bytes):
        return as_text(value)
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def as_tree(path: bytes, reports: Iterable[ModuleReport]) -> Iterator[str]:
    """Yield lines: the file, its modules, and what they have found, as it is declared.

    Constants are left out, and what is empty.
    """
    yield as_text(path)
    for report in reports:
        yield f"  {report.name}" if report.found else f"  {report.name}: nothing"
        yield from _lines(report.declaration, report.found, "    ")


def _lines(declaration: Declaration, value: Any, indent: str) -> Iterator[str]:
    """Yield the lines of a structure, an array or a dictionary."""
    if isinstance(declaration, Structure):
        for name, member in declaration.members.items():
            if name in value:
                yield from _entry(name, member, value[name], indent)
    elif isinstance(declaration, Array):
        for index, item in enumerate(value):
            yield from _entry(f"[{index}]", declaration.item, item, indent)
    elif isinstance(declaration, Dictionary):
        for key, item in value.items():
            yield from _entry(quoted(key.encode()), declaration.value, item, indent)


def _entry(label: str, declaration: Declaration, value: Any, indent: str) -> Iterator[str]:
    if not isinstance(value, (dict, list)):
        shown = quoted(value) if isinstance(value, bytes) else str(value)
        yield f"{indent}{label}: {shown}"
    elif value:
        yield f"{indent}{label}"
        yield from _lines(declaration, value, indent + "  ")
