"""Of too many things, those that tell most."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")


def first(items: Sequence[Item], most: int, is_telling: Callable[[Item], bool]) -> list[Item]:
    """Return at most so many items, in their order: what tells something before the rest."""
    numbers = sorted(range(len(items)), key=lambda number: not is_telling(items[number]))
    return [items[number] for number in sorted(numbers[:most])]
