"""The strategies keep what they promise; judged by yara-python alone."""

from __future__ import annotations

from collections import Counter

import pytest
import yara
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

import miniyara
from miniyara.patterns import compile_string
from miniyara.syntax import nodes
from miniyara.syntax.walk import walk
from miniyara.testing.outcome import Compilation, compilation, scan, text_of
from miniyara.testing.strategies import (
    Scope,
    broken,
    data_for,
    externals,
    hex_strings,
    programs,
    regexp_strings,
    sources,
    text_strings,
)
from miniyara.testing.strategies.examples import hex_example, regexp_example

# For counts over many examples: drawn once, always the same ones.
counted = settings(
    max_examples=150,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def compiled(rule: nodes.Rule) -> Compilation:
    return compilation(yara, source=text_of(rule))


def test_sources_are_accepted_and_match_and_use_the_whole_language() -> None:
    counts: Counter[str] = Counter()
    seen: set[type[nodes.Node]] = set()

    @seed(1)
    @settings(counted, max_examples=400)
    @given(st.data())
    def draw_many(data: st.DataObject) -> None:
        known = data.draw(externals())
        source = data.draw(sources(known))
        seen.update(type(node) for node in walk(source))
        accepted = compilation(yara, source=text_of(source), externals=known)
        counts["sources"] += 1
        counts["accepted"] += accepted.rules is not None
        found = scan(accepted, data.draw(data_for(source)))
        counts["matching"] += bool(found.rules)
        counts["with strings"] += any(rule.strings for rule in found.rules)

    draw_many()
    assert counts["accepted"] > 0.95 * counts["sources"]
    assert counts["matching"] > 0.2 * counts["sources"]
    assert counts["with strings"] > 0.1 * counts["sources"]
    abstract = {nodes.Node, nodes.Include}
    known_nodes = {kind for kind in vars(nodes).values() if isinstance(kind, type)}
    assert {kind for kind in known_nodes if issubclass(kind, nodes.Node)} - abstract <= seen


@pytest.mark.parametrize("kind", [text_strings, hex_strings, regexp_strings])
def test_data_match_a_string_often(kind: type[st.SearchStrategy[nodes.StringDeclaration]]) -> None:
    counts: Counter[str] = Counter()

    @seed(1)
    @counted
    @given(st.data())
    def draw_many(data: st.DataObject) -> None:
        declaration = data.draw(kind())
        rule = nodes.Rule("r", nodes.StringCount("$a"), strings=(declaration,))
        accepted = compiled(rule)
        assert accepted.rules is not None, text_of(rule)
        counts["all"] += 1
        counts["found"] += bool(scan(accepted, data.draw(data_for(rule))).rules)

    draw_many()
    assert counts["found"] > 0.4 * counts["all"]


def test_data_for_a_module_whose_name_is_no_text() -> None:
    data_for(miniyara.parse(r'import "\xff" rule a { condition: true }'))


@pytest.mark.parametrize(
    ("module", "condition"),
    [
        ("pe", "pe.number_of_imports == 4 and pe.number_of_resources == 2"),
        ("elf", "elf.dynsym_entries > 30 and elf.dynamic_section_entries == 3"),
        ("dotnet", "dotnet.number_of_classes == 4 and dotnet.number_of_resources == 2"),
    ],
)
def test_programs_are_sound_or_nearly_so(module: str, condition: str) -> None:
    counts: Counter[bool] = Counter()
    accepted = compilation(yara, source=f'import "{module}" rule r {{ condition: {condition} }}')

    @seed(1)
    @counted
    @given(programs([module]))
    def draw_many(program: bytes) -> None:
        counts[bool(scan(accepted, program).rules)] += 1

    draw_many()
    assert 0.15 * counts.total() < counts[True] < 0.95 * counts.total()


def test_broken_text_is_refused_mostly_and_for_many_reasons() -> None:
    errors: Counter[str] = Counter()

    @seed(1)
    @settings(counted, max_examples=300)
    @given(st.data())
    def draw_many(data: st.DataObject) -> None:
        known = data.draw(externals())
        text = data.draw(broken(text_of(data.draw(sources(known)))))
        errors[compilation(yara, source=text, externals=known).outcome.error or ""] += 1

    draw_many()
    assert errors[""] < 0.4 * errors.total()
    assert len({error.partition(":")[2].partition(":")[2] for error in errors}) > 40


@given(st.data())
def test_examples_of_hex_strings_match(data: st.DataObject) -> None:
    declaration = data.draw(hex_strings())
    # Of a chain of parts libyara may have forgotten the first when it comes to the last.
    assume(compile_string(declaration).part_count == 1)
    rule = nodes.Rule("r", nodes.StringAt("$a", nodes.IntegerLiteral(0)), strings=(declaration,))
    example = hex_example(declaration.text)(data.draw)
    assert scan(compiled(rule), example).rules


@given(st.data())
def test_examples_of_plain_regular_expressions_match(data: st.DataObject) -> None:
    declaration = data.draw(regexp_strings())
    body = declaration.regexp.body
    if any(assertion in body for assertion in (b"^", b"$", b"\\b", b"\\B")) or (
        declaration.modifiers.fullword or declaration.modifiers.wide
    ):
        return
    rule = nodes.Rule("r", nodes.StringMatches("$a"), strings=(declaration,))
    example = regexp_example(body)(data.draw)
    found = scan(compiled(rule), example + b"\n")
    assert found.rules or found.error == "Error: internal error: 46"


def test_a_scope_without_strings_names_none() -> None:
    scope = Scope(strings=("$", "$a"))
    assert scope.named_strings() == ("$a",)
    assert scope.with_string_variable().named_strings() == ("$a", "$")
