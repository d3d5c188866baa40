"""Which rules are compared: single rules cut out of packs that every engine accepts.

Each rule gets a name of its own, so that rules of all packs can be in one source
and a rule that refers to another one is refused by every engine.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEED: Final = 20_240_131

MODULES: Final = ("console", "dotnet", "elf", "hash", "math", "pe", "string", "time")
"""Those of yara-python's wheels."""

PRELUDE: Final = "".join(f'import "{name}"\n' for name in MODULES)
"""Imports for rules of any kind."""

_TOKEN: Final = re.compile(
    r"""
      "(?:[^"\\\n]|\\.)*"                       # text string
    | //[^\n]* | /\*.*?\*/                      # comment
    | /(?:[^/\\\n]|\\.)+/                       # regular expression
    | (?P<head>(?:\b(?:private|global)\s+)*\brule\s+(?P<name>\w+))
    | [{}]
    """,
    re.VERBOSE | re.DOTALL,
)
_IMPORT: Final = re.compile(r'^\s*import\s+"(\w+)"', re.MULTILINE)


def split(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each rule that is neither global nor private."""
    depth = 0
    head: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        if token["head"] and depth == 0:
            head = token
        elif token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
            if depth == 0 and head and head["head"].startswith("rule"):
                yield head["name"], text[head.end("name") : token.end()]


def candidates(pack: Path) -> list[str]:
    """Return the rules of a pack that need no module but :data:`MODULES`, renamed."""
    rules: list[str] = []
    for path in sorted(pack.rglob("*.yar*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        others = set(_IMPORT.findall(text)) - set(MODULES)
        needs = re.compile(rf"\b(?:{'|'.join(sorted(others))})\s*\.") if others else None
        for name, body in split(text):
            if not (needs and needs.search(body)):
                rules.append(f"rule {name[:80]}_{pack.name.replace('-', '_')}_{len(rules)}{body}")
    return rules


def with_imports(rules: Sequence[str]) -> str:
    """Return a source of some rules that imports what they need.

    It imports no more, because libyara reads a file for every module that is imported.
    """
    text = "\n".join(rules)
    needed = [name for name in MODULES if re.search(rf"\b{name}\s*\.", text)]
    return "".join(f'import "{name}"\n' for name in needed) + text


def shuffled(rules: list[str]) -> list[str]:
    """Return the rules in the order in which they are drawn."""
    order = sorted(rules)
    random.Random(SEED).shuffle(order)  # noqa: S311 - a sample, no secret
    return order
