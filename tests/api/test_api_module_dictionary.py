"""Module values that no module in the package has yet: arrays, dictionaries, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from miniyara import limits
from miniyara.modules.interface import (
    Array,
    Dictionary,
    Function,
    LazyStructure,
    Structure,
    Type,
)
from miniyara.modules.plain import PlainArray
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

POINT = Structure({"x": Type.INTEGER, "y": Type.INTEGER})
DECLARATION = Structure(
    {
        "number": Type.INTEGER,
        "share": Type.FLOAT,
        "name": Type.STRING,
        "point": POINT,
        "points": Array(POINT),
        "info": Dictionary(Type.STRING),
        "compute": Function(Type.INTEGER, {"": lambda _: 1}),
    }
)


@dataclass
class Items:
    """An array."""

    values: list[Any]

    def __len__(self) -> int:
        return len(self.values)

    def item(self, index: int) -> Any:
        return self.values[index]


@dataclass
class Pairs:
    """A dictionary."""

    values: dict[bytes, Any]

    def value(self, key: bytes) -> Any:
        return self.values.get(key, UNDEFINED)

    def items(self) -> Iterator[tuple[bytes, Any]]:
        yield from self.values.items()


def structure(**members: Any) -> LazyStructure:
    return LazyStructure({name: partial(members.__getitem__, name) for name in members})


def test_everything_defined() -> None:
    value = structure(
        number=-1,
        share=0.5,
        name=b"a\0\xff",
        point=structure(x=1, y=2),
        points=Items([structure(x=1, y=2), UNDEFINED, structure()]),
        info=Pairs({b"k\0ey": b"v", b"gap": UNDEFINED, b"\xffz": b""}),
    )
    converted = module_dictionary("m", DECLARATION, value)
    assert converted == {
        "number": -1,
        "share": 0.5,
        "name": b"a\0\xff",
        "point": {"x": 1, "y": 2},
        "points": [{"x": 1, "y": 2}, {}],
        "info": {"k": b"v", "z": b""},
        "module": "m",
    }
    # libyara's order is the declarations' backwards, and forwards again in an array.
    assert list(converted) == ["info", "points", "point", "name", "share", "number", "module"]
    assert list(converted["point"]) == ["y", "x"]
    assert list(converted["points"][0]) == ["x", "y"]


def test_everything_undefined() -> None:
    value = structure(share=float("nan"))
    assert module_dictionary("m", DECLARATION, value) == {
        "point": {},
        "points": [],
        "info": {},
        "module": "m",
    }


def test_strings_that_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = Structure(
        {
            "last": Type.STRING,
            "names": Array(Structure({"name": Type.STRING, "number": Type.INTEGER})),
            "first": Type.STRING,
        }
    )
    name = LazyStructure({"name": lambda: b"1234", "number": lambda: 5})
    value = LazyStructure(
        {
            "first": lambda: b"12",
            "names": lambda: PlainArray([name, name, name]),
            "last": lambda: b"1",
        }
    )
    monkeypatch.setattr(limits, "MAX_DICTIONARY_TEXT", 10)
    assert module_dictionary("m", declaration, value) == {
        "first": b"12",
        "names": [{"name": b"1234", "number": 5}, {"name": b"1234", "number": 5}, {"number": 5}],
        "module": "m",
    }
