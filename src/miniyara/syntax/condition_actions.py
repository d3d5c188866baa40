"""What the productions of the rule grammar make of conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from miniyara import limits
from miniyara.syntax import catalog, nodes
from miniyara.syntax.lalr import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.syntax.nodes import Expression, Quantifier, Span
    from miniyara.syntax.session import Session

_Chain = TypeVar("_Chain", nodes.And, nodes.Or)


def _maker(sort: Callable[..., Any], *places: int) -> Callable[..., Any]:
    """An action that makes a node of the symbols at these places, as far as there are such."""

    def make(span: Span, *symbols: Any) -> Any:
        return sort(*[symbols[place] for place in places if place < len(symbols)], span=span)

    return make


NODE_ACTIONS: Final = {
    "integer": _maker(nodes.IntegerLiteral, 0),
    "float": _maker(nodes.FloatLiteral, 0),
    "text": _maker(nodes.TextLiteral, 0),
    "filesize": _maker(nodes.Filesize),
    "entrypoint": _maker(nodes.Entrypoint),
    "integer_at": _maker(nodes.IntegerAt, 0, 2),
    "identifier": _maker(nodes.Identifier, 0),
    "member": _maker(nodes.Member, 0, 2),
    "index": _maker(nodes.Index, 0, 2),
    "range": _maker(nodes.Range, 1, 3),
    "string_matches": _maker(nodes.StringMatches, 0),
    "string_at": _maker(nodes.StringAt, 0, 2),
    "string_in": _maker(nodes.StringIn, 0, 2),
    "string_count": _maker(nodes.StringCount, 0),
    "string_count_in": _maker(nodes.StringCount, 0, 2),
    "string_offset": _maker(nodes.StringOffset, 0, 2),
    "string_length": _maker(nodes.StringLength, 0, 2),
    "negative": _maker(nodes.Negative, 1),
    "bitwise_not": _maker(nodes.BitwiseNot, 1),
    "not_": _maker(nodes.Not, 1),
    "defined": _maker(nodes.Defined, 1),
    "binary": _maker(nodes.Binary, 1, 0, 2),
    "all": _maker(nodes.All),
    "any": _maker(nodes.Any),
    "none": _maker(nodes.None_),
    "at_least": _maker(nodes.AtLeast, 0),
    "them": _maker(nodes.StringSet),
    "of": _maker(nodes.Of, 0, 2),
    "of_at": _maker(nodes.Of, 0, 2, 4),
}
"""The actions that only make a node."""


class ConditionActions:
    """The other actions for conditions; see :class:`~miniyara.syntax.builder.Builder`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._chains: dict[int, tuple[nodes.And | nodes.Or, list[Expression]]] = {}

    # -- expressions -----------------------------------------------------------------

    def boolean(self, span: Span, word: str) -> nodes.BooleanLiteral:
        """``true`` and ``false``."""
        return nodes.BooleanLiteral(word == "true", span=span)

    def regexp(self, span: Span, value: tuple[bytes, bool, bool]) -> nodes.RegexpLiteral:
        """``/regexp/``."""
        return nodes.RegexpLiteral(*value, span=span)

    def call(
        self, span: Span, function: Expression, _left: str, arguments: list[Expression], _right: str
    ) -> nodes.Call:
        """``function(arguments)``."""
        return nodes.Call(function, tuple(arguments), span=span)

    # -- and, or -----------------------------------------------------------------------

    def and_(
        self, span: Span, left: Expression, _and: str, _begin: None, right: Expression
    ) -> nodes.And:
        """``left and right``."""
        return self._chain(nodes.And, span, left, right)

    def or_(
        self, span: Span, left: Expression, _or: str, _begin: None, right: Expression
    ) -> nodes.Or:
        """``left or right``."""
        return self._chain(nodes.Or, span, left, right)

    def _chain(self, sort: type[_Chain], span: Span, left: Expression, right: Expression) -> _Chain:
        """A node for both operands, or the left one's with one operand more."""
        if isinstance(left, sort):
            chain, operands = left, self._chains[id(left)][1]
            object.__setattr__(chain, "span", span)
        else:
            chain, operands = sort((), span=span), [left]
            self._chains[id(chain)] = (chain, operands)
        operands.append(right)
        return chain

    def finish_chains(self) -> None:
        """Give the ``and`` and ``or`` nodes made so far their operands."""
        for chain, operands in self._chains.values():
            object.__setattr__(chain, "operands", tuple(operands))
        self._chains.clear()

    # -- quantifiers and loops -----------------------------------------------------------

    def string_set(
        self, span: Span, _left: str, _begin: None, items: list[tuple[str, Span]], _right: str
    ) -> nodes.StringSet:
        """``($a, $b*)``."""
        names, spans = zip(*items, strict=True)
        return nodes.StringSet(names, item_spans=spans, span=span)

    def rule_set(
        self, span: Span, _left: str, _begin: None, items: list[tuple[str, Span]], _right: str
    ) -> nodes.RuleSet:
        """``(rule_a, prefix*)``."""
        names, spans = zip(*items, strict=True)
        return nodes.RuleSet(names, item_spans=spans, span=span)

    def percent_of(
        self,
        span: Span,
        percentage: Expression,
        _percent: str,
        _of: str,
        items: nodes.StringSet | nodes.RuleSet,
    ) -> nodes.Of:
        """``percentage% of set``."""
        return nodes.Of(nodes.Percent(percentage, span=span), items, span=span)

    def of_in(
        self,
        span: Span,
        quantifier: Quantifier,
        _of: str,
        items: nodes.StringSet,
        _in: str,
        where: nodes.Range,
    ) -> nodes.Of:
        """``quantifier of set in (low..high)``."""
        return nodes.Of(quantifier, items, range=where, span=span)

    def first_variable(self, span: Span, name: str) -> list[tuple[str, Span]]:
        """The first variable of a loop."""
        return [(name, span)]

    def next_variable(
        self, span: Span, variables: list[tuple[str, Span]], _comma: str, name: str
    ) -> list[tuple[str, Span]]:
        """A further variable of a loop."""
        if len(variables) == limits.MAX_LOOP_VARIABLES:
            self._session.reject(catalog.TOO_MANY_LOOP_VARIABLES, span)
        variables.append((name, span))
        return variables

    def enumeration_set(
        self, span: Span, _left: str, items: list[Expression], _right: str
    ) -> nodes.Enumeration:
        """``(1, 2, 3)``."""
        return nodes.Enumeration(tuple(items), span=span)

    def iterate(
        self, _span: Span, variables: list[tuple[str, Span]], _in: str, iterator: Expression
    ) -> tuple[list[tuple[str, Span]], Expression]:
        """``variables in iterator``."""
        return variables, iterator

    def loop(
        self,
        span: Span,
        _for: str,
        quantifier: Quantifier,
        _begin: None,
        iteration: nodes.StringSet | tuple[list[tuple[str, Span]], Expression],
        _colon: str,
        _begin_body: None,
        _left: str,
        body: Expression,
        _right: str,
    ) -> nodes.ForIn | nodes.ForOf:
        """A whole loop."""
        if isinstance(iteration, nodes.StringSet):
            return nodes.ForOf(quantifier, iteration, body, span=span)
        variables, iterator = iteration
        names, spans = zip(*variables, strict=True)
        return nodes.ForIn(quantifier, names, iterator, body, variable_spans=spans, span=span)

    def broken_loop(self, _span: Span, *_symbols: object) -> NoReturn:
        """An error in a loop is an error of the whole rule."""
        raise Rejected
