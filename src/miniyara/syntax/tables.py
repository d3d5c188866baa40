"""The tables that drive a parser, and where they come from.

They are made from the grammars (``grammar/*.lark``) by
:mod:`~miniyara.syntax.automaton`, which needs lark and a while, so they are kept
in a file beside each grammar.  That file is only used if it was made from the very
text of the grammar; otherwise the tables are made on the spot.
"""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

END: Final = "$END"
"""Lark's name of the terminal after the last one."""

ACCEPT: Final = 1 << 30
"""The action of having parsed everything."""

ERROR: Final = "ERROR"
"""The terminal that stands for a piece of text with an error in it."""


@dataclass(frozen=True, slots=True)
class Production:
    """A rule of the grammar: ``origin: symbols -> action``."""

    origin: str
    length: int
    action: str | None
    """The name of what is to be done, or None: the value is that of the first symbol."""


@dataclass(frozen=True, slots=True)
class Tables:
    """An LALR(1) automaton in bison's manner; its first state is 0.

    In ``actions``, by state and terminal, a number of 0 or more is the state to
    shift to; a negative number is ``~p`` for a reduction by production ``p``.
    """

    productions: tuple[Production, ...]
    actions: tuple[dict[str, int], ...]
    defaults: tuple[int | None, ...]
    """By state, the production to reduce by if ``actions`` has nothing."""
    gotos: tuple[dict[str, int], ...]
    """By state and name of a nonterminal, the next state."""
    patterns: dict[str, str]
    """By terminal, its regular expression, in the order of the grammar file."""
    literals: dict[str, str]
    """By terminal that is a fixed text, that text."""


@cache
def load_tables(name: str) -> Tables:
    """The tables of ``grammar/<name>.lark``, loaded once per process."""
    grammar = _read(f"{name}.lark")
    stored = json.loads(_read(f"{name}.json"))
    if stored["checksum"] != checksum(grammar):
        from miniyara.syntax.automaton import build_tables  # noqa: PLC0415 - it brings in lark

        return build_tables(grammar)
    return Tables(
        tuple(Production(*production) for production in stored["productions"]),
        tuple(map(_interned, stored["actions"])),
        tuple(stored["defaults"]),
        tuple(map(_interned, stored["gotos"])),
        stored["patterns"],
        stored["literals"],
    )


def checksum(grammar: str) -> int:
    """What tells a grammar from an earlier state of it."""
    return zlib.crc32(grammar.encode())


def _interned(row: dict[str, int]) -> dict[str, int]:
    """A row whose names compare by identity with those in the code."""
    return {sys.intern(name): value for name, value in row.items()}


def _read(name: str) -> str:
    """The text of a file of the grammars, from a wheel, a zip, or a source tree."""
    loader: Any = __spec__.loader
    package = Path(__file__).parents[1]
    try:
        content: bytes = loader.get_data(str(package / "grammar" / name))
    except OSError:
        # In a source tree and an editable install the grammars stand beside src/.
        content = loader.get_data(str(package.parents[1] / "grammar" / name))
    return content.decode().replace("\r\n", "\n")
