"""Modules that declare functions and constants and have no fields of the scanned data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.modules.interface import ModuleScan, Structure, Value
    from miniyara.values import Undefined


@dataclass(frozen=True, slots=True)
class StaticModule:
    """A module whose members have the same value in every scan: it is its own view of each."""

    name: str
    declaration: Structure
    constants: Mapping[str, Value] = field(default_factory=dict)

    def load(self, scan: ModuleScan) -> StaticModule:  # noqa: ARG002 - the same for every scan
        """Return the module itself, which has its constants as members."""
        return self

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a constant."""
        return self.constants.get(name, UNDEFINED)
