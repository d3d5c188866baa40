"""When conditions are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.analysis import condition as steps
from miniyara.evaluation.compiler import compile_condition
from miniyara.evaluation.predicate import (
    COMPILE_AFTER,
    ENVIRONMENT_VARIABLE,
    Predicate,
    compile_after,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.analysis.condition import Condition

CONDITION = steps.StringFound(1)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Condition]:
    """Give the conditions that are compiled from now on."""
    conditions: list[Condition] = []

    def watched(condition: Condition) -> Any:
        conditions.append(condition)
        return compile_condition(condition)

    monkeypatch.setattr("miniyara.evaluation.compiler.compile_condition", watched)
    return conditions


def test_a_condition_is_interpreted_at_first(
    compiled: list[Condition], handmade_scan: Callable[[], Any]
) -> None:
    asked = Predicate(CONDITION, 3)
    for expected in ([], [], [], [CONDITION], [CONDITION]):
        assert asked.is_true(handmade_scan())
        assert compiled == expected


def test_compiled_at_once_or_never(
    compiled: list[Condition], handmade_scan: Callable[[], Any]
) -> None:
    for _ in range(3):
        assert Predicate(CONDITION, None).is_true(handmade_scan())
    assert compiled == []
    assert Predicate(CONDITION, 0).is_true(handmade_scan())
    assert compiled == [CONDITION]


def test_what_cannot_be_compiled_is_tried_once(
    compiled: list[Condition], handmade_scan: Callable[[], Any]
) -> None:
    endless = steps.And((CONDITION,) * 100_000)
    asked = Predicate(endless, 0)
    for _ in range(3):
        assert asked.is_true(handmade_scan())
    assert compiled == [endless]


def test_the_environment_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    assert compile_after() == COMPILE_AFTER
    for value, expected in (("never", None), ("0", 0), ("7", 7), ("", COMPILE_AFTER)):
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, value)
        assert compile_after() == expected
    for value in ("-1", "soon", "1.5"):
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, value)
        with pytest.raises(miniyara.Error, match=ENVIRONMENT_VARIABLE):
            compile_after()
