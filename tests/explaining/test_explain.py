"""``miniyara.explain``: what it takes, and rules that come from elsewhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.explaining.wording import named
from miniyara.testing.programs.dotnet import rich_file

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
import "cuckoo"
rule r {
    strings: $a = "abc" xor
    condition: $a and text == "x" and cuckoo.network.http_request(/evil/) == 1
}
"""
EXTERNALS = {"text": "y"}


def compiled(**arguments: Any) -> miniyara.Rules:
    return miniyara.compile(source=SOURCE, externals=EXTERNALS, **arguments)


def test_data_and_files_and_all_arguments(tmp_path: Path) -> None:
    rules = compiled()
    path = tmp_path / "file"
    path.write_bytes(b"..`cb")
    report = b'{"network": {"http": [{"uri": "http://evil/", "method": "GET"}]}}'
    given: dict[str, Any] = {"externals": {"text": "x"}, "modules_data": {"cuckoo": report}}
    for data in (path, b"..`cb", bytearray(b"..`cb"), memoryview(b"..`cb")):
        explanation = miniyara.explain(rules, data, "r", namespace="default", **given)
        assert explanation.matches
        (string,) = explanation.strings
        assert [(place.offset, place.xor_key) for place in string.places] == [(2, 1)]
        assert string.places[0].view == b"..`cb"
    assert not miniyara.explain(rules, path, "r").matches


def test_saved_rules_have_the_same_explanation() -> None:
    rules = compiled()
    stream = io.BytesIO()
    rules.save(file=stream)
    stream.seek(0)
    loaded = miniyara.load(file=stream)
    assert miniyara.explain(loaded, b"abc", "r") == miniyara.explain(rules, b"abc", "r")


def test_rules_that_are_included(tmp_path: Path) -> None:
    whole = tmp_path / "whole.yar"
    whole.write_text("rule inner { condition: filesize > 2 }", encoding="ascii")
    rules = miniyara.compile(source=f'include "{whole}" rule r {{ condition: not inner }}')
    assert miniyara.explain(rules, b"abc", "r").rules[0].condition.text == "filesize > 2"
    rest = tmp_path / "rest.yar"
    rest.write_text("condition: true }", encoding="ascii")
    rules = miniyara.compile(source=f'rule r {{ meta: a = 1\ninclude "{rest}"\n')
    with pytest.raises(miniyara.Error, match="begins in one file and ends in another"):
        miniyara.explain(rules, b"", "r")


@pytest.mark.parametrize("data", ["abc", 5, None])
def test_what_is_no_data_is_refused(data: Any) -> None:
    with pytest.raises(TypeError):
        miniyara.explain(compiled(), data, "r")


def test_items_of_a_module_are_numbered() -> None:
    rules = miniyara.compile(
        source='import "pe" rule r { condition: for all s in pe.sections : (s.name == ".text") }'
    )
    explanation = miniyara.explain(rules, rich_file(), "r")
    iterations = explanation.condition.iterations
    assert [(each.number, each.variables) for each in iterations] == [(0, (("s", None),))]
    assert iterations[0].body.parts[0].text == "s.name"
    assert named(iterations[0]) == "s = item 0"
