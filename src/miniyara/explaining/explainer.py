"""From compiled rules and data to explanations."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import (
    Error,
    ScanTimeout,
    TimeoutError,  # noqa: A004 - yara-python's name
)
from miniyara.evaluation import Evaluation
from miniyara.explaining.explanation import Explanation
from miniyara.explaining.needs import needs_of
from miniyara.explaining.observer import Budget, Observer
from miniyara.explaining.patience import Patience
from miniyara.explaining.strings import explained_strings
from miniyara.explaining.texts import Texts
from miniyara.scanning.arguments import (
    ABSENT,
    data_argument,
    external_values,
    modules_data_argument,
    path_argument,
)
from miniyara.scanning.files import open_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Buffer

    from miniyara.scanning.arguments import ScannedBytes
    from miniyara.scanning.rules import Rules
    from miniyara.scanning.scanner import Scanner
    from miniyara.values import Scalar

EXTRA_TIME: Final = 2.0
"""Seconds for the values that a scan would not have computed."""

MOST_NODES: Final = 5000
"""Nodes of an explanation, those of all its rules together."""

MOST_RULES: Final = 20
"""Rules that are explained because another one depends on them."""


def explain(
    rules: Rules,
    data: Buffer | os.PathLike[str],
    rule: str,
    namespace: str | None = None,
    externals: dict[str, Any] | None = None,
    modules_data: dict[str, Any] | None = None,
    timeout: float = 0,
) -> Explanation:
    """Explain why a rule matches data, or does not.

    ``data``: what to look at: a buffer, or the :class:`os.PathLike` of a file.  A ``str``
    could be either, and is refused.
    ``rule``: its name; private and global rules can be explained, too.
    ``namespace``: where it is; needed only if several rules have the name.
    ``externals``, ``modules_data``: as for :meth:`miniyara.Rules.match`.
    ``timeout``: in seconds, for the scan and the explanation together; 0 or less means none.

    Raises :class:`miniyara.Error` if there is no such rule, it has no text of its own, the
    file cannot be read or the scan fails, :class:`miniyara.TimeoutError`, and TypeError and
    OverflowError for wrong arguments.
    """
    if isinstance(data, str):
        raise TypeError("data must be a buffer or an os.PathLike, not str")
    with ExitStack() as files:
        scanned = (
            files.enter_context(open_target(path_argument(data, 2)))
            if isinstance(data, os.PathLike)
            else data_argument(data)
        )
        scanner = rules._scanner  # noqa: SLF001 - a friend
        explainer = Explainer(
            scanner,
            scanned,
            scanner.externals(None if externals is None else external_values(externals)),
            modules_data_argument(ABSENT if modules_data is None else modules_data),
            timeout,
        )
        return explainer.explain(explainer.number(rule, namespace))


class Explainer:
    """Explains any rules on one piece of data, which is scanned once.

    The methods raise what :func:`explain` does.
    """

    def __init__(
        self,
        scanner: Scanner,
        data: ScannedBytes,
        externals: Mapping[str, Scalar],
        modules_data: Mapping[str, bytes],
        timeout: float,
    ) -> None:
        self._evaluator = scanner.evaluator
        self._program = scanner.program
        self._patience = Patience(timeout, EXTRA_TIME)
        self._evaluation = Evaluation(
            scanner.evaluator,
            data,
            externals=externals,
            modules_data=modules_data,
            log=lambda _message: None,  # what is asked for an explanation is no output
            deadline=self._patience,
        )

    def number(self, name: str, namespace: str | None) -> int:
        """The number of a rule."""
        rules = self._program.rules
        found = [
            number
            for number, rule in enumerate(rules)
            if rule.name == name and namespace in (None, rule.namespace)
        ]
        if not found:
            where = "" if namespace is None else f' in the namespace "{namespace}"'
            raise Error(f'there is no rule "{name}"{where}')
        if len(found) > 1:
            namespaces = ", ".join(rules[number].namespace for number in found)
            raise Error(f'there is a rule "{name}" in each of these namespaces: {namespaces}')
        return found[0]

    def matching(self) -> list[int]:
        """The numbers of the rules that match, private ones included."""
        try:
            return list(self._evaluation.matching_rules())
        except ScanTimeout:
            raise TimeoutError("scanning timed out") from None

    def explain(self, rule: int) -> Explanation:
        """Explain the rule of a number."""
        matching = set(self.matching())
        budget = Budget(MOST_NODES)
        try:
            explained: dict[int, Explanation] = {}
            pending = [rule]
            for number in pending:  # which grows
                if len(explained) > MOST_RULES or budget.nodes_left <= 0:
                    break
                if number not in explained:
                    explained[number], named = self._one(number, matching, budget)
                    pending += named
        except ScanTimeout:
            raise TimeoutError("scanning timed out") from None
        except RecursionError as error:
            raise Error("too little of Python's stack is left to explain") from error
        asked, *others = explained.values()
        return replace(asked, rules=tuple(others))

    def _one(
        self, number: int, matching: set[int], budget: Budget
    ) -> tuple[Explanation, list[int]]:
        """Explain a rule, and name those that it depends on."""
        program, evaluation = self._program, self._evaluation
        rule = program.rules[number]
        texts = Texts(program, number)
        # First all strings, so that none is looked for with less than the whole time: a search
        # that is broken off would be at its end for whoever asks next.
        for string in rule.strings:
            evaluation.hits(string).count()
        observer = Observer(evaluation, program, texts, self._patience, budget)
        condition = observer.explain(program.conditions[number])
        unmet = [
            other
            for other in self._evaluator.preparation.global_rules
            if program.rules[other].namespace == rule.namespace
            and other != number
            and not evaluation.has_matched(other)
        ]
        names = tuple(program.rules[other].name for other in unmet)
        explanation = Explanation(
            rule=rule.name,
            namespace=rule.namespace,
            matches=number in matching,
            condition=condition,
            strings=tuple(explained_strings(evaluation, program, rule.strings, self._patience)),
            missing=None if number in matching else needs_of(condition, names),
            unmet_globals=names,
        )
        return explanation, [*observer.rules, *unmet]
