"""What only miniyara's interpreter has: every value can be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.analysis import compile_program
from miniyara.deadline import NEVER
from miniyara.evaluation import Evaluation, Evaluator
from miniyara.evaluation.interpreter import Interpreter
from miniyara.search import Searcher, SearchString
from miniyara.syntax.source import SourceText
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.analysis.condition import Condition


class Watcher(Interpreter):
    """Keeps the value of every node by its text."""

    def __init__(self, context: Any, source: str) -> None:
        super().__init__(context)
        self.source = source
        self.values: dict[str, Any] = {}

    def value(self, step: Condition) -> Any:
        value = super().value(step)
        self.values[self.source[step.span.start : step.span.end]] = value
        return value


def test_every_value_can_be_watched() -> None:
    source = (
        'rule a { strings: $a = "abc" condition: #a + 1 == 3 and not @a[7] > filesize or $a at 0 }'
    )
    program = compile_program([SourceText(source.encode())], externals={}, include=None)
    searcher = Searcher([SearchString(string.pattern) for string in program.strings])
    evaluation = Evaluation(
        Evaluator(program, searcher),
        b"abc abc",
        externals={},
        modules_data={},
        log=None,
        deadline=NEVER,
    )
    watcher = Watcher(evaluation, source)
    assert watcher.is_true(program.conditions[0])
    assert watcher.values == {
        "#a": 2,
        "1": 1,
        "3": 3,
        "#a + 1 == 3": True,
        "7": 7,
        "@a[7]": UNDEFINED,
        "filesize": 7,
        "@a[7] > filesize": UNDEFINED,
        "not @a[7] > filesize": UNDEFINED,
        "#a + 1 == 3 and not @a[7] > filesize": False,
        "0": 0,
        "$a at 0": True,
        "#a + 1 == 3 and not @a[7] > filesize or $a at 0": True,
    }
