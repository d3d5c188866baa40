"""How quantifiers count, in sets and in loops (``OP_OF`` and ``OP_ITER_*`` of ``exec.c``).

Both evaluators count with these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.evaluation import operations
from miniyara.values import UNDEFINED, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from miniyara.modules.interface import ArrayValue
    from miniyara.search.hits import Hits


def quantify(quantifier: Any, is_percentage: bool, found: Iterable[bool], total: int) -> Any:
    """Whether enough of ``total`` answers are yes; asks for no more than that takes.

    An undefined quantifier is ``all``, but an undefined percentage is undefined.
    """
    if is_percentage:
        if quantifier is UNDEFINED or total == 0:
            return UNDEFINED
        return sum(found) / total * 100 >= quantifier
    if quantifier is UNDEFINED:
        return all(found)
    if quantifier == 0:
        return not any(found)
    count = 0
    for is_found in found:
        count += is_found
        if count >= quantifier:
            return True
    return count >= quantifier


class LoopCount:
    """Counts the values that the body of a loop has.

    An undefined quantifier is ``all``.  A value counts as the integer that its bits
    are, so that a body which is 2 counts twice.
    """

    __slots__ = ("_iterations", "_quantifier", "_total")

    def __init__(self, quantifier: Any) -> None:
        self._quantifier = quantifier
        self._iterations = self._total = 0

    def goes_on(self, value: Any) -> bool:
        """Count the value of an iteration; whether there is to be another one."""
        self._iterations += 1
        if value is UNDEFINED:
            return True
        number = operations.as_integer(value)
        self._total = wrap(self._total + number)
        if self._quantifier is UNDEFINED:
            return number != 0
        if self._quantifier == 0:
            return number != 1
        return bool(self._total < self._quantifier)

    def verdict(self) -> bool:
        """Whether the quantifier holds."""
        if self._iterations == 0:
            return False
        if self._quantifier is UNDEFINED:
            return self._total == self._iterations
        if self._quantifier == 0:
            return self._total == 0
        return bool(self._total >= self._quantifier)


# -- what is gone over -------------------------------------------------------------------


def found_any(hits: Callable[[int], Hits], strings: Iterable[int]) -> Iterator[bool]:
    """For each string whether it is there."""
    return (hits(string).any() for string in strings)


def found_at(hits: Callable[[int], Hits], strings: Iterable[int], offset: int) -> Iterator[bool]:
    """For each string whether it is at an offset."""
    return (hits(string).at(offset) for string in strings)


def found_within(
    hits: Callable[[int], Hits], strings: Iterable[int], low: int, high: int
) -> Iterator[bool]:
    """For each string whether it begins in a closed interval."""
    return (hits(string).within(low, high) for string in strings)


def array_items(array: ArrayValue) -> Iterator[Any]:
    """The items of an array of a module."""
    return map(array.item, range(len(array)))
