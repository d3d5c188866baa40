"""Rule text -> syntax trees: sources and includes, lexer, parser, nodes, printer."""

from miniyara.syntax.parser import parse

__all__ = ["parse"]
