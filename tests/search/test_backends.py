"""All ways to search give the same hits: with each sweep, and string by string."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniyara.errors import Error
from miniyara.patterns import compile_string
from miniyara.patterns.anchors import anchors
from miniyara.search import Searcher, SearchString, sweep
from miniyara.search.places import MAX_KEPT
from miniyara.syntax import nodes

if TYPE_CHECKING:
    from miniyara.search.hits import Hit
    from miniyara.search.sweep import Sweep, SweepFactory

XOR = nodes.Modifiers(xor=nodes.XorKeys(1, 3), ascii=True)
BOTH = nodes.Modifiers(wide=True, ascii=True)
STRINGS: list[nodes.StringDeclaration] = [
    *(nodes.TextString("$", text) for text in (b"Zq", b"ZqJ", b"ZqJx", b"ZqJxW", b"qJxWv9")),
    nodes.TextString("$", b"ZqJxWv9kZqJxWv9k"),
    nodes.TextString("$", b"\0\0\0\0\0\0\0\0"),
    nodes.TextString("$", b"zQjXwV9K", nodes.Modifiers(nocase=True)),
    nodes.TextString("$", b"ZqJx", nodes.Modifiers(nocase=True, wide=True, ascii=True)),
    nodes.TextString("$", b"qJxWv9", nodes.Modifiers(wide=True)),
    nodes.TextString("$", b"JxWv9k", BOTH),
    nodes.TextString("$", b"ZqJxWv9k", nodes.Modifiers(fullword=True)),
    nodes.TextString("$", b"ZqJxWv9k", XOR),
    nodes.TextString("$", b"ZqJxWv9k", nodes.Modifiers(xor=nodes.XorKeys(2, 2), wide=True)),
    nodes.TextString(
        "$", b"JxWv9", nodes.Modifiers(xor=nodes.XorKeys(0, 255), wide=True, ascii=True)
    ),
    nodes.HexString("$", b"5A 71 4A ?? 57 76 39 6B"),
    nodes.HexString("$", b"5A 71 [1-3] 57 76 39 6B"),
    nodes.HexString("$", b"5? ?1 4A 78 57 76"),
    nodes.HexString("$", b"5A 71 4A 78 57 [0-300] 71 4A 78 57 76"),
    nodes.HexString("$", b"( 5A 71 4A 78 | 57 76 39 6B ) 5A"),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"ZqJx+Wv9")),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"[Zz]qJxWv9", nocase=True)),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"k.{0,3}ZqJxW?v")),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"(ZqJx|xWv9)[a-z]")),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"qJxWv"), nodes.Modifiers(wide=True)),
    nodes.RegexpString("$", nodes.RegexpLiteral(b".qJxW"), BOTH),
    nodes.RegexpString("$", nodes.RegexpLiteral(b"Zq?")),
]
SEARCHED = [SearchString(compile_string(string)) for string in STRINGS]
FIXED = [
    SearchString(compile_string(nodes.TextString("$", b"ZqJxWv9k")), fixed_offset=3),
    SearchString(compile_string(nodes.TextString("$", b"ZqJxW", XOR)), fixed_offset=0),
]
SINGLY = [Searcher([string]) for string in (*SEARCHED, *FIXED)]


class InStages:
    """A backend that sweeps even small data in stages."""

    most_at_once = 0.0

    def __init__(self, make_sweep: SweepFactory) -> None:
        self._make_sweep = make_sweep

    def __call__(self, swept: sweep.SweptAnchors) -> Sweep:
        return self._make_sweep(swept)


def searchers(strings: list[SearchString]) -> dict[str, Searcher]:
    """Return a searcher for each backend and each way to use it."""
    found = {}
    for name in sweep.backends():
        found[name] = Searcher(strings, backend=name)
        found[f"{name} in stages"] = staged = Searcher(strings, backend=name)
        staged.stages.make_sweep = InStages(sweep.find(name))
    return found


SEARCHERS = searchers([*SEARCHED, *FIXED])


def swept(searcher: Searcher, data: bytes) -> list[list[Hit]]:
    search = searcher.search(data)
    candidates = search.candidates()
    hits = [list(search.hits(index)) for index in range(len(searcher))]
    found = {index for index, hit in enumerate(hits) if hit}
    assert {index for index in found if searcher.cost(index) < float("inf")} <= candidates
    return hits


def singly(data: bytes) -> list[list[Hit]]:
    return [list(searcher.search(data).hits(0)) for searcher in SINGLY]


PIECES = st.sampled_from(
    [
        *[b"ZqJxWv9k", b"zqjxwv9K", b"ZqJx", b"xWv9", b"Wv9k", b"k", b"\0", b"Z", b" ", b"\0" * 9],
        *[b"Z\0q\0J\0x\0W\0v\x009\0k\0", b"q\0J\0x\0W\0v", b"Zq\x01Jx", b"[pK{Vw8j", b"XsHzUt;i"],
        b"Z\0q\0J\0x\0W\0v\x009\0k\0".translate(bytes(byte ^ 2 for byte in range(256))),
    ]
)
DATA = st.one_of(
    st.lists(PIECES, max_size=12).map(b"".join),
    st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=20).map(b"".join),
)


def test_most_strings_are_swept() -> None:
    swept_ones = [string for string in SEARCHED if any(map(anchors, string.pattern.parts))]
    assert len(swept_ones) > 0.7 * len(SEARCHED)
    assert SEARCHERS["grams"].search(b"nothing").candidates() == set()


@pytest.mark.parametrize("way", SEARCHERS)
@given(data=DATA)
@settings(deadline=None)
def test_all_ways_agree(way: str, data: bytes) -> None:
    assert swept(SEARCHERS[way], data) == singly(data)


@pytest.mark.parametrize("way", SEARCHERS)
def test_a_text_is_found_at_every_place(way: str) -> None:
    border = 1 << 16 if "ahocorasick" in way else 1 << 18 if "grams in" in way else 1 << 14
    strings = [SEARCHED[index] for index in (3, 4, 5, 7, 15, 20)]
    searcher = searchers(strings)[way]
    alone = [Searcher([string]) for string in strings]
    for shift in range(-18, 3):
        data = (b"x" * (border + shift) + b"ZqJxWv9kZqJxWv9k").ljust(border + 99, b"y")
        assert swept(searcher, data) == [list(one.search(data).hits(0)) for one in alone]


@pytest.mark.parametrize("way", SEARCHERS)
def test_what_is_common_is_searched_for_when_asked(way: str) -> None:
    data = b"ZqJxWv9k" * (MAX_KEPT + 9) + b"qJxWv9"
    search = SEARCHERS[way].search(data)
    assert search.hits(4).count() == MAX_KEPT + 10
    assert search.hits(7).count() == SINGLY[7].search(data).hits(0).count()
    assert search.hits(15).count() == SINGLY[15].search(data).hits(0).count()


@pytest.mark.parametrize("way", SEARCHERS)
@pytest.mark.parametrize("shared", [b"JxWv", b"JxWvQzKp"])
def test_many_anchors_with_one_gram_are_given_up(way: str, shared: bytes) -> None:
    strings = [
        SearchString(compile_string(nodes.TextString("$", shared + b"%05d" % number)))
        for number in range(2000)
    ]
    searcher = searchers(strings)[way]
    data = shared * 50_000 + shared + b"00007"
    search = searcher.search(data)
    assert search.hits(7).hit(1) is not None
    assert not search.hits(8).any()


def test_an_unknown_backend_is_an_error() -> None:
    with pytest.raises(Error, match=r"search backend 'nothing' is unknown; available: .*grams"):
        Searcher(SEARCHED, backend="nothing")


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sweep.ENVIRONMENT_VARIABLE, "nothing")
    with pytest.raises(Error, match="unknown"):
        Searcher(SEARCHED)
