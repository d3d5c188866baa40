"""What callbacks are told, what their answers do, and external variables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from miniyara.testing.compatibility.subject import checks_of, matches_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from miniyara.testing.compatibility.check import Check
    from miniyara.testing.compatibility.subject import Probes


def checks() -> Iterator[Check]:
    """Yield the checks of these areas."""
    yield from checks_of("callbacks", {**_CALLBACKS, **dict(_answers())})
    yield from checks_of("externals", _EXTERNALS)


def _report(engine: Any, _folder: Path, **arguments: Any) -> object:
    told: list[object] = []
    return matches_of(engine, callback=told.append, **arguments), told


def _shared(engine: Any, _folder: Path) -> object:
    reports: list[Any] = []
    matches = matches_of(engine, callback=reports.append, which_callbacks=1)
    return [
        all(report[name] is getattr(match, name) for name in ("tags", "meta", "strings"))
        for match, report in zip(matches, reports, strict=True)
    ]


def _modules(engine: Any, _folder: Path) -> object:
    told: list[object] = []
    matches_of(engine, modules_callback=told.append)
    return told


def _failing(*_: object) -> object:
    raise KeyError("from the callback")


def _overflow(engine: Any, callback: Callable[..., object] | None) -> object:
    rules = engine.compile(source='rule a { strings: $a = "a" private condition: $a }')
    arguments = {} if callback is None else {"warnings_callback": callback}
    [match] = rules.match(data=b"a" * 1_000_010, **arguments)
    return len(match.strings[0].instances)


def _overflow_report(engine: Any, _folder: Path) -> object:
    told: list[Any] = []
    count = _overflow(engine, lambda *message: told.append(message))
    [(kind, message)] = told
    return count, kind, message, message.namespace, message.rule, message.string, repr(message)


def _printed(engine: Any, _folder: Path) -> object:
    told: list[object] = []
    matches_of(engine, console_callback=told.append)
    return told


_CALLBACKS: Final[Probes] = {
    "what callback is told": _report,
    **{f"which_callbacks={which}": partial(_report, which_callbacks=which) for which in range(8)},
    "the lists of a report and of its match": _shared,
    "callback raises": lambda engine, _: matches_of(engine, callback=_failing),
    "modules_callback raises": lambda engine, _: matches_of(engine, modules_callback=_failing),
    "console_callback raises": lambda engine, _: matches_of(engine, console_callback=_failing),
    "warnings_callback raises": lambda engine, _: _overflow(engine, _failing),
    "a callback that ends the program": lambda engine, _: matches_of(
        engine, callback=lambda _: (_ for _ in ()).throw(StopIteration("a"))
    ),
    "what modules_callback is told": _modules,
    "what console_callback is told": _printed,
    "what warnings_callback is told": _overflow_report,
    "no warnings_callback": lambda engine, _: _overflow(engine, None),
}

_ANSWERS: Final[dict[str, object]] = {
    "None": None,
    "0": 0,
    "1": 1,
    "2": 2,
    "3": 3,
    "-1": -1,
    "True": True,
    "2**32 + 1": 2**32 + 1,
    "2**80": 2**80,
    "text": "1",
    "float": 1.0,
    "object": object,
}


def _answering(engine: Any, _folder: Path, *, which: str, value: object) -> object:
    return matches_of(engine, **{which: lambda _: value})


def _answering_overflow(engine: Any, _folder: Path, *, value: object) -> object:
    return _overflow(engine, lambda *_: value)


def _answers() -> Iterator[tuple[str, Callable[[Any, Path], object]]]:
    """Each callback with each answer."""
    for name, value in _ANSWERS.items():
        for which in ("callback", "modules_callback", "console_callback"):
            yield f"{which} returns {name}", partial(_answering, which=which, value=value)
        if name in {"None", "0", "1", "2", "text"}:
            yield f"warnings_callback returns {name}", partial(_answering_overflow, value=value)


def _with_externals(engine: Any, _folder: Path, *, externals: object) -> object:
    return matches_of(engine, externals=externals)


_GIVEN: Final[dict[str, object]] = {
    "{}": {},
    "None": None,
    "other values": {"number": 0},
    "an unknown name": {"unknown": 1},
    "a text for a number": {"number": "6"},
    "a float for a number": {"number": 6.5},
    "a boolean for a number": {"number": True},
    "a number for a boolean": {"flag": 3},
    "a number for a float": {"real": 3},
    "a number for a text": {"text": 3},
    "None for a number": {"number": None},
    "bytes for a text": {"text": b"x"},
    "a number as the name": {1: 1},
    "64 bits": {"number": 2**63 - 1},
    "more than 64 bits": {"number": 2**63},
    "a text with a zero": {"text": "x\0y"},
}

_EXTERNALS: Final[Probes] = {
    f"match(externals={text})": partial(_with_externals, externals=values)
    for text, values in _GIVEN.items()
}
