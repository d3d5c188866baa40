"""A scan: evaluates the rules on one piece of data and reports them.

Follows ``yr_scanner_scan_mem_blocks`` of libyara's scanner.c and the callback of
yara-python in the order in which a caller is told things: strings that are found
too often, modules, the console's output of all conditions, and then rule by rule.
"""

from __future__ import annotations

import struct
import sys
import warnings
from collections.abc import Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, overload

from miniyara.collection import no_collection
from miniyara.deadline import Deadline
from miniyara.errors import (
    Error,
    ScanTimeout,
    TimeoutError,  # noqa: A004 - yara-python's name
)
from miniyara.evaluation import Evaluation, Evaluator
from miniyara.modules import find as find_module
from miniyara.scanning.callbacks import (
    CALLBACK_ABORT,
    CALLBACK_ALL,
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
from miniyara.scanning.match import Match, MatchedData, StringMatch
from miniyara.scanning.metadata import metadata
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.scanning.process import ProcessMemory
from miniyara.search import Searcher, SearchString
from miniyara.search.hits import NO_COLUMNS
from miniyara.syntax.nodes import HexString, RegexpString, TextString

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from miniyara.analysis.program import CheckedRule, Program
    from miniyara.evaluation import Preparation
    from miniyara.evaluation.process import ProcessEvaluation
    from miniyara.scanning.arguments import ScannedBytes
    from miniyara.search.hits import HitColumns
    from miniyara.syntax.nodes import StringDeclaration
    from miniyara.values import Scalar


_SIZE_OF_BYTES: Final = sys.getsizeof(b"", 33) + struct.calcsize("P")
"""What it takes to keep a match, however short, in a list; PyPy does not tell."""


class ScanOptions(NamedTuple):
    """What is asked of a scan: the arguments of ``Rules.match``, checked.

    A tuple, because a scan of a small file takes some 20 microseconds in all.
    """

    externals: Mapping[str, Scalar]
    """Values of all external variables, made by :meth:`Scanner.externals`."""
    modules_data: Mapping[str, bytes] = MappingProxyType({})
    callback: RuleCallback | None = None
    modules_callback: ModulesCallback | None = None
    warnings_callback: WarningsCallback | None = None
    console_callback: ConsoleCallback | None = None
    """Gets bytes that are not UTF-8 as lone surrogates (``surrogateescape``)."""
    which_callbacks: int = CALLBACK_ALL
    fast: bool = False
    timeout: float = 0
    """In seconds; 0 or less means none."""
    allow_duplicate_metadata: bool = False
    wants_strings: bool = True
    """Whether matches list the strings that were found; without, none is looked up for it."""


class Scanner:
    """A program made ready to scan; immutable, shared by any number of threads."""

    __slots__ = ("_externals", "evaluator", "program")

    def __init__(self, program: Program, preparation: Preparation | None = None) -> None:
        """Raise :class:`miniyara.errors.Error` if the environment asks for the impossible.

        ``preparation`` is what has been worked out of the program before.
        """
        with no_collection():
            index = None if preparation is None else preparation.index
            searcher = Searcher(_SearchStrings(program), index=index)
            self.program = program
            self.evaluator = Evaluator(program, searcher, preparation)
            self._externals = _as_conditions_see_them(program.externals)

    @property
    def preparation(self) -> Preparation:
        """What was worked out of the program."""
        return self.evaluator.preparation

    def externals(self, given: Iterable[tuple[str, Scalar]] | None = None) -> Mapping[str, Scalar]:
        """Return the values of all external variables in a scan that is given some.

        Raises :class:`miniyara.errors.Error` for a value of another type than the rules
        were compiled with.
        """
        if given is None:
            return self._externals
        values = dict(self.program.externals)
        for name, value in given:
            if name not in values:
                continue
            # libyara keeps booleans as integers, so that each can replace the other.
            number = int(value) if isinstance(value, bool) else value
            declared = values[name]
            if type(number) is not (int if isinstance(declared, bool) else type(declared)):
                raise Error(f'external variable "{name}" was already defined with a different type')
            values[name] = number
        return _as_conditions_see_them(values)

    def scan(self, data: ScannedBytes | ProcessMemory, options: ScanOptions) -> list[Match]:
        """Return the matches of all rules that are not private, in the order of the rules.

        Raises :class:`miniyara.errors.TimeoutError` after ``options.timeout``,
        :class:`miniyara.errors.Error` where libyara fails, and what a callback raises.
        """
        try:
            if isinstance(data, ProcessMemory):
                return _ProcessScan(self.evaluator, data, options).run()
            return _Scan(self.evaluator, data, options).run()
        except ScanTimeout:
            raise TimeoutError("scanning timed out") from None


def _as_conditions_see_them(externals: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """The values with booleans as integers."""
    return {
        name: int(value) if isinstance(value, bool) else value for name, value in externals.items()
    }


class _SearchStrings(Sequence[SearchString]):
    """The strings of a program as search wants them, made when they are asked for."""

    def __init__(self, program: Program) -> None:
        self._strings = program.strings

    def __len__(self) -> int:
        return len(self._strings)

    @overload
    def __getitem__(self, index: int) -> SearchString: ...
    @overload
    def __getitem__(self, index: slice) -> list[SearchString]: ...
    def __getitem__(self, index: int | slice) -> SearchString | list[SearchString]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        string = self._strings[index]
        return SearchString(
            string.pattern,
            string.fixed_offset,
            string.single_match,
            _key(string.declaration),
        )


def _key(declaration: StringDeclaration) -> tuple[object, ...]:
    """What a string is, whatever its name."""
    match declaration:
        case TextString():
            return TextString, declaration.value, declaration.modifiers
        case HexString():
            return HexString, declaration.text, declaration.modifiers
        case RegexpString():
            return RegexpString, declaration.regexp, declaration.modifiers


class _Scan:
    """The state of one scan."""

    def __init__(self, evaluator: Evaluator, data: Any, options: ScanOptions) -> None:
        self._program = evaluator.program
        self._rule_of_string = evaluator.rule_of_string
        self._data = data
        self._options = options
        self._max_match_data = CONFIG.max_match_data
        self._copied = 0
        """Bytes of memory that copies of matches take at most."""
        self._evaluation = self._begun(evaluator)

    def _begun(self, evaluator: Evaluator) -> Evaluation:
        options = self._options
        return Evaluation(
            evaluator,
            self._data,
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
        # libyara comes to later strings first where several have one atom.
        abandoned = [
            (place, -index)
            for index in self._evaluation.overflowing_strings()
            if (place := self._evaluation.hits(index).abandoned_at) is not None
        ]
        for _, negative_index in sorted(abandoned):
            self._report_overflow(-negative_index)

    def _report_overflow(self, index: int) -> None:
        """Warn about a string whose hits are not all recorded.

        The scan fails unless the caller wants it to go on.
        """
        rule = self._program.rules[self._rule_of_string(index)]
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
            strings=list(self._string_matches(rule)) if self._options.wants_strings else [],
        )

    def _string_matches(self, rule: CheckedRule) -> Iterator[StringMatch]:
        for index in rule.strings:
            hits = self._evaluation.hits(index)
            if hits.any():
                string = self._program.strings[index]
                modifiers = string.declaration.modifiers
                columns = NO_COLUMNS if modifiers.private else hits.columns()
                yield StringMatch(
                    string.name,
                    columns,
                    self._matched_data(index, columns),
                    is_xor=modifiers.xor is not None,
                    is_hex=isinstance(string.declaration, HexString),
                )

    @cached_property
    def _kept_data(self) -> bytes:
        return bytes(self._data)

    def _matched_data(self, _string: int, hits: HitColumns) -> Iterable[bytes]:
        """Copy what was matched, because the data may be gone after the scan.

        If all copies could take more memory than the data, these are kept instead.
        """
        most = self._max_match_data
        size = len(hits.offsets) * (_SIZE_OF_BYTES + min(max(hits.lengths, default=0), most))
        if self._copied + size < len(self._data):
            self._copied += size
            return list(MatchedData(self._data, hits, most))
        return MatchedData(self._kept_data, hits, most)


class _ProcessScan(_Scan):
    """The state of the scan of a process."""

    _evaluation: ProcessEvaluation

    def _begun(self, evaluator: Evaluator) -> ProcessEvaluation:
        from miniyara.evaluation.process import ProcessEvaluation  # noqa: PLC0415 - rarely needed

        options = self._options
        return ProcessEvaluation(
            evaluator,
            self._data,
            externals=options.externals,
            modules_data=options.modules_data,
            log=options.console_callback,
            deadline=Deadline(options.timeout),
            fast=options.fast,
            max_match_data=self._max_match_data,
        )

    def _matched_data(self, string: int, hits: HitColumns) -> Iterable[bytes]:
        return self._evaluation.matched_data(string) if hits.offsets else ()


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
