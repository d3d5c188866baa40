"""Checks of the declarations of strings (``yr_parser_reduce_string_declaration``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.analysis import catalog
from miniyara.analysis.scope import RuleScope, StringState
from miniyara.patterns import PatternError, compile_string
from miniyara.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.patterns import Pattern


def check_strings(
    scope: RuleScope, declarations: Iterable[nodes.StringDeclaration], first_number: int
) -> None:
    """Check declarations in order and put what comes of them into the scope."""
    names: set[str] = set()
    for declaration in declarations:
        name = declaration.name
        if name != "$":
            if name in names:
                scope.fail(catalog.DUPLICATED_STRING, declaration.span, name=name)
            names.add(name)
        scope.add_string(_check_string(scope, declaration, first_number + len(scope.strings)))


def _check_string(
    scope: RuleScope, declaration: nodes.StringDeclaration, number: int
) -> StringState:
    name, span = declaration.name, declaration.span
    if isinstance(declaration, nodes.TextString) and not declaration.value:
        scope.fail(catalog.EMPTY_STRING, span, name=name)
    _check_combination(scope, declaration)
    try:
        pattern = _pattern(scope, declaration)
    except PatternError as error:
        scope.fail(catalog.INVALID_PATTERN, span, message=str(error))
    if pattern.unknown_escape:
        scope.warn(catalog.UNKNOWN_ESCAPE, span)
    if pattern.has_unbounded_dot:
        scope.warn(catalog.UNBOUNDED_DOT, span, name=name)
    if pattern.is_slow:
        scope.warn(catalog.SLOW_STRING, span, name=name)
    return StringState(number, declaration, pattern)


def _pattern(scope: RuleScope, declaration: nodes.StringDeclaration) -> Pattern:
    """The pattern of a string, which may be that of another one."""
    match declaration:
        case nodes.TextString():
            content: object = declaration.value
        case nodes.HexString():
            content = declaration.text
        case nodes.RegexpString():
            content = declaration.regexp
    key = type(declaration), content, declaration.modifiers
    pattern = scope.names.patterns.get(key)
    if pattern is None:
        pattern = compile_string(declaration, strict_escape=scope.strict_escape)
        scope.names.patterns[key] = pattern
    return pattern


def _check_combination(scope: RuleScope, declaration: nodes.StringDeclaration) -> None:
    """Check that no two modifiers exclude each other."""
    modifiers = declaration.modifiers
    if modifiers.xor is None and modifiers.base64 is None and modifiers.base64wide is None:
        return
    for first, second in _EXCLUSIVE:
        if _has(modifiers, first) and _has(modifiers, second):
            scope.fail(catalog.MODIFIER_COMBINATION, declaration.span, first=first, second=second)


_EXCLUSIVE: Final = (
    ("xor", "nocase"),
    ("base64", "nocase"),
    ("base64wide", "nocase"),
    ("base64", "fullword"),
    ("base64wide", "fullword"),
    ("base64", "xor"),
    ("base64wide", "xor"),
)
"""Modifiers that exclude each other, in the order and the wording of libyara's messages."""


def _has(modifiers: nodes.Modifiers, name: str) -> bool:
    value = getattr(modifiers, name)
    return value is not None and value is not False
