"""``miniyara explain`` around its trees: which rules, JSON, colours, messages, statuses."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from miniyara.command import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Run: TypeAlias = Callable[..., tuple[int, str, str]]

RULES = """
private rule inner { condition: true }
rule big { condition: inner and filesize > size }
rule small { condition: filesize < 5 }
"""


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Give a function that runs the command in a folder with rules and a file."""
    monkeypatch.chdir(tmp_path)
    Path("rules.yar").write_text(RULES, encoding="ascii")
    Path("one.yar").write_text("rule one { condition: false }", encoding="ascii")
    Path("file").write_bytes(b"abc")

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status: Any = main(["explain", *arguments])
        except SystemExit as end:
            status = end.code
        captured = capfdbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    return run


@pytest.mark.parametrize(
    ("arguments", "explained"),
    [
        (("rules.yar", "file", "-d", "size=9"), ["small"]),
        (("rules.yar", "file", "-d", "size=1"), ["big", "inner", "small"]),
        (("rules.yar", "--rule", "big", "file", "-d", "size=9"), ["big", "inner"]),
        (("n:rules.yar", "file", "--rule", "n:small", "-d", "size=9"), ["n:small"]),
        (
            ("rules.yar", "file", "--rule", "small", "--rule", "big", "-d", "size=9"),
            ["small", "big", "inner"],
        ),
        (("one.yar", "file"), ["one"]),
    ],
)
def test_which_rules_are_explained(
    run: Run, arguments: tuple[str, ...], explained: list[str]
) -> None:
    status, output, messages = run(*arguments)
    assert (status, messages) == (0, "")
    verdict = re.compile(r"^(\S+) (?:matches|does not match)$", re.MULTILINE)
    assert verdict.findall(output) == explained


def test_no_rule_matches(run: Run) -> None:
    Path("file").write_bytes(b"abcde")
    status, output, messages = run("rules.yar", "file", "-d", "size=9")
    assert (status, output) == (0, "")
    assert messages == "no rule matches; name one with --rule\n"


def test_json_has_one_line_for_each_rule(run: Run) -> None:
    status, output, _ = run("rules.yar", "file", "--json", "-d", "size=1")
    assert status == 0
    big, small = map(json.loads, output.splitlines())
    assert (big["file"], big["rule"], big["matches"]) == ("file", "big", True)
    assert [rule["rule"] for rule in big["rules"]] == ["inner"]
    assert small["condition"] == {
        "kind": "comparison",
        "text": "filesize < 5",
        "value": True,
        "holds": True,
        "parts": [
            {"kind": "filesize", "text": "filesize", "value": 3, "holds": True},
            {"kind": "constant", "text": "5", "value": 5, "holds": True},
        ],
    }


def test_colours_are_for_terminals(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("one.yar", "file")[1]
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[31mdoes not match\x1b[0m" in run("one.yar", "file")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("one.yar", "file")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("one.yar", "missing"), 'error: could not open file "missing"\n'),
        (("one.yar", "file", "--rule", "two"), 'error: there is no rule "two"\n'),
        (
            ("one.yar", "-R", "n:one.yar", "file", "--rule", "one"),
            'error: there is a rule "one" in each of these namespaces: default, n\n',
        ),
        (
            ("one.yar", "file", "--rule", "n:one"),
            'error: there is no rule "one" in the namespace "n"\n',
        ),
    ],
)
def test_what_goes_wrong_is_reported(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments) == (1, "", message)


def test_help(run: Run) -> None:
    assert "--json" in run("--help")[1]
    assert run("one.yar")[0] == 2
