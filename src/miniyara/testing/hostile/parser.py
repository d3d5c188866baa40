"""What a parser is to those that give it hostile input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Parser:
    """A way in."""

    name: str
    read: Callable[[bytes], object]
    """Read an input and use what was read."""
    seeds: Callable[[], list[bytes]]
    """Inputs of our own to begin with."""
    take: Callable[[bytes], bytes | None] = lambda _file: None
    """What of a file is a good seed, if anything is."""
    words: tuple[str, ...] = ()
    """What inputs are made of, if they are text."""
