"""Strategies for rules, for sources of several rules, and for externals.

A source is accepted by YARA nearly always: its names are unique, its strings are
used, a set of rules names only rules before it, and no later rule falls under a
wildcard that was used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import (
    And,
    Any,
    Expression,
    Import,
    IntegerLiteral,
    Meta,
    Of,
    Or,
    Rule,
    Source,
    StringAt,
    StringCount,
    StringMatches,
    StringSet,
)
from miniyara.syntax.walk import walk
from miniyara.testing.strategies.booleans import joined
from miniyara.testing.strategies.conditions import EMPTY_SCOPE, conditions
from miniyara.testing.strategies.declarations import string_sections
from miniyara.testing.strategies.grammar import Scope
from miniyara.testing.strategies.members import MODULES
from miniyara.testing.strategies.programs import PROGRAM_MODULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.testing.outcome import External
    from miniyara.testing.strategies.drawing import Draw

_DEPTHS: Final = st.sampled_from([4, 4, 3, 3, 2, 1, 0])
"""Levels of a condition.  Shallow ones hold more often; Hypothesis prefers neither."""

_RARELY: Final = st.sampled_from([False] * 5 + [True])

_TAGS: Final = st.lists(st.sampled_from(["apt", "tag_2", "Tag"]), unique=True, max_size=2)

_META: Final = st.lists(
    st.builds(
        Meta,
        st.sampled_from(["author", "date", "score"]),
        st.one_of(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6).map(
                str.encode
            ),
            st.integers(-(2**63) + 1, 2**63 - 1),
            st.booleans(),
        ),
    ),
    max_size=2,
).map(tuple)

_MODULE_SETS: Final = st.one_of(
    st.just(frozenset[str]()),
    st.frozensets(st.sampled_from(sorted(MODULES)), max_size=3),
    st.sampled_from(PROGRAM_MODULES).map(lambda name: frozenset({name, "console"})),
)

_FIRST: Final = "first"
"""Prefix of the names of rules in the first half of a source."""

_SECOND: Final = "second"
"""Prefix in the second half, where a wildcard may name all rules of the first."""


def externals() -> st.SearchStrategy[dict[str, External]]:
    """Return a strategy for external variables: always the same names and types."""
    return _EXTERNALS


_EXTERNALS: Final[st.SearchStrategy[dict[str, External]]] = st.fixed_dictionaries(
    {
        "number": st.sampled_from([0, 1, 2, 5, -1, 2**31]),
        "flag": st.booleans(),
        "ratio": st.sampled_from([0.0, 0.5, -1.5]),
        "text": st.sampled_from(["", "a", "abc", "ABC abc", "aabb\n"]),
    }
)


@st.composite
def rules(
    draw: Draw,
    name: str = "rule_1",
    scope: Scope = EMPTY_SCOPE,
) -> Rule:
    """Draw a rule; ``scope`` says what is known outside it."""
    strings = draw(string_sections())
    inside = replace(
        scope,
        strings=tuple(string.name for string in strings),
        depth=draw(_DEPTHS),
    )
    condition = draw(conditions(inside))
    return Rule(
        name=name,
        condition=_using_all(draw, condition, inside.strings),
        strings=strings,
        meta=draw(_META),
        tags=tuple(draw(_TAGS)),
        is_private=draw(_RARELY),
        is_global=draw(_RARELY),
    )


@st.composite
def sources(draw: Draw, known: Mapping[str, External] | None = None, most_rules: int = 4) -> Source:
    """Draw a source of one to ``most_rules`` rules that may refer to each other.

    ``known`` are the external variables that conditions may use.
    """
    modules = draw(_MODULE_SETS)
    scope = Scope(externals=known or {}, modules=modules)
    drawn: list[Rule] = []
    count = draw(st.integers(1, most_rules))
    for number in range(count):
        is_first = number < (count + 1) // 2
        name = f"{_FIRST if is_first else _SECOND}_{number}"
        reach = replace(
            scope,
            rules=tuple(rule.name for rule in drawn),
            rule_prefixes=() if is_first else (_FIRST, f"{_FIRST}_"),
        )
        drawn.append(draw(rules(name, reach)))
    imports = [Import(module.encode()) for module in sorted(modules)]
    return Source((*imports, *drawn))


def _using_all(draw: Draw, condition: Expression, names: tuple[str, ...]) -> Expression:
    """Add what is needed so that YARA finds every string used."""
    used = _used_names(condition)
    unused = [name for name in names if name not in used and name != "$"]
    if "$" in names and "$*" not in used:
        unused.append("$")
    for name in unused:
        clause = _mention(draw, name)
        condition = joined(And if draw(st.booleans()) else Or, [condition, clause])
    return condition


def _mention(draw: Draw, name: str) -> Expression:
    if name == "$":
        return Of(Any(), StringSet())
    form = draw(st.integers(0, 2))
    if form == 0:
        return StringMatches(name)
    if form == 1:
        return StringAt(name, IntegerLiteral(draw(st.integers(0, 4))))
    return StringCount(name)


def _used_names(condition: Expression) -> set[str]:
    """Return the names of strings that a condition uses; ``$*`` stands for all."""
    used: set[str] = set()
    for node in walk(condition):
        if isinstance(node, StringSet):
            used.update(node.items or ("$*",))
        else:
            used.add(getattr(node, "name", ""))
    return used
