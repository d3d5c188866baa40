"""What is known while a rule is checked: names, strings, loops, and whom to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from miniyara import limits
from miniyara.analysis import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from miniyara.analysis.condition import Condition
    from miniyara.diagnostics import Diagnostic, Kind
    from miniyara.modules.interface import Declaration, Type
    from miniyara.patterns import Pattern
    from miniyara.syntax import nodes
    from miniyara.syntax.nodes import Span
    from miniyara.syntax.parser import Place
    from miniyara.values import Scalar


class CheckError(Exception):
    """The rule is wrong; carries the diagnostic, and how far libyara has read when it says so."""

    def __init__(self, diagnostic: Diagnostic, reached: int) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.reached = reached


@dataclass(slots=True)
class Names:
    """The names that rules may use, and what else they share in the course of a compilation."""

    externals: Mapping[str, Scalar]
    rules: dict[tuple[str, str], int] = field(default_factory=dict)
    """Numbers of rules by namespace and name; a rule with an error has one, too."""
    rule_order: list[str] = field(default_factory=list)
    """The names of all rules by number."""
    prefixes: dict[str, set[str]] = field(default_factory=dict)
    """By namespace, what sets of rules like ``(abc*)`` have been used."""
    imports: dict[str, dict[str, Declaration]] = field(default_factory=dict)
    """By namespace, the imported modules."""
    is_in_string_loop: bool = False
    """Whether a ``for ... of`` loop is being checked.  After an error in such a loop
    libyara believes to be in it for the rest of the compilation."""
    patterns: dict[Hashable, Pattern] = field(default_factory=dict)
    """The patterns of the strings so far, by what was declared: in rules that are variants
    of each other many strings are alike."""

    def rules_with_prefix(self, namespace: str, prefix: str) -> Iterator[int]:
        """The rules that ``prefix*`` stands for.

        libyara goes over the rules of all namespaces and looks each name up in
        the current one, so a name that two namespaces share counts twice.
        """
        for name in self.rule_order:
            if name.startswith(prefix):
                number = self.rules.get((namespace, name))
                if number is not None:
                    yield number


@dataclass(slots=True)
class StringState:
    """A string of the rule that is being checked, and what its condition does with it."""

    number: int
    declaration: nodes.StringDeclaration
    pattern: Pattern
    is_referenced: bool = False
    is_fixed: bool = True
    """Whether the condition asks about one constant offset only, as far as is known."""
    fixed_offset: int | None = None
    single_match: bool = True

    @property
    def name(self) -> str:
        """The name with its dollar sign."""
        return self.declaration.name

    def use_anywhere(self) -> None:
        """The condition asks about the whole data."""
        self.is_fixed = False

    def use_at(self, offset: int | None) -> None:
        """The condition asks about an offset; None if it is not known before the scan."""
        if self.fixed_offset is None:
            self.fixed_offset = offset
        if self.fixed_offset is None or self.fixed_offset != offset:
            self.is_fixed = False


@dataclass(slots=True)
class LoopVariable:
    """A variable of a loop that is being checked.

    While its iterator is checked, the variable is there already, but its type is
    not known: ``type`` and ``declaration`` are None.
    """

    name: str
    slot: int
    type: Type | None = None
    declaration: Declaration | None = None


@dataclass(slots=True)
class LoopScope:
    """A loop that is being checked."""

    variables: list[LoopVariable] = field(default_factory=list)


@dataclass(slots=True)
class Checked:
    """The outcome of checking an expression."""

    step: Condition
    type: Type | None
    """None for an object that is no simple value, and where the type is not known."""
    constant: int | None = None
    """The value of an integer that libyara knows when it compiles."""
    declaration: Declaration | None = None
    """What kind of object it is, if it is one."""
    label: str = ""
    """What libyara calls it in messages."""
    required: int = 0
    """How many strings have to match for it to be true, as libyara counts."""


class RuleScope:
    """The rule that is being checked."""

    def __init__(
        self,
        names: Names,
        namespace: str,
        rule: str,
        place: Place,
        warn: Callable[[Diagnostic], None],
        strict_escape: bool,
    ) -> None:
        self.names = names
        self.namespace = namespace
        self.strict_escape = strict_escape
        self.strings: list[StringState] = []
        self._strings_by_name: dict[str, StringState] = {}
        self.loops: list[LoopScope] = []
        self.has_effect = False
        self.string_sets: dict[tuple[str, ...], tuple[int, ...]] = {}
        """The sets of strings so far, by what names them: many are alike."""
        self._members_left = limits.MAX_SET_MEMBERS
        self._depth = 0
        self._rule = rule
        self._place = place
        self._warn = warn

    def fail(self, kind: Kind, span: Span, **details: Any) -> NoReturn:
        """Give up on the rule."""
        diagnostic = self._place.diagnostic(kind, span, rule=self._rule, **details)
        raise CheckError(diagnostic, span.reached)

    def warn(self, kind: Kind, span: Span, **details: Any) -> None:
        """Report a warning and go on."""
        self._warn(self._place.diagnostic(kind, span, rule=self._rule, **details))

    def with_next_token(self, span: Span) -> Span:
        """The span as it is once the parser has looked at the token behind it."""
        return self._place.with_next_token(span)

    def add_members(self, count: int, span: Span) -> None:
        """Count members of a set; fails if the sets of the rule have too many."""
        self._members_left -= count
        if self._members_left < 0:
            self.fail(catalog.LONG_SETS, span, limit=limits.MAX_SET_MEMBERS)

    def enter(self, span: Span) -> None:
        """Go one level deeper into the condition; fails if that is too deep."""
        if self._depth >= limits.MAX_EXPRESSION_DEPTH:
            self.fail(catalog.TOO_DEEP, span, limit=limits.MAX_EXPRESSION_DEPTH)
        self._depth += 1

    def leave(self) -> None:
        """Come back one level."""
        self._depth -= 1

    def add_string(self, string: StringState) -> None:
        """Take a string of the rule."""
        self.strings.append(string)
        self._strings_by_name[string.name] = string

    def string_named(self, name: str) -> StringState | None:
        """The string of that name, if there is one; the name is not ``$``."""
        return self._strings_by_name.get(name)

    def loop_variable(self, name: str) -> LoopVariable | None:
        """The variable of that name in a loop around this place."""
        for loop in self.loops:
            for variable in loop.variables:
                if variable.name == name:
                    return variable
        return None

    def strings_named(self, pattern: str) -> list[StringState]:
        """The strings that an item of a set (``$a``, ``$a*``, ``$``) stands for."""
        if pattern.endswith("*"):
            return [string for string in self.strings if string.name.startswith(pattern[:-1])]
        if pattern == "$":
            return [string for string in self.strings if string.name == pattern]
        string = self.string_named(pattern)
        return [] if string is None else [string]
