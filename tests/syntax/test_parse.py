"""The public parser: trees, spans, includes, errors."""

from __future__ import annotations

import pytest

import miniyara
from miniyara.syntax import nodes
from miniyara.syntax.printer import render
from miniyara.testing import assert_agrees


def condition(text: str) -> nodes.Expression:
    (rule,) = miniyara.parse(f"rule a {{ condition: {text} }}").items
    assert isinstance(rule, nodes.Rule)
    return rule.condition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 == 7", "1 + 2 * 3 == 7"),
        ("(1 + 2) * 3 == 9", "(1 + 2) * 3 == 9"),
        ("((true))", "true"),
        ("true and (false or true)", "true and (false or true)"),
        ("(true and false) and true", "true and false and true"),
        ("true and (false and true)", "true and (false and true)"),
        ("not (true and false)", "not (true and false)"),
        ("not not true", "not not true"),
        ("defined a and b", "defined a and b"),
        ("1KB == 0x400", "1024 == 1024"),
        ("0o17 == 1.50", "15 == 1.5"),
        ('"\\x41\\t\\"\\\\" == "b"', '"A\\t\\"\\\\" == "b"'),
        ("a matches /x\\/y/is", "a matches /x\\/y/is"),
        ("#a in (1..2) > @b[1] + !c", "#a in (1..2) > @b[1] + !c"),
        ("any of them at 0", "any of them at 0"),
        ("50% of ($a, $b*) or 2 of (r*)", "50% of ($a, $b*) or 2 of (r*)"),
        ("for all i, j in a.b : (i == j)", "for all i, j in a.b : (i == j)"),
        ("for (1 + 1) of them : ($ in (0..9))", "for (1 + 1) of them : ($ in (0..9))"),
        ("pe.sections[0].name == f(1, /x/)", "pe.sections[0].name == f(1, /x/)"),
        ("- - 1 == ~~1", "--1 == ~~1"),
        ("uint16be(@a) == 1", "uint16be(@a) == 1"),
        ("1 - (2 - 3) == 1 - 2 - 3", "1 - (2 - 3) == 1 - 2 - 3"),
    ],
)
def test_conditions_come_back_in_the_shortest_form(text: str, expected: str) -> None:
    tree = condition(text)
    assert render(tree) == expected
    assert condition(expected) == tree


def test_a_whole_source() -> None:
    text = """import "math"
include "other.yar"

private global rule a : x y {
    meta:
        text = "\\xff\\"b"
        number = -5
        flag = true
    strings:
        $ = "abc" nocase fullword
        $b = { 01 ?? /* } */ [2-4] ~0? } private
        $c = /a\\/b/is wide
        $d = "x" xor(1-2) wide ascii
        $e = "y" base64wide base64
    condition:
        any of them
}
"""
    source = miniyara.parse(text)
    assert render(source) == text.replace('"y" base64wide base64', '"y" base64 base64wide').replace(
        '"x" xor(1-2) wide ascii', '"x" ascii wide xor(1-2)'
    ).replace("\n\n", "\n")
    assert miniyara.parse(render(source)) == source


def test_spans_are_places_in_the_text() -> None:
    text = "rule a { condition: 12 + filesize == 3 }"
    (rule,) = miniyara.parse(text).items
    assert isinstance(rule, nodes.Rule)
    tree = rule.condition
    assert isinstance(tree, nodes.Binary)
    assert text[tree.span.start : tree.span.end] == "12 + filesize == 3"
    assert text[tree.left.span.start : tree.left.span.end] == "12 + filesize"
    assert text[rule.name_span.start : rule.name_span.end] == "a"


def test_trees_are_equal_wherever_they_stand() -> None:
    assert miniyara.parse("rule a { condition: true }") == miniyara.parse(
        "// a\n\nrule  a\n{ condition : ( true ) }"
    )


def test_bytes_that_are_no_text_survive() -> None:
    source = miniyara.parse(b'rule a { meta: m = "\xff\xc3\xa9" condition: true } // \xfe')
    assert miniyara.parse(render(source)) == source


def test_all_errors_are_reported() -> None:
    text = "rule a { condition: }\nrule b { condition: true }\nrule c : x x { condition: 1 }\n"
    with pytest.raises(miniyara.SyntaxError) as error:
        miniyara.parse(text)
    assert [diagnostic.libyara_text() for diagnostic in error.value.diagnostics] == [
        "line 1: syntax error, unexpected '}'",
        'line 3: duplicated tag identifier "x"',
    ]
    assert str(error.value) == 'line 3: duplicated tag identifier "x"'


def test_errors_behind_the_point_where_yara_stops_are_reported() -> None:
    text = 'rule a { strings: $a = "x\n condition: $a }\nrule b { condition: ) }\n'
    with pytest.raises(miniyara.SyntaxError) as error:
        miniyara.compile(source=text)
    diagnostics = error.value.diagnostics
    assert [d.kind.code for d in diagnostics] == [
        "unterminated-string",
        "syntax-error",
        "syntax-error",
    ]
    assert [d.is_seen_by_libyara for d in diagnostics] == [True, True, False]
    assert [d.is_consequence for d in diagnostics] == [False, True, False]
    assert str(error.value) == diagnostics[1].libyara_text()


def test_an_include_inside_a_rule_has_no_tree() -> None:
    with pytest.raises(miniyara.SyntaxError, match="include inside a rule"):
        miniyara.parse('rule a { include "b" condition: true }')


@pytest.mark.parametrize(
    "text",
    [
        "rule a { condition: " + "(" * 20_000 + "true" + ")" * 20_000 + " }",
        "rule a { condition: " + "not " * 20_000 + "true }",
        "rule a { condition: " + "for any i in (1..2) : (" * 5_000 + " }",
    ],
    ids=["parentheses", "not", "for"],
)
def test_too_much_nesting_is_an_error(text: str) -> None:
    with pytest.raises(miniyara.SyntaxError, match="memory exhausted"):
        miniyara.parse(text)


def test_a_tree_too_deep_to_be_printed() -> None:
    tree = condition("not " * 5_000 + "true")
    with pytest.raises(miniyara.Error, match="nested too deeply"):
        render(tree)


def test_long_chains_are_flat() -> None:
    text = " + ".join(["1"] * 20_000) + " == 1 or " + " or ".join(["true"] * 20_000)
    tree = condition(text)
    assert render(tree) == text


@pytest.mark.parametrize(
    "end", ["}", "} ]", "} \x80", '} "open', "or } rule b { condition: nothing }"]
)
def test_any_number_of_comments_may_stand_anywhere(end: str) -> None:
    rule = ["rule", "a", "{", "strings:", '$a = "x"', "condition:", "$a", *end.split()]
    assert_agrees(("/**/ // one more\n" * 150).join(rule), b"x")
