"""All ways to search give the same hits: with each sweep, and string by string."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniyara.errors import Error
from miniyara.patterns import compile_string
from miniyara.search import Searcher, SearchString, sweep
from miniyara.search.candidates import needed_texts
from miniyara.syntax import nodes

if TYPE_CHECKING:
    from miniyara.search.hits import Hit

XOR = nodes.Modifiers(xor=nodes.XorKeys(1, 3), ascii=True, wide=True)
STRINGS: list[nodes.StringDeclaration] = [
    *(nodes.TextString("$", text) for text in (b"a", b"ab", b"abc", b"abca", b"bcabc", b"aaaaa")),
    nodes.TextString("$", b"\0\0\0\0\0"),
    nodes.TextString("$", b"AbCaB", nodes.Modifiers(nocase=True)),
    nodes.TextString("$", b"aB", nodes.Modifiers(nocase=True, wide=True, ascii=True)),
    nodes.TextString("$", b"cab", nodes.Modifiers(wide=True)),
    nodes.TextString("$", b"abc", nodes.Modifiers(fullword=True)),
    nodes.TextString("$", b"abcab", XOR),
    nodes.TextString("$", b"ab", XOR),
    nodes.HexString("$", b"61 ?? 63 61"),
    nodes.HexString("$", b"61 62 [1-3] 63"),
    nodes.HexString("$", b"61 62 63 [0-300] 61 62 61"),
    nodes.HexString("$", b"( 61 62 | 62 63 ) 61"),
    nodes.HexString("$", b"?? 61"),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"ab+c")),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"[bc]{2}a", nocase=True)),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"a*")),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"bca", nocase=True), nodes.Modifiers(wide=True)),
]
SEARCHED = [SearchString(compile_string(string)) for string in STRINGS]
FIXED = [
    SearchString(compile_string(nodes.TextString("$", b"ab")), fixed_offset=3),
    SearchString(compile_string(nodes.TextString("$", b"abc", XOR)), fixed_offset=0),
]
SEARCHERS = {name: Searcher([*SEARCHED, *FIXED], backend=name) for name in sweep.backends()}
SINGLY = [Searcher([string]) for string in (*SEARCHED, *FIXED)]


def swept(searcher: Searcher, data: bytes) -> list[list[Hit]]:
    search = searcher.search(data)
    candidates = set(search.candidates())
    hits = [list(search.hits(index)) for index in range(len(searcher))]
    assert {index for index, found in enumerate(hits) if found} <= candidates
    return hits


def singly(data: bytes) -> list[list[Hit]]:
    return [list(searcher.search(data).hits(0)) for searcher in SINGLY]


def test_there_are_enough_strings_for_a_sweep() -> None:
    haystack = SEARCHERS["grams"].search(b"abcabc")
    assert len(set(haystack.candidates())) < len(SEARCHED) + len(FIXED)


@given(data=st.text("abcABC\0`", max_size=60).map(str.encode))
@settings(deadline=None)
def test_backends_agree(data: bytes) -> None:
    expected = singly(data)
    for searcher in SEARCHERS.values():
        assert swept(searcher, data) == expected


@given(data=st.binary(max_size=80))
@settings(deadline=None)
def test_backends_agree_under_xor(data: bytes) -> None:
    planted = (
        data
        + bytes(byte ^ 2 for byte in b"abcab")
        + data
        + b"a\0b\0c\0".translate(bytes(byte ^ 1 for byte in range(256)))
    )
    expected = singly(planted)
    for searcher in SEARCHERS.values():
        assert swept(searcher, planted) == expected


def test_block_borders_hide_nothing() -> None:
    strings = [string for string in SEARCHED if min(map(len, _needed(string))) > 1] * 2
    single = [Searcher([string]) for string in strings]
    for backend, border in (("ahocorasick", 1 << 16), ("grams", 1 << 18)):
        if backend not in SEARCHERS:
            continue
        searcher = Searcher(strings, backend=backend)
        for shift in range(-6, 2):
            data = (b"x" * (border + shift) + b"abcabc").ljust(border + 99, b"y")
            expected = [list(one.search(data).hits(0)) for one in single]
            assert swept(searcher, data) == expected


def _needed(string: SearchString) -> list[bytes]:
    """The texts of which one must be there, so that empty data is soon done with."""
    return [text for part in string.pattern.parts for text in (needed_texts(part) or [b""])]


@pytest.mark.parametrize("backend", sweep.backends())
def test_common_atoms_are_searched_for_when_asked(backend: str) -> None:
    data = b"abca" * 70_000 + b"bcabc"
    search = SEARCHERS[backend].search(data)
    assert search.hits(3).count() == 70_001
    assert search.hits(4).count() == SINGLY[4].search(data).hits(0).count()


def test_an_unknown_backend_is_an_error() -> None:
    with pytest.raises(Error, match=r"search backend 'nothing' is unknown; available: .*grams"):
        Searcher(SEARCHED, backend="nothing")


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sweep.ENVIRONMENT_VARIABLE, "grams")
    assert sweep.find() is sweep.find("grams")
    monkeypatch.setenv(sweep.ENVIRONMENT_VARIABLE, "nothing")
    with pytest.raises(Error, match="unknown"):
        sweep.find()
