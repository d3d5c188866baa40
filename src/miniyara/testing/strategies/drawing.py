"""The type of Hypothesis' ``draw``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class Draw(Protocol):
    """What draws a value: the argument of a composite strategy, or ``data.draw``."""

    def __call__(self, strategy: SearchStrategy[T], label: object = None) -> T:
        """Draw a value of a strategy."""
        ...
