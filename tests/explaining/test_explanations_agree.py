"""Whatever the rules and the data, an explanation comes to the verdict of both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yara
from hypothesis import assume, given
from hypothesis import strategies as st

import miniyara
from miniyara.explaining import explain, explainer
from miniyara.explaining.drawing import draw
from miniyara.testing.outcome import text_of
from miniyara.testing.strategies import data_for, externals, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.explaining import Explanation, Node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in (*node.parts, *(each.body for each in node.iterations)):
        yield from nodes(part)


def check(explanation: Explanation) -> None:
    """Check what holds for every explanation."""
    holds = explanation.condition.holds and not explanation.unmet_globals
    assert explanation.matches == holds
    assert (explanation.missing is None) == explanation.matches
    for node in nodes(explanation.condition):
        assert node.text
        assert (node.value is None) == bool(node.note)
        if node.kind in ("and", "or") and not node.omitted:
            quantifier = all if node.kind == "and" else any
            assert node.holds == quantifier(part.holds for part in node.parts)
    for line in draw(explanation, colour=False):
        assert line.isprintable()
    json.dumps(explanation.to_dict(), allow_nan=False)


@pytest.fixture(autouse=True, scope="module")
def little_patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explainer, "EXTRA_TIME", 0.01)
        yield


@given(st.data())
def test_on_rules_and_data(data: st.DataObject) -> None:
    known = data.draw(externals())
    source = data.draw(sources(known))
    text, scanned = text_of(source), data.draw(data_for(source))
    try:
        theirs = yara.compile(source=text, externals=known).match(data=scanned)
    except yara.Error:
        assume(False)
    rules = miniyara.compile(source=text, externals=known)
    explanations = {rule.identifier: explain(rules, scanned, rule.identifier) for rule in rules}
    for explanation in explanations.values():
        check(explanation)
        for other in explanation.rules:
            check(other)
            assert other.condition == explanations[other.rule].condition
    private = {rule.identifier for rule in rules if rule.is_private}
    matching = {name for name, explanation in explanations.items() if explanation.matches}
    assert matching - private == {match.rule for match in theirs}
