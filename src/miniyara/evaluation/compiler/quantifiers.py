"""Compiles ``of`` and ``for``: loops that end when their outcome is certain.

Each loop is a function of its own, because it may stand anywhere in an expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from miniyara.analysis import condition as steps
from miniyara.evaluation.compiler import pieces
from miniyara.evaluation.compiler.code import Code, Frame, Kind, compiles
from miniyara.values import UNDEFINED as ALL
from miniyara.values import Undefined

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from miniyara.analysis.condition import Condition

_UNROLLED: Final = 4
"""Members of a set at most that are asked one by one, without a loop."""

_CONTEXT: Final = pieces.name("context")
_TRUE: Final = pieces.constant(True)
_FALSE: Final = pieces.constant(False)

Needed: TypeAlias = "int | Undefined"
"""How many of several must hold; undefined is all of them, as in a condition."""


def _needed(quantifier: Condition) -> Needed | None:
    """What a quantifier asks for, if that is known before a scan."""
    value = quantifier.value if isinstance(quantifier, steps.Constant) else None
    return value if value is ALL or (isinstance(value, int) and value >= 0) else None


def _needed_of(quantifier: Condition, is_percentage: bool, total: int) -> Needed | None:
    """What the quantifier of a set of ``total`` asks for, if that is known before a scan."""
    needed = _needed(quantifier)
    if not total or not is_percentage:
        return needed if total else None
    if not isinstance(needed, int) or needed == 0:
        return None
    return next((count for count in range(1, total + 1) if count / total * 100 >= needed), None)


# -- of ----------------------------------------------------------------------------------


@compiles(steps.OfStrings)
def _of_strings(frame: Frame, step: steps.OfStrings) -> Code:
    question: str = "any"
    places: tuple[Condition, ...] = ()
    if step.at is not None:
        question, places = "at", (step.at,)
    elif step.low is not None and step.high is not None:
        question, places = "within", (step.low, step.high)
    quantifier = _quantifier(frame, step.quantifier)
    asked = map(frame.compile, places)
    (quantity, *bounds), guards, has_effect = frame.together(quantifier, *asked)
    total = len(step.strings)
    needed = _needed_of(step.quantifier, step.is_percentage, total)
    if needed is None:
        hits, strings = frame.local("hits"), pieces.constant(step.strings)
        found = pieces.call(f"found_{question}", hits, strings, *bounds)
        outcome = _quantify(frame, quantity, step.is_percentage, found, total)
        return Code(outcome.value, Kind.BOOLEAN, (*guards, *outcome.guards), has_effect)
    if _is_unrolled(needed, total) and not bounds:
        hits = frame.local("hits")
        answers = [
            pieces.method(pieces.call(hits, pieces.constant(string)), question)
            for string in step.strings
        ]
        return Code(_unrolled(needed, answers), Kind.BOOLEAN)
    names = [f"place{number}" for number in range(len(bounds))]
    loop = Frame(frame.unit, parameters=names)
    answer = pieces.method(pieces.name("string"), question, *map(pieces.name, names))
    strings = pieces.call("map", loop.local("hits"), pieces.constant(step.strings))
    function = loop.finish("of", *_until_certain(needed, ["string"], strings, answer))
    return Code(pieces.call(function, _CONTEXT, *bounds), Kind.BOOLEAN, guards, has_effect)


@compiles(steps.OfRules)
def _of_rules(frame: Frame, step: steps.OfRules) -> Code:
    total = len(step.rules)
    needed = _needed_of(step.quantifier, step.is_percentage, total)
    has_matched = pieces.attribute(_CONTEXT, "has_matched")
    if needed is None:
        quantifier = _quantifier(frame, step.quantifier)
        found = pieces.call("map", has_matched, pieces.constant(step.rules))
        outcome = _quantify(frame, quantifier.value, step.is_percentage, found, total)
        return Code(outcome.value, Kind.BOOLEAN, outcome.guards, quantifier.has_effect)
    if _is_unrolled(needed, total):
        answers = [pieces.call(has_matched, pieces.constant(rule)) for rule in step.rules]
        return Code(_unrolled(needed, answers), Kind.BOOLEAN)
    loop = Frame(frame.unit)
    answers_in_turn = pieces.call("map", has_matched, pieces.constant(step.rules))
    body = _until_certain(needed, ["answer"], answers_in_turn, pieces.name("answer"))
    return Code(pieces.call(loop.finish("of", *body), _CONTEXT), Kind.BOOLEAN)


def _quantifier(frame: Frame, step: Condition) -> Code:
    """A quantifier: an undefined one has a meaning of its own, so it needs no guard."""
    code = frame.compile(step)
    return Code(code.whole(), has_effect=code.has_effect)


def _quantify(
    frame: Frame, quantity: ast.expr, is_percentage: bool, found: ast.expr, total: int
) -> Code:
    outcome = pieces.call(
        "quantify", quantity, pieces.constant(is_percentage), found, pieces.constant(total)
    )
    return frame.defined(outcome, Kind.BOOLEAN) if is_percentage else Code(outcome, Kind.BOOLEAN)


def _is_unrolled(needed: Needed, total: int) -> bool:
    return total <= _UNROLLED and (needed is ALL or needed in (0, 1))


def _unrolled(needed: Needed, answers: Sequence[ast.expr]) -> ast.expr:
    if needed is ALL:
        return pieces.conjunction(answers)
    found = pieces.disjunction(answers)
    return found if needed else pieces.negation(found)


def _until_certain(
    needed: Needed,
    targets: Sequence[str],
    items: ast.expr,
    answer: ast.expr,
    *first: ast.stmt,
) -> list[ast.stmt]:
    """Return whether as many answers as needed are yes, as soon as that is certain.

    ``first`` is done before each question.  Where there are no items, nothing holds.
    """
    start: list[ast.stmt] = []
    end = pieces.when(answer, pieces.give(_TRUE))
    outcome = _FALSE
    if needed is ALL:
        start = [pieces.assign("holds", _FALSE)]
        end = pieces.when(pieces.negation(pieces.keep("holds", answer)), pieces.give(_FALSE))
        outcome = pieces.name("holds")
    elif needed == 0:
        start = [pieces.assign("found", _TRUE)]
        end = pieces.when(pieces.keep("found", answer), pieces.give(_FALSE))
        outcome = pieces.negation(pieces.name("found"))
    elif needed > 1:
        missing = pieces.name("missing")
        one_less = pieces.arithmetic(missing, "-", pieces.constant(1))
        is_enough = pieces.compare(missing, "==", pieces.constant(0))
        start = [pieces.assign("missing", pieces.constant(needed))]
        end = pieces.when(
            answer,
            pieces.assign("missing", one_less),
            pieces.when(is_enough, pieces.give(_TRUE)),
        )
    return [*start, pieces.each(targets, items, [*first, end]), pieces.give(outcome)]


# -- for ---------------------------------------------------------------------------------


@compiles(steps.Loop)
def _loop(frame: Frame, step: steps.Loop) -> Code:
    loop = frame.inner()
    quantifier = _quantifier(loop, step.quantifier)
    targets, items, start, has_effect = _iteration(loop, step)
    body = loop.compile(step.body)
    check = pieces.do(pieces.method(loop.local("deadline"), "check"))
    needed = _needed(step.quantifier)
    if (
        needed is None
        or body.kind is not Kind.BOOLEAN
        # An undefined answer keeps "all" from being true, but does not end it.
        or (needed is ALL and body.guards and body.has_effect)
    ):
        goes_on = pieces.method(pieces.name("count"), "goes_on", body.whole())
        end = pieces.when(pieces.negation(goes_on), pieces.leave())
        statements = [
            pieces.assign("count", pieces.call("LoopCount", quantifier.value)),
            *start,
            pieces.each(targets, items, [check, end]),
            pieces.give(pieces.method(pieces.name("count"), "verdict")),
        ]
    else:
        statements = [*start, *_until_certain(needed, targets, items, body.truth(), check)]
    function = loop.finish("loop", *statements)
    return Code(
        pieces.call(function, *map(pieces.name, loop.parameters)),
        Kind.BOOLEAN,
        has_effect=quantifier.has_effect or has_effect or body.has_effect,
    )


def _iteration(loop: Frame, step: steps.Loop) -> tuple[list[str], ast.expr, list[ast.stmt], bool]:
    """What a loop iterates over.

    Returns its targets, the items, statements to be done before, and whether all that
    has an effect.
    """
    iterator = step.iterator
    if isinstance(iterator, steps.OverStrings):
        loop.has_string = True
        items = pieces.call("map", loop.local("hits"), pieces.constant(iterator.strings))
        return ["string"], items, [], False
    if isinstance(iterator, steps.OverRange):
        parts = loop.compile(iterator.low), loop.compile(iterator.high)
        (low, high), guards, has_effect = loop.together(*parts)
        items = pieces.call("range", low, pieces.arithmetic(high, "+", pieces.constant(1)))
        targets = [loop.declare(step.slots[0], Kind.INTEGER)]
        return targets, items, _only_if(guards), has_effect
    if isinstance(iterator, steps.OverItems):
        codes = [loop.compile(item) for item in iterator.items]
        kind = Kind.INTEGER if all(code.kind.is_integer for code in codes) else Kind.OTHER
        is_defined = not any(code.guards for code in codes)
        targets = [loop.declare(step.slots[0], kind, is_defined=is_defined)]
        items = pieces.listing([code.whole() for code in codes])
        return targets, items, [], any(code.has_effect for code in codes)
    if isinstance(iterator, steps.OverArray):
        array = loop.compile(iterator.array)
        items = pieces.call("array_items", array.value)
        targets = [loop.declare(step.slots[0], Kind.OTHER, is_defined=False)]
        return targets, items, _only_if(array.guards), array.has_effect
    dictionary = loop.compile(iterator.dictionary)
    targets = [loop.declare(slot, Kind.OTHER, is_defined=False) for slot in step.slots]
    items = pieces.method(dictionary.value, "items")
    return targets, items, _only_if(dictionary.guards), dictionary.has_effect


def _only_if(guards: tuple[ast.expr, ...]) -> list[ast.stmt]:
    """Leave a loop at once that goes over something undefined."""
    if not guards:
        return []
    return [pieces.when(pieces.negation(pieces.conjunction(guards)), pieces.give(_FALSE))]
