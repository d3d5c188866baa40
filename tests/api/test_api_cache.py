"""``compile(cache=...)``: what is taken from the folder, what is not, and what is told."""

from __future__ import annotations

import multiprocessing
import os
import stat
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

import miniyara
from miniyara import limits
from miniyara.scanning import preparing

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = 'rule a { strings: $a = "hello" condition: $a and count == 1 }'
COUNT = {"count": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "cache"


def compiles(**arguments: Any) -> tuple[miniyara.Rules, bool]:
    """Compile, and tell whether the compiler was at work."""
    with patch.object(preparing, "compiled", wraps=preparing.compiled) as compiled:
        rules = miniyara.compile(**arguments)
    return rules, compiled.called


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_rules_are_compiled_once(folder: Path) -> None:
    for is_new in (True, False, False):
        rules, was_compiled = compiles(source=SOURCE, externals=COUNT, cache=folder)
        assert was_compiled == is_new
        assert [match.rule for match in rules.match(data=b"hello")] == ["a"]
        assert rules.match(data=b"hello", externals={"count": 2}) == []
    assert len(files(folder)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"source": SOURCE + " "},
        {"externals": {"count": 2}},
        {"externals": {"count": True}},
        {"externals": {"count": 1, "other": 1}},
        {"strict_escape": True},
        {"includes": False},
    ],
    ids=repr,
)
def test_whatever_is_given_to_the_compiler_counts(folder: Path, changed: dict[str, Any]) -> None:
    given: dict[str, Any] = {"source": SOURCE, "externals": COUNT, "cache": folder}
    compiles(**given)
    assert compiles(**(given | changed))[1]
    assert not compiles(**(given | changed))[1]


def test_namespaces_count(folder: Path) -> None:
    given: dict[str, Any] = {"externals": COUNT, "cache": folder}
    compiles(source=SOURCE, **given)
    assert not compiles(sources={"default": SOURCE}, **given)[1]
    assert compiles(sources={"other": SOURCE}, **given)[1]


def test_limits_count(folder: Path) -> None:
    compiles(source=SOURCE, externals=COUNT, cache=folder)
    miniyara.set_config(max_strings_per_rule=9)
    try:
        assert compiles(source=SOURCE, externals=COUNT, cache=folder)[1]
    finally:
        miniyara.set_config(max_strings_per_rule=10_000)


def test_changed_files(folder: Path, tmp_path: Path) -> None:
    main, one = tmp_path / "main.yar", tmp_path / "one.yar"
    main.write_text('include "one.yar" rule main { condition: true }')
    one.write_text("// nothing")
    given: dict[str, Any] = {"filepath": main, "cache": folder}
    assert compiles(**given)[1]
    assert not compiles(**given)[1]
    one.write_text("rule one { condition: true }")
    rules, was_compiled = compiles(**given)
    assert was_compiled
    assert [match.rule for match in rules.match(data=b"")] == ["one", "main"]
    assert not compiles(**given)[1]
    one.unlink()
    with pytest.raises(miniyara.SyntaxError, match="can't open include file"):
        miniyara.compile(**given)
    assert len(files(folder)) == 1


def test_included_text_is_asked_for_again(folder: Path) -> None:
    texts = {"a": 'include "b"', "b": "rule b { condition: true }"}
    asked: list[tuple[Any, ...]] = []

    def include(*arguments: Any) -> str:
        asked.append(arguments)
        return texts[arguments[0]]

    given: dict[str, Any] = {"source": 'include "a"', "include_callback": include, "cache": folder}
    assert compiles(**given)[1]
    first = list(asked)
    assert not compiles(**given)[1]
    assert asked == first * 2
    texts["b"] = "rule c { condition: true }"
    rules, was_compiled = compiles(**given)
    assert was_compiled
    assert [rule.identifier for rule in rules] == ["c"]


def test_warnings_are_kept(folder: Path) -> None:
    source = "rule a { strings: $a = { 61 00 } condition: $a }"
    given: dict[str, Any] = {"source": source, "cache": folder}
    plain = miniyara.compile(source=source).warnings
    assert [compiles(**given)[0].warnings for _ in range(2)] == [plain, plain]
    with pytest.raises(miniyara.WarningError) as raised:
        miniyara.compile(**given, error_on_warning=True)
    assert raised.value.warnings == plain


def test_errors_are_not_kept(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(miniyara.SyntaxError, match='undefined identifier "x"'):
            miniyara.compile(source="rule a { condition: x }", cache=folder)
    assert not folder.exists()


def test_the_first_error_is_the_one_that_is_raised(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yar").write_text("rule")
    paths = {"a": str(tmp_path / "bad.yar"), "b": str(tmp_path / "none.yar")}
    with pytest.raises(miniyara.SyntaxError, match="syntax error"):
        miniyara.compile(filepaths=paths, cache=folder)


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda data: data[:-1], lambda _: b"YARA" * 9])
def test_a_spoiled_file_is_written_anew(folder: Path, spoil: Any) -> None:
    given: dict[str, Any] = {"source": SOURCE, "externals": COUNT, "cache": folder}
    compiles(**given)
    [file] = files(folder)
    good = file.read_bytes()
    file.write_bytes(spoil(good))
    assert compiles(**given)[1]
    assert file.read_bytes() == good


def test_a_file_under_another_name_is_not_used(folder: Path) -> None:
    compiles(source=SOURCE, externals=COUNT, cache=folder)
    [file] = files(folder)
    compiles(source="rule b { condition: true }", cache=folder)
    [other] = [path for path in files(folder) if path != file]
    other.replace(file)
    rules, was_compiled = compiles(source=SOURCE, externals=COUNT, cache=folder)
    assert was_compiled
    assert [rule.identifier for rule in rules] == ["a"]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    with pytest.warns(RuntimeWarning, match="could not write to the cache") as told:
        rules = miniyara.compile(source=SOURCE, externals=COUNT, cache=place)
    assert [warning.filename for warning in told] == [__file__]
    assert rules.match(data=b"hello")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_files_can_be_read_by_whom_the_umask_lets(folder: Path) -> None:
    compiles(source=SOURCE, externals=COUNT, cache=folder)
    [file] = files(folder)
    plain = folder / "plain"
    plain.touch()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_many_write_at_once(folder: Path) -> None:
    def work(number: int) -> list[str]:
        source = f'rule a{number % 3} {{ strings: $a = "hello" condition: $a }}'
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rules = miniyara.compile(source=source, cache=folder)
        return [match.rule for match in rules.match(data=b"hello")]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(60)))
    assert found == [[f"a{number % 3}"] for number in range(60)]
    assert len(files(folder)) == 3


def test_what_is_not_used_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [f"rule a{number} {{ condition: true }}" for number in range(4)]
    made: list[Path] = []
    for age, source in zip((400, 300, 200), sources, strict=False):
        compiles(source=source, cache=folder)
        (path,) = {*files(folder)}.difference(made)
        made.append(path)
        os.utime(path, (time.time() - age,) * 2)
    mine = folder / "notes.txt"
    mine.write_bytes(bytes(9_999))
    abandoned, written = (folder / f"x.miniyara.{number}.tmp" for number in "01")
    for path, age in ((abandoned, 7_200), (written, 60)):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - age,) * 2)
    assert not compiles(source=sources[0], cache=folder)[1]  # it has been used now
    size = made[0].stat().st_size
    monkeypatch.setattr(limits, "MAX_CACHE", 2 * size + size // 2)
    compiles(source=sources[3], cache=folder)
    (newest,) = {*files(folder)}.difference(made, {mine, abandoned, written})
    assert files(folder) == sorted([made[0], newest, written, mine])
    monkeypatch.setattr(limits, "MAX_CACHE", 0)
    compiles(source="rule b { condition: true }", cache=folder)
    assert len(files(folder)) == 3  # the newest stays, however large


def _compiles_again_and_again(folder: str, limit: int) -> None:
    warnings.simplefilter("error")
    with patch.object(limits, "MAX_CACHE", limit):
        for number in range(40):
            source = f"rule a{number % 8} {{ condition: true }}"
            rules = miniyara.compile(source=source, cache=folder)
            assert [match.rule for match in rules.match(data=b"")] == [f"a{number % 8}"]


def test_processes_remove_each_others_files(folder: Path) -> None:
    miniyara.compile(source="rule a0 { condition: true }", cache=folder)
    limit = 3 * files(folder)[0].stat().st_size
    context = multiprocessing.get_context("spawn")
    arguments = (str(folder), limit)
    workers = [context.Process(target=_compiles_again_and_again, args=arguments) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sum(path.stat().st_size for path in files(folder)) <= limit


def test_a_program_that_includes_the_middle_of_a_rule(folder: Path) -> None:
    given: dict[str, Any] = {
        "source": 'rule a { include "rest"',
        "include_callback": lambda *_: "condition: true }",
        "cache": folder,
    }
    for _ in range(2):
        assert miniyara.compile(**given).match(data=b"")


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="argument 11 must be str, not int"):
        miniyara.compile(source=SOURCE, cache=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        miniyara.compile(None, None, None, None, None, True, {}, False, False, None, "x")  # type: ignore[call-arg, arg-type]
