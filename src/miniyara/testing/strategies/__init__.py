"""Hypothesis strategies for YARA rules and for data to scan with them.

The strategies draw syntax trees (:mod:`miniyara.syntax.nodes`), which
:func:`miniyara.syntax.printer.render` turns into text.  What they draw, YARA
accepts nearly always; :func:`broken` is there for the rest::

    @given(st.data())
    def test_my_engine(data):
        known = data.draw(externals())
        source = data.draw(sources(known))
        assert_agrees(source, data.draw(data_for(source)), externals=known, engine=mine)
"""

from miniyara.testing.strategies.broken import broken
from miniyara.testing.strategies.conditions import conditions, expressions
from miniyara.testing.strategies.data import data_for
from miniyara.testing.strategies.declarations import (
    hex_strings,
    regexp_strings,
    string_declarations,
    text_strings,
)
from miniyara.testing.strategies.grammar import Kind, Scope
from miniyara.testing.strategies.hexstrings import hex_texts
from miniyara.testing.strategies.modifiers import hex_modifiers, regexp_modifiers, text_modifiers
from miniyara.testing.strategies.programs import programs
from miniyara.testing.strategies.regexps import regexps
from miniyara.testing.strategies.rules import externals, rules, sources
from miniyara.testing.strategies.texts import compared_texts, text_values

__all__ = [
    "Kind",
    "Scope",
    "broken",
    "compared_texts",
    "conditions",
    "data_for",
    "expressions",
    "externals",
    "hex_modifiers",
    "hex_strings",
    "hex_texts",
    "programs",
    "regexp_modifiers",
    "regexp_strings",
    "regexps",
    "rules",
    "sources",
    "string_declarations",
    "text_modifiers",
    "text_strings",
    "text_values",
]
