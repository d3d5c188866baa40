"""What the productions of the rule grammar make: the nodes of the syntax tree.

Each action of ``grammar/rules.lark`` is a method of that name, of the builder or of one
of those that it is made of, or an entry of a table if it only makes a node.  It gets the
span of what was read and the values of the symbols.  Sequences grow in place while they
are read, so that a long one costs no more than its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from miniyara.syntax import catalog, nodes
from miniyara.syntax.condition_actions import NODE_ACTIONS, ConditionActions
from miniyara.syntax.nodes import Span
from miniyara.syntax.string_actions import StringActions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from miniyara.syntax.nodes import Expression
    from miniyara.syntax.session import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BeginRule:
    """Stands on the parser's stack behind the name of a rule."""

    span: Span

    def name_span(self, name: str) -> Span:
        """Where that name stands."""
        return Span(self.span.start - len(name), self.span.start, self.span.reached)


class Builder:
    """The actions of the rule grammar, for one run of the parser."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._strings = StringActions(session)
        self._conditions = ConditionActions(session)

    def action(self, name: str) -> Callable[..., Any]:
        """The action of that name."""
        for place in (self, self._strings, self._conditions):
            action: Callable[..., Any] | None = getattr(place, name, None)
            if action is not None:
                return action
        return NODE_ACTIONS[name]

    def finish_chains(self) -> None:
        """Give the ``and`` and ``or`` nodes made so far their operands."""
        self._conditions.finish_chains()

    # -- sequences, and values that are passed on ------------------------------

    def no_rules(self, _span: Span) -> None:
        """Begin."""

    def empty(self, _span: Span) -> list[Any]:
        """An empty sequence."""
        return []

    def single(self, _span: Span, item: T) -> list[T]:
        """A sequence of one."""
        return [item]

    def append(self, _span: Span, items: list[T], item: T) -> list[T]:
        """A sequence with one more item."""
        items.append(item)
        return items

    def append_after_comma(self, _span: Span, items: list[T], _comma: str, item: T) -> list[T]:
        """A sequence with one more item behind a comma."""
        items.append(item)
        return items

    def second(self, _span: Span, _first: str, value: T) -> T:
        """Pass on the second symbol's value."""
        return value

    def third(self, _span: Span, _first: str, _colon: str, value: T) -> T:
        """Pass on the third symbol's value."""
        return value

    def parenthesised(self, _span: Span, _left: str, value: T, _right: str) -> T:
        """Parentheses leave no trace."""
        return value

    def keyword(self, _span: Span, word: str) -> str:
        """A word that stands for itself."""
        return word

    def name(self, span: Span, name: str) -> tuple[str, Span]:
        """A name in a set."""
        return name, span

    def name_prefix(self, span: Span, name: str, star: str) -> tuple[str, Span]:
        """A name in a set of rules that ends in a star."""
        return name + star, span

    # -- files, rules, imports ---------------------------------------------------

    def end_of_included_file(self, _span: Span, *_symbols: object) -> None:
        """An included file is finished."""
        self._session.end_file()

    def import_module(self, span: Span, _import: str, module: bytes) -> None:
        """``import "module"``."""
        self._session.add_import(nodes.Import(module, span=span))

    def begin_rule(self, span: Span) -> BeginRule:
        """The name of a rule has been read."""
        self._session.is_in_rule = True
        return BeginRule(span)

    def rule(
        self,
        span: Span,
        modifiers: list[str],
        _rule: str,
        name: str,
        begin: BeginRule,
        tags: Iterable[str],
        _left: str,
        meta: list[nodes.Meta],
        strings: list[nodes.StringDeclaration],
        _end_strings: None,
        condition: Expression,
        _right: str,
    ) -> None:
        """A whole rule."""
        self.finish_chains()
        self._session.add_rule(
            nodes.Rule(
                name,
                condition,
                tuple(strings),
                tuple(meta),
                tuple(tags),
                "private" in modifiers,
                "global" in modifiers,
                span=span,
                name_span=begin.name_span(name),
            )
        )

    def first_tag(self, _span: Span, tag: str) -> dict[str, None]:
        """The first tag."""
        return {tag: None}

    def next_tag(self, span: Span, tags: dict[str, None], tag: str) -> dict[str, None]:
        """A further tag."""
        if tag in tags:
            self._session.reject(catalog.DUPLICATED_TAG, span, name=tag)
        tags[tag] = None
        return tags

    # -- meta ----------------------------------------------------------------------

    def meta_value(self, span: Span, name: str, _equal: str, value: bytes | int) -> nodes.Meta:
        """``name = "text"`` and ``name = 1``."""
        return nodes.Meta(name, value, span=span)

    meta_text = meta_integer = meta_value

    def meta_negative(
        self, span: Span, name: str, _equal: str, _minus: str, value: int
    ) -> nodes.Meta:
        """``name = -1``."""
        return nodes.Meta(name, -value, span=span)

    def meta_true(self, span: Span, name: str, _equal: str, _true: str) -> nodes.Meta:
        """``name = true``."""
        return nodes.Meta(name, True, span=span)

    def meta_false(self, span: Span, name: str, _equal: str, _false: str) -> nodes.Meta:
        """``name = false``."""
        return nodes.Meta(name, False, span=span)
