"""Which strings must have a hit before a condition can be true.

The answer is a set of strings of which one must have a hit; there are many such sets
for most conditions, and the one that is expected to be hit least often is chosen.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final, TypeAlias

from miniyara.analysis import condition as steps
from miniyara.modules.interface import Type
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from miniyara.analysis.condition import Condition

Need: TypeAlias = "frozenset[int] | None"
"""Strings of which one must have a hit; None if it can be true without any of them; the
empty set if it cannot be true at all."""

_NEVER: Final[frozenset[int]] = frozenset()

_CURRENT: Final = -1
"""Stands for the string of the running loop."""

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

_BOOLEANS: Final = (
    steps.StringFound,
    steps.StringFoundAt,
    steps.StringFoundIn,
    steps.And,
    steps.OfStrings,
    steps.OfRules,
)
"""Steps whose value is a boolean or undefined, never another number."""


_DEFINED: Final = (steps.Constant, steps.FileSize, steps.External)
"""Steps that have a value in any data."""


class Requirements:
    """What rules need; asked for them in their order, because they can refer back.

    ``costs`` is, by string, what it costs to evaluate the rules that it triggers.
    """

    def __init__(self, costs: Sequence[float]) -> None:
        # The string of a running loop stands for strings that are not known yet.
        self._cost_of_string = dict(enumerate(costs)) | {_CURRENT: 0.0}
        self._of_rules: list[Need] = []

    def add(self, condition: Condition) -> Need:
        """The need of the next rule."""
        need = self._if_true(condition)
        self._of_rules.append(need)
        return need

    def cost(self, need: Need) -> float:
        """How often the strings of a need are expected to have hits."""
        if need is None:
            return float("inf")
        return sum(map(self._cost_of_string.__getitem__, need))

    def best(self, needs: Iterable[Need]) -> Need:
        """The need that is expected to be met least often; all of them must be met."""
        known = [need for need in needs if need is not None]
        if len(known) < 2:
            return known[0] if known else None
        return min(known, key=self.cost)

    # -- what must be if a step has some value -----------------------------------------

    def _if_true(self, step: Condition) -> Need:
        """What a step needs to be true."""
        match step:
            case steps.Constant(value=value):
                return None if value else _NEVER
            case steps.RuleMatches(rule=rule):
                return self._if_rule_matched(rule)
            case (
                steps.StringFound(string=string)
                | steps.StringFoundAt(string=string)
                | steps.StringFoundIn(string=string)
                | steps.CountOf(string=string)
                | steps.CountOfIn(string=string)
            ):
                return _one(string)
            case steps.And():
                return self.best(map(self._if_true, step.operands))
            case steps.Or():
                return _any_of(map(self._if_true, step.operands))
            case steps.Defined():
                return self._if_defined(step.operand)
            case steps.OfStrings():
                number = _wanted(step.quantifier, len(step.strings), step.is_percentage)
                return self._some_strings(step.strings, number)
            case steps.OfRules():
                number = _wanted(step.quantifier, len(step.rules), step.is_percentage)
                return self._some_of(list(map(self._if_rule_matched, step.rules)), number)
            case steps.Loop():
                return self._if_loop_is_true(step)
            case steps.Binary():
                return self.best((_if_count_suffices(step), self._if_operands_defined(step)))
            case steps.Not():
                return None
        return self._if_defined(step)

    def _if_rule_matched(self, rule: int) -> Need:
        # A rule can be among those that it refers to; it has not matched by then.
        return self._of_rules[rule] if rule < len(self._of_rules) else _NEVER

    def _if_defined(self, step: Condition) -> Need:
        """What a step needs to have a value."""
        if isinstance(step, _DEFINED):
            return None
        match step:
            case steps.OffsetOf(string=string) | steps.LengthOf(string=string):
                return _one(string)
            case steps.ReadInteger():
                return self._if_defined(step.offset)
            case steps.Negate() | steps.Complement() | steps.ToFloat() | steps.IsNotEmpty():
                return self._if_defined(step.operand)
            case steps.Binary():
                # A float is not less than what is undefined: that is false, not undefined.
                is_ever_undefined = step.operator != "<" or step.type is not Type.FLOAT
                return self._if_operands_defined(step) if is_ever_undefined else None
            case steps.CallOf():
                return self.best(map(self._if_defined, (step.owner, *step.arguments)))
            case steps.FieldOf():
                return self._if_defined(step.owner)
            case steps.ItemOf():
                return self.best(map(self._if_defined, (step.owner, step.index)))
            case steps.EntryOf():
                return self.best(map(self._if_defined, (step.owner, step.key)))
        return None

    def _if_operands_defined(self, step: steps.Binary) -> Need:
        needs = []
        left: Condition = step
        while isinstance(left, steps.Binary):
            needs.append(self._if_defined(left.right))
            left = left.left
        return self.best([self._if_defined(left), *needs])

    def _if_loop_is_true(self, step: steps.Loop) -> Need:
        quantifier = step.quantifier
        if not isinstance(quantifier, steps.Constant) or not _asks_for_some(quantifier.value):
            return None
        # At least one time round the body is true.
        body = self._if_true(step.body)
        if body is None or not isinstance(step.iterator, steps.OverStrings):
            return body
        strings = step.iterator.strings
        if body == {_CURRENT} and isinstance(step.body, _BOOLEANS):
            number = _wanted(quantifier, len(strings), is_percentage=False)
            return self._some_strings(strings, number)
        return body - {_CURRENT} | frozenset(strings) if _CURRENT in body else body

    def _some_strings(self, strings: Sequence[int], number: int | None) -> Need:
        """What is needed if at least ``number`` of some strings must have hits."""
        if number is None:
            return None
        if number > len(strings):
            return _NEVER
        # So many can be missing that one of any ``spare + 1`` is there.
        spare = len(strings) - number
        return frozenset(sorted(strings, key=self._cost_of_string.__getitem__)[: spare + 1])

    def _some_of(self, needs: Sequence[Need], number: int | None) -> Need:
        """What is needed if at least ``number`` of some needs must be met."""
        if number is None:
            return None
        if number > len(needs):
            return _NEVER
        spare = len(needs) - number
        return _any_of(sorted(needs, key=self.cost)[: spare + 1])


def _one(string: int | None) -> frozenset[int]:
    return frozenset((_CURRENT if string is None else string,))


def _any_of(needs: Iterable[Need]) -> Need:
    """What is needed if one of some needs must be met."""
    strings: set[int] = set()
    for need in needs:
        if need is None:
            return None
        strings |= need
    return frozenset(strings)


def _asks_for_some(quantifier: object) -> bool:
    return quantifier is UNDEFINED or (isinstance(quantifier, int) and quantifier >= 1)


def _wanted(quantifier: Condition, total: int, is_percentage: bool) -> int | None:
    """How many of ``total`` a quantifier asks for; None if perhaps for none."""
    if not isinstance(quantifier, steps.Constant) or not _asks_for_some(quantifier.value):
        return None
    value = quantifier.value
    if value is UNDEFINED:
        return total
    assert isinstance(value, int)
    if not is_percentage:
        return value
    # In the words of the evaluation, so that rounding is the same.
    return next((n for n in range(total + 1) if total and n / total * 100 >= value), None)


def _if_count_suffices(step: steps.Binary) -> Need:
    """What ``#a > 3`` and its like need: a hit, if they are false without."""
    compare = _COMPARISONS.get(step.operator)
    if compare is None:
        return None
    match step.left, step.right:
        case (
            steps.CountOf(string=string) | steps.CountOfIn(string=string),
            steps.Constant(value=int() | float() as value),
        ):
            return None if compare(0, value) else _one(string)
        case (
            steps.Constant(value=int() | float() as value),
            steps.CountOf(string=string) | steps.CountOfIn(string=string),
        ):
            return None if compare(value, 0) else _one(string)
        case (
            steps.ToFloat(operand=steps.CountOf(string=string) | steps.CountOfIn(string=string)),
            steps.Constant(value=float() as value),
        ):
            return None if compare(0, value) else _one(string)
    return None
