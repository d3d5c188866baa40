"""What explanations look like: text files of rules, data and the explanation of the last rule.

A file holds one case, in parts: the rules, ``--- data`` with literals of Python, and
``--- explanation`` with what the command prints.  To record them again, after a look at
what has changed: ``PYTHONPATH=src python tests/explaining/test_cases.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import miniyara
from miniyara.explaining import explain
from miniyara.explaining.drawing import draw
from miniyara.testing.literals import data_of

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


def read(path: Path) -> tuple[str, str, str]:
    rules, _, rest = path.read_text(encoding="utf-8").partition("--- data\n")
    data, _, explanation = rest.partition("--- explanation\n")
    return rules, data, explanation


def explained(rules: str, data: str) -> str:
    compiled = miniyara.compile(source=rules)
    *_, last = compiled
    explanation = explain(compiled, data_of(data), last.identifier)
    return "".join(line + "\n" for line in draw(explanation, colour=False))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_explanation(path: Path) -> None:
    rules, data, explanation = read(path)
    assert explained(rules, data) == explanation


if __name__ == "__main__":
    for case in CASES:
        rules, data, _ = read(case)
        text = f"{rules}--- data\n{data}--- explanation\n{explained(rules, data)}"
        case.write_text(text, encoding="utf-8")
