"""Python's ``re`` finds what the thread machine finds, wherever it is used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.errors import Error
from miniyara.patterns import PatternError, compile_string, directions
from miniyara.patterns.machine import Machine
from miniyara.search import Searcher, SearchString
from miniyara.syntax import nodes
from miniyara.testing.strategies import hex_strings, regexp_strings

DATA = st.text("abcABC \n\0", max_size=50).map(str.encode)


def hits(declaration: nodes.StringDeclaration, data: bytes) -> list[tuple[int, ...]] | str:
    """The hits of a string, or the error that it ends in."""
    try:
        searcher = Searcher([SearchString(compile_string(declaration))])
        return [tuple(hit) for hit in searcher.search(data).hits(0)]
    except (PatternError, Error) as error:
        return str(error)


@given(declaration=regexp_strings() | hex_strings(), data=DATA)
def test_both_ways_to_match_agree(declaration: nodes.StringDeclaration, data: bytes) -> None:
    expected = hits(declaration, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directions, "translate", lambda *_args, **_options: None)
        assert hits(declaration, data) == expected


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"ab[0-9]+c", b"ab12c ab12 abc ab1c"),
        (b"[a-f]{3}x", b"abcx aaax aax aaaax"),
        (b"a.*b", b"a b b\nab"),
        (b"(ab|.d)e", b"abe cde ae abde"),
        (rb"ab\b", b"ab abc ab"),
    ],
)
def test_common_expressions_are_matched_by_re(body: bytes, data: bytes) -> None:
    declaration = nodes.RegexpString("$a", nodes.RegexpLiteral(body))
    expected = hits(declaration, data)
    assert expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Machine, "move", None)
        assert hits(declaration, data) == expected
