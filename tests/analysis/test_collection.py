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
