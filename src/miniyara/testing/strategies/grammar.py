"""The typed grammar of conditions: what may stand where.

A *production* draws one form of expression of one *kind*.  The files beside this
one declare productions with :func:`produces`; :func:`expression` chooses among
those that fit the *scope*: the strings, externals, modules, rules and loop
variables in reach, and how much deeper the expression may become.

Productions are ordinary functions over Hypothesis' ``draw`` and not strategies,
because which of them fit changes at every step; this also makes them fast.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from hypothesis import strategies as st

from miniyara.syntax.nodes import Expression, Identifier
from miniyara.testing.strategies.drawing import Draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.testing.outcome import External


class Kind(enum.Enum):
    """The types of expressions, as libyara's compiler tells them apart."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    CONDITION = "condition"
    """Whatever may stand where a truth value is wanted: a boolean, or a value
    of another kind that is then taken as one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may refer to, and how deep it may become."""

    strings: tuple[str, ...] = ()
    """Names of the rule's strings; ``"$"`` for each anonymous one."""
    externals: Mapping[str, External] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    """Rules declared earlier."""
    rule_prefixes: tuple[str, ...] = ()
    """Prefixes that a set of rules may name: no later rule has them."""
    variables: tuple[tuple[str, Kind | None], ...] = ()
    """Loop variables, outermost first; one without a kind is taken but not yet known."""
    loops: int = 0
    """Loops around the expression."""
    in_string_loop: bool = False
    """Whether ``$`` stands for the string of a loop."""
    depth: int = 4
    """Levels that the expression may still grow."""

    def deeper(self) -> Scope:
        """Return the scope of an operand."""
        return replace(self, depth=self.depth - 1)

    def with_variable(self, name: str, kind: Kind | None) -> Scope:
        """Return the scope inside a loop; the variable hides an external of its name.

        Without a kind it is the scope of the loop's iterator: there the name is
        taken already, and using it would refer to whatever libyara left there.
        """
        return replace(
            self,
            variables=(*self.variables, (name, kind)),
            externals={key: value for key, value in self.externals.items() if key != name},
            loops=self.loops + 1,
            depth=self.depth - 1,
        )

    def with_string_variable(self) -> Scope:
        """Return the scope of the body of a loop over strings."""
        return replace(self, in_string_loop=True, loops=self.loops + 1, depth=self.depth - 1)

    def named_strings(self) -> tuple[str, ...]:
        """Return the names that a condition may spell here."""
        named = tuple(name for name in self.strings if name != "$")
        return (*named, "$") if self.in_string_loop else named


Fits: TypeAlias = Callable[[Scope], bool]
Production: TypeAlias = Callable[[Draw, Scope], Expression]


@dataclass(frozen=True, slots=True)
class _Entry:
    production: Production
    is_leaf: bool
    weight: int
    fits: Fits


_PRODUCTIONS: Final[dict[Kind, list[_Entry]]] = {kind: [] for kind in Kind}


def _always(_scope: Scope) -> bool:
    return True


def produces(
    kind: Kind, *, is_leaf: bool = False, weight: int = 1, fits: Fits = _always
) -> Callable[[Production], Production]:
    """Declare a production.

    A leaf draws no further expression of unbounded depth.  ``weight`` is how
    often the production is chosen beside the others.  Declare simple ones
    first: Hypothesis shrinks towards them.
    """

    def declare(production: Production) -> Production:
        _PRODUCTIONS[kind].append(_Entry(production, is_leaf, weight, fits))
        return production

    return declare


def expression(draw: Draw, kind: Kind, scope: Scope) -> Expression:
    """Draw an expression of a kind that is valid in the scope; rather a deep one."""
    choices = [
        entry.production
        for entry in _PRODUCTIONS[kind]
        if (scope.depth > 0 or entry.is_leaf) and entry.fits(scope)
        for _ in range(entry.weight if entry.is_leaf else 2 * entry.weight)
    ]
    return draw(st.sampled_from(choices))(draw, scope)


def variable_names(scope: Scope, kind: Kind) -> list[str]:
    """Return the names of loop variables and externals that hold values of a kind."""
    names = [name for name, of_kind in scope.variables if of_kind is kind]
    return names + [
        name for name, value in scope.externals.items() if kind_of_external(value) is kind
    ]


def kind_of_external(value: External) -> Kind:
    """Return the kind of an external variable; libyara takes booleans as integers."""
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.FLOAT if isinstance(value, float) else Kind.INTEGER


def variable(kind: Kind) -> None:
    """Declare the production of a variable of this kind."""

    @produces(kind, is_leaf=True, fits=lambda scope: bool(variable_names(scope, kind)))
    def draw_variable(draw: Draw, scope: Scope) -> Expression:
        return Identifier(draw(st.sampled_from(variable_names(scope, kind))))
