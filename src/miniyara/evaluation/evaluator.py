"""Which rules match: conditions, rule references, global rules, in libyara's order.

Rules are evaluated in the order of their text.  Those that need a match of one of
their strings (:attr:`CheckedRule.needs_hit`) are looked at only if search has
found a candidate for one, so a scan costs what its data triggers, not what the
rules number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.evaluation.interpreter import Interpreter
from miniyara.modules import find as find_module
from miniyara.modules.interface import ModuleScan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from miniyara.analysis.program import CheckedRule, Program
    from miniyara.deadline import Deadline
    from miniyara.modules.interface import StructureValue
    from miniyara.search import Search, Searcher
    from miniyara.search.hits import Hits
    from miniyara.values import Scalar


class Evaluator:
    """A program made ready to be evaluated; immutable, shared by any number of scans."""

    def __init__(self, program: Program, searcher: Searcher) -> None:
        self.program = program
        self.searcher = searcher
        self.always = [number for number, rule in enumerate(program.rules) if not rule.needs_hit]
        """The rules that can match without a hit."""
        self.rule_of_string = [0] * len(program.strings)
        for number, rule in enumerate(program.rules):
            for string in rule.strings:
                self.rule_of_string[string] = number
        self.global_rules = [number for number, rule in enumerate(program.rules) if rule.is_global]


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
        self.module_scan = ModuleScan(data, None, log, deadline)
        """What functions of modules get to see of the scan."""
        self._evaluator = evaluator
        self._modules_data = modules_data
        self._modules: dict[str, StructureValue] = {}
        self._search: Search = evaluator.searcher.search(data, deadline=deadline, fast=fast)
        self._matched: set[int] | None = None

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
            for number in self._evaluator.global_rules
            if number not in self._matched
        }
        return [
            number for number in sorted(self._matched) if rules[number].namespace not in unsatisfied
        ]

    def overflowing_strings(self) -> Iterable[int]:
        """The strings that may have more matches than are recorded."""
        return self._search.overflowing()

    def module_values(self) -> Mapping[str, StructureValue]:
        """The values of all imported modules, by name, in the order of loading."""
        return {name: self.module(name) for name in self._evaluator.program.modules}

    # -- what conditions ask (interpreter.Context) -------------------------------------

    def hits(self, string: int) -> Hits:
        """The matches of a string."""
        return self._search.hits(string)

    def has_matched(self, rule: int) -> bool:
        """Whether a rule that was evaluated before has matched."""
        return self._matched is not None and rule in self._matched

    def module(self, name: str) -> StructureValue:
        """The values of a module, loaded when they are first asked for."""
        values = self._modules.get(name)
        if values is None:
            module = find_module(name)
            assert module is not None
            scan = ModuleScan(
                self.data, self._modules_data.get(name), self.module_scan.log, self.deadline
            )
            values = self._modules[name] = module.load(scan)
        return values

    # -- evaluation ----------------------------------------------------------------------

    def _evaluate(self) -> None:
        evaluator = self._evaluator
        self._matched = set()
        rules = evaluator.program.rules
        triggered = {evaluator.rule_of_string[string] for string in self._search.candidates()}
        interpreter = Interpreter(self)
        for number in sorted(triggered.union(evaluator.always)):
            self.deadline.check()
            rule = rules[number]
            if rule.has_effect and rule.needs_hit and not self._has_hit(rule):
                continue
            if interpreter.is_true(rule.condition):
                self._matched.add(number)

    def _has_hit(self, rule: CheckedRule) -> bool:
        return any(self.hits(string).any() for string in rule.strings)
