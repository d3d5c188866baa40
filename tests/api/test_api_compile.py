"""The arguments of ``compile``, and what it says about them."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Probe, Same

RULE = "rule a { condition: true }"
BAD = "\nrule b { condition: unknown }"
SLOW = 'rule w { strings: $a = {01 00} $b = "a" condition: all of them }'
ESCAPE = r"rule e { strings: $a = /abcd\g/ condition: $a }"
NOT_BOOLEAN: Any = 3

PROBES: dict[str, Probe] = {
    "nothing": lambda engine: engine.compile(),
    "two sources": lambda engine: engine.compile("path", RULE),
    "source and file None": lambda engine: engine.compile(source=RULE, file=None),
    "two sources and a wrong flag": lambda engine: engine.compile("path", RULE, includes=3),
    "filepath None": lambda engine: engine.compile(None),
    "filepath int": lambda engine: engine.compile(1),
    "filepath with NUL": lambda engine: engine.compile("a\0"),
    "filepath empty": lambda engine: engine.compile(""),
    "filepath missing": lambda engine: engine.compile("/no/such/file"),
    "filepath folder": lambda engine: engine.compile("/usr"),
    "source None": lambda engine: engine.compile(source=None),
    "source int": lambda engine: engine.compile(source=1),
    "source bytes": lambda engine: engine.compile(source=RULE.encode()),
    "source with NUL": lambda engine: engine.compile(source=RULE + "\0"),
    "source with surrogate": lambda engine: engine.compile(source="\udc80"),
    "source empty": lambda engine: engine.compile(source=""),
    "source": lambda engine: engine.compile(source=RULE),
    "source with an error": lambda engine: engine.compile(source=RULE + BAD),
    "source not ASCII": lambda engine: engine.compile(
        source='rule a { meta: b = "é" condition: 1 }'
    ),
    "file None": lambda engine: engine.compile(file=None),
    "file str": lambda engine: engine.compile(file="x"),
    "file in memory": lambda engine: engine.compile(file=io.BytesIO(RULE.encode())),
    "file negative": lambda engine: engine.compile(file=-1),
    "sources None": lambda engine: engine.compile(sources=None),
    "sources list": lambda engine: engine.compile(sources=[]),
    "sources empty": lambda engine: engine.compile(sources={}),
    "sources wrong value": lambda engine: engine.compile(sources={"n": 1}),
    "sources wrong key": lambda engine: engine.compile(sources={1: RULE}),
    "sources with NUL": lambda engine: engine.compile(sources={"n\0x": RULE + "\0 rubbish"}),
    "sources": lambda engine: engine.compile(sources={"n2": RULE, "n1": RULE}).match(data=b""),
    "sources nameless": lambda engine: engine.compile(sources={"": RULE}).match(data=b""),
    "sources, first with an error": lambda engine: engine.compile(sources={"n": BAD, "m": 1}),
    "sources, both with an error": lambda engine: engine.compile(sources={"n": BAD, "m": "x"}),
    "sources, second wrong": lambda engine: engine.compile(sources={"n": RULE, "m": 1}),
    "filepaths None": lambda engine: engine.compile(filepaths=None),
    "filepaths list": lambda engine: engine.compile(filepaths=[]),
    "filepaths empty": lambda engine: engine.compile(filepaths={}),
    "filepaths wrong value": lambda engine: engine.compile(filepaths={"n": 1}),
    "filepaths wrong key": lambda engine: engine.compile(filepaths={1: "x"}),
    "filepaths missing": lambda engine: engine.compile(filepaths={"n": "/no/such/file"}),
    "includes None": lambda engine: engine.compile(source=RULE, includes=None),
    "error_on_warning 1": lambda engine: engine.compile(source=RULE, error_on_warning=1),
    "strict_escape None": lambda engine: engine.compile(source=RULE, strict_escape=None),
    "include_callback None": lambda engine: engine.compile(source=RULE, include_callback=None),
    "externals list": lambda engine: engine.compile(source=RULE, externals=[]),
    "all wrong": lambda engine: engine.compile(
        source=BAD, error_on_warning=3, strict_escape=3, includes=3, include_callback=3, externals=3
    ),
    "all wrong but one": lambda engine: engine.compile(
        source=BAD, strict_escape=3, includes=3, include_callback=3, externals=3
    ),
    "all wrong but two": lambda engine: engine.compile(
        source=BAD, includes=3, include_callback=3, externals=3
    ),
    "callback and externals wrong": lambda engine: engine.compile(
        source=BAD, include_callback=3, externals=3
    ),
    "source and externals wrong": lambda engine: engine.compile(source=BAD, externals=3),
    "all right": lambda engine: engine.compile(
        source=RULE, includes=True, externals=None, error_on_warning=False
    ),
    "warnings": lambda engine: engine.compile(source=SLOW),
    "error on warning": lambda engine: engine.compile(source=SLOW, error_on_warning=True),
    "error on warning, and an error": lambda engine: engine.compile(
        source=SLOW + BAD, error_on_warning=True
    ),
    "error on warning, and only an error": lambda engine: engine.compile(
        source=BAD, error_on_warning=True
    ),
    "no error without warning": lambda engine: engine.compile(source=RULE, error_on_warning=True),
    "lenient escape": lambda engine: engine.compile(source=ESCAPE),
    "strict escape": lambda engine: engine.compile(source=ESCAPE, strict_escape=True),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())
def test_same(same: Same, probe: Probe) -> None:
    same(probe)


def test_unknown_argument(engine: Any) -> None:
    with pytest.raises(TypeError):
        engine.compile(rules=RULE)


def test_order_of_arguments(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.yar"
    path.write_text(RULE)
    with pytest.raises(TypeError, match="too many arguments"):
        engine.compile(str(path), RULE, None, None, None, True, None, False, False, print)


def test_warning_error(engine: Any) -> None:
    with pytest.raises(engine.WarningError) as caught:
        engine.compile(source=SLOW, error_on_warning=True)
    warnings = engine.compile(source=SLOW).warnings
    assert len(warnings) == 2
    assert caught.value.warnings == warnings
    assert caught.value.args == (warnings,)
    with pytest.raises(AttributeError):
        caught.value.warnings = []


def test_errors_of_files_name_the_file(same: Same, tmp_path: Path) -> None:
    path = tmp_path / "bad.yar"
    path.write_text(RULE + BAD)
    same(lambda engine: engine.compile(str(path)))
    same(lambda engine: engine.compile(filepaths={"n": str(path)}))
    same(lambda engine: engine.compile(file=os.open(path, os.O_RDONLY)))


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_open_file(same: Same, tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.yar"
    path.write_text(RULE)

    def whole(engine: Any) -> object:
        with path.open(mode) as file:
            return engine.compile(file=file), file.read()

    def closed(engine: Any) -> object:
        with path.open(mode) as file:
            pass
        return engine.compile(file=file)

    def rest(engine: Any) -> object:
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, 5)
        return engine.compile(file=descriptor)

    for probe in (whole, closed, rest):
        same(probe)


def test_more_kinds_of_paths(tmp_path: Path) -> None:
    path = tmp_path / "a.yar"
    path.write_text(RULE)
    for same_path in (path, os.fsencode(path)):
        assert [rule.identifier for rule in miniyara.compile(same_path)] == ["a"]
        assert [rule.identifier for rule in miniyara.compile(filepaths={"n": same_path})] == ["a"]


def test_max_strings_per_rule(engine: Any) -> None:
    two, three = (
        "rule a { strings: "
        + " ".join(f'$a{n} = "abcd{n}"' for n in range(count))
        + " condition: all of them }"
        for count in (2, 3)
    )
    try:
        engine.set_config(max_strings_per_rule=2)
        engine.compile(source=two)
        with pytest.raises(engine.SyntaxError) as caught:
            engine.compile(source=three)
    finally:
        engine.set_config(max_strings_per_rule=10_000)
    assert str(caught.value) == 'line 1: too many strings in rule "a" (limit: 2)'
    engine.compile(source=three)


def test_set_config(same: Same) -> None:
    same(lambda engine: engine.set_config())
    same(lambda engine: engine.set_config(16_384, 10_000, 512))
    same(lambda engine: engine.set_config(max_strings_per_rule=(1 << 32) + 10_000))


def test_set_config_wants_integers() -> None:
    for value in ("x", None, 1.5):
        wrong: Any = value
        with pytest.raises(TypeError):
            miniyara.set_config(max_match_data=wrong)
