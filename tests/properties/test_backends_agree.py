"""How strings are searched for never changes an answer."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.syntax.nodes import (
    And,
    Any,
    Not,
    Of,
    Or,
    Rule,
    Source,
    StringDeclaration,
    StringSet,
    TextString,
)
from miniyara.testing.outcome import Outcome, outcome
from miniyara.testing.strategies import data_for, string_declarations

BACKENDS = [
    name
    for name, module in (("grams", "miniyara"), ("ahocorasick", "ahocorasick"))
    if importlib.util.find_spec(module)
]

ENOUGH = 24
"""Strings in a source: with few of them there is no sweep that a backend could make."""

many_strings = st.tuples(*(string_declarations(f"$s{number}") for number in range(ENOUGH)))


def source_of(strings: tuple[StringDeclaration, ...]) -> Source:
    """Return two rules: one that always matches and one that asks lazily."""
    found = Of(Any(), StringSet())
    always = Or((found, Not(found)))
    lazily = And((Of(Any(), StringSet(("$s0", "$s1"))), found))
    return Source(
        (Rule("always", always, strings=strings), Rule("lazily", lazily, strings=strings))
    )


def outcome_with(backend: str, source: Source, data: bytes) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIYARA_BACKEND", backend)
        return outcome(miniyara, source, data)


@pytest.mark.parametrize("backend", BACKENDS)
@given(strings=many_strings, data=st.data())
def test_a_forced_backend_answers_as_the_chosen_one(
    backend: str, strings: tuple[StringDeclaration, ...], data: st.DataObject
) -> None:
    source = source_of(strings)
    scanned = data.draw(data_for(source))
    assert outcome_with(backend, source, scanned) == outcome(miniyara, source, scanned)


def test_an_unknown_backend_is_an_error() -> None:
    strings = tuple(TextString(f"$s{number}", b"abcd%d" % number) for number in range(ENOUGH))
    found = outcome_with("nothing", source_of(strings), b"abc")
    assert found.error is not None
    assert found.error.startswith("Error: ")
    assert "grams" in found.error
