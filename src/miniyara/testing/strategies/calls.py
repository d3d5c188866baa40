"""Productions that call functions of modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import (
    Binary,
    Call,
    Expression,
    FloatLiteral,
    Identifier,
    IntegerLiteral,
    Member,
    TextLiteral,
)
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces
from miniyara.testing.strategies.texts import over

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

_KINDS: Final = {
    "i": Kind.INTEGER,
    "f": Kind.FLOAT,
    "s": Kind.TEXT,
    "b": Kind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of a module, with its overloads in libyara's notation."""

    module: str
    name: str
    result: str
    overloads: tuple[str, ...]


_FUNCTIONS: Final = (
    _Function("math", "in_range", "i", ("fff",)),
    _Function("math", "deviation", "f", ("iif", "sf")),
    _Function("math", "mean", "f", ("ii", "s")),
    _Function("math", "serial_correlation", "f", ("ii", "s")),
    _Function("math", "monte_carlo_pi", "f", ("ii", "s")),
    _Function("math", "entropy", "f", ("ii", "s")),
    _Function("math", "min", "i", ("ii",)),
    _Function("math", "max", "i", ("ii",)),
    _Function("math", "to_number", "i", ("b",)),
    _Function("math", "abs", "i", ("i",)),
    _Function("math", "count", "i", ("iii", "i")),
    _Function("math", "percentage", "f", ("iii", "i")),
    _Function("math", "mode", "i", ("ii", "")),
    _Function("math", "to_string", "s", ("i", "ii")),
    _Function("hash", "md5", "s", ("ii", "s")),
    _Function("hash", "sha1", "s", ("ii", "s")),
    _Function("hash", "sha256", "s", ("ii", "s")),
    _Function("hash", "checksum32", "i", ("ii", "s")),
    _Function("hash", "crc32", "i", ("ii", "s")),
    _Function("string", "to_int", "i", ("s", "si")),
    _Function("string", "length", "i", ("s",)),
    _Function("console", "log", "i", ("s", "ss", "i", "si", "f", "sf")),
    _Function("console", "hex", "i", ("i", "si")),
)

MODULES: Final = frozenset({"math", "hash", "string", "console", "time"})
"""The modules whose functions conditions may call."""

_NUMERALS: Final = over(b"0123456789abxX-+ ", 1, 6)


def _call(draw: Draw, scope: Scope, kind: Kind) -> Expression:
    function = draw(st.sampled_from(_callable(scope, kind)))
    overload = draw(st.sampled_from(function.overloads))
    inner = scope.deeper()
    arguments = tuple(expression(draw, _KINDS[letter], inner) for letter in overload)
    if function.module == "string" and draw(st.booleans()):
        arguments = (TextLiteral(draw(_NUMERALS)), *arguments[1:])
    return Call(Member(Identifier(function.module), function.name), arguments)


def _callable(scope: Scope, kind: Kind) -> list[_Function]:
    return [
        function
        for function in _FUNCTIONS
        if function.module in scope.modules and _KINDS[function.result] is kind
    ]


@produces(Kind.INTEGER, weight=2, fits=lambda scope: bool(_callable(scope, Kind.INTEGER)))
def integer_call(draw: Draw, scope: Scope) -> Expression:
    """Draw a call that yields an integer."""
    return _call(draw, scope, Kind.INTEGER)


@produces(Kind.FLOAT, weight=3, fits=lambda scope: bool(_callable(scope, Kind.FLOAT)))
def float_call(draw: Draw, scope: Scope) -> Expression:
    """Draw a call that yields a float."""
    return _call(draw, scope, Kind.FLOAT)


@produces(Kind.TEXT, weight=3, fits=lambda scope: bool(_callable(scope, Kind.TEXT)))
def text_call(draw: Draw, scope: Scope) -> Expression:
    """Draw a call that yields a text."""
    return _call(draw, scope, Kind.TEXT)


@produces(Kind.FLOAT, is_leaf=True, fits=lambda scope: "math" in scope.modules)
def mean_bytes(_draw: Draw, _scope: Scope) -> Expression:
    """Draw ``math.MEAN_BYTES``."""
    return Member(Identifier("math"), "MEAN_BYTES")


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
