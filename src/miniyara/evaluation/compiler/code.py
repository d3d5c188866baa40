"""What a node of a condition is compiled to, and the function that it becomes part of."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeVar

from miniyara.evaluation.compiler import pieces

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping

    from miniyara.analysis.condition import Condition

MAX_DEPTH: Final = 40
"""Levels of nesting in a condition that is compiled: CPython's compiler is recursive, too."""

MAX_NODES: Final = 2000
"""Nodes of a condition that is compiled: compiling is linear, but a hundred times as slow
as interpreting, and nobody may have to wait for it."""


class TooComplexError(Exception):
    """The condition is too deep or too long to be compiled."""


class Kind(enum.Enum):
    """What is known of a value, if it is defined."""

    BOOLEAN = "boolean"
    SMALL = "small"
    """An integer between -2**62 and 2**62, so that the sum of two needs no wrapping."""
    INTEGER = "integer"
    OTHER = "other"
    """Anything."""

    @property
    def is_small(self) -> bool:
        """Whether the sum of it and another one needs no wrapping."""
        return self in (Kind.BOOLEAN, Kind.SMALL)

    @property
    def is_integer(self) -> bool:
        """Whether it is an integer for Python."""
        return self is not Kind.OTHER


@dataclass(frozen=True, slots=True)
class Code:
    """The value of a node: ``value`` if all guards hold, else undefined.

    The guards are boolean expressions, evaluated in order up to the first that fails,
    and then the value.  Guards and value go into the function once, so that the code
    of a condition is as long as the condition.
    """

    value: ast.expr
    kind: Kind = Kind.OTHER
    guards: tuple[ast.expr, ...] = ()
    has_effect: bool = False
    """Whether evaluating it can be observed: it calls a function, or may raise an error."""

    @property
    def is_noticeable(self) -> bool:
        """Whether it matters when it is evaluated: it has an effect, or stops others."""
        return self.has_effect or bool(self.guards)

    def truth(self) -> ast.expr:
        """Whether it is defined and counts as true, as a boolean expression."""
        return pieces.conjunction([*self.guards, self.defined_truth()])

    def defined_truth(self) -> ast.expr:
        """Whether it counts as true, behind the guards."""
        if self.kind is Kind.BOOLEAN:
            return self.value
        if self.kind is Kind.OTHER:
            return pieces.call("is_true", self.value)
        return pieces.compare(self.value, "!=", pieces.constant(0))

    def whole(self) -> ast.expr:
        """The value, be it the undefined one."""
        if not self.guards:
            return self.value
        return pieces.either(pieces.conjunction(self.guards), self.value, UNDEFINED)


UNDEFINED: Final = pieces.name("UNDEFINED")
_NONE: Final = pieces.constant(None)


@dataclass(slots=True)
class Unit:
    """A condition that is being compiled: its functions and what they refer to."""

    namespace: dict[str, Any]
    functions: list[ast.stmt] = field(default_factory=list)
    nodes: int = 0
    depth: int = 0
    names: int = 0

    def new_name(self, prefix: str) -> str:
        """A name that nothing else has."""
        self.names += 1
        return f"{prefix}{self.names}"

    def bind(self, value: object) -> ast.expr:
        """An expression for an object."""
        bound = self.new_name("bound")
        self.namespace[bound] = value
        return pieces.name(bound)


_LOCALS: Final[Mapping[str, ast.expr]] = {
    "hits": pieces.attribute(pieces.name("context"), "hits"),
    "data": pieces.attribute(pieces.name("context"), "data"),
    "size": pieces.call("len", pieces.attribute(pieces.name("context"), "data")),
    "deadline": pieces.attribute(pieces.name("context"), "deadline"),
}
"""What functions look up once, when they begin."""


class Frame:
    """A function that is being written.

    Its parameters are the context and what it is told to have; ``$`` is the variable
    ``string`` with the hits of a string.
    """

    def __init__(self, unit: Unit, parameters: Iterable[str] = ()) -> None:
        self.unit = unit
        self.parameters = ["context", *parameters]
        self.variables: dict[int, Code] = {}
        """What the variables of loops are, by slot."""
        self.has_string = False
        """Whether there is ``$``."""
        self._locals: dict[str, None] = {}

    def inner(self) -> Frame:
        """A function for a loop in this one, which sees the same variables."""
        string = ["string"] if self.has_string else []
        frame = Frame(self.unit, [*string, *map(_variable_name, self.variables)])
        frame.variables = self.variables.copy()
        frame.has_string = self.has_string
        return frame

    def declare(self, slot: int, kind: Kind, *, is_defined: bool = True) -> str:
        """Have a variable; its name."""
        identifier = _variable_name(slot)
        variable = pieces.name(identifier)
        guards = () if is_defined else (pieces.compare(variable, "is not", UNDEFINED),)
        self.variables[slot] = Code(variable, kind, guards)
        return identifier

    def compile(self, step: Condition) -> Code:
        """Compile a node.  Raises :class:`TooComplexError`."""
        unit = self.unit
        unit.nodes += 1
        unit.depth += 1
        if unit.nodes > MAX_NODES or unit.depth > MAX_DEPTH:
            raise TooComplexError
        code = _COMPILERS[type(step)](self, step)
        unit.depth -= 1
        return code

    def together(self, *parts: Code) -> tuple[list[ast.expr], tuple[ast.expr, ...], bool]:
        """What a node needs whose parts must all be defined.

        Returns the values of the parts, the guards in front of them, and whether any
        part has an effect.  A part with an effect is evaluated also behind one that is
        undefined, and in its turn.
        """
        has_effect = any(part.has_effect for part in parts)
        is_noticed = has_effect and sum(part.is_noticeable for part in parts) > 1
        pieced = [self._at_once(part) for part in parts] if is_noticed else parts
        guards = tuple(guard for part in pieced for guard in part.guards)
        return (
            [part.value for part in pieced],
            (reduce(_both, guards),) if is_noticed else guards,
            has_effect,
        )

    def _at_once(self, part: Code) -> Code:
        """The code with one guard at most, which computes all of it."""
        if not part.is_noticeable:
            return part
        # Without guards it is defined, whatever it is, and never None.
        absent = UNDEFINED if part.guards else _NONE
        guard, kept = self.keep_defined(part.whole(), absent)
        return Code(kept, part.kind, (guard,), part.has_effect)

    def defined(
        self,
        value: ast.expr,
        kind: Kind = Kind.OTHER,
        guards: tuple[ast.expr, ...] = (),
        *,
        has_effect: bool = False,
    ) -> Code:
        """A value that may turn out to be undefined."""
        guard, kept = self.keep_defined(value)
        return Code(kept, kind, (*guards, guard), has_effect)

    def keep_defined(
        self, value: ast.expr, absent: ast.expr = UNDEFINED
    ) -> tuple[ast.expr, ast.expr]:
        """A guard that keeps a value if it is not ``absent``, and the value that it keeps."""
        computed, kept = self.keep(value)
        return pieces.compare(computed, "is not", absent), kept

    def keep(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """An expression that computes and keeps a value, and one that is the kept value."""
        identifier = self.unit.new_name("kept")
        return pieces.keep(identifier, value), pieces.name(identifier)

    def local(self, identifier: str) -> ast.expr:
        """Something of the context that is looked up when the function begins."""
        self._locals[identifier] = None
        return pieces.name(identifier)

    def finish(self, prefix: str, *body: ast.stmt) -> str:
        """Make the function of its statements; its name."""
        identifier = self.unit.new_name(prefix)
        lookups = [pieces.assign(local, _LOCALS[local]) for local in self._locals]
        self.unit.functions.append(pieces.function(identifier, self.parameters, [*lookups, *body]))
        return identifier


def _variable_name(slot: int) -> str:
    """The name of a loop variable."""
    return f"variable{slot}"


def _both(left: ast.expr, right: ast.expr) -> ast.expr:
    """Evaluate both, whatever the first is."""
    return pieces.arithmetic(left, "&", right)


_COMPILERS: Final[dict[type, Callable[[Any, Any], Code]]] = {}

N = TypeVar("N")


def compiles(
    sort: type[N],
) -> Callable[[Callable[[Frame, N], Code]], Callable[[Frame, N], Code]]:
    """Register a function as what compiles a sort of nodes."""

    def register(compile_node: Callable[[Frame, N], Code]) -> Callable[[Frame, N], Code]:
        _COMPILERS[sort] = compile_node
        return compile_node

    return register
