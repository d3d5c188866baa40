"""Syntax trees -> checked rules: names, types, constants, warnings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from miniyara.analysis.alone import Surroundings, compile_rule
    from miniyara.analysis.compiler import compile_program
    from miniyara.analysis.program import CheckedRule, CheckedString, Program

__all__ = [
    "CheckedRule",
    "CheckedString",
    "Program",
    "Surroundings",
    "compile_program",
    "compile_rule",
]

_HOMES: Final = {
    **dict.fromkeys(("CheckedRule", "CheckedString", "Program"), "program"),
    **dict.fromkeys(("Surroundings", "compile_rule"), "alone"),
    "compile_program": "compiler",
}
"""Where the names are, which are loaded when they are first asked for: whoever loads saved
rules may never compile one."""


if not TYPE_CHECKING:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
