"""Productions with quantifiers: ``of`` and the loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.limits import MAX_LOOP_NESTING
from miniyara.syntax.nodes import (
    All,
    Any,
    AtLeast,
    Binary,
    Enumeration,
    Expression,
    ForIn,
    ForOf,
    IntegerLiteral,
    None_,
    Of,
    Percent,
    Quantifier,
    Range,
    RuleSet,
    StringCount,
    StringSet,
)
from miniyara.testing.strategies.folding import constant
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces
from miniyara.testing.strategies.integers import accepted_range, byte_range, has_strings

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

VARIABLES: Final = ("i", "j", "k", "number", "text")
"""Names of loop variables; the last two may hide an external."""

_WORDS: Final[st.SearchStrategy[Quantifier]] = st.sampled_from([All(), Any(), None_()])

_LONGEST_LOOP: Final = 6
"""Iterations of a loop at most, so that four of them inside each other are fast."""

_FAR: Final = 2**62
"""Bounds of a loop stay below this: libyara never ends one that goes up to 2^63 - 1."""


def _has_any_strings(scope: Scope) -> bool:
    return bool(scope.strings)


def _has_rules(scope: Scope) -> bool:
    return bool(scope.rules)


def may_loop(scope: Scope) -> bool:
    """Whether there may be another loop inside of those around."""
    return scope.loops < MAX_LOOP_NESTING


def _may_loop_over_strings(scope: Scope) -> bool:
    return may_loop(scope) and _has_any_strings(scope) and not scope.in_string_loop


@produces(Kind.BOOLEAN, is_leaf=True, weight=2, fits=_has_any_strings)
def of_strings(draw: Draw, scope: Scope) -> Expression:
    """Draw ``all of them``, ``2 of ($a*)`` and their like."""
    return Of(_simple_quantifier(draw), _string_set(draw, scope))


@produces(Kind.BOOLEAN, weight=2, fits=_has_any_strings)
def of_strings_somewhere(draw: Draw, scope: Scope) -> Expression:
    """Draw ``any of them at offset`` or ``any of them in (low..high)``."""
    how_many = quantifier(draw, scope)
    strings = _string_set(draw, scope)
    if draw(st.booleans()):
        return Of(how_many, strings, range=byte_range(draw, scope))
    return Of(how_many, strings, at=expression(draw, Kind.INTEGER, scope.deeper()))


@produces(Kind.BOOLEAN, fits=_has_rules)
def of_rules(draw: Draw, scope: Scope) -> Expression:
    """Draw ``any of (rule_a, prefix*)``."""
    return Of(quantifier(draw, scope), _rule_set(draw, scope))


@produces(Kind.CONDITION, fits=_has_any_strings)
def percent_of_strings(draw: Draw, scope: Scope) -> Expression:
    """Draw ``50% of them``, which libyara doesn't take as a boolean argument."""
    return Of(_percent(draw, scope), _string_set(draw, scope))


@produces(Kind.CONDITION, fits=_has_rules)
def percent_of_rules(draw: Draw, scope: Scope) -> Expression:
    """Draw ``50% of (rule_a, prefix*)``."""
    return Of(_percent(draw, scope), _rule_set(draw, scope))


@produces(Kind.BOOLEAN, weight=3, fits=_may_loop_over_strings)
def loop_over_strings(draw: Draw, scope: Scope) -> Expression:
    """Draw ``for any of them : ( ... )``."""
    how_many = quantifier(draw, scope)
    strings = _string_set(draw, scope)
    body = expression(draw, Kind.CONDITION, scope.with_string_variable())
    return ForOf(how_many, strings, body)


@produces(Kind.BOOLEAN, weight=2, fits=may_loop)
def loop_over_range(draw: Draw, scope: Scope) -> Expression:
    """Draw ``for any i in (low..high) : ( ... )``."""
    name = _new_variable(draw, scope)
    iterator = _short_range(draw, scope.with_variable(name, None))
    return _loop(draw, scope, name, Kind.INTEGER, iterator)


@produces(Kind.BOOLEAN, weight=2, fits=may_loop)
def loop_over_enumeration(draw: Draw, scope: Scope) -> Expression:
    """Draw ``for any i in (1, 2, x) : ( ... )`` over integers or texts."""
    name = _new_variable(draw, scope)
    kind = draw(st.sampled_from([Kind.INTEGER, Kind.TEXT]))
    inside = scope.with_variable(name, None)
    items = [expression(draw, kind, inside) for _ in range(draw(st.integers(1, 3)))]
    return _loop(draw, scope, name, kind, Enumeration(tuple(items)))


def _new_variable(draw: Draw, scope: Scope) -> str:
    taken = {name for name, _ in scope.variables}
    return draw(st.sampled_from([name for name in VARIABLES if name not in taken]))


def _loop(
    draw: Draw, scope: Scope, name: str, kind: Kind, iterator: Range | Enumeration
) -> Expression:
    how_many = quantifier(draw, scope)
    body = expression(draw, Kind.CONDITION, scope.with_variable(name, kind))
    return ForIn(how_many, (name,), iterator, body)


def _short_range(draw: Draw, scope: Scope) -> Range:
    """Draw a range of few iterations, perhaps undefined or empty."""
    if has_strings(scope) and draw(st.booleans()):
        name = draw(st.sampled_from(scope.named_strings()))
        count = Binary("&", StringCount(name), IntegerLiteral(7))
        return Range(IntegerLiteral(1), count)
    length = IntegerLiteral(draw(st.integers(0, _LONGEST_LOOP - 1)))
    if draw(st.booleans()):
        low: Expression = IntegerLiteral(draw(st.integers(0, 4)))
    else:
        drawn = expression(draw, Kind.INTEGER, scope.deeper())
        low = Binary("%", drawn, IntegerLiteral(_FAR))
    high = Binary("+", low, length)
    known = constant(high, scope)
    if known is not None and known < 0:
        low = IntegerLiteral(0)
        high = Binary("+", low, length)
    return accepted_range(low, high, scope)


def _simple_quantifier(draw: Draw) -> Quantifier:
    if draw(st.booleans()):
        return draw(_WORDS)
    return AtLeast(IntegerLiteral(draw(st.integers(0, 3))))


def quantifier(draw: Draw, scope: Scope) -> Quantifier:
    """Draw a word or a number of at least 0, perhaps one that is computed."""
    if draw(st.integers(0, 3)) < 3:
        return _simple_quantifier(draw)
    number = expression(draw, Kind.INTEGER, scope.deeper())
    known = constant(number, scope)
    if known is not None and known < 0:
        number = IntegerLiteral(1)
    return AtLeast(number)


def _percent(draw: Draw, scope: Scope) -> Percent:
    if draw(st.booleans()):
        return Percent(IntegerLiteral(draw(st.sampled_from([1, 33, 34, 50, 51, 67, 99, 100]))))
    number = expression(draw, Kind.INTEGER, scope.deeper())
    known = constant(number, scope)
    if known is not None and not 1 <= known <= 100:
        number = IntegerLiteral(50)
    return Percent(number)


def _string_set(draw: Draw, scope: Scope) -> StringSet:
    if draw(st.booleans()):
        return StringSet()
    named = [name for name in scope.strings if name != "$"]
    prefixes = {name[:2] + "*" for name in named} | {"$*"}
    items = draw(st.lists(st.sampled_from(named + sorted(prefixes)), min_size=1, max_size=3))
    return StringSet(tuple(items))


def _rule_set(draw: Draw, scope: Scope) -> RuleSet:
    prefixes = [f"{prefix}*" for prefix in scope.rule_prefixes]
    choices = st.sampled_from([*scope.rules, *prefixes])
    return RuleSet(tuple(draw(st.lists(choices, min_size=1, max_size=3))))
