"""The text of the error that yara-python reports: the last one of a source.

libyara keeps the words of an error in one place (``last_error_extra_info`` in its
``compiler.c``).  An error for which it has no words shows what is left there from
the errors before.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from miniyara.analysis import catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.diagnostics import Diagnostic

_KEEPS_WHAT_IS_THERE: Final = frozenset(
    {
        catalog.WRONG_TYPE_UNNAMED,
        catalog.NEGATIVE_SHIFT,
        catalog.DIVISION_BY_ZERO,
        catalog.LOOP_NESTING,
        catalog.NESTED_FOR_OF,
        catalog.ANONYMOUS_STRING,
    }
)
"""Errors that leave the words of those before them."""

_NAMES_ALONE: Final = re.compile(
    r"(?:duplicated [a-z ]+|undefined [a-z]+|unreferenced string|empty string|unknown module|"
    r"invalid module name|invalid field name|wrong arguments for function|rule identifier|"
    r'too many strings in rule|integer overflow in|invalid value in condition:|) ?"(.*)"(?: .*)?',
    re.DOTALL,
)
"""Messages that libyara puts together from its words, which are a name."""


def last_error_text(errors: Sequence[Diagnostic]) -> str:
    """The text of the last error, with its place.

    That of a module that cannot be loaded, which libyara does not have, goes before others:
    they follow from it.
    """
    for error in errors:
        if error.kind is catalog.BROKEN_MODULE:
            return error.libyara_text()
    last = errors[-1]
    if last.kind is catalog.WRONG_TYPE_UNNAMED:
        last = replace(last, message=_leftover(errors[:-1]))
    return last.libyara_text()


def _leftover(errors: Sequence[Diagnostic]) -> str:
    """What is left of some errors."""
    for error in reversed(errors):
        if error.kind not in _KEEPS_WHAT_IS_THERE:
            named = _NAMES_ALONE.fullmatch(error.message)
            return named[1] if named else error.message
    return ""
