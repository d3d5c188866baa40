"""Rules that were saved and loaded answer as they did before, whatever they are."""

from __future__ import annotations

import io
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.search import sweep
from miniyara.testing import outcome
from miniyara.testing.strategies import data_for, externals, sources


def compile_save_and_load(**arguments: Any) -> miniyara.Rules:
    stream = io.BytesIO()
    miniyara.compile(**arguments).save(file=stream)
    stream.seek(0)
    return miniyara.load(file=stream)


RELOADING = cast("ModuleType", SimpleNamespace(compile=compile_save_and_load))


@pytest.mark.parametrize("backend", [None, *sweep.backends()])
@given(data=st.data())
def test_on_rules_and_data(backend: str | None, data: st.DataObject) -> None:
    known = data.draw(externals())
    source = data.draw(sources(known))
    scanned = data.draw(data_for(source))
    fast = data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch:
        if backend is not None:
            patch.setenv(sweep.ENVIRONMENT_VARIABLE, backend)
        before = outcome(miniyara, source, scanned, externals=known, fast=fast)
        assert outcome(RELOADING, source, scanned, externals=known, fast=fast) == before
