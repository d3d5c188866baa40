"""A rule that is compiled alone means what it meant among the others."""

from __future__ import annotations

import io
from typing import Any

import pytest

import miniyara
from miniyara.analysis import alone

MODULE_OR_RULE = """
rule math { strings: $a = "one" condition: $a }
rule of_rule { condition: math }
import "math"
rule of_module { condition: math.max(1, 2) == 2 }
"""

SETS = """
rule a1 { strings: $a = "one" condition: $a }
rule a2 { condition: any of (a*) }
rule none_yet { condition: none of (a*) }
rule every { condition: all of (a*) }
"""

CASES: dict[str, dict[str, Any]] = {
    "a module with the name of a rule": {"source": MODULE_OR_RULE},
    "sets of rules": {"source": SETS},
    "namespaces": {"sources": {"x": SETS, "y": SETS, "z": 'import "math" ' + SETS}},
    "a module of one namespace": {
        "sources": {
            "x": MODULE_OR_RULE,
            "y": "rule math { condition: true } rule b { condition: math }",
        }
    },
    "modifiers and comments": {
        "source": "/* x */ private /* y */ rule a { condition: true } // z\n"
        "global private rule b { condition: a } rule c : t { condition: /* } */ a and b }"
    },
    "a global rule": {
        "source": "global rule a { condition: filesize > 5 } rule b { condition: true }"
    },
    "strings that are alike": {
        "source": 'rule a { strings: $a = "one" private $b = "two" condition: any of them }'
        'rule b { strings: $x = "one" $y = "two" wide ascii condition: $y or #x == 2 }'
    },
    "an offset that is an external": {
        "source": 'rule a { strings: $a = "one" condition: $a at place }',
        "externals": {"place": 1},
    },
    "the console": {"source": 'import "console" rule a { condition: console.log("x") }'},
    "no rules": {"source": ""},
    "included rules": {
        "source": 'rule a { condition: true } include "b" rule x */ rule d { condition: c }',
        "include_callback": lambda path, *_: {
            "b": 'include "c" rule e { condition: c } /* goes on',
            "c": 'rule c { strings: $a = "one" condition: $a and a }',
        }[path],
    },
    "a rule in two files": {
        "source": 'rule a { condition: true } rule b { include "rest"',
        "include_callback": lambda *_: "condition: a } rule c { condition: b }",
    },
    "the middle of a rule": {
        "source": 'rule b { strings: $a = "one" include "rest"',
        "include_callback": lambda *_: "condition: $a }",
    },
}

DATA = (b"", b"one", b" one two", b" two one", b"one two one two", b"t\0w\0o\0")


def answers(rules: Any) -> list[object]:
    logged: list[str] = []
    found = [
        (match.namespace, match.rule, [(s.identifier, s.instances) for s in match.strings])
        for data in DATA
        for match in rules.match(data=data, console_callback=logged.append)
    ]
    return [repr(found), logged, repr(list(rules)), rules.warnings]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backend", [None, "grams"])
def test_loaded_rules(case: str, backend: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend is not None:
        monkeypatch.setenv("MINIYARA_BACKEND", backend)
    rules = miniyara.compile(**CASES[case])
    stream = io.BytesIO()
    rules.save(file=stream)
    stream.seek(0)
    assert answers(miniyara.load(file=stream)) == answers(rules)


@pytest.mark.parametrize("case", CASES)
def test_rules_of_another_version_are_compiled_anew(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = miniyara.compile(**CASES[case])
    stream = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr("miniyara.storage.rules.VERSION", 0)
        rules.save(file=stream)
    stream.seek(0)
    loaded = miniyara.load(file=stream)
    assert answers(loaded) == answers(rules)
    again, now = io.BytesIO(), io.BytesIO()
    loaded.save(file=again)
    rules.save(file=now)
    assert again.getvalue() == now.getvalue()


def test_included_files_are_found_in_what_was_saved(tmp_path: Any) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.yar").write_text('include "sub/one.yar" rule main { condition: one }')
    (tmp_path / "sub" / "one.yar").write_text('include "two.yar" rule one { condition: two }')
    (tmp_path / "sub" / "two.yar").write_text("rule two { condition: true }")
    rules = miniyara.compile(filepath=tmp_path / "main.yar")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("miniyara.storage.rules.VERSION", 0)
        rules.save(tmp_path / "saved")
    for name in ("main.yar", "sub/one.yar", "sub/two.yar"):
        (tmp_path / name).unlink()
    assert answers(miniyara.load(tmp_path / "saved")) == answers(rules)


def test_only_the_rules_that_are_asked_for_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "".join(
        f'rule r{number} {{ strings: $a = "text number {number}" condition: $a }}'
        for number in range(100)
    )
    stream = io.BytesIO()
    miniyara.compile(source=source).save(file=stream)
    stream.seek(0)
    compiled: list[str] = []
    compile_rule = alone.compile_rule

    def watched(name: str, *arguments: Any) -> Any:
        compiled.append(name)
        return compile_rule(name, *arguments)

    monkeypatch.setattr(alone, "compile_rule", watched)
    rules = miniyara.load(file=stream)
    assert [rule.identifier for rule in rules][:2] == ["r0", "r1"]
    assert rules.match(data=b"text number 7") == rules.match(data=b"text number 7")
    assert compiled == ["r7"]
