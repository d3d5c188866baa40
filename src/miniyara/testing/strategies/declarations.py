"""Strategies for string declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import HexString, RegexpString, StringDeclaration, TextString
from miniyara.testing.strategies.hexstrings import hex_texts
from miniyara.testing.strategies.modifiers import hex_modifiers, regexp_modifiers, text_modifiers
from miniyara.testing.strategies.regexps import regexps
from miniyara.testing.strategies.texts import text_values

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

NAMES: Final = ("$a1", "$a2", "$b1", "$b", "$long_name", "$_loose")
"""Names that wildcards can tell apart; ``$_loose`` need not be used by a condition."""


def text_strings(name: str = "$a") -> st.SearchStrategy[TextString]:
    """Return a strategy for text strings."""
    return st.builds(TextString, st.just(name), text_values(), text_modifiers())


def hex_strings(name: str = "$a") -> st.SearchStrategy[HexString]:
    """Return a strategy for hex strings."""
    return st.builds(HexString, st.just(name), hex_texts(), hex_modifiers())


def regexp_strings(name: str = "$a") -> st.SearchStrategy[RegexpString]:
    """Return a strategy for strings that are regular expressions."""
    return st.builds(RegexpString, st.just(name), regexps(), regexp_modifiers())


def string_declarations(name: str = "$a") -> st.SearchStrategy[StringDeclaration]:
    """Return a strategy for declarations of any kind under one name."""
    return st.one_of(text_strings(name), hex_strings(name), regexp_strings(name))


_ONE_OF_EACH: Final = {name: string_declarations(name) for name in ("$", *NAMES)}


@st.composite
def string_sections(draw: Draw) -> tuple[StringDeclaration, ...]:
    """Draw the strings of a rule: none to six, perhaps some of them anonymous."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    if draw(st.integers(0, 7)) == 7:
        names += ["$"] * draw(st.integers(1, 2))
    return tuple(draw(_ONE_OF_EACH[name]) for name in names)
