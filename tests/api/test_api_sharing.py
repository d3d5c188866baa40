"""Rules and what they find in other threads, other processes and other places in memory."""

from __future__ import annotations

import copy
import pickle
import random
import sys
import threading
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

import miniyara

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = r"""
import "math"
import "hash"
rule texts : some tags {
    meta: author = "somebody" number = 7
    strings: $a = "needle" nocase $b = "needle" xor(1-3) $c = /ne+d[a-z]{2}e/
    condition: any of them
}
rule hexes {
    strings: $a = { 6E 65 [0-8] 6C 65 } $b = { 00 00 ?? 01 } private
    condition: any of them
}
rule counted { strings: $a = "ab" condition: #a > limit }
rule measured { condition: math.entropy(0, filesize) > 4.0 }
rule hashed { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" }
"""

COPIES: list[Any] = [
    pytest.param(copy.copy, id="copy"),
    pytest.param(copy.deepcopy, id="deepcopy"),
    *(
        pytest.param(
            lambda value, protocol=protocol: pickle.loads(pickle.dumps(value, protocol)),  # noqa: S301 - our own
            id=f"pickle {protocol}",
        )
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ),
]

copies = pytest.mark.parametrize("duplicate", COPIES)


def compiled() -> miniyara.Rules:
    return miniyara.compile(source=SOURCE, externals={"limit": 3})


def samples(count: int) -> list[bytes]:
    chance = random.Random(24)  # noqa: S311 - repeatable
    pieces = [b"needle", b"NEEDLE", b"odde`md", b"needd", b"ne1234le", b"\0\0x\1", b"ab" * 3]
    return [
        b"".join(
            chance.choice(pieces) if chance.random() < 0.4 else chance.randbytes(40)
            for _ in range(chance.randrange(60))
        )
        for _ in range(count)
    ]


def plain(matches: list[miniyara.Match]) -> list[object]:
    return [
        (
            *(match.rule, match.namespace, match.tags, match.meta),
            [
                (
                    *(string.identifier, string.is_xor(), string.is_hex()),
                    [
                        (each.offset, each.matched_length, each.matched_data, each.xor_key)
                        for each in string.instances
                    ],
                )
                for string in match.strings
            ],
        )
        for match in matches
    ]


@copies
def test_rules(duplicate: Callable[[Any], Any]) -> None:
    rules = compiled()
    other = duplicate(rules)
    assert other is not rules
    assert [rule.identifier for rule in other] == [rule.identifier for rule in rules]
    assert other.warnings == rules.warnings
    for data in samples(20):
        assert plain(other.match(data=data)) == plain(rules.match(data=data))
        externals = {"limit": 0}
        assert plain(other.match(data=data, externals=externals)) == plain(
            rules.match(data=data, externals=externals)
        )


@copies
def test_the_cursors_of_copies_are_their_own(duplicate: Callable[[Any], Any]) -> None:
    rules = compiled()
    next(rules)
    other = duplicate(rules)
    assert [next(other).identifier, next(rules).identifier] == ["texts", "hexes"]


@copies
def test_matches(duplicate: Callable[[Any], Any]) -> None:
    matches = compiled().match(data=b"\0".join(samples(20)))
    assert len(matches) > 2
    for match in matches:
        other = duplicate(match)
        assert other == match
        assert hash(other) == hash(match)
        assert plain([other]) == plain([match])


@copies
def test_many_places(duplicate: Callable[[Any], Any]) -> None:
    rules = miniyara.compile(source='rule a { strings: $a = "a" condition: $a }')
    [match] = rules.match(data=b"a" * 5000)
    [string] = duplicate(match).strings
    assert [each.offset for each in string.instances] == list(range(5000))


def test_a_pickled_match_does_not_hold_the_data() -> None:
    rules = miniyara.compile(source='rule a { strings: $a = "ab" condition: $a }')
    data = b"ab" * 50_000 + bytes(400_000)
    assert len(pickle.dumps(rules.match(data=data)[0].strings[0])) < 1_500_000
    assert len(pickle.dumps(rules.match(data=b"ab" + bytes(400_000)))) < 1000


@copies
def test_parts_of_matches(duplicate: Callable[[Any], Any]) -> None:
    rules = compiled()
    [match] = [each for each in rules.match(data=b"NEEDLE") if each.rule == "texts"]
    string = match.strings[0]
    other = duplicate(string)
    assert (repr(other), hash(other)) == (repr(string), hash(string))
    instance = string.instances[0]
    other = duplicate(instance)
    assert (repr(other), hash(other), other.offset) == (repr(instance), hash(instance), 0)
    rule = next(rules)
    other = duplicate(rule)
    assert repr(other) == repr(rule)
    with pytest.raises(AttributeError):
        other.tags = []


@copies
def test_errors(duplicate: Callable[[Any], Any]) -> None:
    def error_of(**arguments: Any) -> miniyara.Error:
        with pytest.raises(miniyara.Error) as caught:
            miniyara.compile(**arguments)
        return caught.value

    for error in (
        error_of(source="rule a { condition: b }\nrule c { strings: $a = /(/ condition: $a }"),
        error_of(
            source='rule a { strings: $a = "ab" condition: $a and $a }'.replace('"ab"', "/a.*b/"),
            error_on_warning=True,
        ),
        error_of(filepath="/no/such/file"),
        miniyara.TimeoutError("scanning timed out"),
    ):
        other = duplicate(error)
        assert repr(type(other)) == repr(type(error))
        assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))
        if isinstance(error, miniyara.SyntaxError):
            assert error.diagnostics
            assert [each.render() for each in other.diagnostics] == [
                each.render() for each in error.diagnostics
            ]


def test_what_a_string_was_found_too_often_in() -> None:
    told: list[Any] = []
    rules = miniyara.compile(source='rule a { strings: $a = "a" condition: $a }')
    rules.match(data=b"a" * 1_000_010, warnings_callback=lambda *message: told.append(message))
    assert pickle.loads(pickle.dumps(told)) == told  # noqa: S301 - our own


def test_a_damaged_pickle() -> None:
    data = pickle.dumps(compiled())
    for place in range(200, len(data) - 200, 97):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        with pytest.raises(miniyara.Error, match="corrupt rules file"):
            pickle.loads(damaged)  # noqa: S301 - our own


# -- threads ---------------------------------------------------------------------

THREADS = 24


def in_threads(work: Callable[[int], object]) -> None:
    """Run it in many threads that begin at once and take turns as often as can be."""
    barrier = threading.Barrier(THREADS)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    for failure in failures:
        raise failure


@pytest.mark.parametrize("origin", ["compiled", "loaded"])
def test_threads_share_rules(origin: str) -> None:
    """The rules are new to all threads, so that they also meet in what is made on demand."""
    data = samples(60)
    serial = compiled()
    expected = [plain(serial.match(data=each)) for each in data]
    rules = compiled() if origin == "compiled" else pickle.loads(pickle.dumps(serial))  # noqa: S301

    def work(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - repeatable
        for place in chance.sample(range(len(data)), len(data)):
            assert plain(rules.match(data=data[place])) == expected[place]

    in_threads(work)


def test_threads_read_the_same_matches() -> None:
    matches = compiled().match(data=b"".join(samples(60)))
    expected = plain(copy.deepcopy(matches))
    found: list[object] = [None] * THREADS

    def work(number: int) -> None:
        found[number] = plain(matches)

    in_threads(work)
    assert found == [expected] * THREADS


def test_threads_iterate_and_scan() -> None:
    rules = compiled()
    names = [rule.identifier for rule in rules]

    def work(_number: int) -> None:
        for _ in range(20):
            assert [rule.identifier for rule in rules] == names

    in_threads(work)


def test_threads_take_turns_at_the_cursor() -> None:
    source = "".join(f"rule r{number} {{ condition: true }}\n" for number in range(THREADS * 20))
    rules = miniyara.compile(source=source)
    taken: list[list[str]] = [[] for _ in range(THREADS)]

    def work(number: int) -> None:
        for _ in range(20):
            taken[number].append(next(rules).identifier)

    in_threads(work)
    assert sorted(chain.from_iterable(taken)) == sorted(
        f"r{number}" for number in range(THREADS * 20)
    )
    with pytest.raises(StopIteration):
        next(rules)
    assert next(rules).identifier == "r0"
