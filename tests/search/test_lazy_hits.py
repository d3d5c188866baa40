"""Every question about hits has the answer that all hits together give."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara import limits
from miniyara.errors import Error
from miniyara.patterns import compile_string
from miniyara.search import Searcher, SearchString
from miniyara.syntax import nodes
from miniyara.testing.strategies import string_declarations

if TYPE_CHECKING:
    from miniyara.search.hits import Hit, Hits

DATA = st.text("abcABC \0`1", max_size=60).map(str.encode)


def ask(hits: Hits, question: tuple[str, int, int]) -> object:
    name, low, high = question
    match name:
        case "at":
            return hits.at(low)
        case "within" | "count_within":
            return getattr(hits, name)(low, high)
        case "reaches" | "hit":
            return getattr(hits, name)(low)
    return getattr(hits, name)()


def expected(hits: list[Hit], question: tuple[str, int, int]) -> object:
    name, low, high = question
    within = [hit for hit in hits if low <= hit.offset <= high]
    answers = {
        "any": bool(hits),
        "count": len(hits),
        "reaches": len(hits) >= low,
        "at": any(hit.offset == low for hit in hits),
        "within": bool(within),
        "count_within": len(within),
        "hit": hits[low - 1] if 1 <= low <= len(hits) else None,
    }
    return answers[name]


QUESTIONS = st.tuples(
    st.sampled_from(["any", "count", "reaches", "at", "within", "count_within", "hit"]),
    st.integers(-1, 65),
    st.integers(-1, 65),
)


@given(declaration=string_declarations(), data=DATA, questions=st.lists(QUESTIONS, max_size=6))
def test_questions_in_any_order(
    declaration: nodes.StringDeclaration, data: bytes, questions: list[tuple[str, int, int]]
) -> None:
    searcher = Searcher([SearchString(compile_string(declaration))])
    try:
        everything = list(searcher.search(data).hits(0))
    except Error:
        return  # too many threads; a question may be answered before that is noticed
    hits = searcher.search(data).hits(0)
    for question in questions:
        assert ask(hits, question) == expected(everything, question), question


@pytest.mark.parametrize(
    ("declaration", "first"),
    [
        (nodes.TextString("$a", b"ab"), [(2, 2)]),
        (nodes.RegexpString("$a", nodes.RegexpLiteral(b"ab+")), [(2, 3)]),
        # All that is found from the atom that ends the search.
        (nodes.RegexpString("$a", nodes.RegexpLiteral(b"x*ab+")), [(0, 5), (1, 4), (2, 3)]),
        (nodes.HexString("$a", b"61 [0-300] 62"), [(2, 2)]),
    ],
)
def test_fast_mode_stops_at_the_first(
    declaration: nodes.StringDeclaration, first: list[tuple[int, int]]
) -> None:
    searcher = Searcher([SearchString(compile_string(declaration), single_match=True)])
    hits = searcher.search(b"xxabb abb abb", fast=True).hits(0)
    assert [(hit.offset, hit.length) for hit in hits] == first
    assert searcher.search(b"xxabb abb abb").hits(0).count() > len(first)


@pytest.mark.parametrize("text", [b"ab", b"abcdef"])
def test_a_fixed_offset_is_the_only_one(text: bytes) -> None:
    offset = 2 * len(text)
    string = SearchString(compile_string(nodes.TextString("$a", text)), fixed_offset=offset)
    hits = Searcher([string]).search(text * 5).hits(0)
    assert [hit.offset for hit in hits] == [offset]


def test_data_may_be_mapped() -> None:
    with mmap.mmap(-1, 1 << 16) as data:
        data[5000:5006] = b"abcdef"
        strings: list[nodes.StringDeclaration] = [
            nodes.TextString("$a", b"abc"),
            nodes.TextString("$a", b"ABC", nodes.Modifiers(nocase=True)),
            nodes.TextString("$a", b"bcd", nodes.Modifiers(xor=nodes.XorKeys(0, 1))),
            nodes.RegexpString("$a", nodes.RegexpLiteral(b"[ab]+c")),
            nodes.HexString("$a", b"61 [2-3] 64 [-] 66"),
        ]
        for string in strings:
            search = Searcher([SearchString(compile_string(string))]).search(data)
            assert search.hits(0).hit(1) is not None


def test_there_are_only_so_many_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 5_000
    monkeypatch.setattr(limits, "MAX_STRING_MATCHES", most)
    searcher = Searcher([SearchString(compile_string(nodes.TextString("$a", b"a")))])
    exactly = searcher.search(b"a" * most).hits(0)
    assert exactly.abandoned_at is None
    more = searcher.search(b"a" * (most + 1)).hits(0)
    assert more.at(most - 1)
    assert not more.at(most)
    assert more.abandoned_at is not None
    assert more.count() == most
