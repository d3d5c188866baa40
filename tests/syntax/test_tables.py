"""The tables behave as bison's do, and the files of tables are those of the grammars."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from miniyara.syntax import tables
from miniyara.syntax.automaton import build_tables, file_text
from miniyara.syntax.lalr import ParseError, Parser, Token
from miniyara.syntax.tables import END, load_tables

GRAMMARS = Path(__file__).parents[2] / "grammar"

SUMS = r"""
start: sum
sum: sum PLUS sum -> binary
   | sum TIMES sum -> binary
   | NUMBER -> number
PLUS.1: "+"
TIMES.2: "*"
NUMBER: /[0-9]/
"""


class Notation:
    """Writes what is parsed with all its parentheses."""

    def number(self, _span: object, value: str) -> str:
        return value

    def binary(self, _span: object, left: str, operator: str, right: str) -> str:
        return f"({left}{operator}{right})"


def parse(grammar: str, text: str) -> str:
    names = {"+": "PLUS", "*": "TIMES"}
    tokens: list[Token] = [(names.get(c, "NUMBER"), c, i, i + 1) for i, c in enumerate(text)]
    tokens.append((END, None, len(text), len(text)))
    notation = Notation()
    result = Parser(build_tables(grammar), lambda name: getattr(notation, name)).parse(iter(tokens))
    assert isinstance(result, str)
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("1+2+3", "((1+2)+3)"),
        ("1+2*3", "(1+(2*3))"),
        ("1*2+3", "((1*2)+3)"),
        ("1*2*3+4", "(((1*2)*3)+4)"),
    ],
)
def test_precedence_and_associativity(text: str, expected: str) -> None:
    assert parse(SUMS, text) == expected


@pytest.mark.parametrize("text", ["", "+", "1+", "12", "1++2"])
def test_text_that_is_not_in_the_language(text: str) -> None:
    with pytest.raises(ParseError):
        parse(SUMS, text)


def test_a_default_reduction_comes_before_the_error() -> None:
    # Behind "1" anything reduces, so the error is noticed where PLUS, TIMES and the
    # end are what is expected, not where the number stands.
    with pytest.raises(ParseError) as error:
        parse(SUMS, "12")
    assert error.value.args == ("NUMBER", ["PLUS", "TIMES"]) or error.value.args[1] == [END]


def test_reduce_reduce_conflicts_are_refused() -> None:
    grammar = 'start: a | b\na: "x"\nb: "x"\n'
    with pytest.raises(ValueError, match="reduce/reduce conflict"):
        build_tables(grammar)


@pytest.mark.parametrize("name", ["hex", "regexp", "rules"])
def test_the_files_of_tables_are_up_to_date(name: str) -> None:
    grammar = (GRAMMARS / f"{name}.lark").read_text(encoding="utf-8")
    # If not: python -m miniyara.syntax.automaton
    assert (GRAMMARS / f"{name}.json").read_text(encoding="utf-8") == file_text(grammar)
    assert load_tables(name) == build_tables(grammar)


def test_tables_of_another_grammar_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"x.lark": SUMS, "x.json": (GRAMMARS / "hex.json").read_text(encoding="utf-8")}
    monkeypatch.setattr(tables, "_read", files.__getitem__)
    assert load_tables.__wrapped__("x") == build_tables(SUMS)


def test_compiling_needs_no_lark() -> None:
    program = """
import miniyara, sys
strings = "$a = /x|y/ $b = { 01 ( 02 | 03 ) }"
miniyara.compile(source="rule a { strings: " + strings + " condition: all of them }")
sys.exit("lark" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own text
