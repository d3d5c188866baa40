"""What the actions of the rule grammar need of the parsing they are part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

if TYPE_CHECKING:
    from miniyara.diagnostics import Kind
    from miniyara.syntax import nodes
    from miniyara.syntax.nodes import Span


class Session(Protocol):
    """One run of the parser over a source."""

    pinned: int | None
    """While a string is declared, the place that messages name."""
    is_in_rule: bool
    """Whether the name of a rule has been read, but not its end."""

    def reject(self, kind: Kind, span: Span, **details: object) -> NoReturn:
        """Report an error and leave the production."""
        ...

    def add_rule(self, rule: nodes.Rule) -> None:
        """Take over a finished rule."""
        ...

    def add_import(self, statement: nodes.Import) -> None:
        """Take over an import."""
        ...

    def end_file(self) -> None:
        """Take note that the included file is finished."""
        ...
