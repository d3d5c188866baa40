"""One scan: evaluates the rules on one piece of data and reports them.

Follows ``yr_scanner_scan_mem_blocks`` of libyara's scanner.c and the callback of
yara-python in the order in which a caller is told things: strings that are found
too often, modules, the console's output of all conditions, and then rule by rule.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara.deadline import Deadline
from miniyara.errors import (
    Error,
    ScanTimeout,
    TimeoutError,  # noqa: A004 - yara-python's name
)
from miniyara.evaluation import Evaluation
from miniyara.modules import find as find_module
from miniyara.scanning.callbacks import (
    CALLBACK_ABORT,
    CALLBACK_CONTINUE,
    CALLBACK_ERROR,
    CALLBACK_MATCHES,
    CALLBACK_NON_MATCHES,
    CALLBACK_TOO_MANY_MATCHES,
    ConsoleCallback,
    ModulesCallback,
    RuleCallback,
    RuleReport,
    RuleString,
    WarningsCallback,
    answer,
)
from miniyara.scanning.config import CONFIG
from miniyara.scanning.match import Match, StringMatch, StringMatchInstance
from miniyara.scanning.metadata import metadata
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.syntax.nodes import HexString

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.analysis.program import CheckedRule
    from miniyara.evaluation import Evaluator
    from miniyara.scanning.arguments import ScannedBytes
    from miniyara.values import Scalar


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What the caller of ``Rules.match`` asks for, checked."""

    externals: Mapping[str, Scalar]
    """Values of all external variables, those of the compilation included."""
    modules_data: Mapping[str, bytes]
    callback: RuleCallback | None
    modules_callback: ModulesCallback | None
    warnings_callback: WarningsCallback | None
    console_callback: ConsoleCallback | None
    which_callbacks: int
    fast: bool
    timeout: int
    """In seconds; 0 or less means none."""
    allow_duplicate_metadata: bool


def scan(evaluator: Evaluator, data: ScannedBytes, options: ScanOptions) -> list[Match]:
    """Return the matches of all rules that are not private, in the order of the rules.

    Raises :class:`miniyara.errors.TimeoutError` after ``options.timeout``,
    :class:`miniyara.errors.Error` where libyara fails, and what a callback raises.
    """
    try:
        return _Scan(evaluator, data, options).run()
    except ScanTimeout:
        raise TimeoutError("scanning timed out") from None


class _Scan:
    """The state of one scan."""

    def __init__(self, evaluator: Evaluator, data: ScannedBytes, options: ScanOptions) -> None:
        self._program = evaluator.program
        self._rule_of_string = evaluator.rule_of_string
        self._data = data
        self._options = options
        self._max_match_data = CONFIG.max_match_data
        self._evaluation = Evaluation(
            evaluator,
            data,
            externals=options.externals,
            modules_data=options.modules_data,
            log=options.console_callback,
            deadline=Deadline(options.timeout),
            fast=options.fast,
        )

    def run(self) -> list[Match]:
        self._report_overflows()
        self._report_modules()
        matching = self._evaluation.matching_rules()
        is_silent_on_others = self._rule_callback(verdict=False) is None
        verdicts = set(matching)
        matches: list[Match] = []
        for number in matching if is_silent_on_others else range(len(self._program.rules)):
            rule = self._program.rules[number]
            if rule.is_private:
                continue
            match, verdict = self._match(rule), number in verdicts
            if verdict:
                matches.append(match)
            callback = self._rule_callback(verdict)
            if callback is not None and _report(callback, match, verdict) == CALLBACK_ABORT:
                break
        return matches

    # -- callbacks ---------------------------------------------------------------

    def _rule_callback(self, verdict: bool) -> RuleCallback | None:
        """Return the callback that wants to be told of rules with this verdict."""
        kind = CALLBACK_MATCHES if verdict else CALLBACK_NON_MATCHES
        return self._options.callback if self._options.which_callbacks & kind else None

    def _report_modules(self) -> None:
        callback = self._options.modules_callback
        if callback is None:
            return
        for name, value in self._evaluation.module_values().items():
            module = find_module(name)
            assert module is not None, "the rules were compiled with it"
            _checked(answer(callback(module_dictionary(name, module.declaration, value))))

    def _report_overflows(self) -> None:
        for index in self._evaluation.overflowing_strings():
            if self._evaluation.hits(index).too_many:
                self._report_overflow(index)

    def _report_overflow(self, index: int) -> None:
        """Warn about a string whose hits are not all recorded.

        The scan fails unless the caller wants it to go on.
        """
        rule = self._program.rules[self._rule_of_string[index]]
        string = RuleString(rule.namespace, rule.name, self._program.strings[index].name)
        callback = self._options.warnings_callback
        try:
            if callback is not None:
                verdict = answer(callback(CALLBACK_TOO_MANY_MATCHES, string))
            else:
                message = f'too many matches for string {string.string} in rule "{rule.name}"'
                # Up to the caller of Rules.match.
                warnings.warn(message, RuntimeWarning, stacklevel=6)
                verdict = CALLBACK_CONTINUE
        except Exception as error:
            raise Error("internal error: 30") from error
        if verdict != CALLBACK_CONTINUE:
            raise Error("internal error: 30")

    # -- matches -----------------------------------------------------------------

    def _match(self, rule: CheckedRule) -> Match:
        return Match(
            rule=rule.name,
            namespace=rule.namespace,
            tags=list(rule.tags),
            meta=metadata(rule, allow_duplicates=self._options.allow_duplicate_metadata),
            strings=list(self._string_matches(rule)),
        )

    def _string_matches(self, rule: CheckedRule) -> Iterator[StringMatch]:
        for index in rule.strings:
            if self._evaluation.hits(index).any():
                string = self._program.strings[index]
                modifiers = string.declaration.modifiers
                instances = [] if modifiers.private else list(self._instances(index))
                is_hex = isinstance(string.declaration, HexString)
                yield StringMatch(string.name, instances, modifiers.xor is not None, is_hex)

    def _instances(self, index: int) -> Iterator[StringMatchInstance]:
        for offset, length, xor_key in self._evaluation.hits(index):
            end = offset + min(length, self._max_match_data)
            yield StringMatchInstance(offset, self._data[offset:end], length, xor_key)


def _report(callback: RuleCallback, match: Match, verdict: bool) -> int:
    """Tell a rule callback about a rule and return its answer."""
    report: RuleReport = {
        "matches": verdict,
        "rule": match.rule,
        "namespace": match.namespace,
        "tags": match.tags,
        "meta": match.meta,
        "strings": match.strings,
    }
    return _checked(answer(callback(report)))


def _checked(verdict: int) -> int:
    """Return a callback's answer; raise libyara's error if the answer is an error."""
    if verdict == CALLBACK_ERROR:
        raise Error("internal error: 28")
    return verdict
