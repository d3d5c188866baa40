"""What is doubtful about exclusions that are written correctly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from miniyara.exclusions.exclusion import Exclusion, exclusion
from miniyara.exclusions.lint import lint

GOOD = {
    "reason": "R",
    "owner": "O",
    "created": "2026-01-01",
    "expires": "2026-12-31",
    "rule": {"name": "r"},
    "evidence": {"path": "/opt/a/payload.py", "owner": "root"},
}


def entry(name: str = "it", **fields: Any) -> Exclusion:
    said = {"id": name, **GOOD, **fields}
    return exclusion({key: value for key, value in said.items() if value is not None}, 1)


def codes(*exclusions: Exclusion) -> list[str]:
    found = lint(exclusions, date(2026, 6, 1))
    return [f"{doubt.exclusion.id} {doubt.code}".removeprefix("it ") for doubt in found]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"evidence": None}, ["broad"]),
        ({"evidence": {"path": "/opt/a"}}, ["broad"]),
        ({"evidence": {"path": "/opt/a", "size": {}, "host": "h", "present": "/a"}}, ["broad"]),
        ({"rule": None}, ["broad"]),
        ({"rule": None, "evidence": {"sha256": "a" * 64}}, []),
        ({"rule": None, "action": "skip"}, []),
        ({"evidence": {"path": "/home/u/a", "process": "p"}}, ["evadable"]),
        ({"evidence": {"path": ["/opt/a", "/home/*/a"], "process": "p"}}, ["evadable"]),
        ({"evidence": {"path": "**/a", "group": "p"}}, ["evadable"]),
        ({"evidence": {"path": "c:/users/*/a", "group": "p"}}, ["evadable"]),
        ({"evidence": {"path": "/home/u/a", "owner": "root"}}, []),
        ({"evidence": {"path": "/home/u/a", "owner": ["root", "u"]}}, ["evadable"]),
        ({"evidence": {"path": "/home/u/a", "sha256": "a" * 64}}, []),
        ({"evidence": {"mode": ["0757", "755"], "owner": "root"}}, ["evadable"]),
        ({"evidence": {"referenced_by": ["cron", "user-crontab"]}}, ["evadable"]),
        ({"expires": "2026-05-31"}, ["expired"]),
        ({"expires": "2026-06-01"}, ["expires-soon"]),
        ({"expires": "2026-07-01"}, ["expires-soon"]),
        ({"expires": "2026-07-02"}, []),
        ({"created": "2026-06-02"}, ["created-later"]),
        ({"expires": None, "permanent": {"reviewer": "P"}}, []),
        ({"expires": None, "permanent": {"reviewer": "O"}}, ["own-reviewer"]),
        ({"evidence": {"size": {"min": 2, "max": 1}, "owner": "root"}}, ["unreachable"]),
        ({"evidence": {"mode": "0755", "mode_without": "0011", "owner": "root"}}, ["unreachable"]),
        ({"evidence": {"mode": ["0755", "0644"], "mode_without": "0011", "owner": "root"}}, []),
        ({"evidence": {"companion": "r", "owner": "root"}}, ["unreachable"]),
        ({"evidence": {"companion": ["r", "s"], "owner": "root"}}, []),
        ({"evidence": {"companion": "s", "path": "/opt/a"}}, ["evadable"]),
    ],
)  # fmt: skip
def test_what_is_doubtful(fields: dict[str, Any], found: list[str]) -> None:
    assert codes(entry(**fields)) == found


@pytest.mark.parametrize(
    ("first", "second", "is_shadowed"),
    [
        ({}, {}, True),
        ({}, {"evidence": {**GOOD["evidence"], "group": "g"}}, True),  # type: ignore[dict-item]
        ({"evidence": {"path": "/opt/**", "owner": ["root", "x"]}}, {}, True),
        ({"evidence": {"path": "/opt/*", "owner": "root"}}, {}, False),
        ({"rule": {"name": ["r", "s"]}}, {}, True),
        ({"rule": {"name": "r", "tag": "t"}}, {}, False),
        ({"rule": {"name": "r"}}, {"rule": {"name": ["r", "s"]}}, False),
        ({"expires": "2026-05-31"}, {}, False),
        ({"action": "skip", "rule": None}, {}, True),
        ({}, {"action": "skip", "rule": None}, False),
    ],
)
def test_what_is_shadowed(first: dict[str, Any], second: dict[str, Any], is_shadowed: bool) -> None:
    found = codes(entry("first", **first), entry(**second))
    assert ("shadowed" in found) == is_shadowed


def test_names_that_no_rule_has() -> None:
    exclusions = [
        entry(),
        entry(rule={"name": ["s", "t"]}),
        entry(evidence={"companion": "s", "owner": "root"}),
    ]
    found = lint(exclusions, date(2026, 6, 1), {"r"})
    assert [doubt.message for doubt in found] == ["there is no rule s or t", "there is no rule s"]


def test_files_are_skipped_before_hits_are_suppressed_whatever_comes_first() -> None:
    assert codes(entry(), entry("skip", rule=None, action="skip")) == ["shadowed"]
