"""Productions that read fields of modules and call their functions.

They are made of what the modules declare.  A *path* leads from a module to a value: names
of members, and places where an item is chosen or a function is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from hypothesis import strategies as st

from miniyara.modules import find as find_module
from miniyara.modules.interface import Array, Dictionary, Function, Structure, Type
from miniyara.syntax.nodes import (
    And,
    Binary,
    Call,
    Expression,
    FloatLiteral,
    ForIn,
    Identifier,
    Index,
    IntegerLiteral,
    Member,
    Or,
    TextLiteral,
)
from miniyara.testing.strategies.booleans import COMPARISONS, joined
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces
from miniyara.testing.strategies.programs import PROGRAM_MODULES
from miniyara.testing.strategies.quantifiers import may_loop, quantifier
from miniyara.testing.strategies.regexps import regexps
from miniyara.testing.strategies.texts import over

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.modules.interface import Declaration
    from miniyara.testing.strategies.drawing import Draw

MODULES: Final = frozenset({"math", "hash", "string", "console", "time", *PROGRAM_MODULES})
"""The modules that conditions may use."""

_KINDS: Final = {
    Type.INTEGER: Kind.INTEGER,
    Type.FLOAT: Kind.FLOAT,
    Type.STRING: Kind.TEXT,
    Type.BOOLEAN: Kind.BOOLEAN,
}

_TEXTS: Final = {
    "string": over(b"0123456789abxX-+ ", 1, 6),
    "pe": st.sampled_from(
        [
            *[b".rdata", b"CompanyName", b"FileVersion", b"miniyara", b"First", b"fourth"],
            *[b"kernel32.dll", b"readfile", b"WS2_32.dll", b"send", b"user32.dll", b"MessageBoxA"],
        ]
    ),
    "elf": st.sampled_from([b".text", b".dynsym", b"main", b"memcpy", b"_start"]),
    "dotnet": st.sampled_from([b"#~", b"#Blob", b"Space", b"Outer", b"Do", b"System", b"int"]),
}
"""Texts that mean something to a module, or are in the programs."""

_ITEM: Final = "item"
_KEY: Final = "key"
"""Variables of a loop over what a module has.  There is one such loop at a time, since a
damaged file can have thousands of items."""


# -- paths ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Arguments:
    """A call with arguments of these types, in libyara's notation."""

    letters: str


_Step: TypeAlias = str | Array | Dictionary | _Arguments


class _Path(NamedTuple):
    """The steps from a module to a value."""

    module: str
    steps: tuple[_Step, ...]

    def has(self, *kinds: type[_Step]) -> bool:
        """Whether there is a step of one of these kinds."""
        return any(isinstance(step, kinds) for step in self.steps)


@cache
def _paths(modules: frozenset[str], kind: Kind, *, of_calls: bool) -> list[list[_Path]]:
    """Return the paths to values of a kind, with or without a call on their way.

    They are grouped by the first member, all constants in a group of their own, so that
    what a module has many of is not all that is drawn.
    """
    groups: dict[tuple[str, str], list[_Path]] = {}
    for name in sorted(modules - {"time"}):
        module = find_module(name)
        assert module is not None, "it is built in"
        for member, declaration in module.declaration.members.items():
            group = groups.setdefault((name, "" if member.isupper() else member), [])
            for steps, type_ in _leaves(declaration, (member,)):
                path = _Path(name, steps)
                if _KINDS[type_] is kind and path.has(_Arguments) == of_calls:
                    group.append(path)
    return list(filter(None, groups.values()))


def _leaves(
    declaration: Declaration, steps: tuple[_Step, ...]
) -> Iterator[tuple[tuple[_Step, ...], Type]]:
    match declaration:
        case Structure(members=members):
            for name, member in members.items():
                yield from _leaves(member, (*steps, name))
        case Array(item=inner) | Dictionary(value=inner):
            yield from _leaves(inner, (*steps, declaration))
        case Function(result=result, overloads=overloads):
            for letters in overloads:
                yield from _leaves(result, (*steps, _Arguments(letters)))
        case _:
            yield steps, declaration


@cache
def _paths_to_items(modules: frozenset[str], kind: Kind) -> list[list[_Path]]:
    """Return the paths to fields that repeat."""
    groups = _paths(modules, kind, of_calls=False)
    found = ([path for path in group if path.has(Array, Dictionary)] for group in groups)
    return list(filter(None, found))


# -- expressions ----------------------------------------------------------------------------


def _chosen(draw: Draw, groups: Sequence[Sequence[_Path]]) -> _Path:
    return draw(st.sampled_from(draw(st.sampled_from(groups))))


def _value(draw: Draw, scope: Scope, path: _Path, start: str = "") -> Expression:
    """Draw an expression that follows a path, from its module or from a variable."""
    value: Expression = Identifier(start or path.module)
    inner = scope.deeper()
    for step in path.steps:
        match step:
            case str():
                value = Member(value, step)
            case Array() if scope.depth > 0 and draw(st.integers(0, 3)) == 3:
                value = Index(value, expression(draw, Kind.INTEGER, inner))
            case Array():
                value = Index(value, IntegerLiteral(draw(st.integers(0, 3))))
            case Dictionary():
                value = Index(value, TextLiteral(draw(_TEXTS[path.module])))
            case _Arguments(letters=letters):
                types = map(Type, letters)
                arguments = [_argument(draw, inner, path.module, each) for each in types]
                value = Call(value, tuple(arguments))
    return value


def _argument(draw: Draw, scope: Scope, module: str, type_: Type) -> Expression:
    if type_ is Type.REGEXP:
        return draw(regexps())
    if type_ is Type.STRING and module in _TEXTS and draw(st.booleans()):
        return TextLiteral(draw(_TEXTS[module]))
    return expression(draw, _KINDS[type_], scope)


# -- productions ----------------------------------------------------------------------------


def _declare(kind: Kind, *, of_calls: bool) -> None:
    """Declare the production of fields or of calls that have values of this kind."""

    def paths(scope: Scope) -> list[list[_Path]]:
        return _paths(scope.modules, kind, of_calls=of_calls)

    @produces(kind, is_leaf=not of_calls, weight=3, fits=lambda scope: bool(paths(scope)))
    def draw_value(draw: Draw, scope: Scope) -> Expression:
        return _value(draw, scope, _chosen(draw, paths(scope)))


for _kind in (Kind.INTEGER, Kind.FLOAT, Kind.TEXT):
    _declare(_kind, of_calls=False)
    _declare(_kind, of_calls=True)


def _shows_fields(scope: Scope) -> bool:
    return "console" in scope.modules and not scope.modules.isdisjoint(PROGRAM_MODULES)


@produces(Kind.CONDITION, is_leaf=True, weight=6, fits=_shows_fields)
def shown(draw: Draw, scope: Scope) -> Expression:
    """Draw a call that logs what a module says of a program."""
    kind = draw(st.sampled_from([Kind.INTEGER, Kind.TEXT]))
    modules = scope.modules.intersection(PROGRAM_MODULES)
    fields, calls = (_paths(modules, kind, of_calls=of_calls) for of_calls in (False, True))
    value = _value(draw, scope, _chosen(draw, fields + calls))
    return Call(Member(Identifier("console"), "log"), (value,))


@produces(Kind.TEXT, is_leaf=True, fits=lambda scope: not scope.modules.isdisjoint(_TEXTS))
def known_text(draw: Draw, scope: Scope) -> Expression:
    """Draw a text that means something to a module."""
    module = draw(st.sampled_from(sorted(scope.modules & _TEXTS.keys())))
    return TextLiteral(draw(_TEXTS[module]))


def _may_loop_over_items(scope: Scope) -> bool:
    is_taken = any(name == _ITEM for name, _ in scope.variables)
    return may_loop(scope) and not is_taken and bool(_paths_to_items(scope.modules, Kind.TEXT))


@produces(Kind.BOOLEAN, weight=3, fits=_may_loop_over_items)
def loop_over_items(draw: Draw, scope: Scope) -> Expression:
    """Draw ``for any item in pe.sections : ( item.name == "x" )`` and its like."""
    kind = draw(st.sampled_from([Kind.INTEGER, Kind.TEXT]))
    path = _chosen(draw, _paths_to_items(scope.modules, kind))
    place = next(number for number, step in enumerate(path.steps) if not isinstance(step, str))
    iterator = _value(draw, scope, path._replace(steps=path.steps[:place]))
    variables = (_KEY, _ITEM) if isinstance(path.steps[place], Dictionary) else (_ITEM,)
    inside = scope.with_variable(_ITEM, None)
    value = _value(draw, inside, path._replace(steps=path.steps[place + 1 :]), _ITEM)
    body: Expression = Binary(draw(COMPARISONS), value, expression(draw, kind, inside))
    if draw(st.booleans()):
        other = expression(draw, Kind.CONDITION, inside)
        body = joined(And if draw(st.booleans()) else Or, [body, other])
    return ForIn(quantifier(draw, scope), variables, iterator, body)


@produces(Kind.BOOLEAN, is_leaf=True, fits=lambda scope: "time" in scope.modules)
def time_passes(_draw: Draw, _scope: Scope) -> Expression:
    """Draw a comparison of ``time.now()`` that holds whenever it is asked."""
    now = Call(Member(Identifier("time"), "now"), ())
    return Binary(">", now, IntegerLiteral(1_600_000_000))


@produces(Kind.INTEGER, is_leaf=True, fits=lambda scope: "console" in scope.modules)
def logged(draw: Draw, _scope: Scope) -> Expression:
    """Draw a call that shows when and in which order conditions are evaluated."""
    log = Member(Identifier("console"), "log")
    values: list[Expression] = [TextLiteral(b"here"), IntegerLiteral(7), FloatLiteral(0.5)]
    return Call(log, (draw(st.sampled_from(values)),))
