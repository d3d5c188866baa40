"""What all tests of the API share: one probe, run on both engines, compared."""

from __future__ import annotations

from collections.abc import Callable
from pprint import pformat
from typing import Any, TypeAlias

import pytest
import yara

import miniyara

Probe: TypeAlias = Callable[[Any], object]
"""A use of the API; gets the engine."""
Same: TypeAlias = Callable[[Probe], None]


@pytest.fixture(params=[yara, miniyara], ids=lambda module: module.__name__)
def engine(request: pytest.FixtureRequest) -> Any:
    """Each engine in turn, for what is the same and can be said outright."""
    return request.param


@pytest.fixture
def same() -> Same:
    """Compare the outcome of a probe on both engines."""
    return assert_same


def assert_same(probe: Probe) -> None:
    expected = outcome(probe, yara)
    assert outcome(probe, miniyara) == expected


def outcome(probe: Probe, engine: Any) -> str:
    """Return what a probe returns or raises, as text: that tells True from 1."""
    try:
        result = plain(probe(engine), engine)
    except Exception as error:  # noqa: BLE001 - errors are compared, too
        result = "raised", type(error).__name__, error.args, str(error)
    return pformat(result, sort_dicts=False)


def plain(value: Any, engine: Any) -> object:
    """Replace the classes of an engine by tuples and dictionaries."""
    if isinstance(value, engine.Match):
        names = ("rule", "namespace", "tags", "meta", "strings")
        return {name: plain(getattr(value, name), engine) for name in names}
    if isinstance(value, engine.StringMatch):
        return value.identifier, value.is_xor(), plain(value.instances, engine)
    if isinstance(value, engine.StringMatchInstance):
        return value.offset, value.matched_data, value.matched_length, value.xor_key
    if isinstance(value, engine.Rule):
        names = ("identifier", "tags", "meta", "is_global", "is_private")
        return {name: plain(getattr(value, name), engine) for name in names}
    if isinstance(value, engine.Rules):
        return "rules", [plain(rule, engine) for rule in value], value.warnings
    if isinstance(value, dict):
        return {key: plain(item, engine) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, engine) for item in value]
    return value
