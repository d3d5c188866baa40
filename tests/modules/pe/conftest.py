"""A small PE file with a bit of everything, and how it is put to both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from miniyara.testing.interrogation import answers_of, fields_of
from miniyara.testing.programs.pe import sample

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session", params=[32, 64], ids=["32 bits", "64 bits"])
def data(request: pytest.FixtureRequest) -> bytes:
    """Give a file with everything, of either width."""
    return sample(request.param)


@pytest.fixture(scope="session")
def whole(data: bytes) -> Callable[[], bytes]:
    """Give the file as something that properties can print in short."""
    return lambda: data


@pytest.fixture(scope="session")
def ask() -> Callable[..., dict[str, str]]:
    """Give a function that asks both engines, and returns what is not undefined."""

    def both(data: bytes, *questions: str) -> dict[str, str]:
        expected = answers_of("yara", "pe", questions, data)
        assert answers_of("miniyara", "pe", questions, data) == expected
        return expected

    return both


@pytest.fixture(scope="session")
def dump() -> Callable[[bytes], dict[str, Any]]:
    """Give a function that compares the fields in both engines, and returns them."""

    def both(data: bytes) -> dict[str, Any]:
        expected, is_garbled = fields_of("yara", "pe", data)
        actual, _ = fields_of("miniyara", "pe", data)
        if is_garbled:
            del actual["version_info"], expected["version_info"]
        assert actual == expected
        assert list(actual) == list(expected)
        return actual

    return both
