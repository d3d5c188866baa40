"""Productions of truth values: operators, comparisons, strings, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import (
    And,
    Binary,
    BooleanLiteral,
    Defined,
    Expression,
    Identifier,
    Not,
    Or,
    StringAt,
    StringIn,
    StringMatches,
)
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces
from miniyara.testing.strategies.integers import byte_range, has_strings, string_name
from miniyara.testing.strategies.regexps import regexps

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

COMPARISONS: Final = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
"""The operators that compare."""

_TEXT_OPERATORS: Final = st.sampled_from(
    [
        *["contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"],
        "iequals",
    ]
)

_COMPARED: Final = st.sampled_from(
    [
        *[(Kind.INTEGER, Kind.INTEGER)] * 3,
        *[(Kind.FLOAT, Kind.FLOAT), (Kind.INTEGER, Kind.FLOAT), (Kind.FLOAT, Kind.INTEGER)],
        (Kind.TEXT, Kind.TEXT),
    ]
)


@produces(Kind.CONDITION, is_leaf=True, weight=8)
def boolean(draw: Draw, scope: Scope) -> Expression:
    """Draw a boolean where a truth value is wanted."""
    return expression(draw, Kind.BOOLEAN, scope)


@produces(Kind.CONDITION, is_leaf=True)
def value(draw: Draw, scope: Scope) -> Expression:
    """Draw a value of another kind, to be taken as a truth value."""
    if draw(st.integers(0, 5)) == 5:
        return draw(regexps())
    kind = draw(st.sampled_from([Kind.INTEGER, Kind.INTEGER, Kind.FLOAT, Kind.TEXT]))
    return expression(draw, kind, scope)


@produces(Kind.BOOLEAN, is_leaf=True)
def literal(draw: Draw, _scope: Scope) -> Expression:
    """Draw ``true`` or ``false``."""
    return BooleanLiteral(draw(st.booleans()))


@produces(Kind.BOOLEAN, is_leaf=True, weight=3, fits=has_strings)
def string_matches(draw: Draw, scope: Scope) -> Expression:
    """Draw ``$a``."""
    return StringMatches(string_name(draw, scope))


@produces(Kind.BOOLEAN, is_leaf=True, weight=2, fits=lambda scope: bool(scope.rules))
def rule(draw: Draw, scope: Scope) -> Expression:
    """Draw the name of an earlier rule."""
    return Identifier(draw(st.sampled_from(scope.rules)))


@produces(Kind.BOOLEAN, weight=2, fits=has_strings)
def string_at(draw: Draw, scope: Scope) -> Expression:
    """Draw ``$a at offset``."""
    name = string_name(draw, scope)
    return StringAt(name, expression(draw, Kind.INTEGER, scope.deeper()))


@produces(Kind.BOOLEAN, fits=has_strings)
def string_in(draw: Draw, scope: Scope) -> Expression:
    """Draw ``$a in (low..high)``."""
    return StringIn(string_name(draw, scope), byte_range(draw, scope))


@produces(Kind.BOOLEAN, weight=5)
def comparison(draw: Draw, scope: Scope) -> Expression:
    """Draw ``x < y`` and its like, of numbers or texts."""
    left, right = draw(_COMPARED)
    return Binary(
        draw(COMPARISONS),
        expression(draw, left, scope.deeper()),
        expression(draw, right, scope.deeper()),
    )


@produces(Kind.BOOLEAN)
def text_operation(draw: Draw, scope: Scope) -> Expression:
    """Draw ``x contains y`` and its like, or ``x matches /y/``."""
    left = expression(draw, Kind.TEXT, scope.deeper())
    if draw(st.booleans()):
        return Binary("matches", left, draw(regexps()))
    return Binary(draw(_TEXT_OPERATORS), left, expression(draw, Kind.TEXT, scope.deeper()))


@produces(Kind.BOOLEAN, weight=2)
def negation(draw: Draw, scope: Scope) -> Expression:
    """Draw ``not x`` or ``defined x``."""
    operand = expression(draw, Kind.CONDITION, scope.deeper())
    return Not(operand) if draw(st.booleans()) else Defined(operand)


@produces(Kind.BOOLEAN, weight=3)
def conjunction(draw: Draw, scope: Scope) -> Expression:
    """Draw ``x and y`` or ``x or y``, of two or three operands."""
    count = draw(st.integers(2, 3))
    operands = [expression(draw, Kind.CONDITION, scope.deeper()) for _ in range(count)]
    return joined(And if draw(st.booleans()) else Or, operands)


def joined(form: type[And | Or], operands: list[Expression]) -> Expression:
    """Join operands as the parser does: a first operand of the same form is merged."""
    first, *rest = operands
    if isinstance(first, form):
        return form((*first.operands, *rest))
    return form((first, *rest))
