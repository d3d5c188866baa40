"""Diagnostics in native form; the expected text stands in ``rendered.txt``."""

from __future__ import annotations

from pathlib import Path

import pytest

import miniyara

CASES = Path(__file__).with_name("rendered.txt").read_text(encoding="utf-8").split("=" * 72 + "\n")


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.partition("\n")[0])
def test_rendering(case: str) -> None:
    _title, _, rest = case.partition("\n")
    source, expected = rest.split("-" * 72 + "\n")
    with pytest.raises(miniyara.SyntaxError) as error:
        miniyara.compile(source=source)
    shown = "\n\n".join(diagnostic.render() for diagnostic in error.value.diagnostics)
    assert shown + "\n" == expected
