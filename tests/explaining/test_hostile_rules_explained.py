"""Rules that would take forever to explain, or say too much."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

import miniyara
from miniyara.explaining import explain, explainer
from miniyara.explaining.drawing import draw

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="module")
def little_patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explainer, "EXTRA_TIME", 0.1)
        yield


def numbered(text: str, count: int, join: str) -> str:
    return join.join(text.replace("N", str(number)) for number in range(count))


ENDLESS = "for all i in (0..1000000000) : (i >= 0)"
MANY_STRINGS = numbered('$sN = "abcN"\n', 5000, "")

SOURCES = {
    "a loop that a scan passes over": f"rule r {{ condition: false and {ENDLESS} }}",
    "nested loops that a scan passes over": (
        f"rule r {{ condition: false and for all j in (0..1000) : ({ENDLESS}) }}"
    ),
    "a loop passed over in each iteration": (
        f"rule r {{ condition: for any n in (1..20000) : (n == 70000 and not ({ENDLESS})) }}"
    ),
    "a module asked again and again": (
        'import "math" rule r { condition: false and for any i in (0..1000000000) : '
        "(math.entropy(0, filesize) > 9.0) }"
    ),
    "nested loops": (
        "rule r { condition: for any i in (0..9) : (for any j in (0..9) : (for any k in (0..9) : "
        "(for any l in (0..9) : (i + j + k + l == 100)))) }"
    ),
    "many operands": f"rule r {{ condition: {numbered('filesize != N', 10_000, ' and ')} }}",
    "a long chain": f"rule r {{ condition: {numbered('filesize', 10_000, ' + ')} > N }}".replace(
        "N", "3"
    ),
    "a deep condition": f"rule r {{ condition: {'not (' * 190} true {')' * 190} }}",
    "a deep and wide condition": (
        f"rule r {{ condition: {'(filesize == 3 or (filesize > 1 and ' * 90}"
        f"{numbered('filesize == N', 3000, ' or ')} {'))' * 90} }}"
    ),
    "a long chain of rules": (
        "rule r0 { condition: filesize > 100 }"
        + "".join(f"rule r{n} {{ condition: r{n - 1} and r{n - 1} }}" for n in range(1, 1000))
        + "rule r { condition: r999 }"
    ),
    "many rules": numbered("rule aN { condition: filesize > N }", 1000, " ")
    + "rule r { condition: all of (a*) }",
    "many strings": f"rule r {{ strings: {MANY_STRINGS} condition: all of them }}",
    "a loop over many strings": (
        f"rule r {{ strings: {MANY_STRINGS} condition: for any of them : (# > 1 and @ == 9) }}"
    ),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_an_explanation_is_short_and_soon_there(source: str) -> None:
    rules = miniyara.compile(source=source)
    data = b"abc abc"
    matches = "r" in [match.rule for match in rules.match(data=data)]
    begun = time.monotonic()
    explanation = explain(rules, data, "r")
    assert time.monotonic() - begun < 10
    assert explanation.matches == explanation.condition.holds == matches
    lines = list(draw(explanation, colour=True))
    assert len(lines) < 3000
    assert max(map(len, lines)) < 1000
    assert len(json.dumps(explanation.to_dict())) < 2_000_000


def test_what_takes_too_long_says_so() -> None:
    rules = miniyara.compile(source=SOURCES["a loop that a scan passes over"])
    loop = explain(rules, b"", "r").condition.parts[1]
    assert (loop.value, loop.holds, loop.note) == (None, False, "takes too long")
    assert len(loop.iterations) == 5


def test_the_timeout_is_that_of_the_verdict() -> None:
    rules = miniyara.compile(source=f"rule r {{ condition: {ENDLESS} }}")
    with pytest.raises(miniyara.TimeoutError, match="timed out"):
        explain(rules, b"", "r", timeout=0.1)


def test_a_long_text_is_cut() -> None:
    rules = miniyara.compile(
        source='rule r { condition: text == "b" }', externals={"text": "a" * 100_000}
    )
    external, _ = explain(rules, b"", "r").condition.parts
    assert external.value == b"a" * 256
    assert external.length == 100_000


def test_what_fails_where_a_scan_passes_over_it_is_told() -> None:
    source = r'rule r { condition: text == "b" and text matches /((a|b|c|d){1,30}x?){1,30}e/ }'
    rules = miniyara.compile(source=source, externals={"text": "abcd" * 300})
    assert rules.match(data=b"") == []
    _, failing = explain(rules, b"", "r").condition.parts
    assert (failing.value, failing.note) == (None, "internal error: 46")
