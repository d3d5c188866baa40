"""Going through a syntax tree."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from miniyara.syntax.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


def walk(root: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in no order but that it comes first."""
    pending: list[object] = [root]
    while pending:
        here = pending.pop()
        if isinstance(here, tuple):
            pending.extend(here)
        elif isinstance(here, Node):
            yield here
            pending.extend(getattr(here, part.name) for part in fields(here))
