"""The interpreter, watched: it evaluates a condition and keeps the value of every node.

First a condition is evaluated as in a scan.  Then what that passed over (the operands behind
the one that decides an ``and``) is asked for, with the time that is spared for it.  Values
are kept by node, so nothing is computed twice, and the value of the whole is the verdict.

In a loop nobody watches.  The iterations that are shown are evaluated once more, watched,
while the variables of the loop still have their values.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from miniyara.analysis import condition as steps
from miniyara.errors import Error, ScanTimeout
from miniyara.evaluation.interpreter import Interpreter
from miniyara.evaluation.operations import is_true
from miniyara.explaining.explanation import Count, Iteration, Node
from miniyara.explaining.parts import kind_of, parts_of
from miniyara.explaining.selection import first
from miniyara.syntax import nodes
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from miniyara.analysis.condition import Condition
    from miniyara.analysis.program import Program
    from miniyara.evaluation.interpreter import Context
    from miniyara.explaining.explanation import Needed, Value
    from miniyara.explaining.patience import Patience
    from miniyara.explaining.texts import Texts

MOST_LEVELS: Final = 50
"""Levels of nodes below each other; what is deeper has a value, and no parts."""

MOST_PARTS: Final = 100
"""Parts of one node that are shown."""

MOST_ITERATIONS: Final = 5
"""Iterations of a loop that are shown of those in which its body holds, and of the others."""

MOST_BYTES: Final = 256
"""Bytes of a text that are shown."""

_UNKNOWN: Final = object()
"""The value of what has not been evaluated, or could not be."""


class Budget:
    """How many nodes an explanation may have yet; all its rules share it."""

    def __init__(self, nodes_left: int) -> None:
        self.nodes_left = nodes_left


class Trace:
    """What was seen of a loop when it last ran."""

    def __init__(self, loop: steps.Loop) -> None:
        self.loop = loop
        self.outcomes = Counter[bool]()
        """In how many iterations the body held, and in how many not."""
        self.shown: list[Iteration] = []


class Observer(Interpreter):
    """Explains the condition of one rule in one scan."""

    def __init__(
        self, context: Context, program: Program, texts: Texts, patience: Patience, budget: Budget
    ) -> None:
        super().__init__(context)
        self._program = program
        self._texts = texts
        self._patience = patience
        self._budget = budget
        self._level = 0
        self._values: dict[int, Any] | None = {}
        """By ``id``, the values of the nodes that have been evaluated; None if nobody watches."""
        self._traces: dict[int, Trace] = {}
        """By its ``id``, what was seen of a loop."""
        self._bodies: dict[int, Trace] = {}
        """The same by the ``id`` of its body, while the loop runs."""
        self.rules: dict[int, None] = {}
        """The rules that the condition names, in the order in which they were met."""

    def explain(self, condition: Condition) -> Node:
        """Evaluate a condition, and explain it.

        Raises :class:`miniyara.errors.ScanTimeout` and what a scan would raise.
        """
        self.value(condition)
        return self._node(condition)

    # -- watching ------------------------------------------------------------------

    def value(self, step: Condition) -> Any:
        """The value of a node, which is kept if somebody watches."""
        values = self._values
        if values is None:
            return self._methods[type(step)](self, step)
        if id(step) in values:
            return values[id(step)]
        trace = self._bodies.pop(id(step), None)
        if trace is not None:
            value = self._iteration(trace)
            self._bodies[id(step)] = trace
            return value
        value = values[id(step)] = self._methods[type(step)](self, step)
        return value

    def _watched_loop(self, step: steps.Loop) -> bool:
        if self._values is None:
            return self._loop(step)
        self._traces[id(step)] = self._bodies[id(step.body)] = Trace(step)
        try:
            return self._loop(step)
        finally:
            self._bodies.pop(id(step.body), None)

    def _iteration(self, trace: Trace) -> Any:
        watched, self._values = self._values, None
        body = trace.loop.body
        try:
            value = self.value(body)
            holds = is_true(value)
            trace.outcomes[holds] += 1
            if trace.outcomes[holds] <= MOST_ITERATIONS and self._room():
                self._values = {}
                shown = Iteration(
                    number=trace.outcomes.total() - 1,
                    variables=tuple(self._variables_of(trace.loop)),
                    body=self._node(body),
                )
                trace.shown.append(shown)
        finally:
            self._values = watched
        return value

    def _variables_of(self, loop: steps.Loop) -> Iterator[tuple[str, Value]]:
        if isinstance(loop.iterator, steps.OverStrings) and self._current_string is not None:
            yield "$", self._name(self._current_string).encode()
        written = self._texts.node(loop)
        if isinstance(written, nodes.ForIn):
            for name, slot in zip(written.variables, loop.slots, strict=True):
                yield name, _shown(self._variables[slot])[0]

    def _asked(self, step: Condition) -> tuple[Any, str]:
        """The value of a node, computed if it was passed over; or why it has none."""
        try:
            with self._patience.extra():
                return self.value(step), ""
        except ScanTimeout:
            return _UNKNOWN, "takes too long"
        except Error as error:
            return _UNKNOWN, str(error)

    def _holds(self, step: Condition) -> bool:
        value, failure = self._asked(step)
        return not failure and is_true(value)

    # -- nodes -----------------------------------------------------------------------

    def _node(self, step: Condition) -> Node:
        while isinstance(step, steps.ToFloat):
            step = step.operand
        self._budget.nodes_left -= 1
        result, failure = self._asked(step)
        value, length, note = _shown(result)
        node = Node(
            kind=kind_of(step),
            text=self._texts.text(step),
            value=value,
            holds=not failure and is_true(result),
            length=length,
            note=failure or note,
            string=self._string_of(step),
        )
        self._level += 1
        try:
            return self._with_details(step, node)
        finally:
            self._level -= 1

    def _with_details(self, step: Condition, node: Node) -> Node:
        node = self._with_parts(node, list(parts_of(step)))
        if isinstance(step, steps.RuleMatches):
            self.rules[step.rule] = None
        elif isinstance(step, steps.Loop):
            return self._with_iterations(step, node)
        elif isinstance(step, steps.OfStrings | steps.OfRules) and not node.note:
            return self._with_members(step, node)
        return node

    def _with_parts(self, node: Node, below: Sequence[Condition]) -> Node:
        shown, room = below, self._room()
        if len(below) > room:
            # First comes what makes an "and" false, or anything else true.
            telling = node.kind != "and"
            shown = first(below, room, lambda part: self._holds(part) is telling)
        parts = tuple([self._node(part) for part in shown])
        return replace(node, parts=parts, omitted=len(below) - len(parts))

    def _room(self) -> int:
        """How many parts a node may have."""
        return max(min(MOST_PARTS, self._budget.nodes_left), 0) if self._level < MOST_LEVELS else 0

    def _with_iterations(self, step: steps.Loop, node: Node) -> Node:
        trace = self._traces.get(id(step))
        if trace is None:
            return node
        needed = _needed(self._asked(step.quantifier)[0])
        holding, total = trace.outcomes[True], trace.outcomes.total()
        counted = Count(needed=needed, holding=holding, total=total)
        return replace(node, count=counted, iterations=tuple(trace.shown))

    def _with_members(self, step: steps.OfStrings | steps.OfRules, node: Node) -> Node:
        """The node with the strings or rules that it counts, true or not."""
        members = list(self._members(step))
        holding = sum(member.holds for member in members)
        quantifier = self._asked(step.quantifier)[0]
        needed = _part(quantifier, len(members)) if step.is_percentage else _needed(quantifier)
        shown = first(members, self._room(), lambda member: member.holds)
        self._budget.nodes_left -= len(shown)
        return replace(
            node,
            count=Count(needed=needed, holding=holding, total=len(members)),
            parts=(*node.parts, *shown),
            omitted=node.omitted + len(members) - len(shown),
        )

    def _members(self, step: steps.OfStrings | steps.OfRules) -> Iterator[Node]:
        if isinstance(step, steps.OfRules):
            for rule in step.rules:
                self.rules[rule] = None
                name, matches = self._program.rules[rule].name, self._context.has_matched(rule)
                yield Node(kind="rule", text=name, value=matches, holds=matches)
            return
        names = list(map(self._name, step.strings))
        found = self._found(step)
        if found is UNDEFINED:
            found = [UNDEFINED] * len(names)
        for name, value in zip(names, found, strict=True):
            yield Node(kind="string", text=name, value=value, holds=value is True, string=name)

    # -- strings ---------------------------------------------------------------------

    def _string_of(self, step: Condition) -> str | None:
        string = getattr(step, "string", None)
        if string is None and hasattr(step, "string"):
            string = self._current_string
        return None if string is None else self._name(string)

    def _name(self, string: int) -> str:
        return self._program.strings[string].name

    _methods: ClassVar[dict[type, Callable[[Any, Any], Any]]] = {
        **Interpreter._methods,  # noqa: SLF001 - its own
        steps.Loop: _watched_loop,
    }


def _shown(value: Any) -> tuple[Value, int | None, str]:
    """What is shown of a value; the length of a text that is cut; why there is no value."""
    if isinstance(value, bytes):
        return value[:MOST_BYTES], (len(value) if len(value) > MOST_BYTES else None), ""
    if value is UNDEFINED or isinstance(value, int | float):
        return value, None, ""
    return None, None, "no simple value"


def _needed(quantifier: Any) -> Needed:
    if quantifier is UNDEFINED:
        return "all"
    if not isinstance(quantifier, int):
        return None
    return quantifier or "none"


def _part(percentage: Any, total: int) -> Needed:
    """The least number that is enough; undefined of none."""
    if not isinstance(percentage, int) or total == 0:
        return None
    exact = -(-percentage * total // 100)
    # The engine computes with floats, and so 29 of 100 are less than 29 %.
    return exact if exact / total * 100 >= percentage else exact + 1
