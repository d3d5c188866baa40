"""The pieces of Python that conditions are compiled to, as nodes of Python's ``ast``.

There is no text of a program anywhere: what stands in a rule becomes a constant or
is bound to a generated name, so that no rule can say anything but what it means.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_AT: Final[dict[str, Any]] = {"lineno": 1, "col_offset": 0}
"""Every node needs a place in a source, and there is none."""

_LOAD: Final = ast.Load()
_STORE: Final = ast.Store()

_COMPARISONS: Final[dict[str, ast.cmpop]] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "in": ast.In(),
    "is": ast.Is(),
    "is not": ast.IsNot(),
}

_ARITHMETIC: Final[dict[str, ast.operator]] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "&": ast.BitAnd(),
    "|": ast.BitOr(),
    "^": ast.BitXor(),
    ">>": ast.RShift(),
}

# -- expressions -------------------------------------------------------------------------


def name(identifier: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(identifier, _LOAD, **_AT)


def constant(value: Any) -> ast.expr:
    """A constant: a number, bytes, a text or a tuple of such."""
    return ast.Constant(value, **_AT)


def attribute(owner: ast.expr, attribute_name: str) -> ast.expr:
    """``owner.name``."""
    return ast.Attribute(owner, attribute_name, _LOAD, **_AT)


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.expr:
    """``function(arguments)``."""
    called = name(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [], **_AT)


def method(owner: ast.expr, method_name: str, *arguments: ast.expr) -> ast.expr:
    """``owner.name(arguments)``."""
    return call(attribute(owner, method_name), *arguments)


def item(owner: ast.expr, key: str | int) -> ast.expr:
    """``owner[key]``."""
    return ast.Subscript(owner, constant(key), _LOAD, **_AT)


def keep(identifier: str, value: ast.expr) -> ast.expr:
    """``(name := value)``."""
    return ast.NamedExpr(ast.Name(identifier, _STORE, **_AT), value, **_AT)


def compare(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    """A comparison by one of Python's operators."""
    return ast.Compare(left, [_COMPARISONS[symbol]], [right], **_AT)


def between(low: ast.expr, value: ast.expr, high: ast.expr) -> ast.expr:
    """``low <= value <= high``."""
    at_most = _COMPARISONS["<="]
    return ast.Compare(low, [at_most, at_most], [value, high], **_AT)


def arithmetic(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    """Two integers or floats and one of Python's operators."""
    return ast.BinOp(left, _ARITHMETIC[symbol], right, **_AT)


def minus(operand: ast.expr) -> ast.expr:
    """``-operand``."""
    return ast.UnaryOp(ast.USub(), operand, **_AT)


def negation(operand: ast.expr) -> ast.expr:
    """``not operand``."""
    return ast.UnaryOp(ast.Not(), operand, **_AT)


def conjunction(operands: Sequence[ast.expr]) -> ast.expr:
    """``a and b and c``; of no operands it is true."""
    if len(operands) == 1:
        return operands[0]
    return ast.BoolOp(ast.And(), list(operands), **_AT) if operands else constant(True)


def disjunction(operands: Sequence[ast.expr]) -> ast.expr:
    """``a or b or c``; of no operands it is false."""
    if len(operands) == 1:
        return operands[0]
    return ast.BoolOp(ast.Or(), list(operands), **_AT) if operands else constant(False)


def either(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """``yes if test else no``."""
    return ast.IfExp(test, yes, no, **_AT)


def listing(items: Sequence[ast.expr]) -> ast.expr:
    """``(a, b, c)``."""
    return ast.Tuple(list(items), _LOAD, **_AT)


# -- statements --------------------------------------------------------------------------


def do(value: ast.expr) -> ast.stmt:
    """An expression as a statement."""
    return ast.Expr(value, **_AT)


def give(value: ast.expr) -> ast.stmt:
    """``return value``."""
    return ast.Return(value, **_AT)


def leave() -> ast.stmt:
    """``break``."""
    return ast.Break(**_AT)


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    """``name = value``."""
    return ast.Assign([ast.Name(identifier, _STORE, **_AT)], value, **_AT)


def when(test: ast.expr, *body: ast.stmt) -> ast.stmt:
    """``if test: body``."""
    return ast.If(test, list(body), [], **_AT)


def each(targets: Sequence[str], items: ast.expr, body: Iterable[ast.stmt]) -> ast.stmt:
    """``for targets in items: body``."""
    names: list[ast.expr] = [ast.Name(target, _STORE, **_AT) for target in targets]
    target = names[0] if len(names) == 1 else ast.Tuple(names, _STORE, **_AT)
    return ast.For(target, items, list(body), [], **_AT)


def function(identifier: str, parameters: Iterable[str], body: Iterable[ast.stmt]) -> ast.stmt:
    """``def name(parameters): body``."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(parameter, **_AT) for parameter in parameters],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    fields: dict[str, Any] = {"decorator_list": [], "type_params": []}
    return ast.FunctionDef(identifier, arguments, list(body), **fields, **_AT)
