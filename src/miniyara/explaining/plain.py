"""An explanation as what JSON has: the shape that docs/explain.md describes."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from miniyara.explaining.explanation import Iteration, Node, Place
from miniyara.printable import as_text
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.explaining.explanation import Explanation

_ALWAYS: Final = frozenset(("kind", "text", "value", "holds"))
"""Fields of a node that are there even if they are empty."""


def as_dict(explanation: Explanation) -> dict[str, Any]:
    """Return dictionaries, lists and simple values; of a node what is empty is left out."""
    result: dict[str, Any] = _plain(explanation)
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, Iteration):
        variables = {name: _plain(each) for name, each in value.variables}
        return {"number": value.number, "variables": variables, "body": _plain(value.body)}
    if isinstance(value, Node):
        told = {key: each for key, each in _members(value).items() if each or key in _ALWAYS}
        return {**told, "undefined": True} if value.value is UNDEFINED else told
    if isinstance(value, Place):
        return {**_members(value), "view": value.view.hex()}
    if is_dataclass(value):
        return _members(value)
    if isinstance(value, tuple):
        return list(map(_plain, value))
    if isinstance(value, bytes):
        return as_text(value)
    if value is UNDEFINED:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _members(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
