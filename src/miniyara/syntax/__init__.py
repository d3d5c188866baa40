"""Rule text -> syntax trees: sources and includes, lexer, parser, nodes, printer."""
