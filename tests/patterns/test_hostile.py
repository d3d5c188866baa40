"""Patterns that make other matchers take exponential time, or all memory.

Small data are compared with libyara; on a large scale what counts is that the scan
ends, so there a timeout that would be an error stands for a hang.
"""

from __future__ import annotations

from typing import Any

import pytest
import yara

import miniyara

PATTERNS = [
    "/(a+)+$/",
    "/(a*)*b/",
    "/(a|aa)+$/",
    "/(a|b|ab)*c/",
    "/a.*b.*c.*d/",
    "/.*.*.*x/",
    "/[ab]+[ab]+[ab]+c/",
    "/a{1,1000}b/",
    "/(ab?){3,9}c/",
    "/x(a|a)*y/",
    "/a[^x]*b[^x]*x/",
    r"/\ba+\b/",
    "{ 61 [0-200] 62 [0-200] 63 }",
    "{ 61 [0-1000] 62 [-] 63 }",
    "{ 61 ?? ?? 61 [1-100] ( 61 | 62 ) [1-100] 63 }",
    "{ ~61 [0-20] 61 }",
]

SMALL = [b"", b"a", b"ab" * 40, b"a" * 70 + b"b", b"aab" * 30 + b"c", b"xaaaay abc abd", b"aaaa\nb"]


def hits(engine: Any, pattern: str, data: bytes, **options: Any) -> list[tuple[int, int]]:
    rules = engine.compile(source=f"rule a {{ strings: $a = {pattern} condition: $a }}")
    return [
        (instance.offset, instance.matched_length)
        for match in rules.match(data=data, **options)
        for string in match.strings
        for instance in string.instances
    ]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("data", SMALL, ids=range(len(SMALL)))
def test_small_data_have_the_hits_of_libyara(pattern: str, data: bytes) -> None:
    assert hits(miniyara, pattern, data) == hits(yara, pattern, data)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("unit", [b"a", b"ab", b"aab\n"])
def test_large_data_come_to_an_end(pattern: str, unit: bytes) -> None:
    data = unit * (30_000 // len(unit))
    assert len(hits(miniyara, pattern, data, timeout=60)) <= len(data)


@pytest.mark.parametrize(
    "source",
    [
        "rule a { strings: $a = /" + "(" * 4_000 + "a" + ")" * 4_000 + "/ condition: $a }",
        "rule a { strings: $a = { 01 " + "(" * 4_000 + "01" + ")" * 4_000 + " } condition: $a }",
        "rule a { strings: $a = { " + "01 ?? " * 20_000 + "02 } condition: $a }",
        "rule a { strings: $a = /" + "a|" * 3_000 + "/ condition: $a }",
        "rule a { strings: $a = /" + "a?" * 3_000 + "/ condition: $a }",
        "rule a { strings: $a = /(((a{1,99}){1,99}){1,99}){1,99}/ condition: $a }",
        "rule a { condition: " + "not " * 5_000 + "true }",
        "rule a { condition: " + "-" * 5_000 + "1 == 1 }",
        "rule a { condition: " + "a." * 5_000 + "b }",
        "rule a { strings: $a = { " + "01 " * 100_000,
    ],
    ids=range(10),
)
def test_monstrous_rules_are_errors_or_rules(source: str) -> None:
    try:
        rules = miniyara.compile(source=source)
    except miniyara.SyntaxError:
        return
    assert rules.match(data=b"abc" * 100, timeout=60) is not None


def test_too_many_hits_are_not_counted_further() -> None:
    rules = miniyara.compile(source='rule a { strings: $a = "a" condition: #a > 1000000 }')
    with pytest.warns(RuntimeWarning, match="too many matches"):
        assert rules.match(data=b"a" * 1_200_000) == []


@pytest.mark.parametrize(
    "condition",
    [
        "for any i in (0..4611686018427387904) : (i == -1)",
        "for all i in (0..99999) : (for all j in (0..99999) : (i + j >= 0))",
    ],
)
def test_endless_loops_meet_the_timeout(condition: str) -> None:
    rules = miniyara.compile(source=f"rule a {{ condition: {condition} }}")
    with pytest.raises(miniyara.TimeoutError, match="scanning timed out"):
        rules.match(data=b"", timeout=1)
