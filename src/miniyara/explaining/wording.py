"""Values in words, as what is missing and the tree show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.printable import quoted
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.explaining.explanation import Count, Iteration, Node, Value


def written(value: Value) -> str:
    """Return a value as rules write it, but for a text that cannot be printed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return quoted(value)
    return "undefined" if value is UNDEFINED else str(value)


def fact(node: Node) -> str:
    """Return what a node was: ``filesize = 5``."""
    if node.value is None:
        return f"{node.text}: {node.note}"
    value = written(node.value)
    if node.kind == "integer" and isinstance(node.value, int):
        value += f" ({node.value:#x})"  # rules compare it with what they write in hexadecimal
    if node.length is not None:
        value += f"... ({node.length} bytes)"
    return f"{node.text} = {value}"


def computed(parts: Iterable[Node]) -> list[Node]:
    """Return the parts that are neither as they are written nor named by the iteration."""
    return [part for part in parts if part.kind not in ("constant", "regexp", "variable")]


def named(iteration: Iteration) -> str:
    """Return the variables of an iteration, with their values."""
    return ", ".join(
        f"{name} = {_of_variable(name, value, iteration.number)}"
        for name, value in iteration.variables
    )


def _of_variable(name: str, value: Value, number: int) -> str:
    if value is None:
        return f"item {number}"
    return value.decode() if name == "$" and isinstance(value, bytes) else written(value)


def counted(node: Node, count: Count) -> str:
    """Return how many hold and how many have to: ``1 of 4 are found, 2 needed``."""
    if node.kind == "for":
        held = f"true in {count.holding} of {count.total} iterations"
    elif any(part.kind == "rule" for part in node.parts):
        held = f"{count.holding} of {count.total} match"
    else:
        held = f"{count.holding} of {count.total} are found"
    if count.needed is None:
        return held
    return f"{held}, {'none allowed' if count.needed == 'none' else f'{count.needed} needed'}"
