"""Includes, from files and from a callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Same

INCLUDED = "rule included { condition: true }"
SOURCE = 'include "one.yar"\nrule a { condition: true }'


def test_files(same: Same, tmp_path: Path) -> None:
    main = tmp_path / "main.yar"
    main.write_text(SOURCE)
    same(lambda engine: engine.compile(str(main)))
    (tmp_path / "one.yar").write_text(INCLUDED)
    same(lambda engine: engine.compile(str(main)))
    same(lambda engine: engine.compile(filepaths={"n": str(main)}).match(data=b""))
    same(lambda engine: engine.compile(str(main), includes=False))


def test_source_without_file(same: Same) -> None:
    same(lambda engine: engine.compile(source='include "no such file"'))
    same(lambda engine: engine.compile(source=SOURCE, includes=False))


def test_callback(same: Same) -> None:
    def probe(engine: Any, *, includes: bool = True) -> object:
        calls: list[tuple[object, ...]] = []

        def callback(*arguments: object) -> str:
            calls.append(arguments)
            return 'include "two.yar"' if arguments[0] == "one.yar" else INCLUDED + "\0 rubbish"

        rules = engine.compile(sources={"n": SOURCE}, include_callback=callback, includes=includes)
        return rules, calls

    same(probe)
    same(lambda engine: probe(engine, includes=False))


@pytest.mark.parametrize("text", [None, b"bytes", "rule b { condition: unknown }"], ids=repr)
def test_bad_text(same: Same, text: object) -> None:
    same(lambda engine: engine.compile(source=SOURCE, include_callback=lambda *_: text))


def test_callback_with_wrong_signature(same: Same) -> None:
    same(lambda engine: engine.compile(source=SOURCE, include_callback=lambda: INCLUDED))


def test_exception_is_the_cause(engine: Any) -> None:
    def callback(*_: object) -> str:
        raise KeyError("nothing here")

    with pytest.raises(engine.SyntaxError, match="callback failed to provide") as caught:
        engine.compile(source=SOURCE, include_callback=callback)
    if engine is miniyara:  # yara-python forgets it
        assert isinstance(caught.value.__cause__, KeyError)
