"""Productions of text values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.syntax.nodes import Expression, TextLiteral
from miniyara.testing.strategies.grammar import Kind, Scope, produces, variable
from miniyara.testing.strategies.texts import compared_texts

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw


@produces(Kind.TEXT, is_leaf=True, weight=2)
def literal(draw: Draw, _scope: Scope) -> Expression:
    """Draw ``"text"``."""
    return TextLiteral(draw(compared_texts()))


variable(Kind.TEXT)
