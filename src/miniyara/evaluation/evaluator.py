"""Which rules match: conditions, rule references, global rules, in libyara's order.

Rules are evaluated in the order of their text, and only those that can be true as far
as :mod:`miniyara.planning` knows.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.evaluation.predicate import Predicates
from miniyara.modules import find as find_module
from miniyara.modules.interface import ModuleScan
from miniyara.planning import PlanningStep
from miniyara.search.index import FIRST, SECOND
from miniyara.search.probe import LARGEST, Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from miniyara.analysis.program import Program
    from miniyara.deadline import Deadline
    from miniyara.modules.interface import StructureValue
    from miniyara.planning import Plan
    from miniyara.search import Search, Searcher
    from miniyara.search.hits import Hits
    from miniyara.search.index import SearchIndex
    from miniyara.values import Scalar


_FEW: Final = 6
"""Strings of the second stage of the search that are asked for in any data: with more of
them, the stage is swept at once."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is worked out of a program before the first scan."""

    index: SearchIndex
    plan: Plan
    last_stage: int
    """The stage of the search by which rules are triggered."""
    global_rules: Sequence[int]


class Evaluator:
    """A program made ready to be evaluated; immutable, shared by any number of scans.

    ``preparation`` is what has been worked out of it before, with the index of the
    searcher.  ``planning`` says which steps of planning to take otherwise; that is for
    tests, which compare them.
    """

    def __init__(
        self,
        program: Program,
        searcher: Searcher,
        preparation: Preparation | None = None,
        *,
        planning: PlanningStep = PlanningStep.ALL,
    ) -> None:
        self.program = program
        self.searcher = searcher
        self.predicates = Predicates(program.conditions)
        """Whether each rule is true in a scan."""
        self.preparation = preparation or _prepare(program, searcher, planning)
        self.plan = self.preparation.plan

    @cached_property
    def probe(self) -> Probe:
        """Looks for the strings that trigger rules one by one."""
        return Probe(self.searcher, self.plan.triggers.filled())

    def rule_of_string(self, string: int) -> int:
        """The number of the rule that a string belongs to."""
        rules = self.program.rules
        after = bisect_right(
            range(len(rules)), string, key=lambda number: rules[number].strings.start
        )
        return after - 1


def _prepare(program: Program, searcher: Searcher, planning: PlanningStep) -> Preparation:
    from miniyara.planning import plan  # noqa: PLC0415 - saved rules have their plan

    made, last_stage = plan(program, lambda string: searcher.cost(string, FIRST), planning), FIRST
    if searcher.stage_of.count(SECOND) > _FEW:
        complete = plan(program, searcher.cost, planning, gates=made.gates)
        triggering = complete.triggers.filled()
        if sum(searcher.stage_of[string] == SECOND for string in triggering) > _FEW:
            made, last_stage = complete, SECOND
    global_rules = [number for number, rule in enumerate(program.rules) if rule.is_global]
    return Preparation(searcher.index, made, last_stage, global_rules)


class Evaluation:
    """The evaluation of all rules on one piece of data."""

    def __init__(
        self,
        evaluator: Evaluator,
        data: Any,
        *,
        externals: Mapping[str, Scalar],
        modules_data: Mapping[str, bytes],
        log: Callable[[str], object] | None,
        deadline: Deadline,
        fast: bool = False,
    ) -> None:
        self.data = data
        self.externals = externals
        self.deadline = deadline
        self._log = log
        self._evaluator = evaluator
        self._modules_data = modules_data
        self._modules: dict[str, StructureValue] = {}
        self._search = self._begun(fast=fast)
        self.hits: Callable[[int], Hits] = self._search.hits
        """The matches of a string."""
        self._matched: set[int] | None = None

    def _begun(self, *, fast: bool) -> Any:
        """Begin the search; a subclass may search in another way."""
        search: Search = self._evaluator.searcher.search(
            self.data, deadline=self.deadline, fast=fast
        )
        return search

    # -- what callers ask ------------------------------------------------------------

    def matching_rules(self) -> Sequence[int]:
        """The numbers of the rules that match, private ones included, in order.

        May raise :class:`~miniyara.errors.ScanTimeout` and
        :class:`~miniyara.errors.Error`.
        """
        if self._matched is None:
            self._evaluate()
        assert self._matched is not None
        rules = self._evaluator.program.rules
        unsatisfied = {
            rules[number].namespace
            for number in self._evaluator.preparation.global_rules
            if number not in self._matched
        }
        return [
            number for number in sorted(self._matched) if rules[number].namespace not in unsatisfied
        ]

    def overflowing_strings(self) -> Iterable[int]:
        """The strings that may have more matches than are recorded."""
        overflowing: Iterable[int] = self._search.overflowing()
        return overflowing

    def module_values(self) -> Mapping[str, StructureValue]:
        """The values of all imported modules, by name, in the order of loading."""
        return {name: self.module(name) for name in self._evaluator.program.modules}

    # -- what conditions ask (interpreter.Context) -------------------------------------

    @cached_property
    def module_scan(self) -> ModuleScan:
        """What functions of modules get to see of the scan."""
        return ModuleScan(self.data, None, self._log, self.deadline)

    def has_matched(self, rule: int) -> bool:
        """Whether a rule that was evaluated before has matched."""
        return self._matched is not None and rule in self._matched

    def module(self, name: str) -> StructureValue:
        """The values of a module, loaded when they are first asked for."""
        values = self._modules.get(name)
        if values is None:
            module = find_module(name)
            assert module is not None
            scan = ModuleScan(self._file, self._modules_data.get(name), self._log, self.deadline)
            values = self._modules[name] = module.load(scan)
        return values

    @property
    def _file(self) -> Any:
        """What modules that read files read."""
        return self.data

    # -- evaluation ----------------------------------------------------------------------

    def _evaluate(self) -> None:
        evaluator, data, externals = self._evaluator, self.data, self.externals
        plan, rules = evaluator.plan, evaluator.program.rules
        self._matched = set()
        for name in evaluator.program.modules:
            if name in self._modules_data:
                # It is loaded at once, for it may refuse what it was handed.
                self.module(name)
        if len(data) <= LARGEST and evaluator.probe.is_cheap:
            found: Iterable[int] = evaluator.probe.found(data)
        else:
            found = self._search.candidates(evaluator.preparation.last_stage)
        triggered = plan.triggers.union(found)
        untriggered = plan.untriggered.rules(data, externals)
        for number in sorted(triggered | untriggered):
            gates = plan.gates.get(number)
            if gates is not None and not gates.admit(data, externals):
                continue
            asked = plan.asked.get(number)
            if asked is not None and number not in triggered and not self._has_any(asked):
                continue
            self.deadline.check()
            rule = rules[number]
            if rule.has_effect and rule.needs_hit and not self._has_any(rule.strings):
                continue
            if evaluator.predicates[number].is_true(self):
                self._matched.add(number)

    def _has_any(self, strings: Iterable[int]) -> bool:
        return any(self.hits(string).any() for string in strings)
