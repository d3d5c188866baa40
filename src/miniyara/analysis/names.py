"""Checks of identifiers, and of what is reached from them: fields, items, calls.

An identifier is first a loop variable, then an external variable, then a module of
the namespace, then a rule of the namespace (``grammar.y``, ``identifier``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.analysis import catalog
from miniyara.analysis import condition as steps
from miniyara.analysis.registry import check, checks
from miniyara.analysis.scope import Checked, RuleScope
from miniyara.modules.interface import Array, Dictionary, Function, Structure, Type
from miniyara.syntax import nodes

if TYPE_CHECKING:
    from miniyara.syntax.nodes import Expression
    from miniyara.values import Scalar


def check_object(scope: RuleScope, node: Expression) -> Checked:
    """Check an identifier, field, item or call that need not be a simple value."""
    if isinstance(node, nodes.Identifier):
        return _check_name(scope, node)
    if isinstance(node, nodes.Member):
        return _check_member(scope, node)
    if isinstance(node, nodes.Index):
        return _check_index(scope, node)
    if isinstance(node, nodes.Call):
        return _check_call(scope, node)
    return check(scope, node)


@checks(nodes.Identifier, nodes.Member, nodes.Index, nodes.Call)
def _check_value(scope: RuleScope, node: Any) -> Checked:
    checked = check_object(scope, node)
    if checked.declaration is None:
        return checked
    if isinstance(checked.declaration, Type):
        checked.type = checked.declaration
        checked.declaration = None
        return checked
    scope.fail(catalog.WRONG_USAGE, scope.with_next_token(node.span), name=checked.label)


def _check_name(scope: RuleScope, node: nodes.Identifier) -> Checked:
    name = node.name
    variable = scope.loop_variable(name)
    if variable is not None:
        return Checked(
            steps.Variable(variable.slot, span=node.span),
            variable.type,
            declaration=variable.declaration,
            label=name,
        )
    external = scope.names.externals.get(name)
    if external is not None:
        kind = type_of(external)
        # libyara takes the value that an integer has when it compiles for a constant.
        constant = int(external) if isinstance(external, int) else None
        return Checked(
            steps.External(name, span=node.span), None, constant, declaration=kind, label=name
        )
    module = scope.names.imports.get(scope.namespace, {}).get(name)
    if module is not None:
        return Checked(steps.ModuleRoot(name, span=node.span), None, declaration=module, label=name)
    rule = scope.names.rules.get((scope.namespace, name))
    if rule is not None:
        return Checked(steps.RuleMatches(rule, span=node.span), Type.BOOLEAN, label=name)
    scope.fail(catalog.UNDEFINED_IDENTIFIER, node.span, name=name)


def type_of(value: Scalar) -> Type:
    """The type of an external variable; a boolean is an integer there."""
    if isinstance(value, int):
        return Type.INTEGER
    return Type.FLOAT if isinstance(value, float) else Type.STRING


def _check_member(scope: RuleScope, node: nodes.Member) -> Checked:
    owner = _check_owner(scope, node.object)
    if not isinstance(owner.declaration, Structure):
        scope.fail(catalog.NOT_A_STRUCTURE, node.span, name=owner.label)
    member = owner.declaration.members.get(node.name)
    if member is None:
        scope.fail(catalog.INVALID_FIELD, node.span, name=node.name)
    step = steps.FieldOf(owner.step, node.name, span=node.span)
    return Checked(step, None, declaration=member, label=node.name)


def _check_index(scope: RuleScope, node: nodes.Index) -> Checked:
    owner = _check_owner(scope, node.object)
    index = check(scope, node.index)
    if isinstance(owner.declaration, Array):
        if index.type is not Type.INTEGER:
            scope.fail(catalog.ARRAY_INDEX, node.span)
        step: steps.Condition = steps.ItemOf(owner.step, index.step, span=node.span)
        return Checked(step, None, declaration=owner.declaration.item, label=owner.label)
    if isinstance(owner.declaration, Dictionary):
        if index.type is not Type.STRING:
            scope.fail(catalog.DICTIONARY_KEY, node.span)
        step = steps.EntryOf(owner.step, index.step, span=node.span)
        return Checked(step, None, declaration=owner.declaration.value, label=owner.label)
    scope.fail(catalog.NOT_INDEXABLE, node.span, name=owner.label)


def _check_call(scope: RuleScope, node: nodes.Call) -> Checked:
    function = _check_owner(scope, node.function)
    arguments = []
    letters = ""
    for number, argument in enumerate(node.arguments, 1):
        checked = check(scope, argument)
        if checked.type is None:
            scope.fail(catalog.UNKNOWN_ARGUMENT, node.span, number=number)
        arguments.append(checked.step)
        letters += checked.type.value
    if not isinstance(function.declaration, Function):
        scope.fail(catalog.NOT_A_FUNCTION, node.span, name=function.label)
    implementation = function.declaration.overloads.get(letters)
    if implementation is None:
        scope.fail(catalog.WRONG_ARGUMENTS, node.span, name=function.label)
    scope.has_effect |= function.declaration.has_effect
    assert isinstance(function.step, steps.FieldOf)
    step = steps.CallOf(
        function.step.owner,
        function.step.name,
        implementation,
        tuple(arguments),
        function.declaration.is_method,
        span=node.span,
    )
    # In messages libyara calls the result by the format of the arguments.
    return Checked(step, None, declaration=function.declaration.result, label=letters)


def _check_owner(scope: RuleScope, node: Expression) -> Checked:
    """Check what stands before a dot, a bracket or a parenthesis."""
    scope.enter(node.span)
    try:
        return check_object(scope, node)
    finally:
        scope.leave()
