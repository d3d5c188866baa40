"""Patterns as values: what they tell of themselves, and that they can be kept."""

from __future__ import annotations

import pickle
import re

import pytest
import yara
from hypothesis import given
from hypothesis import strategies as st

from miniyara import limits
from miniyara.patterns import Pattern, PatternError, compile_regexp, compile_string
from miniyara.search import Searcher, SearchString
from miniyara.syntax import nodes
from miniyara.syntax.printer import render
from miniyara.testing.strategies import string_declarations


@given(declaration=string_declarations())
def test_slow_strings_are_those_of_libyara(declaration: nodes.StringDeclaration) -> None:
    rule = nodes.Rule("a", nodes.StringMatches(declaration.name), (declaration,))
    pattern: Pattern | None = None
    refusal = ""
    try:
        pattern = compile_string(declaration)
    except PatternError as error:
        refusal = error.message
    if pattern is None:
        with pytest.raises(yara.SyntaxError, match=f": {re.escape(refusal)}$"):
            yara.compile(source=render(nodes.Source((rule,))))
        return
    warnings = yara.compile(source=render(nodes.Source((rule,)))).warnings
    assert pattern.is_slow == any("slow" in w for w in warnings)
    assert pattern.has_unbounded_dot == any("contains .*" in w for w in warnings)


@given(
    text=st.text("\0 \x90\xccaAb!", min_size=1, max_size=12).map(
        lambda text: text.encode("latin-1")
    ),
    nocase=st.booleans(),
    wide=st.booleans(),
    ascii_=st.booleans(),
)
def test_texts_are_slow_if_an_atom_is(text: bytes, nocase: bool, wide: bool, ascii_: bool) -> None:
    modifiers = nodes.Modifiers(nocase=nocase, wide=wide, ascii=ascii_)
    (part,) = compile_string(nodes.TextString("$a", text, modifiers)).parts
    assert part.is_slow == (part.min_atom_quality < limits.ATOM_QUALITY_WARNING_THRESHOLD)


@pytest.mark.parametrize(
    ("declaration", "parts", "atoms"),
    [
        (nodes.TextString("$a", b"abcdef"), 1, 1),
        (nodes.TextString("$a", b"ab", nodes.Modifiers(nocase=True)), 1, 4),
        (nodes.TextString("$a", b"abcdef", nodes.Modifiers(xor=nodes.XorKeys())), 1, 256),
        (nodes.TextString("$a", b"abc", nodes.Modifiers(wide=True, ascii=True)), 1, 2),
        (nodes.HexString("$a", b"01 02 [0-300] 03 04 [-] 05"), 3, 3),
        (nodes.HexString("$a", b"01 ?2"), 1, 16),
        (nodes.RegexpString("$a", nodes.RegexpLiteral(b"[ab]*")), 1, 1),
        (nodes.RegexpString("$a", nodes.RegexpLiteral(b"abcd|efgh")), 1, 2),
    ],
)
def test_parts_and_atoms(declaration: nodes.StringDeclaration, parts: int, atoms: int) -> None:
    pattern = compile_string(declaration)
    assert (pattern.part_count, pattern.atom_count) == (parts, atoms)


@pytest.mark.parametrize("strict_escape", [False, True])
@pytest.mark.parametrize(("body", "unknown"), [(rb"a\qb", True), (rb"[\q]", True), (rb"\.", False)])
def test_unknown_escapes_are_told_of_in_strict_mode(
    body: bytes, unknown: bool, strict_escape: bool
) -> None:
    literal = nodes.RegexpLiteral(body)
    pattern = compile_string(nodes.RegexpString("$a", literal), strict_escape=strict_escape)
    assert pattern.unknown_escape == (unknown and strict_escape)
    regexp = compile_regexp(literal, strict_escape=strict_escape)
    assert regexp.unknown_escape == (unknown and strict_escape)


@pytest.mark.parametrize(
    "declaration",
    [
        nodes.TextString("$a", b"abc", nodes.Modifiers(nocase=True)),
        nodes.HexString("$a", b"61 ( 62 | 63 ) [0-300] 62"),
        nodes.RegexpString("$a", nodes.RegexpLiteral(b"(ab+|c)b")),
    ],
)
def test_patterns_can_be_pickled(declaration: nodes.StringDeclaration) -> None:
    data = b"abc acb cbb" * 3
    pattern = compile_string(declaration)
    searcher = Searcher([SearchString(pattern)])
    expected = list(searcher.search(data).hits(0))
    assert expected
    copy: object = pickle.loads(pickle.dumps(SearchString(pattern)))  # noqa: S301 - our own
    assert isinstance(copy, SearchString)
    assert list(Searcher([copy]).search(data).hits(0)) == expected


def test_condition_regexps_can_be_pickled() -> None:
    regexp = compile_regexp(nodes.RegexpLiteral(b"a(b|c)+$"))
    assert regexp.matches(b"xabcb")
    copy = pickle.loads(pickle.dumps(regexp))  # noqa: S301 - our own
    assert copy.matches(b"xabcb")
    assert not copy.matches(b"xabcbx")


@pytest.mark.parametrize(
    "declaration",
    [
        nodes.HexString("$a", b"( " * 500 + b"01" + b" )" * 500),
        nodes.RegexpString("$a", nodes.RegexpLiteral(b"(" * 500 + b"a" + b")*" * 500)),
        nodes.RegexpString("$a", nodes.RegexpLiteral(b"(" * 12 + b"a" + b"{9}){9}" * 12)),
    ],
    ids=["hex", "groups", "size"],
)
def test_what_nests_too_deeply_is_refused(declaration: nodes.StringDeclaration) -> None:
    with pytest.raises(PatternError):
        compile_string(declaration)
