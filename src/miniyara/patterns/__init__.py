"""Patterns: from a checked string of a rule to how it is recognised.

A pattern says *what* is looked for, exactly as libyara understands it: literal
texts in their variants, or a byte-regexp with its atoms and its two programs.  How
to find it fast in data is the business of :mod:`miniyara.search`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from miniyara.patterns.condition import ConditionRegexp, compile_regexp
    from miniyara.patterns.errors import PatternError
    from miniyara.patterns.pattern import Pattern, compile_string

__all__ = ["ConditionRegexp", "Pattern", "PatternError", "compile_regexp", "compile_string"]

_HOMES: Final = {
    **dict.fromkeys(("ConditionRegexp", "compile_regexp"), "condition"),
    **dict.fromkeys(("Pattern", "compile_string"), "pattern"),
    "PatternError": "errors",
}
"""Where the names are, which are loaded when they are first asked for."""


if not TYPE_CHECKING:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
