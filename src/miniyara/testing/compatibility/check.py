"""A question to both engines, and how their answers are compared."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pprint import pformat
from typing import Any, TypeAlias

Probe: TypeAlias = Callable[[Any, Path], object]
"""A use of the API; gets the engine, and an empty folder for files."""


@dataclass(frozen=True, slots=True)
class Check:
    """A question."""

    area: str
    """What it is about: a row of the table."""
    name: str
    """What is asked, for the table of differences."""
    probe: Probe


@dataclass(frozen=True, slots=True)
class Checked:
    """A question and the answers to it."""

    check: Check
    expected: str
    """What yara-python answers."""
    actual: str
    """What miniyara answers."""

    @property
    def agrees(self) -> bool:
        """Whether the answers are the same."""
        return self.expected == self.actual

    @property
    def kind(self) -> str:
        """In what the answers differ."""
        theirs, ours = (answer.startswith("raised ") for answer in (self.expected, self.actual))
        if theirs and ours:
            same = self.expected.split()[1] == self.actual.split()[1]
            return "message" if same else "class of the exception"
        if theirs:
            return "only yara-python raises"
        return "only miniyara raises" if ours else "value"


def checked(check: Check, reference: Any, engine: Any, folder: Path) -> Checked:
    """Put a question to both engines; ``folder`` is empty."""
    answers = []
    for each in (reference, engine):
        own = folder / "target"
        own.mkdir()
        try:
            answers.append(answer_of(check.probe, each, own))
        finally:
            for path in own.iterdir():
                path.unlink()
            own.rmdir()
    return Checked(check, *answers)


def answer_of(probe: Probe, engine: Any, folder: Path) -> str:
    """Return what a probe returns or raises, as text: that tells True from 1."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = pformat(plain(probe(engine, folder), engine), sort_dicts=False)
        except Exception as error:  # noqa: BLE001 - errors are compared, too
            answer = f"raised {_name(type(error))} {error.args!r} {error}"
    warned = [(each.category.__name__, str(each.message)) for each in caught]
    text = answer + (f" and warned {warned}" if warned else "")
    return re.sub(r"0x[0-9a-f]{6,}", "0x...", text.replace(str(folder), "FOLDER"))


def _name(exception: type[BaseException]) -> str:
    """The class that a handler in a program would name."""
    return next(each.__name__ for each in exception.__mro__ if each.__name__ not in _REFINED)


_REFINED = ("FrozenInstanceError", "UnsupportedOperation")
"""Classes that are an AttributeError or OSError to who handles them."""


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
        return "rules", [plain(rule, engine) for rule in value]
    if isinstance(value, dict):
        return {key: plain(item, engine) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, engine) for item in value]
    return value
