"""A module's values as the dictionary that ``modules_callback`` is given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from miniyara import limits
from miniyara.modules.interface import Array, Dictionary, Function, Structure, Type
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.modules.interface import Declaration, StructureValue


def module_dictionary(name: str, declaration: Structure, value: StructureValue) -> dict[str, Any]:
    """Return all fields of a module, and its name under ``"module"``.

    Functions and undefined fields are left out, arrays are lists, structures and
    dictionaries are ``dict``, strings are ``bytes``.  Computes every field, and leaves out
    strings behind the first :data:`~miniyara.limits.MAX_DICTIONARY_TEXT` bytes of them.
    """
    return {**_Converter().structure(declaration, value, backwards=True), "module": name}


class _Converter:
    """Converts values, and counts what memory their strings take."""

    def __init__(self) -> None:
        self._room = limits.MAX_DICTIONARY_TEXT

    def structure(self, declaration: Structure, value: Any, *, backwards: bool) -> dict[str, Any]:
        """Return the members of a structure."""
        converted = {}
        members = tuple(declaration.members.items())
        # libyara puts each new member before those that it has, and the items of an array
        # are copies, made member by member, of what is declared.
        for name, member in reversed(members) if backwards else members:
            if isinstance(member, Function) or (member is Type.STRING and self._room < 0):
                continue
            part = UNDEFINED if value is UNDEFINED else value.member(name)
            item = self._convert(member, part, backwards=backwards)
            if item is not UNDEFINED:
                converted[name] = item
        return converted

    def _convert(self, declaration: Declaration, value: Any, *, backwards: bool) -> Any:
        """Return a plain value, or UNDEFINED for one to be left out.

        In libyara only simple values can be undefined: a structure, an array and a
        dictionary are always there, if only empty.
        """
        if isinstance(declaration, Structure):
            return self.structure(declaration, value, backwards=backwards)
        if isinstance(declaration, Array):
            if value is UNDEFINED:
                return []
            return self._array(declaration, value, backwards=not backwards)
        if isinstance(declaration, Dictionary):
            if value is UNDEFINED:
                return {}
            return self._dictionary(declaration, value, backwards=not backwards)
        if isinstance(value, bytes):
            self._room -= len(value)
            return UNDEFINED if self._room < 0 else value
        return UNDEFINED if isinstance(value, float) and math.isnan(value) else value

    def _array(self, declaration: Array, value: Any, *, backwards: bool) -> list[Any]:
        items = (value.item(index) for index in range(len(value)))
        converted = (
            self._convert(declaration.item, item, backwards=backwards)
            for item in items
            if item is not UNDEFINED
        )
        return [item for item in converted if item is not UNDEFINED]

    def _dictionary(
        self, declaration: Dictionary, value: Any, *, backwards: bool
    ) -> dict[str, Any]:
        converted = (
            (key, self._convert(declaration.value, item, backwards=backwards))
            for key, item in value.items()
        )
        return {
            key.partition(b"\0")[0].decode("utf-8", "ignore"): item
            for key, item in converted
            if item is not UNDEFINED
        }
