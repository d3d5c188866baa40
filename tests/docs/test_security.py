"""Each promise of ``docs/security.md`` names tests, and they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

PROMISES = [
    promise
    for section in TEXT.split("\n## ")[1:]
    for promise in re.findall(r"(?ms)^\* .*?(?=^\* |\Z)", section.partition("\nNot promised")[0])
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise[2:40])
def test_a_promise_is_held_by_tests(promise: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
    assert named, "a promise that no test holds"
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
