"""Productions of floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import Binary, Expression, FloatLiteral, Negative
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces, variable

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

_VALUES: Final = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.0, 3.75, 7.999, 1024.0])

_OPERANDS: Final = st.sampled_from(
    [(Kind.FLOAT, Kind.FLOAT), (Kind.INTEGER, Kind.FLOAT), (Kind.FLOAT, Kind.INTEGER)]
)


@produces(Kind.FLOAT, is_leaf=True, weight=2)
def literal(draw: Draw, _scope: Scope) -> Expression:
    """Draw a number with a point."""
    return FloatLiteral(draw(_VALUES))


variable(Kind.FLOAT)


@produces(Kind.FLOAT)
def negative(draw: Draw, scope: Scope) -> Expression:
    """Draw ``-x``."""
    return Negative(expression(draw, Kind.FLOAT, scope.deeper()))


@produces(Kind.FLOAT, weight=2)
def arithmetic(draw: Draw, scope: Scope) -> Expression:
    """Draw an operation of which at least one operand is a float."""
    left, right = draw(_OPERANDS)
    return Binary(
        draw(st.sampled_from(["+", "-", "*", "\\"])),
        expression(draw, left, scope.deeper()),
        expression(draw, right, scope.deeper()),
    )
