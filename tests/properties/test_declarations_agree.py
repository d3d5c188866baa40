"""What is read without the parser is what the parser would have read, errors included."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.syntax.walk import walk
from miniyara.testing.outcome import text_of
from miniyara.testing.strategies import broken, externals, sources

if TYPE_CHECKING:
    from miniyara.syntax.nodes import Node, Span


def outcome(text: str) -> tuple[Node | None, list[tuple[type, Span]], list[str]]:
    """The tree, the places of its nodes, and the errors in a text."""
    try:
        tree = miniyara.parse(text)
    except miniyara.SyntaxError as error:
        return None, [], [diagnostic.render() for diagnostic in error.diagnostics]
    return tree, [(type(node), node.span) for node in walk(tree)], []


def assert_both_ways_agree(text: str) -> None:
    shortened = outcome(text)
    with (
        patch("miniyara.syntax.parser.read_meta", return_value=[]),
        patch("miniyara.syntax.parser.read_strings", return_value=[]),
    ):
        assert shortened == outcome(text)


@given(st.data())
def test_on_rules(data: st.DataObject) -> None:
    assert_both_ways_agree(text_of(data.draw(sources(data.draw(externals())))))


@given(st.data())
def test_on_text_that_is_nearly_a_rule(data: st.DataObject) -> None:
    source = data.draw(sources(data.draw(externals()), most_rules=2))
    assert_both_ways_agree(data.draw(broken(text_of(source))))


@pytest.mark.parametrize(
    "declarations",
    [
        'meta: a=1 b = 0x1F c=0o17 d = 2KB e = -3 f = true g="x" h = "\\x41" condition: true',
        "meta: a = truer b = 1 condition: true",
        "meta: a = 1.5 condition: true",
        "meta: a = 12345678901234567890 b = x condition: true",
        "meta: a = 1 all = 2 condition: true",
        "meta: a = 1 a b condition: true",
        "meta: /* c */ a // d\n = /* e **/ 1 /* f condition: true",
        'meta: a = "x\ncondition: true',
        f'meta: a = "{"x" * 9000}" condition: true',
        f"meta: {'a' * 129} = 1 condition: true",
        "meta: a = 1 } rule b { meta: c = 2 condition: true",
        'strings: $a = "x" wide wide condition: $a',
        'strings: $a = "x" wide ascii $b = "y" xor $c = "z" $="zz" condition: any of them',
        'strings: $a = "x"wide $b = /y/ii condition: any of them',
        'strings: $a = "x" // c\n nocase $b = "y" /* d */ condition: any of them',
        'strings: $a = "x" \x01 $b = "y" condition: any of them',
        'strings: $a = "x"\n\n include "y" condition: any of them',
        'strings: $a = "x" wide: $b = "y" condition: any of them',
        'strings: $a = "x" condition_ condition: $a',
        "strings: $a = { 01 /* } */ [2-] 02 } private $b = { 03 } wide condition: any of them",
        "strings: $a = /a\\/b\0c/is nocase $b = /d/ base64 condition: any of them",
        'strings: $a = /a\\\0/ $b = "a\0b" condition: any of them',
        f'strings: $a = "{"x" * 5000}" $b = /{"x" * 9000}/ condition: any of them',
        'strings: $a* = "x" condition: $a',
        'strings: $a = "x" condition',
    ],
)
def test_on_declarations(declarations: str) -> None:
    assert_both_ways_agree(f"rule a {{ {declarations} }}\nrule b {{ condition: ) }}")
