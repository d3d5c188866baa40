"""Compiled conditions on nodes of every kind: the interpreter's values, calls and order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.analysis import condition as steps
from miniyara.evaluation.compiler import compile_condition
from miniyara.evaluation.interpreter import Interpreter
from miniyara.modules.interface import Type
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.analysis.condition import Condition
    from miniyara.modules.interface import ModuleScan

MODULE: Final = steps.ModuleRoot("module")


def field(name: str) -> Condition:
    return steps.FieldOf(MODULE, name)


def last(scan: ModuleScan, *arguments: Any) -> Any:
    """A function of a module that shows when it is called."""
    assert scan.log is not None
    scan.log(repr(arguments))
    return UNDEFINED if arguments[-1] == 2 else arguments[-1]


def call(*arguments: Condition) -> Condition:
    return steps.CallOf(MODULE, "last", last, arguments)


def assert_same(condition: Condition, scan: Callable[[], Any]) -> None:
    """Compare both evaluators, also in whether the condition is defined."""
    for asked in (condition, steps.Defined(condition), steps.Not(condition)):
        interpreted, compiled = scan(), scan()
        function = compile_condition(asked)
        assert function is not None
        expected = Interpreter(interpreted).is_true(asked)
        assert function(compiled) is expected
        assert compiled.log == interpreted.log


# -- nodes drawn at random -----------------------------------------------------------------

INTEGERS: Final = ("+", "-", "*", "\\", "%", "&", "|", "^", "<<", ">>")
COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")
TEXTS: Final = (*COMPARISONS, "contains", "icontains", "startswith", "endswith", "iequals")

NUMBERS: Final = st.sampled_from([0, 1, 2, 3, 7, 55, 63, 64, 2**31, 2**62, 2**63 - 1])

LEAVES: Final[st.SearchStrategy[Condition]] = st.one_of(
    NUMBERS.map(steps.Constant),
    st.sampled_from(
        [
            steps.FileSize(),
            steps.EntryPoint(),
            steps.External("number"),
            steps.External("flag"),
            field("one"),
            field("flag"),
            field("absent"),
            steps.CountOf(2),
        ]
    ),
)


def numbers(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Integers, with integers as their parts."""
    strings = st.integers(0, 3)
    return st.one_of(
        st.builds(
            steps.ReadInteger, st.sampled_from([1, 2, 4]), st.booleans(), st.booleans(), parts
        ),
        st.builds(steps.Negate, parts),
        st.builds(steps.Complement, parts),
        st.builds(steps.Binary, st.sampled_from(INTEGERS), st.just(Type.INTEGER), parts, parts),
        st.builds(steps.OffsetOf, strings, parts),
        st.builds(steps.LengthOf, strings, parts),
        st.builds(steps.CountOfIn, strings, parts, parts),
        st.builds(steps.ItemOf, st.just(field("list")), parts),
        st.builds(steps.EntryOf, st.just(field("list")), st.just(steps.Constant(b"3"))),
        st.builds(call, parts),
        st.builds(call, parts, parts),
    )


INTEGER: Final = st.recursive(LEAVES, numbers, max_leaves=6)

FLOAT: Final[st.SearchStrategy[Condition]] = st.recursive(
    st.one_of(
        st.sampled_from([field("half"), field("minus_zero"), field("absent")]),
        st.builds(steps.ToFloat, INTEGER),
        st.sampled_from([0.0, -0.0, 1e300, 0.1]).map(steps.Constant),
    ),
    lambda parts: st.one_of(
        st.builds(steps.Negate, parts),
        st.builds(
            steps.Binary, st.sampled_from(["+", "-", "*", "\\"]), st.just(Type.FLOAT), parts, parts
        ),
        st.builds(call, parts),
    ),
    max_leaves=3,
)

TEXT: Final[st.SearchStrategy[Condition]] = st.one_of(
    st.sampled_from([field("text"), field("empty"), field("absent"), steps.External("text")]),
    st.sampled_from([b"", b"A", b"abc\xff"]).map(steps.Constant),
    st.builds(call, st.just(field("text"))),
)

WORDS: Final[list[Any]] = [UNDEFINED, 0, 1, 2, 3]
"""All, none, any and numbers."""

QUANTIFIER: Final = st.one_of(st.sampled_from(WORDS).map(steps.Constant), INTEGER)

STRINGS: Final = st.lists(st.integers(0, 3), min_size=1, max_size=7).map(tuple)


def of_strings() -> st.SearchStrategy[Condition]:
    """``of``, everywhere, at an offset or in a range."""
    percentage = st.one_of(st.integers(1, 100).map(steps.Constant), INTEGER)
    return st.one_of(
        st.builds(steps.OfStrings, QUANTIFIER, st.just(False), STRINGS),
        st.builds(steps.OfStrings, percentage, st.just(True), STRINGS),
        st.builds(steps.OfStrings, QUANTIFIER, st.just(False), STRINGS, at=INTEGER),
        st.builds(steps.OfStrings, QUANTIFIER, st.just(False), STRINGS, low=INTEGER, high=INTEGER),
        st.builds(steps.OfRules, QUANTIFIER, st.just(False), STRINGS),
        st.builds(steps.OfRules, percentage, st.just(True), STRINGS),
    )


def compared(kind: Type, symbols: tuple[str, ...], parts: Any) -> st.SearchStrategy[Condition]:
    return st.builds(steps.Binary, st.sampled_from(symbols), st.just(kind), parts, parts)


TRUTH_LEAVES: Final[st.SearchStrategy[Condition]] = st.one_of(
    compared(Type.INTEGER, COMPARISONS, INTEGER),
    compared(Type.FLOAT, COMPARISONS, FLOAT),
    compared(Type.STRING, TEXTS, TEXT),
    st.builds(steps.IsNotEmpty, TEXT),
    st.builds(steps.StringFound, st.integers(0, 3)),
    st.builds(steps.StringFoundAt, st.integers(0, 3), INTEGER),
    st.builds(steps.StringFoundIn, st.integers(0, 3), INTEGER, INTEGER),
    st.integers(0, 2).map(steps.RuleMatches),
    st.booleans().map(steps.Constant),
    of_strings(),
    INTEGER,
    FLOAT,
)


def truths(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Truth values, with truth values as their parts."""
    some = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(steps.And, some),
        st.builds(steps.Or, some),
        st.builds(steps.Not, parts),
        st.builds(steps.Defined, parts),
        st.builds(over_range, QUANTIFIER, INTEGER, parts),
        st.builds(over_items, QUANTIFIER, st.lists(INTEGER, min_size=1, max_size=3), parts),
        st.builds(over_array, QUANTIFIER, parts),
        st.builds(over_dictionary, QUANTIFIER, parts),
        st.builds(over_strings, QUANTIFIER, STRINGS, parts),
    )


def counted(slot: int) -> Condition:
    return steps.Binary("+", Type.INTEGER, steps.Variable(slot), steps.Constant(1))


def over_range(quantifier: Condition, low: Condition, body: Condition) -> Condition:
    few = steps.Binary("+", Type.INTEGER, low, steps.Constant(3))
    asked = steps.Or((steps.StringFoundAt(2, steps.Variable(0)), body))
    return steps.Loop(quantifier, steps.OverRange(low, few), (0,), asked)


def over_items(quantifier: Condition, items: list[Condition], body: Condition) -> Condition:
    asked = steps.And((steps.Binary("<", Type.INTEGER, counted(2), steps.FileSize()), body))
    return steps.Loop(quantifier, steps.OverItems(tuple(items)), (2,), asked)


def over_array(quantifier: Condition, body: Condition) -> Condition:
    asked = steps.Or((call(steps.Variable(4)), body))
    return steps.Loop(quantifier, steps.OverArray(field("list")), (4,), asked)


def over_dictionary(quantifier: Condition, body: Condition) -> Condition:
    is_three = steps.Binary("==", Type.STRING, steps.Variable(6), steps.Constant(b"3"))
    asked = steps.And((steps.Or((steps.Variable(7), is_three)), body))
    return steps.Loop(quantifier, steps.OverDictionary(field("list")), (6, 7), asked)


def over_strings(quantifier: Condition, strings: tuple[int, ...], body: Condition) -> Condition:
    inner = over_range(
        steps.Constant(1), steps.OffsetOf(None, steps.Constant(1)), steps.StringFound(None)
    )
    asked = steps.And((steps.CountOf(None), steps.Or((inner, body))))
    return steps.Loop(quantifier, steps.OverStrings(strings), (), asked)


CONDITION: Final = st.recursive(TRUTH_LEAVES, truths, max_leaves=6)


@given(condition=CONDITION)
def test_any_condition(condition: Condition, handmade_scan: Callable[[], Any]) -> None:
    assert_same(condition, handmade_scan)


# -- what matters for each node --------------------------------------------------------------


ABSENT: Final = field("absent")

OBSERVED: Final[dict[str, Condition]] = {
    "undefined and call": steps.And((ABSENT, call(steps.Constant(1)))),
    "undefined and call and call": steps.And((ABSENT, call(steps.Constant(1)), call(MODULE))),
    "undefined or call": steps.Or((ABSENT, call(steps.Constant(1)))),
    "call and call": steps.And((call(steps.Constant(2)), call(steps.Constant(1)))),
    "undefined + call": steps.Binary("+", Type.INTEGER, ABSENT, call(steps.Constant(1))),
    "call + undefined": steps.Binary("+", Type.INTEGER, call(steps.Constant(1)), ABSENT),
    "call of undefined and call": call(ABSENT, call(steps.Constant(1))),
    "call of call of call": call(call(call(steps.Constant(2)))),
    "item of call": steps.ItemOf(ABSENT, call(steps.Constant(1))),
    "defined call": steps.Defined(call(steps.Constant(1))),
    "defined loop with a call": steps.Defined(
        over_array(steps.Constant(UNDEFINED), call(steps.Constant(1)))
    ),
    "range of calls": over_range(
        call(steps.Constant(1)), call(steps.Constant(2)), call(steps.Constant(1))
    ),
    "of at a call": steps.OfStrings(call(steps.Constant(1)), False, (1, 2), at=call(ABSENT)),
    "call of them at an undefined place": steps.OfStrings(
        call(steps.Constant(1)), False, (1, 2), at=field("absent")
    ),
    "all of them within a call": steps.OfStrings(
        steps.Constant(UNDEFINED), False, (1, 2), low=field("absent"), high=call(steps.Constant(1))
    ),
    "all with an undefined call": steps.Loop(
        steps.Constant(UNDEFINED), steps.OverArray(field("list")), (0,), call(steps.Variable(0))
    ),
    "all with an undefined comparison": steps.Loop(
        steps.Constant(UNDEFINED),
        steps.OverRange(steps.Constant(1), steps.Constant(3)),
        (0,),
        steps.Binary("==", Type.INTEGER, call(steps.Variable(0)), steps.Constant(1)),
    ),
}


@pytest.mark.parametrize("condition", OBSERVED.values(), ids=OBSERVED)
def test_calls_are_made_in_the_same_order(
    condition: Condition, handmade_scan: Callable[[], Any]
) -> None:
    assert_same(condition, handmade_scan)


EMPTY: Final[dict[str, Condition]] = {
    f"{name} of {what}": steps.Loop(
        steps.Constant(quantifier), iterator, (0,), steps.Constant(value=True)
    )
    for name, quantifier in (("all", UNDEFINED), ("none", 0), ("any", 1), ("two", 2))
    for what, iterator in (
        ("an empty range", steps.OverRange(steps.Constant(3), steps.Constant(2))),
        ("an undefined range", steps.OverRange(ABSENT, steps.Constant(2))),
        ("an empty array", steps.OverArray(field("nothing"))),
        ("an undefined array", steps.OverArray(ABSENT)),
    )
}


@pytest.mark.parametrize("condition", EMPTY.values(), ids=EMPTY)
def test_loops_over_nothing(condition: Condition, handmade_scan: Callable[[], Any]) -> None:
    assert_same(condition, handmade_scan)
