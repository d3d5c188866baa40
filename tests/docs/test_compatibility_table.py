"""The table in ``docs/compatibility.md`` is what the command prints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from miniyara.testing.compatibility import run_checks, table
from miniyara.testing.compatibility.differences import reason_for

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.mark.skipif(sys.platform != "linux", reason="asks for devices and processes")
def test_the_table_is_current() -> None:
    results = run_checks()
    unexplained = [
        each
        for each in results
        if not each.agrees and reason_for(each.check.area, each.check.name) is None
    ]
    assert unexplained == []
    text = DOCUMENT.read_text(encoding="utf-8")
    between = text.partition("<!-- compatibility: begin -->\n")[2]
    assert table(results) + "\n" == between.partition("<!-- compatibility: end -->")[0]
