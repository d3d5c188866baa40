"""Compiled conditions of whole rules: the interpreter's answers, on golden and generated ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.analysis import compile_program
from miniyara.analysis import condition as steps
from miniyara.deadline import NEVER
from miniyara.evaluation import Evaluation, Evaluator
from miniyara.evaluation.compiler import compile_condition
from miniyara.evaluation.interpreter import Interpreter
from miniyara.search import Searcher, SearchString
from miniyara.syntax.source import SourceText
from miniyara.testing.cases import Case, read_cases
from miniyara.testing.outcome import outcome
from miniyara.testing.strategies import data_for, externals, sources
from miniyara.testing.tables import CONDITIONS, Row, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.analysis import Program
    from miniyara.analysis.condition import Condition
    from miniyara.evaluation.interpreter import Context

AGREEMENT: Final = Path(__file__).parent.parent / "agreement"

ROWS: Final = {
    f"{path.name}:{row.line}": row
    for path in sorted((AGREEMENT / "tables").glob(f"*{CONDITIONS}"))
    for row in read_table(path)
}
CASES: Final = {
    f"{path.stem}:{case.title}": case
    for path in sorted((AGREEMENT / "cases").iterdir())
    for case in read_cases(path)
}


def interpreted(condition: Condition, scan: Context) -> bool:
    return Interpreter(scan).is_true(condition)


def compiled(condition: Condition, scan: Context) -> bool:
    function = compile_condition(condition)
    assert function is not None
    return function(scan)


class Scan(Evaluation):
    """A scan that is told which rules have matched."""

    def __init__(self, program: Program, data: bytes, log: list[str]) -> None:
        searcher = Searcher([SearchString(string.pattern) for string in program.strings])
        super().__init__(
            Evaluator(program, searcher),
            data,
            externals=program.externals,
            modules_data={},
            log=log.append,
            deadline=NEVER,
        )
        self.matched: set[int] = set()

    def has_matched(self, rule: int) -> bool:
        return rule in self.matched


def answers(
    program: Program, data: bytes, is_true: Callable[[Condition, Context], bool]
) -> list[Any]:
    """Whether each condition is true and defined, what is logged, and how it fails."""
    told: list[Any] = []
    scan = Scan(program, data, told)
    try:
        for number, condition in enumerate(program.conditions):
            told.append(is_true(condition, scan))
            if told[-1]:
                scan.matched.add(number)
            told.append(is_true(steps.Defined(condition), scan))
    except miniyara.Error as error:
        told.append(str(error))
    return told


@dataclass(frozen=True, slots=True)
class ComparingRules:
    """Compiled rules that compare the evaluators before they answer."""

    rules: Any
    program: Program
    warnings: list[str]

    def match(self, *, data: bytes, **arguments: Any) -> Any:
        assert answers(self.program, data, compiled) == answers(self.program, data, interpreted)
        return self.rules.match(data=data, **arguments)


class Comparing:
    """miniyara, with rules that compare the evaluators."""

    def compile(self, *, source: str, externals: Mapping[str, Any]) -> ComparingRules:
        rules = miniyara.compile(source=source, externals=dict(externals))
        values = {
            name: value.encode() if isinstance(value, str) else value
            for name, value in externals.items()
        }
        program = compile_program([SourceText(source.encode())], externals=values, include=None)
        return ComparingRules(rules, program, rules.warnings)


COMPARING: Final[Any] = Comparing()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_row_of_a_table(row: Row) -> None:
    assert str(row.answered_by(COMPARING)) == str(row)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Case) -> None:
    assert case.answer(COMPARING) == case.outcome


@given(st.data())
def test_generated_rules(data: st.DataObject) -> None:
    known = data.draw(externals())
    source = data.draw(sources(known))
    scanned = data.draw(data_for(source))
    told = outcome(COMPARING, source, scanned, externals=known)
    assert told.error is None or not told.error.startswith("AssertionError"), told.exception
