"""The names of yara-python, the attributes of its classes, and what kinds of things they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import yara

from miniyara.testing.compatibility.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLASSES = ("Match", "Rule", "Rules", "StringMatch", "StringMatchInstance")
EXCEPTIONS = ("Error", "SyntaxError", "TimeoutError", "WarningError")


def checks() -> Iterator[Check]:
    """Yield the checks of this area."""
    for name in sorted({*dir(yara)} - {*dir(object), *_OF_THE_IMPORT}):
        yield Check("names", name, partial(_kind, name=name))
    for name in (*CLASSES, *EXCEPTIONS):
        for attribute in _attributes(getattr(yara, name)):
            probe = partial(_has, name=name, attribute=attribute)
            yield Check("attributes", f"{name}.{attribute}", probe)
    for name in CLASSES:
        yield Check("attributes", f"{name}()", partial(_made, name=name))
        yield Check("attributes", f"class of {name}", partial(_derived, name=name))
    for name in EXCEPTIONS:
        yield Check("attributes", f"bases of {name}", partial(_bases, name=name))


_OF_THE_IMPORT = {"__file__", "__loader__", "__name__", "__package__", "__spec__"}


def _attributes(class_: type) -> list[str]:
    return sorted({*vars(class_)} - {"__doc__", "__module__", "__weakref__", "__getattribute__"})


def _has(engine: Any, _folder: Path, *, name: str, attribute: str) -> bool:
    return hasattr(getattr(engine, name), attribute)


def _kind(engine: Any, _folder: Path, *, name: str) -> object:
    value = getattr(engine, name)
    if isinstance(value, type):
        return "class", value.__name__
    if callable(value):
        return "function", value.__name__
    if isinstance(value, (int, str)) and name != "__doc__":
        return value
    return sorted(value) if isinstance(value, list) else type(value).__name__


def _made(engine: Any, _folder: Path, *, name: str) -> str:
    return type(getattr(engine, name)()).__name__


def _derived(engine: Any, _folder: Path, *, name: str) -> list[str]:
    base = getattr(engine, name)
    return [each.__name__ for each in type(f"My{name}", (base,), {}).__mro__]


def _bases(engine: Any, _folder: Path, *, name: str) -> list[str]:
    return [each.__name__ for each in getattr(engine, name).__mro__]
