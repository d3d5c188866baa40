"""The garbage collector runs after compiling if it ran before."""

from __future__ import annotations

import contextlib
import gc

import pytest

import miniyara
from miniyara.collection import no_collection


@pytest.mark.parametrize("source", ["rule a { condition: true }", "rule a { condition: b }", "x"])
def test_it_goes_on_after_compiling(source: str) -> None:
    assert gc.isenabled()
    with contextlib.suppress(miniyara.SyntaxError):
        miniyara.compile(source=source)
    assert gc.isenabled()


def test_it_goes_on_only_if_it_ran_before() -> None:
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            miniyara.compile(source="rule a { condition: true }")
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_takes_what_was_made_for_old() -> None:
    with no_collection():
        made: list[list[int]] = [[] for _ in range(10_000)]
    assert len(gc.get_objects(generation=0)) < len(made)


def test_what_is_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        miniyara.compile(source="rule a { condition: true }")
        assert gc.get_freeze_count() >= frozen - 100  # some of it has gone since
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(
    "source",
    [
        "rule a { condition: true }",
        "rule a { strings: $a = { 01 ?? (02 | 03) } condition: for all of them : ($ at 0) }",
        "rule a { condition: b }",
        "rule a : b b { condition: true }",
        "rule a { condition: \x80",
    ],
)
def test_nothing_waits_for_it(source: str) -> None:
    with contextlib.suppress(miniyara.SyntaxError):
        miniyara.compile(source=source)  # loads what is loaded once
    gc.collect()
    with no_collection():
        with contextlib.suppress(miniyara.SyntaxError):
            miniyara.compile(source=source)
        assert gc.collect() == 0
