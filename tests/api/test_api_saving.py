"""``Rules.save`` and ``load``: arguments, errors, and what a loaded file answers."""

from __future__ import annotations

import io
import os
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Same

SOURCE = r"""
import "math"
private global rule outer { condition: filesize > 2 }
rule first : one two {
    meta: a = "x" a = "\xff y" b = -5 c = true
    strings: $a = "hello" wide ascii $b = { 61 [2-300] 62 } $c = /x[0-9]+y/ xor_free
    condition: any of them
}
rule second { condition: first and name == "n" and math.entropy("aab") > 0 }
""".replace(" xor_free", "")
EXTERNALS = {"name": "n", "count": 5, "share": 1.5, "flag": True}
DATA = b"-hello- a b x42y"


def reloaded(rules: Any, engine: Any) -> Any:
    stream = io.BytesIO()
    rules.save(file=stream)
    stream.seek(0)
    return engine.load(file=stream)


def shown(rules: Any) -> object:
    return list(rules), rules.match(data=DATA), rules.match(data=DATA, externals={"name": "m"})


def test_loaded_rules_answer_as_before(same: Same) -> None:
    def probe(engine: Any) -> object:
        rules = engine.compile(source=SOURCE, externals=EXTERNALS)
        return shown(rules), shown(reloaded(rules, engine))

    same(probe)


def test_files(same: Same, tmp_path: Path) -> None:
    path = str(tmp_path / "rules")

    def probe(engine: Any) -> object:
        engine.compile(source=SOURCE, externals=EXTERNALS).save(path)
        by_name = engine.load(filepath=path)
        with open(path, "rb") as file:  # noqa: PTH123 - the file object is what is tested
            return shown(by_name), shown(engine.load(file=file)), shown(engine.load(path))

    same(probe)


def test_a_path_wins(same: Same, tmp_path: Path) -> None:
    def probe(engine: Any) -> object:
        stream = io.BytesIO()
        path = str(tmp_path / "rules")
        engine.compile(source=SOURCE, externals=EXTERNALS).save(path, file=stream)
        return stream.getvalue(), shown(engine.load(path, file=stream))

    same(probe)


def test_rules_follow_each_other_in_a_stream() -> None:
    stream = io.BytesIO()
    for name in ("one", "two"):
        miniyara.compile(source=f"rule {name} {{ condition: true }}").save(file=stream)
    stream.seek(0)
    names = [miniyara.load(file=stream).match(data=b"")[0].rule for _ in range(2)]
    assert names == ["one", "two"]
    assert stream.read() == b""


@pytest.mark.parametrize(
    "externals",
    [{"name": "other"}, {"name": 1}, {"count": 6}, {"count": "x"}, {"flag": 0}, {"unknown": 1}],
    ids=repr,
)
def test_externals_are_redefined_at_match(same: Same, externals: dict[str, Any]) -> None:
    source = 'rule a { condition: name == "n" and count == 5 and share > 1.0 and flag }'

    def probe(engine: Any) -> object:
        rules = engine.compile(source=source, externals=EXTERNALS)
        return reloaded(rules, engine).match(data=b"", externals=externals)

    same(probe)


class Failing:
    def read(self, _size: int) -> bytes:
        raise ValueError("no")

    def write(self, _data: bytes) -> None:
        raise ValueError("no")


@pytest.mark.parametrize(
    "arguments",
    [{}, {"file": 5}, {"file": None}, {"filepath": None}, {"filepath": 5}, {"filepath": "a\0b"}],
    ids=repr,
)
def test_wrong_arguments(same: Same, arguments: dict[str, Any]) -> None:
    same(lambda engine: engine.load(**arguments))
    same(lambda engine: engine.compile(source=SOURCE, externals=EXTERNALS).save(**arguments))


def test_what_cannot_be_opened_or_used(same: Same, tmp_path: Path) -> None:
    rules = {
        engine: engine.compile(source=SOURCE, externals=EXTERNALS) for engine in (yara, miniyara)
    }
    for path in ("", str(tmp_path / "no" / "such"), str(tmp_path)):
        same(methodcaller("load", path))
        same(lambda engine: rules[engine].save(path))  # noqa: B023 - called at once
    same(lambda engine: engine.load(file=Failing()))
    same(lambda engine: rules[engine].save(file=Failing()))


@pytest.mark.parametrize("content", [b"", b"Y", b"YAR", b"rule a { condition: true }", b"\0" * 99])
def test_foreign_files(same: Same, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    same(lambda engine: engine.load(str(path)))
    same(lambda engine: engine.load(file=io.BytesIO(content)))
    same(lambda engine: engine.load(file=io.StringIO("some text, more than a header")))


def test_the_rules_of_libyara_are_named() -> None:
    stream = io.BytesIO()
    yara.compile(source="rule a { condition: true }").save(file=stream)
    stream.seek(0)
    with pytest.raises(miniyara.Error, match=r"^invalid rules file .*: libyara has compiled it"):
        miniyara.load(file=stream)


def test_a_later_version() -> None:
    stream = io.BytesIO()
    miniyara.compile(source="rule a { condition: true }").save(file=stream)
    data = bytearray(stream.getvalue())
    data[8] += 1
    with pytest.raises(miniyara.Error, match="is incompatible with this version of YARA"):
        miniyara.load(file=io.BytesIO(data))


def test_a_path_may_be_an_object(tmp_path: Path) -> None:
    miniyara.compile(source="rule a { condition: true }").save(tmp_path / "rules")
    assert miniyara.load(tmp_path / "rules").match(data=b"")
    assert miniyara.load(os.fsencode(tmp_path / "rules")).match(data=b"")


def test_warnings_are_kept() -> None:
    rules = miniyara.compile(source="rule a { strings: $a = { 61 00 } condition: $a }")
    assert rules.warnings
    assert reloaded(rules, miniyara).warnings == rules.warnings


def test_saving_again_gives_the_same_file() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    miniyara.compile(source=SOURCE, externals=EXTERNALS).save(file=first)
    first.seek(0)
    miniyara.load(file=first).save(file=second)
    assert first.getvalue() == second.getvalue()


def test_every_rule_is_told_to_a_callback(same: Same) -> None:
    def probe(engine: Any) -> object:
        told: list[Any] = []
        rules = reloaded(engine.compile(source=SOURCE, externals=EXTERNALS), engine)
        rules.match(data=b"none", callback=told.append)
        return told

    same(probe)
