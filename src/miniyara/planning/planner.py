"""Makes the plan of a set of rules."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from miniyara.columns import Lists
from miniyara.planning.admission import Equality, Gates, SizeRange
from miniyara.planning.gates import ANY_SIZE, find_gates
from miniyara.planning.plans import Plan, PlanningStep
from miniyara.planning.requirements import Need, Requirements
from miniyara.planning.untriggered import Untriggered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from miniyara.analysis.program import CheckedRule, Program


_COST_OF_ASKING: Final = 1.0
"""What it costs to ask for a string in any data, in the unit of costs: more than to sweep
for hundreds of strings, which have a hit in a million bytes each."""


def plan(
    program: Program,
    cost: Callable[[int], float],
    steps: PlanningStep = PlanningStep.ALL,
    *,
    gates: Mapping[int, Gates] | None = None,
) -> Plan:
    """Plan the evaluation of a program.

    ``cost`` says how often a string is expected to have a hit in a byte; infinite if
    search does not know before it is asked.  ``gates`` are those of another plan of the
    program, with other costs.
    """
    rules = program.rules
    costs = [cost(string) for string in range(len(program.strings))]
    needs = _needs(program, costs, steps)
    if gates is None:
        gates = {
            number: found
            for number, rule in enumerate(rules)
            if not rule.has_effect and (found := _gates(program, number, steps)) is not None
        }
    triggers: list[list[int]] = [[] for _ in costs]
    untriggered = []
    asked = {}
    for number, need in enumerate(needs):
        if need is None:
            untriggered.append(number)
            continue
        unknown = sorted(string for string in need if costs[string] == float("inf"))
        if unknown:
            untriggered.append(number)
            asked[number] = unknown
        for string in need:
            if costs[string] < float("inf"):
                triggers[string].append(number)
    return Plan(Lists.of(triggers), Untriggered(untriggered, gates), asked, gates)


def _needs(program: Program, costs: Sequence[float], steps: PlanningStep) -> Sequence[Need]:
    """By rule, strings of which one must have a hit; None if none must."""
    if PlanningStep.TRIGGERS not in steps:
        return [None] * len(program.rules)
    requirements = Requirements([min(cost, _COST_OF_ASKING) for cost in costs])
    needs = []
    for rule, condition in zip(program.rules, program.conditions, strict=True):
        need = requirements.add(condition)
        if rule.needs_hit and (need is None or rule.has_effect):
            need = frozenset(rule.strings)
        elif rule.has_effect:
            need = None
        needs.append(need)
    if PlanningStep.GLOBAL_RULES in steps:
        return _with_global_rules(program.rules, needs, requirements)
    return needs


def _with_global_rules(
    rules: Sequence[CheckedRule], needs: Sequence[Need], requirements: Requirements
) -> list[Need]:
    """The needs of rules together with those of the global rules of their namespaces.

    Where a rule has an effect, it is evaluated whatever the global rules say, and what
    it refers to as well.
    """
    of_namespace: defaultdict[str, list[Need]] = defaultdict(list)
    for rule, need in zip(rules, needs, strict=True):
        if rule.is_global:
            of_namespace[rule.namespace].append(need)
    for rule in rules:
        if rule.has_effect:
            of_namespace.pop(rule.namespace, None)
    if not of_namespace:
        return list(needs)
    return [
        requirements.best([need, *of_namespace[rule.namespace]])
        if rule.namespace in of_namespace
        else need
        for rule, need in zip(rules, needs, strict=True)
    ]


def _gates(program: Program, rule: int, steps: PlanningStep) -> Gates | None:
    """The gates of a rule that are to be used."""
    found = find_gates(program.conditions[rule], program.strings)
    sizes = _intersection([gate for gate in found if isinstance(gate, SizeRange)])
    externals = tuple(gate for gate in found if isinstance(gate, Equality))
    texts = tuple(gate for gate in found if not isinstance(gate, (SizeRange, Equality)))
    gates = Gates(
        sizes if PlanningStep.SIZES in steps else SizeRange(0, ANY_SIZE),
        texts if PlanningStep.FIXED_TEXTS in steps else (),
        externals if PlanningStep.EXTERNALS in steps else (),
    )
    return None if gates == Gates(SizeRange(0, ANY_SIZE)) else gates


def _intersection(ranges: Sequence[SizeRange]) -> SizeRange:
    return SizeRange(
        max((one.low for one in ranges), default=0),
        min((one.high for one in ranges), default=ANY_SIZE),
    )
