"""Modules that declare functions and constants and have no fields of the scanned data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from miniyara.modules.interface import LazyStructure, ModuleScan, Structure, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class StaticModule:
    """A module whose members have the same value in every scan."""

    name: str
    declaration: Structure
    constants: Mapping[str, Callable[[], Value]] = field(default_factory=dict)

    def load(self, scan: ModuleScan) -> LazyStructure:  # noqa: ARG002 - the same for every scan
        """Return the constants of the module."""
        return LazyStructure(self.constants)
