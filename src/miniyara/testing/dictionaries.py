"""How two dictionaries of a module's fields differ, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN: Final = 100
"""Characters of a value that are shown."""


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    """Yield a line for each field that differs; keys in another order are a difference."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _of_dictionaries(expected, actual, path)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{path} has {len(expected)} items, ours {len(actual)}"
        for index, (theirs, ours) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(theirs, ours, f"{path}[{index}]")
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{path} is {_short(expected)}, ours {_short(actual)}"


def _of_dictionaries(expected: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[str]:
    for key in {**expected, **actual}:
        place = f"{path}.{key}" if path else key
        if key not in actual:
            yield f"{place} is {_short(expected[key])}, ours is missing"
        elif key not in expected:
            yield f"{place} is missing, ours {_short(actual[key])}"
        else:
            yield from differences(expected[key], actual[key], place)
    if expected.keys() == actual.keys() and list(expected) != list(actual):
        yield f"{path or 'the module'}: keys are {list(expected)}, ours {list(actual)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
