"""Patterns: from a checked string of a rule to how it is recognised.

A pattern says *what* is looked for, exactly as libyara understands it: literal
texts in their variants, or a byte-regexp with its atoms and its two programs.  How
to find it fast in data is the business of :mod:`miniyara.search`.
"""

from __future__ import annotations

from miniyara.patterns.condition import ConditionRegexp, compile_regexp
from miniyara.patterns.errors import PatternError
from miniyara.patterns.pattern import Pattern, compile_string

__all__ = ["ConditionRegexp", "Pattern", "PatternError", "compile_regexp", "compile_string"]
