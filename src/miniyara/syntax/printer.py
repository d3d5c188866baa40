"""Syntax trees -> rule text that parses back to the same tree.

Parentheses appear only where the tree needs them, numbers are decimal, and bytes
outside of printable ASCII are escaped.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from miniyara import limits
from miniyara.errors import Error
from miniyara.syntax import nodes
from miniyara.syntax.string_actions import DEFAULT_ALPHABET

if TYPE_CHECKING:
    from collections.abc import Callable


def render(node: nodes.Node) -> str:
    """The text of a node: a whole source, a rule, a declaration or an expression.

    Bytes of a rule file that are not UTF-8 come out as surrogate escapes, which
    :func:`miniyara.parse` takes back.  Raises :class:`miniyara.Error` if the tree
    is nested more deeply than ``limits.MAX_EXPRESSION_DEPTH``.
    """
    if isinstance(node, nodes.Source):
        return "\n".join(render(item) for item in node.items)
    if type(node) in _DECLARATIONS:
        return _DECLARATIONS[type(node)](node)
    return _expression(node, 0, 0)


# -- declarations --------------------------------------------------------------------


def _rule(rule: nodes.Rule) -> str:
    words = ["private"] * rule.is_private + ["global"] * rule.is_global + ["rule", rule.name]
    head = " ".join(words) + (f" : {' '.join(rule.tags)}" if rule.tags else "")
    lines = [head + " {"]
    if rule.meta:
        lines += ["    meta:", *("        " + _meta(meta) for meta in rule.meta)]
    if rule.strings:
        lines += ["    strings:", *("        " + render(string) for string in rule.strings)]
    lines += ["    condition:", "        " + _expression(rule.condition, 0, 0), "}", ""]
    return "\n".join(lines)


def _meta(meta: nodes.Meta) -> str:
    if isinstance(meta.value, bool):
        return f"{meta.name} = {str(meta.value).lower()}"
    if isinstance(meta.value, int):
        return f"{meta.name} = {meta.value}"
    return f"{meta.name} = {_quote(meta.value)}"


def _text_string(string: nodes.TextString) -> str:
    return f"{string.name} = {_quote(string.value)}{_modifiers(string.modifiers)}"


def _hex_string(string: nodes.HexString) -> str:
    return f"{string.name} = {{{_decode(string.text)}}}{_modifiers(string.modifiers)}"


def _regexp_string(string: nodes.RegexpString) -> str:
    return f"{string.name} = {_regexp(string.regexp)}{_modifiers(string.modifiers)}"


def _modifiers(modifiers: nodes.Modifiers) -> str:
    words = [
        word
        for word in ("nocase", "ascii", "wide", "fullword", "private")
        if getattr(modifiers, word)
    ]
    if modifiers.xor is not None:
        low, high = modifiers.xor.low, modifiers.xor.high
        words.append("xor" if (low, high) == (0, 255) else f"xor({low}-{high})")
    for word in ("base64", "base64wide"):
        alphabet = getattr(modifiers, word)
        if alphabet is not None:
            words.append(word if alphabet == DEFAULT_ALPHABET else f"{word}({_quote(alphabet)})")
    return "".join(" " + word for word in words)


_DECLARATIONS: Final[dict[type, Callable[[Any], str]]] = {
    nodes.Rule: _rule,
    nodes.Meta: _meta,
    nodes.TextString: _text_string,
    nodes.HexString: _hex_string,
    nodes.RegexpString: _regexp_string,
    nodes.Modifiers: lambda modifiers: _modifiers(modifiers).strip(),
    nodes.Import: lambda node: f"import {_quote(node.module)}",
    nodes.Include: lambda node: f'include "{_decode(node.path)}"',
}

# -- texts -----------------------------------------------------------------------------

_ESCAPES: Final = {b"\n": b"\\n", b"\t": b"\\t", b"\r": b"\\r", b'"': b'\\"', b"\\": b"\\\\"}


def _quote(text: bytes) -> str:
    escaped = re.sub(
        rb"[^ !#-\[\]-~]", lambda m: _ESCAPES.get(m.group()) or b"\\x%02x" % ord(m.group()), text
    )
    return f'"{escaped.decode("ascii")}"'


def _regexp(literal: nodes.RegexpLiteral) -> str:
    body = re.sub(rb"\\.|/", lambda m: b"\\/" if m.group() == b"/" else m.group(), literal.body)
    return f"/{_decode(body)}/{'i' * literal.nocase}{'s' * literal.dotall}"


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _float(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else text + ".0"


# -- expressions -----------------------------------------------------------------------

_OR, _AND, _NOT, _RELATION = 1, 2, 3, 4
_UNARY: Final = 13
_ATOM: Final = 14

_BINDING: Final = {
    **dict.fromkeys(
        (
            "==",
            "!=",
            "contains",
            "icontains",
            "startswith",
            "istartswith",
            "endswith",
            "iendswith",
            "iequals",
            "matches",
        ),
        _RELATION,
    ),
    **dict.fromkeys(("<", "<=", ">", ">="), 5),
    "|": 6,
    "^": 7,
    "&": 8,
    **dict.fromkeys(("<<", ">>"), 9),
    **dict.fromkeys(("+", "-"), 10),
    **dict.fromkeys(("*", "\\", "%"), 11),
}
"""How strongly operators bind, as in ``grammar/rules.lark``."""


def _expression(node: Any, needed: int, depth: int) -> str:
    """The text of an expression, in parentheses if it binds less than ``needed``."""
    if depth > limits.MAX_EXPRESSION_DEPTH:
        raise Error("expression is nested too deeply to be printed")
    text, binding = _EXPRESSIONS[type(node)](node, depth + 1)
    return f"({text})" if binding < needed else text


def _binary(node: nodes.Binary, depth: int) -> tuple[str, int]:
    # A chain such as 1 + 2 + 3 hangs to the left; it may be long, so no recursion.
    # A right operand binds more strongly than its operator, a left one as strongly.
    chain = [node]
    while (
        isinstance(chain[-1].left, nodes.Binary)
        and _BINDING[chain[-1].left.operator] >= _BINDING[chain[-1].operator]
    ):
        chain.append(chain[-1].left)
    parts = [_expression(chain[-1].left, _BINDING[chain[-1].operator], depth)]
    for link in reversed(chain):
        parts += [link.operator, _expression(link.right, _BINDING[link.operator] + 1, depth)]
    return " ".join(parts), _BINDING[node.operator]


def _chain(word: str, binding: int) -> Callable[[Any, int], tuple[str, int]]:
    def render_chain(node: nodes.And | nodes.Or, depth: int) -> tuple[str, int]:
        operands = (_expression(operand, binding + 1, depth) for operand in node.operands)
        return f" {word} ".join(operands), binding

    return render_chain


def _prefix(word: str, binding: int) -> Callable[[Any, int], tuple[str, int]]:
    def render_prefix(node: Any, depth: int) -> tuple[str, int]:
        return word + _expression(node.operand, binding, depth), binding

    return render_prefix


def _list(items: tuple[Any, ...], depth: int) -> str:
    return "(" + ", ".join(_expression(item, 0, depth) for item in items) + ")"


def _range(node: nodes.Range, depth: int) -> tuple[str, int]:
    low, high = (_expression(bound, 6, depth) for bound in (node.low, node.high))
    return f"({low}..{high})", _ATOM


def _indexed(sign: str) -> Callable[[Any, int], tuple[str, int]]:
    def render_indexed(
        node: nodes.StringOffset | nodes.StringLength, depth: int
    ) -> tuple[str, int]:
        index = "" if node.index is None else f"[{_expression(node.index, 6, depth)}]"
        return sign + node.name[1:] + index, _ATOM

    return render_indexed


def _count(node: nodes.StringCount, depth: int) -> tuple[str, int]:
    where = "" if node.range is None else " in " + _expression(node.range, 0, depth)
    return "#" + node.name[1:] + where, _ATOM


def _string_set(node: nodes.StringSet, _depth: int) -> tuple[str, int]:
    return (f"({', '.join(node.items)})" if node.items else "them"), _ATOM


def _of(node: nodes.Of, depth: int) -> tuple[str, int]:
    text = f"{_expression(node.quantifier, 0, depth)} of {_expression(node.set, 0, depth)}"
    if node.at is not None:
        text += " at " + _expression(node.at, 6, depth)
    if node.range is not None:
        text += " in " + _expression(node.range, 0, depth)
    return text, _RELATION


def _for_of(node: nodes.ForOf, depth: int) -> tuple[str, int]:
    quantifier, strings = (_expression(part, 0, depth) for part in (node.quantifier, node.set))
    return f"for {quantifier} of {strings} : ({_expression(node.body, 0, depth)})", _RELATION


def _for_in(node: nodes.ForIn, depth: int) -> tuple[str, int]:
    quantifier, iterator = (_expression(p, 0, depth) for p in (node.quantifier, node.iterator))
    variables = ", ".join(node.variables)
    body = _expression(node.body, 0, depth)
    return f"for {quantifier} {variables} in {iterator} : ({body})", _RELATION


def _constant(text: str) -> Callable[[Any, int], tuple[str, int]]:
    return lambda _node, _depth: (text, _ATOM)


_EXPRESSIONS: Final[dict[type, Callable[[Any, int], tuple[str, int]]]] = {
    nodes.BooleanLiteral: lambda node, _: (str(node.value).lower(), _ATOM),
    nodes.IntegerLiteral: lambda node, _: (str(node.value), _ATOM),
    nodes.FloatLiteral: lambda node, _: (_float(node.value), _ATOM),
    nodes.TextLiteral: lambda node, _: (_quote(node.value), _ATOM),
    nodes.RegexpLiteral: lambda node, _: (_regexp(node), _ATOM),
    nodes.Filesize: _constant("filesize"),
    nodes.Entrypoint: _constant("entrypoint"),
    nodes.IntegerAt: lambda node, depth: (
        f"{node.function}({_expression(node.offset, 6, depth)})",
        _ATOM,
    ),
    nodes.Identifier: lambda node, _: (node.name, _ATOM),
    nodes.Member: lambda node, depth: (
        f"{_expression(node.object, _ATOM, depth)}.{node.name}",
        _ATOM,
    ),
    nodes.Index: lambda node, depth: (
        f"{_expression(node.object, _ATOM, depth)}[{_expression(node.index, 6, depth)}]",
        _ATOM,
    ),
    nodes.Call: lambda node, depth: (
        _expression(node.function, _ATOM, depth) + _list(node.arguments, depth),
        _ATOM,
    ),
    nodes.Range: _range,
    nodes.StringMatches: lambda node, _: (node.name, _ATOM),
    nodes.StringAt: lambda node, depth: (
        f"{node.name} at {_expression(node.offset, 6, depth)}",
        _RELATION,
    ),
    nodes.StringIn: lambda node, depth: (
        f"{node.name} in {_expression(node.range, 0, depth)}",
        _RELATION,
    ),
    nodes.StringCount: _count,
    nodes.StringOffset: _indexed("@"),
    nodes.StringLength: _indexed("!"),
    nodes.Negative: _prefix("-", _UNARY),
    nodes.BitwiseNot: _prefix("~", _UNARY),
    nodes.Not: _prefix("not ", _NOT),
    nodes.Defined: _prefix("defined ", _NOT),
    nodes.Binary: _binary,
    nodes.And: _chain("and", _AND),
    nodes.Or: _chain("or", _OR),
    nodes.All: _constant("all"),
    nodes.Any: _constant("any"),
    nodes.None_: _constant("none"),
    nodes.AtLeast: lambda node, depth: (_expression(node.count, _ATOM, depth), _ATOM),
    nodes.Percent: lambda node, depth: (_expression(node.percentage, _ATOM, depth) + "%", _ATOM),
    nodes.StringSet: _string_set,
    nodes.RuleSet: lambda node, _: (f"({', '.join(node.items)})", _ATOM),
    nodes.Of: _of,
    nodes.Enumeration: lambda node, depth: (_list(node.items, depth), _ATOM),
    nodes.ForIn: _for_in,
    nodes.ForOf: _for_of,
}
