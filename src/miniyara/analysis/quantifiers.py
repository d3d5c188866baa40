"""Checks of quantifiers, sets, ``of`` and ``for``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.analysis import catalog
from miniyara.analysis import condition as steps
from miniyara.analysis.names import check_object
from miniyara.analysis.operators import check_boolean, expect
from miniyara.analysis.registry import check, checks
from miniyara.analysis.scope import Checked, LoopScope, LoopVariable, RuleScope
from miniyara.analysis.string_uses import check_range
from miniyara.modules.interface import Array, Dictionary, Type
from miniyara.syntax import nodes
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.syntax.nodes import Expression, Quantifier, Span


def check_quantifier(scope: RuleScope, node: Quantifier) -> Checked:
    """Check a quantifier; its ``constant`` is the number it asks for, if that is known."""
    if isinstance(node, nodes.All):
        return Checked(steps.Constant(UNDEFINED, span=node.span), None)
    if isinstance(node, nodes.Any):
        return Checked(steps.Constant(1, span=node.span), None)
    if isinstance(node, nodes.None_):
        return Checked(steps.Constant(0, span=node.span), None)
    if isinstance(node, nodes.Percent):
        return check(scope, node.percentage)
    return _check_number(scope, node)


def _check_number(scope: RuleScope, node: nodes.AtLeast) -> Checked:
    count = check(scope, node.count)
    value = None
    if count.type is Type.INTEGER and count.constant is not None:
        if count.constant == 0:
            scope.warn(catalog.AMBIGUOUS_ZERO, node.span)
        if count.constant < 0:
            value = str(count.constant)
    elif count.type is Type.FLOAT:
        # libyara prints a value here that it has not set.
        value = "0x0p+0"
    elif count.type is Type.STRING:
        value = "string in for_expression is invalid"
        if isinstance(count.step, steps.Constant) and isinstance(count.step.value, bytes):
            value = count.step.value.partition(b"\0")[0].decode("utf-8", "replace")
    elif count.type is Type.REGEXP:
        value = "regexp in for_expression is invalid"
    if value is not None:
        scope.fail(catalog.INVALID_VALUE, node.span, value=value)
    return count


def _bounds_of_percentage(scope: RuleScope, node: nodes.Of, percentage: Checked) -> None:
    expect(scope, node, percentage, "%", Type.INTEGER)
    if percentage.constant is not None and not 1 <= percentage.constant <= 100:
        scope.fail(catalog.INVALID_PERCENTAGE, node.span)


# -- sets ------------------------------------------------------------------------------


def check_string_set(scope: RuleScope, node: nodes.StringSet) -> tuple[int, ...]:
    """The numbers of the strings of a set, in order, with repetitions."""
    items = node.items or ("$*",)
    known = scope.string_sets.get(items)
    if known is None:
        known = scope.string_sets[items] = _new_string_set(scope, node, items)
    return known


def _new_string_set(
    scope: RuleScope, node: nodes.StringSet, items: tuple[str, ...]
) -> tuple[int, ...]:
    spans = node.item_spans or (node.span,) * len(items)
    numbers: list[int] = []
    for item, span in zip(items, spans, strict=True):
        found = scope.strings_named(item)
        if not found:
            scope.fail(catalog.UNDEFINED_STRING, span, name=item)
        scope.add_members(len(found), span)
        for string in found:
            string.is_referenced = True
            string.single_match = False
            string.use_anywhere()
            numbers.append(string.number)
    return tuple(numbers)


def check_rule_set(scope: RuleScope, node: nodes.RuleSet) -> tuple[int, ...]:
    """The numbers of the rules of a set, in order, with repetitions."""
    spans = node.item_spans or (node.span,) * len(node.items)
    names = scope.names
    numbers: list[int] = []
    for item, span in zip(node.items, spans, strict=True):
        if item.endswith("*"):
            prefix = item[:-1]
            names.prefixes.setdefault(scope.namespace, set()).add(prefix)
            found = list(names.rules_with_prefix(scope.namespace, prefix))
        else:
            prefix = item
            number = names.rules.get((scope.namespace, item))
            found = [] if number is None else [number]
        if not found:
            scope.fail(catalog.UNDEFINED_IDENTIFIER, span, name=prefix)
        scope.add_members(len(found), span)
        numbers += found
    return tuple(numbers)


# -- of ----------------------------------------------------------------------------------


@checks(nodes.Of)
def _check_of(scope: RuleScope, node: nodes.Of) -> Checked:
    is_percentage = isinstance(node.quantifier, nodes.Percent)
    quantifier = check_quantifier(scope, node.quantifier)
    if isinstance(node.set, nodes.RuleSet):
        rules = check_rule_set(scope, node.set)
        _check_amount(scope, node, quantifier, len(rules))
        step = steps.OfRules(quantifier.step, is_percentage, rules, span=node.span)
        # libyara leaves the type of a percentage at that of its number.
        return Checked(step, Type.INTEGER if is_percentage else Type.BOOLEAN)
    strings = check_string_set(scope, node.set)
    at = low = high = None
    if node.range is not None:
        low, high = check_range(scope, node.range)
    elif node.at is not None:
        offset = check(scope, node.at)
        if offset.type is not Type.INTEGER:
            value = "at expression must be an integer"
            scope.fail(catalog.INVALID_VALUE, node.span, value=value)
        at = offset.step
    _check_amount(scope, node, quantifier, len(strings))
    if node.at is not None and _asks_for_several(node, quantifier, len(strings)):
        scope.warn(catalog.SEVERAL_AT_ONE_OFFSET, node.span)
    result = steps.OfStrings(quantifier.step, is_percentage, strings, at, low, high, span=node.span)
    if is_percentage:
        return Checked(result, Type.INTEGER)
    return Checked(result, Type.BOOLEAN, required=int(_needs_a_string(node, quantifier)))


def _check_amount(scope: RuleScope, node: nodes.Of, quantifier: Checked, available: int) -> None:
    """Warn of a quantifier that asks for more than there is."""
    if isinstance(node.quantifier, nodes.Percent):
        _bounds_of_percentage(scope, node, quantifier)
    elif (
        quantifier.type is Type.INTEGER
        and quantifier.constant is not None
        and quantifier.constant > available
    ):
        scope.warn(
            catalog.ALWAYS_FALSE, node.span, requested=quantifier.constant, available=available
        )


def _asks_for_several(node: nodes.Of, quantifier: Checked, available: int) -> bool:
    if isinstance(node.quantifier, nodes.All):
        return available > 1
    return (
        quantifier.type is Type.INTEGER
        and quantifier.constant is not None
        and quantifier.constant > 1
    )


def _needs_a_string(node: nodes.Of, quantifier: Checked) -> bool:
    if isinstance(node.quantifier, nodes.All | nodes.Any):
        return True
    return (
        quantifier.type is Type.INTEGER
        and quantifier.constant is not None
        and quantifier.constant > 0
    )


# -- for -----------------------------------------------------------------------------------


@checks(nodes.ForOf)
def _check_for_of(scope: RuleScope, node: nodes.ForOf) -> Checked:
    quantifier = check_quantifier(scope, node.quantifier)
    enter_loop(scope, node.quantifier)
    strings = enter_string_loop(scope, node.set)
    body = check_boolean(scope, node.body)
    # Both stay as they are after an error, as they do in libyara.
    scope.names.is_in_string_loop = False
    scope.loops.pop()
    iterator = steps.OverStrings(strings, span=node.set.span)
    step = steps.Loop(quantifier.step, iterator, (), body.step, span=node.span)
    return Checked(step, Type.BOOLEAN)


@checks(nodes.ForIn)
def _check_for_in(scope: RuleScope, node: nodes.ForIn) -> Checked:
    quantifier = check_quantifier(scope, node.quantifier)
    loop = enter_loop(scope, node.quantifier)
    spans = node.variable_spans or (node.span,) * len(node.variables)
    for name, span in zip(node.variables, spans, strict=True):
        declare_variable(scope, name, span)
    iterator = check_iterator(scope, node.iterator, loop.variables)
    body = check_boolean(scope, node.body)
    scope.loops.pop()
    slots = tuple(variable.slot for variable in loop.variables)
    step = steps.Loop(quantifier.step, iterator, slots, body.step, span=node.span)
    return Checked(step, Type.BOOLEAN)


def enter_loop(scope: RuleScope, quantifier: nodes.Node) -> LoopScope:
    """Begin the innermost loop."""
    if len(scope.loops) == limits.MAX_LOOP_NESTING:
        scope.fail(catalog.LOOP_NESTING, quantifier.span)
    loop = LoopScope()
    scope.loops.append(loop)
    return loop


def enter_string_loop(scope: RuleScope, node: nodes.StringSet) -> tuple[int, ...]:
    """Make the innermost loop one over strings; the numbers of the strings."""
    strings = check_string_set(scope, node)
    if scope.names.is_in_string_loop:
        scope.fail(catalog.NESTED_FOR_OF, node.span)
    scope.names.is_in_string_loop = True
    return strings


def declare_variable(scope: RuleScope, name: str, span: Span) -> None:
    """Give the innermost loop one more variable."""
    if scope.loop_variable(name) is not None:
        scope.fail(catalog.DUPLICATED_LOOP_VARIABLE, span, name=name)
    variables = scope.loops[-1].variables
    first_slot = (len(scope.loops) - 1) * limits.MAX_LOOP_VARIABLES
    variables.append(LoopVariable(name, first_slot + len(variables)))


def check_iterator(
    scope: RuleScope,
    node: nodes.Range | nodes.Enumeration | Expression,
    variables: list[LoopVariable],
) -> steps.Iterator:
    """Check an iterator, and give the loop's variables their types."""
    if isinstance(node, nodes.Range):
        low, high = check_range(scope, node)
        _only_variable(scope, node, variables).type = Type.INTEGER
        return steps.OverRange(low, high, span=node.span)
    if isinstance(node, nodes.Enumeration):
        items, kind = _check_enumeration(scope, node)
        _only_variable(scope, node, variables).type = kind
        return steps.OverItems(items, span=node.span)
    iterated = check_object(scope, node)
    if isinstance(iterated.declaration, Array):
        if len(variables) != 1:
            scope.fail(
                catalog.ARRAY_VARIABLES, node.span, name=iterated.label, count=len(variables)
            )
        variables[0].declaration = iterated.declaration.item
        return steps.OverArray(iterated.step, span=node.span)
    if isinstance(iterated.declaration, Dictionary):
        if len(variables) != 2:
            scope.fail(catalog.DICTIONARY_VARIABLES, node.span, name=iterated.label)
        variables[0].type = Type.STRING
        variables[1].declaration = iterated.declaration.value
        return steps.OverDictionary(iterated.step, span=node.span)
    scope.fail(catalog.NOT_ITERABLE, node.span, name=iterated.label)


def _only_variable(
    scope: RuleScope, node: nodes.Range | nodes.Enumeration, variables: list[LoopVariable]
) -> LoopVariable:
    if len(variables) != 1:
        scope.fail(catalog.ITEM_VARIABLES, node.span, count=len(variables))
    return variables[0]


def _check_enumeration(
    scope: RuleScope, node: nodes.Enumeration
) -> tuple[tuple[steps.Condition, ...], Type | None]:
    first = check(scope, node.items[0])
    if first.type not in (Type.INTEGER, Type.STRING):
        scope.fail(catalog.ENUMERATION_ITEM, scope.with_next_token(node.items[0].span))
    items = [first.step]
    for item in node.items[1:]:
        checked = check(scope, item)
        if checked.type is not first.type:
            scope.fail(catalog.ENUMERATION_TYPES, scope.with_next_token(item.span))
        items.append(checked.step)
    return tuple(items), first.type
