"""A scan that is made by hand, with all that a condition can ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from miniyara.deadline import NEVER, Deadline
from miniyara.modules.interface import LazyStructure, ModuleScan
from miniyara.search.hits import Hit
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATA = bytes(range(200, 256)) + b"MZ abc"

HITS = {0: [], 1: [0], 2: [0, 3, 10, 61], 3: [5, 6]}
"""The offsets of the hits of four strings; each hit is as long as its string's number."""


@dataclass(frozen=True, slots=True)
class ListedHits:
    """Hits that are known."""

    hits: list[Hit]
    too_many: bool = False

    def any(self) -> bool:
        return bool(self.hits)

    def count(self) -> int:
        return len(self.hits)

    def reaches(self, number: int) -> bool:
        return len(self.hits) >= number

    def at(self, offset: int) -> bool:
        return self.within(offset, offset)

    def within(self, low: int, high: int) -> bool:
        return self.count_within(low, high) > 0

    def count_within(self, low: int, high: int) -> int:
        return sum(low <= hit.offset <= high for hit in self.hits)

    def hit(self, index: int) -> Hit | None:
        return self.hits[index - 1] if 1 <= index <= len(self.hits) else None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


@dataclass(frozen=True, slots=True)
class ListedItems:
    """An array and a dictionary of a module."""

    values: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.values)

    def item(self, index: int) -> Any:
        return self.values[index] if 0 <= index < len(self.values) else UNDEFINED

    def value(self, key: bytes) -> Any:
        return dict(self.items()).get(key, UNDEFINED)

    def items(self) -> Iterator[tuple[bytes, Any]]:
        return ((b"%d" % number, value) for number, value in enumerate(self.values))


MODULE = LazyStructure(
    {
        "one": lambda: 1,
        "flag": lambda: True,
        "half": lambda: 0.5,
        "minus_zero": lambda: -0.0,
        "text": lambda: b"abc",
        "empty": lambda: b"",
        "absent": lambda: UNDEFINED,
        "list": lambda: ListedItems((1, 0, UNDEFINED, 3)),
        "nothing": lambda: ListedItems(()),
    }
)


@dataclass
class HandmadeScan:
    """A scan as a condition sees it (``interpreter.Context``); keeps what functions log."""

    data: bytes = DATA
    deadline: Deadline = NEVER
    externals: Mapping[str, Any] = field(
        default_factory=lambda: {"number": 3, "flag": True, "ratio": -0.0, "text": b"a"}
    )
    log: list[str] = field(default_factory=list)

    @property
    def module_scan(self) -> ModuleScan:
        return ModuleScan(self.data, log=self.log.append, deadline=self.deadline)

    def hits(self, string: int) -> ListedHits:
        return ListedHits([Hit(offset, string) for offset in HITS[string]])

    def has_matched(self, rule: int) -> bool:
        return rule == 1

    def module(self, name: str) -> LazyStructure:
        assert name == "module"
        return MODULE


@pytest.fixture(scope="session")
def handmade_scan() -> Callable[[], HandmadeScan]:
    """Give a function that begins a scan."""
    return HandmadeScan
