"""Whatever the rules and the data: both engines say the same."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from miniyara.syntax.nodes import Rule, StringCount, StringDeclaration
from miniyara.testing import assert_agrees
from miniyara.testing.outcome import text_of
from miniyara.testing.strategies import (
    broken,
    data_for,
    externals,
    hex_strings,
    regexp_strings,
    sources,
    text_strings,
)


@given(st.data())
def test_on_rules_and_data(data: st.DataObject) -> None:
    known = data.draw(externals())
    source = data.draw(sources(known))
    assert_agrees(source, data.draw(data_for(source)), externals=known)


@given(st.one_of(text_strings(), hex_strings(), regexp_strings()), st.data())
def test_on_the_matches_of_one_string(declaration: StringDeclaration, data: st.DataObject) -> None:
    rule = Rule("r", StringCount("$a"), strings=(declaration,))
    assert_agrees(rule, data.draw(data_for(rule)), fast=data.draw(st.booleans()))


@given(st.data())
def test_on_text_that_is_nearly_a_rule(data: st.DataObject) -> None:
    known = data.draw(externals())
    text = data.draw(broken(text_of(data.draw(sources(known, most_rules=1)))))
    # A float where libyara wants an integer makes it print memory that it never set.
    assume(not re.search(r"\d\.\d", text))
    assert_agrees(text, externals=known)
