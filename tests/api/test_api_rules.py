"""What ``Rules`` does beyond a single scan: iteration, threads, limits of a scan."""

from __future__ import annotations

import inspect
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Same

COMMON = r"""
rule first { strings: $a = "a" private condition: $a }
private rule second { strings: $b = "aa" condition: #b > 10 }
rule third { condition: second }
"""
TOO_MANY = b"a" * 1_000_010
ENDLESS = """
rule a {
    condition:
        for all i in (0..100000000) : ( for all j in (0..100000000) : ( i + j > -1 ) )
}
"""


def test_iterating_does_not_interfere() -> None:
    rules = miniyara.compile(source=COMMON)
    names = ["first", "second", "third"]
    assert [rule.identifier for rule in rules] == names
    pairs = [(one.identifier, other.identifier) for one in rules for other in rules]
    assert pairs == [(one, other) for one in names for other in names]


def test_next_moves_a_cursor(same: Same) -> None:
    def probe(engine: Any) -> object:
        rules = engine.compile(source=COMMON)
        first, rest, again = next(rules), list(rules), list(rules)
        one_by_one = [next(rules, None) for _ in range(9)]
        return first, rest, again, one_by_one, next(engine.compile(source=""), None)

    same(probe)


def test_threads() -> None:
    rules = miniyara.compile(
        source="rule a { strings: $a = /a+b/ $b = { 61 [1] 62 } condition: any of them }"
    )
    targets = [b"a" * count + b"b" for count in range(40)]

    def places(data: bytes) -> list[tuple[str, int, int]]:
        return [
            (string.identifier, instance.offset, instance.matched_length)
            for match in rules.match(data=data)
            for string in match.strings
            for instance in string.instances
        ]

    expected = [places(data) for data in targets]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(places, targets))
    assert found == expected
    assert expected[3] == [("$a", 0, 4), ("$a", 1, 3), ("$a", 2, 2), ("$b", 1, 3)]


def test_timeout(engine: Any) -> None:
    with pytest.raises(engine.TimeoutError, match=r"^scanning timed out$"):
        engine.compile(source=ENDLESS).match(data=b"", timeout=1)


@pytest.mark.parametrize("answer", [0, 1, None], ids=repr)
def test_too_many_matches(same: Same, answer: object) -> None:
    def probe(engine: Any) -> object:
        told: list[object] = []

        def callback(*message: object) -> object:
            told.append(sorted(message, key=str))
            return answer

        rules = engine.compile(source=COMMON)
        return rules.match(data=TOO_MANY, warnings_callback=callback), sorted(told, key=str)

    same(probe)


def test_message_about_too_many_matches(engine: Any) -> None:
    messages: list[Any] = []
    rules = engine.compile(source=COMMON.replace("aa", "nowhere"))
    rules.match(data=TOO_MANY, warnings_callback=lambda *message: messages.append(message))
    [(kind, message)] = messages
    assert kind == engine.CALLBACK_TOO_MANY_MATCHES
    assert message == (message.namespace, message.rule, message.string)
    assert repr(message) == "RuleString(namespace='default', rule='first', string='$a')"


def test_warning_about_too_many_matches(engine: Any, tmp_path: Path) -> None:
    rules = engine.compile(source=COMMON.replace("aa", "nowhere"))
    path = tmp_path / "target"
    path.write_bytes(TOO_MANY)
    for target in ({"data": TOO_MANY}, {"filepath": str(path)}):
        with pytest.warns(RuntimeWarning) as caught:
            rules.match(**target)
        [warning] = caught
        assert str(warning.message) == 'too many matches for string $a in rule "first"'
        assert warning.filename == __file__


@pytest.mark.parametrize("use", ["compile", "match"])
def test_callers_that_are_too_deep_in_the_stack(use: str) -> None:
    source = f"rule a {{ condition: {'uint8(' * 150}0{')' * 150} == 0 }}"
    rules = miniyara.compile(source=source)

    def at(depth: int) -> object:
        if depth:
            return at(depth - 1)
        return rules.match(data=bytes(10)) if use == "match" else miniyara.compile(source=source)

    def failure(depth: int) -> Exception | None:
        try:
            at(depth)
        except miniyara.Error as error:
            return error
        return None

    used = len(inspect.stack(0))
    deepest = sys.getrecursionlimit() - used - 20
    failures = [failure(depth) for depth in range(0, deepest, 25)]
    assert failures[0] is None
    assert failures[-1] is not None
    purpose = "to scan" if use == "match" else "to compile the rules"
    for error in filter(None, failures):
        assert str(error) == f"too little of Python's stack is left {purpose}"
        assert isinstance(error.__cause__, RecursionError)


def test_profiling(same: Same) -> None:
    same(lambda engine: engine.compile(source=COMMON).profiling_info())


def test_warning_made_an_error(engine: Any) -> None:
    rules = engine.compile(source=COMMON.replace("aa", "nowhere"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(engine.Error, match=r"^internal error: 30$"):
            rules.match(data=TOO_MANY)


def test_exception_of_the_warnings_callback(engine: Any) -> None:
    def callback(*_: object) -> None:
        raise KeyError("from the callback")

    rules = engine.compile(source=COMMON.replace("aa", "nowhere"))
    with pytest.raises(engine.Error, match=r"^internal error: 30$") as caught:
        rules.match(data=TOO_MANY, warnings_callback=callback)
    if engine is miniyara:  # yara-python forgets it
        assert isinstance(caught.value.__cause__, KeyError)


def test_order_of_warnings_about_too_many_matches(engine: Any) -> None:
    source = """
        rule first { strings: $a = "aaaa" $b = { 61 } $c = "ca" condition: any of them }
        rule second { strings: $a = "aaaa" $b = { 61 61 } $c = /a[ab]/ condition: any of them }
    """
    found: list[tuple[str, str]] = []
    engine.compile(source=source).match(
        data=b"ca" * 1_000_001 + b"a" * 1_100_000,
        warnings_callback=lambda _, where: found.append((where.rule, where.string)),
    )
    assert found == [
        ("first", "$c"),
        ("first", "$b"),
        ("second", "$c"),
        ("second", "$b"),
        ("second", "$a"),
        ("first", "$a"),
    ]
