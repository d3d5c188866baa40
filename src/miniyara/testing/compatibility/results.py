"""What matches, strings, instances and rules do."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, Final

from miniyara.testing.compatibility.subject import checks_of, matches_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from miniyara.testing.compatibility.check import Check
    from miniyara.testing.compatibility.subject import Probes


def checks() -> Iterator[Check]:
    """Yield the checks of these areas."""
    yield from checks_of("results", _RESULTS)
    yield from checks_of("iteration", _ITERATION)


def _string(engine: Any, number: int = 0) -> Any:
    return matches_of(engine)[0].strings[number]


def _instance(engine: Any, number: int = 0) -> Any:
    return _string(engine, number).instances[0]


def _rule(engine: Any) -> Any:
    return next(iter(rules_of(engine)))


def _set(value: Any, name: str) -> None:
    setattr(value, name, 1)


_RESULTS: Final[Probes] = {
    "matches": lambda engine, _: matches_of(engine),
    "duplicate metadata": lambda engine, _: matches_of(engine, allow_duplicate_metadata=True),
    "fast": lambda engine, _: matches_of(engine, fast=True),
    "repr(match)": lambda engine, _: repr(matches_of(engine)),
    "str(match)": lambda engine, _: str(matches_of(engine)[0]),
    "repr(string)": lambda engine, _: repr(matches_of(engine)[0].strings),
    "repr(instance)": lambda engine, _: repr(_instance(engine, 1)),
    "repr of bytes that are no text": lambda engine, _: repr(
        engine.compile(source="rule a { strings: $a = { FF FE 61 } condition: $a }")
        .match(data=b"\xff\xfea")[0]
        .strings[0]
        .instances
    ),
    "repr(rules)": lambda engine, _: repr(rules_of(engine)),
    "repr(rule)": lambda engine, _: repr(_rule(engine)),
    "plaintext()": lambda engine, _: [
        each.plaintext() for string in matches_of(engine)[0].strings for each in string.instances
    ],
    "is_xor()": lambda engine, _: [each.is_xor() for each in matches_of(engine)[0].strings],
    "== of equal matches": lambda engine, _: matches_of(engine) == matches_of(engine),
    "== of other matches": lambda engine, _: matches_of(engine)[0] == matches_of(engine)[1],
    "!= of matches": lambda engine, _: matches_of(engine)[0] != matches_of(engine)[1],
    "== with something else": lambda engine, _: matches_of(engine)[0] == 1,
    "!= with None": lambda engine, _: matches_of(engine)[0] != None,  # noqa: E711 - the question
    "< with something else": lambda engine, _: matches_of(engine)[0] < "a",
    "match in a list": lambda engine, _: "first" in matches_of(engine),
    "sorted matches": lambda engine, _: sorted(matches_of(engine), reverse=True),
    "order of matches": lambda engine, _: [
        (one < other, one <= other, one > other, one >= other)
        for one in matches_of(engine)
        for other in matches_of(engine)
    ],
    "a set of matches": lambda engine, _: len({*matches_of(engine), *matches_of(engine)}),
    "== of strings": lambda engine, _: _string(engine) == _string(engine),
    "< of strings": lambda engine, _: _string(engine) < _string(engine),
    "hash(string)": lambda engine, _: hash(_string(engine)) == hash("$a"),
    "== of instances": lambda engine, _: _instance(engine) == _instance(engine),
    "hash(instance)": lambda engine, _: hash(_instance(engine)) == hash(b"abc"),
    "== of rules": lambda engine, _: _rule(engine) == _rule(engine),
    "hash(rules)": lambda engine, _: len({rules_of(engine), rules_of(engine)}),
    "bool(rules)": lambda engine, _: bool(engine.compile(source="")),
    "len(rules)": lambda engine, _: len(rules_of(engine)),
    "rules[0]": lambda engine, _: rules_of(engine)[0],
    "iter(match)": lambda engine, _: iter(matches_of(engine)[0]),
    "iter(string)": lambda engine, _: iter(_string(engine)),
    "match.rule = 1": lambda engine, _: _set(matches_of(engine)[0], "rule"),
    "match.other = 1": lambda engine, _: _set(matches_of(engine)[0], "other"),
    "del match.rule": lambda engine, _: delattr(matches_of(engine)[0], "rule"),
    "string.identifier = 1": lambda engine, _: _set(_string(engine), "identifier"),
    "instance.offset = 1": lambda engine, _: _set(_instance(engine), "offset"),
    "rule.tags = 1": lambda engine, _: _set(_rule(engine), "tags"),
    "rules.warnings = 1": lambda engine, _: _set(rules_of(engine), "warnings"),
    "rules.other = 1": lambda engine, _: _set(rules_of(engine), "other"),
    "match.other": lambda engine, _: matches_of(engine)[0].other,
    "rules.other": lambda engine, _: rules_of(engine).other,
    "vars(match)": lambda engine, _: vars(matches_of(engine)[0]),
    "match.strings is kept": lambda engine, _: [
        (match.strings is match.strings, match.tags is match.tags, match.meta is match.meta)
        for match in matches_of(engine)
    ],
    "string.instances is kept": lambda engine, _: (
        (string := _string(engine)).instances is string.instances
    ),
    "copy(match)": lambda engine, _: copy.copy(matches_of(engine)[0]),
    "copy(rules)": lambda engine, _: copy.copy(rules_of(engine)),
    "pickle of a match": lambda engine, _: pickle.loads(pickle.dumps(matches_of(engine)[0])),  # noqa: S301
    "pickle of rules": lambda engine, _: pickle.loads(pickle.dumps(rules_of(engine))),  # noqa: S301
    "pickle of an error": lambda engine, _: pickle.loads(pickle.dumps(engine.Error("a", 1))).args,  # noqa: S301
    "module of a class": lambda engine, _: engine.Match.__module__,
    "error.other = 1": lambda engine, _: _set(engine.Error("a"), "other"),
    "repr(error)": lambda engine, _: repr(engine.TimeoutError("a", 1)),
}


def _mixed(engine: Any, _folder: Path) -> object:
    rules = rules_of(engine)
    return next(rules), list(rules), list(rules), [next(rules, None) for _ in range(9)]


def _broken_off(engine: Any, _folder: Path) -> object:
    rules = rules_of(engine)
    for _ in rules:
        break
    return list(rules)


_ITERATION: Final[Probes] = {
    "list(rules)": lambda engine, _: list(rules_of(engine)),
    "twice": lambda engine, _: [list(each) for each in [rules_of(engine)] * 2],
    "next(rules)": lambda engine, _: next(rules_of(engine)),
    "next(rules) and then a loop": _mixed,
    "a loop after one that was broken off": _broken_off,
    "iter(rules) is rules": lambda engine, _: iter(rules := rules_of(engine)) is rules,
    "next(rules) of no rules": lambda engine, _: next(engine.compile(source=""), "none"),
    "zip(rules, rules)": lambda engine, _: [
        (one.identifier, other.identifier)
        for rules in [rules_of(engine)]
        for one, other in zip(rules, rules)  # noqa: B905
    ],
}
