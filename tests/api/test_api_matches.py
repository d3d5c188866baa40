"""The classes that a scan returns."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.conftest import Probe, Same

RULES = r"""
rule b : t2 t1 {
    meta:
        text = "caf\xc3\xa9 \xff!"
        nul = "a\x00b"
        twice = "first"
        twice = 2
        negative = -3
        truth = true
        lie = false
        beyond_int = 2147483648
        beyond_word = 4294967297
    strings:
        $plain = "ab"
        $hidden = "zz" private
        $ = "bab"
        $keyed = "Cd" xor(1-255)
        $absent = "nowhere"
        $long = /x+/
    condition:
        any of them
}
private rule p { condition: true }
global rule g { meta: m = "g" condition: true }
global private rule gp { condition: true }
rule a : x { condition: b }
rule no { strings: $a = "ab" condition: $a and false }
"""
DATA = b"zzababab" + bytes(byte ^ 7 for byte in b"Cd") + b"\xff" + b"x" * 600


def matches(engine: Any) -> list[Any]:
    found: list[Any] = engine.compile(source=RULES).match(data=DATA)
    return found


def first(engine: Any) -> Any:
    return matches(engine)[0]


def keyed(engine: Any) -> Any:
    return next(string for string in first(engine).strings if string.identifier == "$keyed")


PROBES: dict[str, Probe] = {
    "matches": matches,
    "rules": lambda engine: engine.compile(source=RULES),
    "fast": lambda engine: engine.compile(source=RULES).match(data=DATA, fast=True),
    "duplicate metadata": lambda engine: engine.compile(source=RULES).match(
        data=DATA, allow_duplicate_metadata=True
    ),
    "no match": lambda engine: engine.compile(source="rule a { condition: false }").match(data=b""),
    "repr": lambda engine: [repr(match) for match in matches(engine)],
    "str": lambda engine: f"{first(engine)} {first(engine).strings}",
    "repr of instances": lambda engine: [
        repr(instance) for string in first(engine).strings for instance in string.instances
    ],
    "plaintext": lambda engine: [i.plaintext() for i in keyed(engine).instances],
    "is_xor": lambda engine: [string.is_xor() for string in first(engine).strings],
    "sorted": lambda engine: sorted(
        engine.compile(sources={"n2": RULES, "n1": RULES}).match(data=DATA)
    ),
    "equal": lambda engine: (matches(engine) == matches(engine), first(engine) != first(engine)),
    "unequal": lambda engine: first(engine) == matches(engine)[1],
    "ordered": lambda engine: [
        comparison
        for one in matches(engine)
        for other in matches(engine)
        for comparison in (one < other, one <= other, one > other, one >= other)
    ],
    "set of matches": lambda engine: len({*matches(engine), *matches(engine)}),
    "equal to a string": lambda engine: first(engine) == "b",
    "unequal to None": lambda engine: first(engine) != None,  # noqa: E711 - the operator is probed
    "less than a string": lambda engine: first(engine) < "b",
    "in a list of strings": lambda engine: first(engine) in ["a", "b"],
    "hash of a string": lambda engine: hash(keyed(engine)) == hash("$keyed"),
    "hash of an instance": lambda engine: (
        hash(keyed(engine).instances[0]) == hash(keyed(engine).instances[0].matched_data)
    ),
    "strings are equal": lambda engine: keyed(engine) == keyed(engine),
    "string equals a name": lambda engine: keyed(engine) == "$keyed",
    "instances are equal": lambda engine: keyed(engine).instances == keyed(engine).instances,
    "rules are equal": lambda engine: (
        list(engine.compile(source=RULES)) == list(engine.compile(source=RULES))
    ),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())
def test_same(same: Same, probe: Probe) -> None:
    same(probe)


GETTERS: dict[str, Callable[[Any], Any]] = {
    "Match": first,
    "StringMatch": keyed,
    "StringMatchInstance": lambda engine: keyed(engine).instances[0],
    "Rule": lambda engine: next(iter(engine.compile(source=RULES))),
    "Rules": lambda engine: engine.compile(source=RULES),
}


@pytest.mark.parametrize("name", GETTERS)
def test_attributes_are_read_only(engine: Any, name: str) -> None:
    value = GETTERS[name](engine)
    assert type(value) is getattr(engine, name)
    attributes = [
        attribute
        for attribute in dir(value)
        if not attribute.startswith("_") and not callable(getattr(value, attribute))
    ]
    assert attributes
    for attribute in attributes:
        with pytest.raises(AttributeError):
            setattr(value, attribute, 1)
        with pytest.raises(AttributeError):
            delattr(value, attribute)


@pytest.mark.parametrize("name", GETTERS)
def test_there_are_no_other_attributes(engine: Any, name: str) -> None:
    value = GETTERS[name](engine)
    with pytest.raises(AttributeError):
        value.no_such_name = 1
    with pytest.raises(AttributeError):
        del value.no_such_name


def test_instances_are_made_once(engine: Any) -> None:
    match = first(engine)
    assert match.strings is match.strings
    string = match.strings[0]
    assert string.instances is string.instances


def test_matches_outlive_the_data(engine: Any) -> None:
    with mmap.mmap(-1, len(DATA)) as data:
        data[:] = DATA
        string = engine.compile(source=RULES).match(data=data)[0].strings[0]
    assert [instance.matched_data for instance in string.instances] == [b"ab"] * 3


@pytest.mark.parametrize("name", ["Match", "StringMatch", "StringMatchInstance", "Rule"])
def test_no_tuples(engine: Any, name: str) -> None:
    value = GETTERS[name](engine)
    for use in (iter, len, lambda it: it[0]):
        with pytest.raises(TypeError):
            use(value)


def test_max_match_data(engine: Any) -> None:
    rules = engine.compile(source="rule a { strings: $a = /x+/ condition: $a }")
    try:
        engine.set_config(max_match_data=3)
        engine.set_config(max_match_data=0)  # changes nothing
        instance = rules.match(data=b"x" * 5)[0].strings[0].instances[0]
    finally:
        engine.set_config(max_match_data=512)
    assert (instance.matched_data, instance.matched_length) == (b"xxx", 5)


def test_matches_share_nothing(engine: Any) -> None:
    rules = engine.compile(source=RULES)
    one = rules.match(data=DATA)[0]
    one.meta.clear()
    one.tags.clear()
    assert rules.match(data=DATA)[0].tags == ["t2", "t1"]
    assert next(iter(rules)).meta
