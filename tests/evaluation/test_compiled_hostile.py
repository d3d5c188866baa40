"""Conditions that would be too much for Python's compiler are left to the interpreter."""

from __future__ import annotations

import inspect
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

from miniyara.analysis import condition as steps
from miniyara.evaluation.compiler import compile_condition
from miniyara.evaluation.compiler.code import MAX_DEPTH, MAX_NODES
from miniyara.evaluation.interpreter import Interpreter
from miniyara.modules.interface import Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.analysis.condition import Condition

ONE: Final = steps.Constant(1)
FIELD: Final = steps.FieldOf(steps.ModuleRoot("module"), "one")


def plus(left: Condition, right: Condition) -> Condition:
    return steps.Binary("+", Type.INTEGER, left, right)


def call(*arguments: Condition) -> Condition:
    return steps.CallOf(steps.ModuleRoot("module"), "f", lambda _, *given: given[0], arguments)


NESTED: Final[dict[str, Callable[[Condition], Condition]]] = {
    "not": steps.Not,
    "defined": lambda part: steps.Defined(steps.Not(part)),
    "left": lambda part: plus(part, FIELD),
    "right": lambda part: plus(FIELD, part),
    "both": lambda part: plus(call(part), steps.ReadInteger(4, False, False, call(ONE))),
    "shift": lambda part: steps.Binary("<<", Type.INTEGER, FIELD, part),
    "reader": lambda part: steps.ReadInteger(4, False, False, part),
    "item": lambda part: steps.ItemOf(steps.FieldOf(steps.ModuleRoot("module"), "list"), part),
    "call": lambda part: call(part, call(FIELD), part if part is ONE else ONE),
    "and": lambda part: steps.And((FIELD, steps.Or((part, FIELD)))),
    "or": lambda part: steps.Or((steps.And((call(ONE), part)), call(ONE))),
    "of": lambda part: steps.OfStrings(part, False, (1, 2)),
    "float": lambda part: steps.Binary("<", Type.FLOAT, part, FIELD),
}


def nested(kind: str, levels: int) -> Condition:
    """A condition with at least so many levels, and fewer than three times as many."""
    condition: Condition = ONE
    for _ in range(levels):
        condition = NESTED[kind](condition)
    return condition


@pytest.mark.parametrize("kind", NESTED)
def test_what_is_not_too_deep_is_compiled(
    kind: str, handmade_scan: Callable[[], Any], recwarn: pytest.WarningsRecorder
) -> None:
    condition = nested(kind, MAX_DEPTH // 3)
    function = compile_condition(condition)
    assert function is not None
    assert function(handmade_scan()) is Interpreter(handmade_scan()).is_true(condition)
    assert not recwarn.list


@pytest.mark.parametrize("kind", NESTED)
def test_what_is_too_deep_is_not_compiled(kind: str) -> None:
    assert compile_condition(nested(kind, 3000)) is None


@pytest.mark.parametrize("kind", NESTED)
def test_the_end_of_the_stack_is_no_error(kind: str) -> None:
    condition = nested(kind, MAX_DEPTH // 3)

    def compiled_at(depth: int) -> bool:
        return compiled_at(depth - 1) if depth else compile_condition(condition) is not None

    room = sys.getrecursionlimit() - len(inspect.stack(0))
    # Somewhere between these depths the stack becomes too short.
    outcomes = [compiled_at(depth) for depth in range(room - 400, room - 20, 20)]
    assert outcomes == sorted(outcomes, reverse=True)


LONG: Final[dict[str, Callable[[int], Condition]]] = {
    "and": lambda length: steps.And((steps.StringFound(1),) * length),
    "or": lambda length: steps.Or((steps.StringFound(0),) * length),
    "items": lambda length: steps.Loop(
        ONE, steps.OverItems((FIELD,) * (length // 2)), (0,), steps.Variable(0)
    ),
    "arguments": lambda length: call(*(FIELD,) * (length // 2)),
    "sets": lambda length: steps.And((steps.OfStrings(ONE, False, (0, 1)),) * (length // 2)),
}


@pytest.mark.parametrize("kind", LONG)
def test_what_is_not_too_long_is_compiled(kind: str, handmade_scan: Callable[[], Any]) -> None:
    condition = LONG[kind](MAX_NODES - 10)
    function = compile_condition(condition)
    assert function is not None
    assert function(handmade_scan()) is Interpreter(handmade_scan()).is_true(condition)


@pytest.mark.parametrize("kind", LONG)
def test_what_is_too_long_is_not_compiled(kind: str) -> None:
    assert compile_condition(LONG[kind](100_000)) is None


def test_a_long_set_is_one_node(handmade_scan: Callable[[], Any]) -> None:
    for quantifier, expected in ((1, True), (2, False), (0, False)):
        strings = (*(0,) * 10_000, 1)
        condition = steps.OfStrings(steps.Constant(quantifier), False, strings)
        function = compile_condition(condition)
        assert function is not None
        assert function(handmade_scan()) is expected


def test_constants_make_no_trouble(handmade_scan: Callable[[], Any]) -> None:
    values = (0, 1, -1, 2**63 - 1, -(2**63), 0.0, -0.0, 1e308, True, False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in values:
            constant = steps.Constant(value)
            kind = Type.FLOAT if isinstance(value, float) else Type.INTEGER
            for condition in (
                constant,
                steps.Negate(constant),
                steps.Binary("*", kind, constant, constant),
                steps.Binary("==", kind, constant, constant),
                steps.Or((constant, constant)),
                steps.Defined(constant),
            ):
                function = compile_condition(condition)
                assert function is not None
                assert function(handmade_scan()) is Interpreter(handmade_scan()).is_true(condition)


def test_names_of_rules_are_never_names_of_python(handmade_scan: Callable[[], Any]) -> None:
    scan = handmade_scan()
    scan.externals = dict.fromkeys(("context", "hits", "UNDEFINED", "__builtins__", "a b"), 0)
    for name in scan.externals:
        function = compile_condition(steps.External(name))
        assert function is not None
        assert function(scan) is False
        assert "open" not in function.__globals__["__builtins__"]
