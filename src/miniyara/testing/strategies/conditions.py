"""Strategies for conditions and for the expressions in them.

The productions are declared by the modules that this one imports; see
:mod:`miniyara.testing.strategies.grammar` for how they work together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.testing.strategies import (  # noqa: F401 - importing them declares productions
    booleans,
    floats,
    integers,
    members,
    quantifiers,
    text_expressions,
)
from miniyara.testing.strategies.grammar import Kind, Scope, expression

if TYPE_CHECKING:
    from miniyara.syntax.nodes import Expression
    from miniyara.testing.strategies.drawing import Draw

EMPTY_SCOPE: Final = Scope()
"""The scope of a rule without strings in a source without externals or imports."""


@st.composite
def expressions(draw: Draw, kind: Kind, scope: Scope = EMPTY_SCOPE) -> Expression:
    """Draw an expression of one kind that is valid in the scope."""
    return expression(draw, kind, scope)


def conditions(scope: Scope = EMPTY_SCOPE) -> st.SearchStrategy[Expression]:
    """Return a strategy for whole conditions."""
    return expressions(Kind.CONDITION, scope)
