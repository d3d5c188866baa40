"""What callbacks are told, in which order, and what their answers do."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from tests.api.conftest import Probe, Same

RULES = r"""
import "console"
import "math"
rule one : tag { meta: m = 1 strings: $a = "a" $b = "b" private condition: any of them }
private rule hidden { condition: console.log("hidden") }
rule two { strings: $a = "a" $c = "c" condition: all of them }
rule three { condition: console.log("caf\xc3\xa9") and console.log("") and console.log("n: ", 5) }
rule four { condition: console.hex(255) and false }
"""
DATA = b"aab"


def scan(engine: Any, **arguments: Any) -> list[Any]:
    found: list[Any] = engine.compile(source=RULES).match(data=DATA, **arguments)
    return found


def quiet(engine: Any, **arguments: Any) -> list[Any]:
    return scan(engine, console_callback=lambda _: None, **arguments)


def journal(engine: Any, answer: object = None, **arguments: Any) -> object:
    """Return the matches and what all callbacks were told in the order of their calls."""
    events: list[object] = []

    def note(kind: str) -> Any:
        def callback(*told: object) -> object:
            events.append((kind, told))
            return answer if kind == "rule" else None

        return callback

    found = scan(
        engine,
        callback=note("rule"),
        modules_callback=note("module"),
        console_callback=note("console"),
        warnings_callback=note("warning"),
        **arguments,
    )
    return found, events


@pytest.mark.parametrize("which", [0, 1, 2, 3, 4, 99, -1])
def test_which_callbacks(same: Same, which: int) -> None:
    same(lambda engine: journal(engine, which_callbacks=which))


@pytest.mark.parametrize("answer", [0, 1, 3, -1, True, False, None, "1", 1.0], ids=repr)
def test_answers(same: Same, answer: object) -> None:
    same(lambda engine: journal(engine, answer))
    same(lambda engine: quiet(engine, modules_callback=lambda _: answer))
    same(lambda engine: scan(engine, console_callback=lambda _: answer))


def test_duplicate_metadata(same: Same) -> None:
    same(lambda engine: journal(engine, allow_duplicate_metadata=True))


def test_keys_of_the_report(engine: Any) -> None:
    reports: list[dict[str, Any]] = []
    found = quiet(engine, callback=reports.append, which_callbacks=engine.CALLBACK_MATCHES)
    assert list(reports[0]) == ["matches", "rule", "namespace", "tags", "meta", "strings"]
    assert reports[0]["meta"] is found[0].meta


@pytest.mark.parametrize("name", ["callback", "modules_callback", "console_callback"])
@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt])
def test_exceptions_are_passed_on(name: str, kind: type[BaseException]) -> None:
    def callback(*_: object) -> None:
        raise kind("from the callback")

    arguments: dict[str, Any] = {"console_callback": lambda _: None, name: callback}
    with pytest.raises(kind, match="from the callback"):
        scan(miniyara, **arguments)


@pytest.mark.parametrize("name", ["callback", "modules_callback"])
def test_error_answer(name: str) -> None:
    # libyara's CALLBACK_ERROR, on which yara-python raises a SystemError.
    answers: dict[str, Any] = {name: lambda _: 2}
    with pytest.raises(miniyara.Error, match=r"^internal error: 28$"):
        quiet(miniyara, **answers)


def test_console_prints(engine: Any, capfd: pytest.CaptureFixture[str]) -> None:
    scan(engine)
    assert capfd.readouterr().out.splitlines() == ["hidden", r"caf\xc3\xa9", "", "n: 5", "0xff"]


STRAY = r"""
import "console"
rule r { condition: console.log("a\xff\xc3\xa9 ", 1) and console.log("\xe2\x82: ", "x") }
"""


def test_labels_that_are_not_text(same: Same) -> None:
    def probe(engine: Any) -> object:
        told: list[str] = []
        return engine.compile(source=STRAY).match(data=b"", console_callback=told.append), told

    same(probe)


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
@pytest.mark.parametrize("name", ["yara", "miniyara"])
def test_console_prints_bytes_whatever_the_encoding(name: str, encoding: str) -> None:
    program = f"import {name}; {name}.compile(source={STRAY!r}).match(data=b'')"
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": encoding},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout.splitlines() == [b"a\xff\xc3\xa9 1", b"\xe2\x82: x"]


def test_console_prints_to_a_stream_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    miniyara.compile(source=STRAY).match(data=b"")
    assert stream.getvalue() == "a\u00e9 1\n: x\n"


def test_modules_callback_without_use(same: Same) -> None:
    source = 'import "math" import "string" import "math" rule a { condition: false }'

    def probe(engine: Any) -> object:
        told: list[object] = []
        rules = engine.compile(sources={"one": source, "two": source})
        return rules.match(data=b"", modules_callback=told.append), told

    same(probe)


@pytest.mark.parametrize(
    "modules_data", [{}, {"math": b"x"}, {"math": "x", 1: 2, "unknown": b""}], ids=repr
)
def test_modules_data(same: Same, modules_data: object) -> None:
    same(lambda engine: quiet(engine, modules_data=modules_data))


WRONG: dict[str, Probe] = {
    "callback None": lambda engine: scan(engine, callback=None),
    "modules_callback None": lambda engine: scan(engine, modules_callback=None),
    "warnings_callback None": lambda engine: scan(engine, warnings_callback=None),
    "console_callback None": lambda engine: scan(engine, console_callback=None),
    "modules_data None": lambda engine: scan(engine, modules_data=None),
    "modules_data list": lambda engine: scan(engine, modules_data=[]),
    "which_callbacks None": lambda engine: scan(engine, which_callbacks=None),
    "which_callbacks str": lambda engine: scan(engine, which_callbacks="1"),
    "allow_duplicate_metadata None": lambda engine: scan(engine, allow_duplicate_metadata=None),
    "allow_duplicate_metadata 256": lambda engine: scan(engine, allow_duplicate_metadata=256),
    "allow_duplicate_metadata -1": lambda engine: scan(engine, allow_duplicate_metadata=-1),
    "all": lambda engine: scan(
        engine,
        callback=1,
        modules_callback=1,
        warnings_callback=1,
        console_callback=1,
        modules_data=1,
        externals=1,
    ),
    "all but one": lambda engine: scan(
        engine,
        modules_callback=1,
        warnings_callback=1,
        console_callback=1,
        modules_data=1,
        externals=1,
    ),
    "all but two": lambda engine: scan(
        engine, warnings_callback=1, console_callback=1, modules_data=1, externals=1
    ),
    "console, data, externals": lambda engine: scan(
        engine, console_callback=1, modules_data=1, externals=1
    ),
    "data and externals": lambda engine: scan(engine, modules_data=1, externals=1),
}


@pytest.mark.parametrize("probe", WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments(same: Same, probe: Probe) -> None:
    same(probe)
