"""Planning leaves out work and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.analysis import compile_program
from miniyara.deadline import NEVER
from miniyara.errors import Error
from miniyara.evaluation import Evaluation, Evaluator
from miniyara.patterns import grams
from miniyara.planning import Plan, PlanningStep, plan
from miniyara.scanning.arguments import external_values
from miniyara.search import Searcher, SearchString
from miniyara.syntax.source import SourceText
from miniyara.testing.outcome import text_of
from miniyara.testing.strategies import data_for, externals, sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.analysis import Program
    from miniyara.values import Scalar

STEPS = [step for step in PlanningStep if step is not PlanningStep.ALL]


@pytest.fixture(autouse=True, scope="module")
def _anything_is_worth_looking_for() -> Iterator[None]:
    """Let the short texts of generated rules trigger them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "_RARE", 0)
        patch.setattr(grams, "_UNCOMMON", 0)
        yield


def program_of(source: str, known: dict[str, Scalar] | None = None) -> Program:
    return compile_program([SourceText(source.encode())], externals=known or {}, include=None)


def searcher_of(program: Program) -> Searcher:
    strings = [
        SearchString(string.pattern, string.fixed_offset, string.single_match)
        for string in program.strings
    ]
    return Searcher(strings, backend="grams")


def answer(
    program: Program, data: bytes, steps: PlanningStep
) -> tuple[Sequence[int] | str, list[str]]:
    """Return the rules that match, or an error, and what was logged."""
    log: list[str] = []
    evaluation = Evaluation(
        Evaluator(program, searcher_of(program), planning=steps),
        data,
        externals=program.externals,
        modules_data={},
        log=log.append,
        deadline=NEVER,
    )
    try:
        return evaluation.matching_rules(), log
    except Error as error:
        return str(error), log


@given(st.data())
def test_no_step_changes_an_answer(drawn: st.DataObject) -> None:
    known = drawn.draw(externals())
    source = drawn.draw(sources(known))
    program = program_of(text_of(source), dict(external_values(known)))
    data = drawn.draw(data_for(source))
    expected = answer(program, data, PlanningStep(0))
    assert answer(program, data, PlanningStep.ALL) == expected
    for step in STEPS:
        assert answer(program, data, step) == expected
        assert answer(program, data, PlanningStep.ALL & ~step) == expected


def triggered(made: Plan) -> dict[int, list[int]]:
    """Return, by string that triggers any, the rules that it triggers."""
    return {string: list(rules) for string, rules in enumerate(made.triggers) if rules}


STRINGS = 'strings: $a = "first" $b = "other" $c = "third" '

TRIGGERS = [
    ("$a", "a"),
    ("$a or $b", "ab"),
    ("$a and filesize < 9", "a"),
    ("all of them", "?"),
    ("2 of them", "??"),
    ("any of them", "abc"),
    ("50% of them", "??"),
    ("4 of them", ""),
    ("none of them", None),
    ("not $a", None),
    ("#a > 0", "a"),
    ("#a >= 0", None),
    ("#a == 2 and $b", "?"),
    ("3 <= #c", "c"),
    ("@a > 5", "a"),
    ("uint8(@b + 1) == 5", "b"),
    ("!c[2] == 5", "c"),
    ("$a at 9 or $b in (1..9)", "ab"),
    ("for any of them : ($)", "abc"),
    ("for all of ($a, $b) : ($)", "?"),
    ("for any of them : (# > 3)", "abc"),
    ("for all of them : (# < 3)", None),
    ("for any i in (1..3) : (@a[i] == 5)", "a"),
    ("for none i in (1..3) : (@a[i] == 5)", None),
    ("for #a of them : ($)", None),
    ("defined @a", "a"),
    ("true", None),
    ("false", ""),
]


@pytest.mark.parametrize(("condition", "expected"), TRIGGERS)
def test_what_triggers_a_rule(condition: str, expected: str | None) -> None:
    unused = f" and ({condition})" if expected is not None else f" or ({condition})"
    mention = "(any of them or true)" if expected is not None else "(any of them and false)"
    program = program_of(f"rule r {{ {STRINGS} condition: {mention}{unused} }}")
    made = plan(program, searcher_of(program).cost)
    if expected is None:
        assert len(made.untriggered.numbers) == 1
        return
    assert made.untriggered.numbers == ()
    triggers = {"abc"[string] for string in triggered(made)}
    if "?" in expected:
        assert len(triggers) == len(expected)
    else:
        assert triggers == set(expected)


def test_rules_are_triggered_by_what_they_refer_to() -> None:
    program = program_of(
        'rule first { strings: $a = "first" condition: $a }'
        "rule second { condition: first and filesize > 3 }"
        "rule third { condition: any of (first, second) }"
        "rule fourth { condition: not first }"
    )
    made = plan(program, searcher_of(program).cost)
    assert triggered(made) == {0: [0, 1, 2]}
    assert made.untriggered.rules(b"", {}) == {3}


def test_a_global_rule_holds_up_its_namespace() -> None:
    source = 'global rule one { strings: $a = "first" condition: $a } rule two { condition: true }'
    program = program_of(source)
    assert triggered(plan(program, searcher_of(program).cost)) == {0: [0, 1]}
    without = PlanningStep.ALL & ~PlanningStep.GLOBAL_RULES
    assert triggered(plan(program, searcher_of(program).cost, without)) == {0: [0]}


def test_rules_without_triggers_are_found_by_what_they_ask_first() -> None:
    program = program_of(
        "rule mz { condition: uint16(0) == 0x5A4D and filesize > 2 }"
        "rule pe_or_elf { condition: uint16(0) == 0x5A4D or uint32be(0) == 0x7F454C46 }"
        "rule small { condition: filesize < 3 }"
        'rule named { condition: name == "x" }'
        "rule anything { condition: filesize != 5 }",
        {"name": b""},
    )
    made = plan(program, searcher_of(program).cost)
    assert made.untriggered.rules(b"MZ", {"name": b""}) == {0, 1, 2, 4}
    assert made.untriggered.rules(b"\x7fELF", {"name": b"x"}) == {1, 3, 4}
    assert made.untriggered.rules(b"", {"name": b"y"}) == {2, 4}
    assert not made.gates[0].admit(b"MZ", {})
    assert made.gates[0].admit(b"MZ.", {})
