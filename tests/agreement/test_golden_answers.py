"""Both engines give the recorded answers: tables of small questions, and whole cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yara

import miniyara
from miniyara.testing.cases import Case, read_cases
from miniyara.testing.tables import Row, read_table

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent

ROWS = {
    f"{path.name}:{row.line}": row
    for path in sorted((HERE / "tables").iterdir())
    for row in read_table(path)
}
CASES = {
    f"{path.stem}:{case.title}": case
    for path in sorted((HERE / "cases").iterdir())
    for case in read_cases(path)
}

both_engines = pytest.mark.parametrize(
    "engine", [yara, miniyara], ids=lambda module: module.__name__
)


@both_engines
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_row_of_a_table(engine: ModuleType, row: Row) -> None:
    assert str(row.answered_by(engine)) == str(row)


@both_engines
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(engine: ModuleType, case: Case) -> None:
    assert case.answer(engine) == case.outcome
