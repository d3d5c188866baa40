"""External variables, defined when compiling and changed when scanning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from tests.api.conftest import Same

EXTERNALS: dict[str, Any] = {"i": 5, "b": True, "s": "x", "f": 1.5}
RULES = """
rule integer { condition: i == 5 }
rule boolean { condition: b }
rule text { condition: s == "x" }
rule float { condition: f == 1.5 }
"""


class Text(str):
    """Not quite a ``str``."""

    __slots__ = ()


class Dictionary(dict[str, Any]):
    """Not quite a ``dict``."""


@pytest.mark.parametrize(
    "externals",
    [
        None,
        {},
        [],
        {1: 1},
        {"x": None},
        {"x": b"bytes"},
        {"x": []},
        {"x": "a", "big": (1 << 63) - 1, "small": -1 << 63},
        {"x": "a", "too big": 1 << 63},
        {"x": "a", "too small": -(1 << 63) - 1},
        {"x": "\udc80"},
        {"x": "a\0b"},
        {"x\0y": "a"},
        {"x": Text("a")},
        Dictionary(x="a"),
        {"x": "a", "not an identifier": 1, "": 2, "rule": 3},
        {"a": "rule of the same name", "x": "a"},
    ],
    ids=repr,
)
def test_compile(same: Same, externals: object) -> None:
    source = 'rule a { condition: x == "a" }'
    same(lambda engine: engine.compile(source=source, externals=externals).match(data=b""))


@pytest.mark.parametrize(
    "externals",
    [
        None,
        {},
        [],
        {"unknown": 1},
        {"unknown": None},
        {1: 2},
        {"i": "x", 1: 2},
        *({"i": value} for value in (True, 1.5, "5", 6, None, b"5")),
        *({"b": value} for value in (0, 7, "x", 1.0, False)),
        *({"s": value} for value in ("y", "x\0z", 1, True, "\udc80")),
        *({"f": value} for value in (1, True, 2.5, "x", float("nan"))),
        {"i\0": 6},
    ],
    ids=repr,
)
def test_match(same: Same, externals: object) -> None:
    def probe(engine: Any) -> object:
        rules = engine.compile(source=RULES, externals=EXTERNALS)
        return rules.match(data=b"", externals=externals), rules.match(data=b"")

    same(probe)


def test_boolean_holds_an_integer(same: Same) -> None:
    source = 'import "console" rule a { condition: console.log("", b) and b == 7 }'

    def probe(engine: Any) -> object:
        lines: list[str] = []
        rules = engine.compile(source=source, externals={"b": True})
        found = rules.match(data=b"", externals={"b": 7}, console_callback=lines.append)
        return found, lines

    same(probe)


def test_too_big_for_64_bits() -> None:
    rules = miniyara.compile(source=RULES, externals=EXTERNALS)
    with pytest.raises(OverflowError, match="int too big to convert"):
        rules.match(data=b"", externals={"i": 1 << 63})
