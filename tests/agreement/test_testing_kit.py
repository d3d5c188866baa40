"""The testing kit itself: it sees differences, reports them and counts honestly."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara
from miniyara.testing import assert_agrees, compare, outcome
from miniyara.testing.cases import read_cases, record_cases
from miniyara.testing.commands import main
from miniyara.testing.tables import read_table, record_table

if TYPE_CHECKING:
    from pathlib import Path

RULE = 'rule r : tag { meta: a = 1 strings: $a = "ab" xor condition: $a }'


class Liar:
    """An engine like yara-python, but for one thing that it gets wrong."""

    __name__ = "liar"

    def __init__(self, **lies: Any) -> None:
        self._lies = lies

    def compile(self, **arguments: Any) -> Any:
        return _Lying(yara.compile(**arguments), self._lies)


class _Lying:
    """Answers as an object of yara-python does, but for the lies."""

    def __init__(self, truth: Any, lies: dict[str, Any]) -> None:
        self._truth = truth
        self._lies = lies

    def __getattr__(self, name: str) -> Any:
        if name in self._lies:
            return self._lies[name]
        value = getattr(self._truth, name)
        return [_Lying(item, self._lies) for item in value] if name == "strings" else value

    @property
    def instances(self) -> Any:
        return [_Lying(item, self._lies) for item in self._truth.instances]

    def match(self, **arguments: Any) -> Any:
        if "match" in self._lies:
            return self._lies["match"](**arguments)
        return [_Lying(match, self._lies) for match in self._truth.match(**arguments)]


def test_agreement_returns_the_outcome() -> None:
    found = assert_agrees(RULE, b"..ba.", engine=yara)
    assert str(found).splitlines() == [
        'warning line 1: string "$a" may slow down scanning',
        "rule default:r : tag",
        "  meta a = 1",
        "  string $a",
        "    0x2:2 xor 0x03 b'ba'",
    ]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("warnings", [], '-warning line 1: string "$a" may slow down scanning'),
        ("rule", "other", "+rule default:other : tag"),
        ("namespace", "other", "+rule other:r : tag"),
        ("tags", [], "+rule default:r"),
        ("meta", {"a": True}, "+  meta a = True"),
        ("identifier", "$b", "+  string $b"),
        ("offset", 1, "+    0x1:2 xor 0x03 b'ba'"),
        ("matched_length", 3, "+    0x2:3 xor 0x03 b'ba'"),
        ("matched_data", b"ab", "+    0x2:2 xor 0x03 b'ab'"),
        ("xor_key", 0, "+    0x2:2 b'ba'"),
    ],
)
def test_every_difference_is_seen(name: str, value: object, shown: str) -> None:
    liar: Any = Liar(**{name: value})
    with pytest.raises(AssertionError) as caught:
        assert_agrees(RULE, b"..ba.", engine=liar)
    assert shown in str(caught.value).splitlines()


def test_a_missing_match_is_seen() -> None:
    liar: Any = Liar(match=lambda **_: [])
    with pytest.raises(AssertionError, match="-rule default:r : tag"):
        assert_agrees(RULE, b"..ba.", engine=liar)


def test_a_crash_is_a_difference_and_is_chained() -> None:
    def crash(**_: Any) -> Any:
        raise RecursionError("too deep")

    liar: Any = Liar(match=crash)
    with pytest.raises(AssertionError, match=r"\+error RecursionError: too deep") as caught:
        assert_agrees(RULE, b"..ba.", engine=liar)
    assert isinstance(caught.value.__cause__, RecursionError)


def test_the_report_is_readable() -> None:
    liar: Any = Liar(match=lambda **_: [])
    with pytest.raises(AssertionError) as caught:
        assert_agrees(
            "rule r {\n condition: n == 1\n}", b"x" * 500, externals={"n": 1}, engine=liar
        )
    lines = str(caught.value).splitlines()
    assert lines[:5] == [
        "the engines disagree",
        "",
        "   1 | rule r {",
        "   2 |  condition: n == 1",
        "   3 | }",
    ]
    assert lines[5] == "externals: {'n': 1}"
    assert lines[6] == f"data (500 bytes): {b'x' * 400!r} ... and 100 more"
    assert lines[-1] == "-rule default:r"


def test_a_comparison_becomes_a_test_that_runs() -> None:
    (comparison,) = compare(
        'rule r {\n strings: $a = "\\\\x"\n condition: #a == n }',
        [b"\\x\0"],
        externals={"n": 1},
        fast=True,
    )
    defined: dict[str, Any] = {
        "assert_agrees": lambda *given, **named: calls.append((given, named))
    }
    calls: list[Any] = []
    exec(comparison.as_test(), defined)  # noqa: S102 - the text under test
    defined["test_found_by_fuzzing"]()
    assert calls == [
        ((comparison.source, comparison.data), {"externals": {"n": 1}, "fast": True}),
    ]


def test_too_many_matches_are_part_of_the_outcome() -> None:
    rule = 'rule r { strings: $a = "a" condition: #a > 0 }'
    found = outcome(yara, rule, b"a" * 1_000_001)
    assert found.warnings[-1] == "too many matches for default:r:$a"


def test_yara_python_is_imported_when_it_is_asked() -> None:
    program = """
import sys
sys.modules["yara"] = None  # as if it were not installed
import miniyara
from miniyara.testing import assert_agrees, strategies
rule = 'rule r { strings: $a = "a" condition: $a }'
assert assert_agrees(rule, b"a", reference=miniyara).rules
try:
    assert_agrees(rule, b"a")
except ImportError:
    sys.exit(0)
sys.exit(1)
"""
    subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )


# -- golden files ----------------------------------------------------------------------


def test_recorded_cases_are_stable(tmp_path: Path) -> None:
    path = tmp_path / "some.cases"
    path.write_text(
        "A comment.\n\n=== one\nrule r { condition: n == 1 and filesize == 602 }\n"
        '--- data\nb"ab"\n600 * b"x"\n--- externals\nn = 1\n\n=== two\nrule r {\n',
        encoding="utf-8",
    )
    record_cases(path, yara)
    first, second = read_cases(path)
    assert first.outcome == "rule default:r"
    assert second.outcome.startswith("error SyntaxError: line ")
    written = path.read_text(encoding="utf-8")
    record_cases(path, yara)
    assert path.read_text(encoding="utf-8") == written


def test_recorded_tables_are_stable(tmp_path: Path) -> None:
    path = tmp_path / "some.conditions"
    path.write_text(
        '# A comment.\n@data b"ab"\n@string $a = "a"\n\n? | $a at 0\n? | $a at 1\n'
        "? | uint8(2) == 0\n? | 1 \\ 0 == 1\n\n## afresh\n? | $a\n",
        encoding="utf-8",
    )
    record_table(path, yara)
    rows = read_table(path)
    assert [row.answer for row in rows] == ["true", "false", "undefined", "error", "error"]
    assert rows[3].error == "SyntaxError: division by zero"
    assert rows[4].error == 'SyntaxError: undefined string "$a"'
    written = path.read_text(encoding="utf-8")
    record_table(path, yara)
    assert path.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("line", ["@nothing 1", "no row", '@data "text"', "@external n = [1]"])
def test_a_line_without_meaning_is_an_error(line: str, tmp_path: Path) -> None:
    path = tmp_path / "some.conditions"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"neither|no directive|not a"):
        read_table(path)


# -- commands --------------------------------------------------------------------------


def test_fuzzing_counts_its_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "--count", "40", "--seed", "1"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "seed 1"
    assert int(last.split()[0].replace(",", "")) >= 40
    assert last.endswith("0 disagreements, seed 1")


def test_fuzzing_shows_a_small_pair(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miniyara, "compile", Liar(match=lambda **_: []).compile)
    assert main(["fuzz", "--count", "1000", "--seed", "1"]) == 1
    shown = capsys.readouterr().out
    assert "def test_found_by_fuzzing() -> None:\n    assert_agrees(" in shown
    assert "1 disagreements, seed 1" in shown


def test_comparing_packs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "good.yar").write_text('rule r { strings: $a = "ab" condition: $a and flag == "" }')
    (rules / "bad.yara").write_text("rule r { condition: nothing }")
    (rules / "notes.txt").write_text("no rule")
    (tmp_path / "target").write_bytes(b"xabx")
    status = main(
        ["compare", str(rules), "--targets", str(tmp_path / "target"), "--define", "flag="]
    )
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "rule files: 1 accepted by both, 1 refused by both, 0 disagreements",
        "scans: 1 with 1 matches of rules, 0 disagreements",
    ]
    assert status == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required"),
        (["fuzz", "--count", "-5"], "'-5' is not a number of at least 1"),
        (["fuzz", "--count", "many"], "'many' is not a number of at least 1"),
        (["compare", "nosuch"], "there is no file or folder 'nosuch'"),
        (["compare", ".", "--targets", "nosuch"], "there is no file or folder 'nosuch'"),
        (["compare", ".", "--define", "x"], "'x' is not NAME=VALUE"),
        (["compare", ".", "--timeout", "0"], "'0' is not a number of at least 1"),
        (["record", "nosuch"], "there is no file 'nosuch'"),
        (["record", "."], "there is no file '.'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_arguments_that_make_no_sense(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_comparing_no_rules_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").touch()
    assert main(["compare", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"there is no rule file (.yar, .yara) below {tmp_path}\n")


def test_comparing_packs_that_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(miniyara, "compile", Liar(match=lambda **_: []).compile)
    (tmp_path / "r.yar").write_text('rule r { strings: $a = "ab" condition: $a }')
    (tmp_path / "target").write_bytes(b"xabx")
    assert main(["compare", str(tmp_path / "r.yar"), "--targets", str(tmp_path / "target")]) == 1
    shown = capsys.readouterr().out
    assert "    -rule " in shown
    assert "scans: 1 with 1 matches of rules, 1 disagreements" in shown
