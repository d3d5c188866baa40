"""What the productions of the rule grammar make: the nodes of the syntax tree.

Each action of ``grammar/rules.lark`` is a method of that name, or an entry of a table
if it only makes a node.  It gets the span of what was read and the values of the
symbols.  Sequences grow in place while they are read, so that a long one costs no more
than its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeVar

from miniyara import limits
from miniyara.syntax import catalog, nodes
from miniyara.syntax.lalr import Rejected
from miniyara.syntax.nodes import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from miniyara.diagnostics import Kind
    from miniyara.syntax.nodes import Expression, Quantifier

T = TypeVar("T")

DEFAULT_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""The alphabet of ``base64`` without an argument (RFC 4648)."""


@dataclass(frozen=True, slots=True)
class BeginRule:
    """Stands on the parser's stack behind the name of a rule."""

    span: Span

    def name_span(self, name: str) -> Span:
        """Where that name stands."""
        return Span(self.span.start - len(name), self.span.start, self.span.reached)


class Session(Protocol):
    """What the actions need of the parsing they are part of."""

    pinned: int | None
    """While a string is declared, the place that messages name."""
    is_in_rule: bool
    """Whether the name of a rule has been read, but not its end."""

    def reject(self, kind: Kind, span: Span, **details: object) -> NoReturn:
        """Report an error and leave the production."""
        ...

    def add_rule(self, rule: nodes.Rule) -> None:
        """Take over a finished rule."""
        ...

    def add_import(self, statement: nodes.Import) -> None:
        """Take over an import."""
        ...

    def end_file(self) -> None:
        """Take note that the included file is finished."""
        ...


def _maker(sort: Callable[..., Any], *places: int) -> Callable[..., Any]:
    """An action that makes a node of the symbols at these places, as far as there are such."""

    def make(span: Span, *symbols: Any) -> Any:
        return sort(*[symbols[place] for place in places if place < len(symbols)], span=span)

    return make


_MAKERS: Final = {
    "meta_text": _maker(nodes.Meta, 0, 2),
    "meta_integer": _maker(nodes.Meta, 0, 2),
    "integer": _maker(nodes.IntegerLiteral, 0),
    "float": _maker(nodes.FloatLiteral, 0),
    "text": _maker(nodes.TextLiteral, 0),
    "filesize": _maker(nodes.Filesize),
    "entrypoint": _maker(nodes.Entrypoint),
    "integer_at": _maker(nodes.IntegerAt, 0, 2),
    "identifier": _maker(nodes.Identifier, 0),
    "member": _maker(nodes.Member, 0, 2),
    "index": _maker(nodes.Index, 0, 2),
    "range": _maker(nodes.Range, 1, 3),
    "string_matches": _maker(nodes.StringMatches, 0),
    "string_at": _maker(nodes.StringAt, 0, 2),
    "string_in": _maker(nodes.StringIn, 0, 2),
    "string_count": _maker(nodes.StringCount, 0),
    "string_count_in": _maker(nodes.StringCount, 0, 2),
    "string_offset": _maker(nodes.StringOffset, 0, 2),
    "string_length": _maker(nodes.StringLength, 0, 2),
    "negative": _maker(nodes.Negative, 1),
    "bitwise_not": _maker(nodes.BitwiseNot, 1),
    "not_": _maker(nodes.Not, 1),
    "defined": _maker(nodes.Defined, 1),
    "binary": _maker(nodes.Binary, 1, 0, 2),
    "all": _maker(nodes.All),
    "any": _maker(nodes.Any),
    "none": _maker(nodes.None_),
    "at_least": _maker(nodes.AtLeast, 0),
    "them": _maker(nodes.StringSet),
    "of": _maker(nodes.Of, 0, 2),
    "of_at": _maker(nodes.Of, 0, 2, 4),
}
"""The actions that only make a node."""


class Builder:
    """The actions of the rule grammar, for one run of the parser."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._chains: dict[int, tuple[nodes.And | nodes.Or, list[Expression]]] = {}

    def action(self, name: str) -> Callable[..., Any]:
        """The action of that name."""
        action: Callable[..., Any] = _MAKERS.get(name) or getattr(self, name)
        return action

    # -- sequences, and values that are passed on ------------------------------

    def no_rules(self, _span: Span) -> None:
        """Begin."""

    def empty(self, _span: Span) -> list[Any]:
        """An empty sequence."""
        return []

    def single(self, _span: Span, item: T) -> list[T]:
        """A sequence of one."""
        return [item]

    def append(self, _span: Span, items: list[T], item: T) -> list[T]:
        """A sequence with one more item."""
        items.append(item)
        return items

    def append_after_comma(self, _span: Span, items: list[T], _comma: str, item: T) -> list[T]:
        """A sequence with one more item behind a comma."""
        items.append(item)
        return items

    def second(self, _span: Span, _first: str, value: T) -> T:
        """Pass on the second symbol's value."""
        return value

    def third(self, _span: Span, _first: str, _colon: str, value: T) -> T:
        """Pass on the third symbol's value."""
        return value

    def parenthesised(self, _span: Span, _left: str, value: T, _right: str) -> T:
        """Parentheses leave no trace."""
        return value

    def keyword(self, _span: Span, word: str) -> str:
        """A word that stands for itself."""
        return word

    def name(self, span: Span, name: str) -> tuple[str, Span]:
        """A name in a set."""
        return name, span

    def name_prefix(self, span: Span, name: str, star: str) -> tuple[str, Span]:
        """A name in a set of rules that ends in a star."""
        return name + star, span

    # -- files, rules, imports ---------------------------------------------------

    def end_of_included_file(self, _span: Span, *_symbols: object) -> None:
        """An included file is finished."""
        self._session.end_file()

    def import_module(self, span: Span, _import: str, module: bytes) -> None:
        """``import "module"``."""
        self._session.add_import(nodes.Import(module, span=span))

    def begin_rule(self, span: Span) -> BeginRule:
        """The name of a rule has been read."""
        self._session.is_in_rule = True
        return BeginRule(span)

    def rule(
        self,
        span: Span,
        modifiers: list[str],
        _rule: str,
        name: str,
        begin: BeginRule,
        tags: Iterable[str],
        _left: str,
        meta: list[nodes.Meta],
        strings: list[nodes.StringDeclaration],
        _end_strings: None,
        condition: Expression,
        _right: str,
    ) -> None:
        """A whole rule."""
        self.finish_chains()
        self._session.add_rule(
            nodes.Rule(
                name,
                condition,
                tuple(strings),
                tuple(meta),
                tuple(tags),
                "private" in modifiers,
                "global" in modifiers,
                span=span,
                name_span=begin.name_span(name),
            )
        )

    def first_tag(self, _span: Span, tag: str) -> dict[str, None]:
        """The first tag."""
        return {tag: None}

    def next_tag(self, span: Span, tags: dict[str, None], tag: str) -> dict[str, None]:
        """A further tag."""
        if tag in tags:
            self._session.reject(catalog.DUPLICATED_TAG, span, name=tag)
        tags[tag] = None
        return tags

    # -- meta ----------------------------------------------------------------------

    def meta_negative(
        self, span: Span, name: str, _equal: str, _minus: str, value: int
    ) -> nodes.Meta:
        """``name = -1``."""
        return nodes.Meta(name, -value, span=span)

    def meta_true(self, span: Span, name: str, _equal: str, _true: str) -> nodes.Meta:
        """``name = true``."""
        return nodes.Meta(name, True, span=span)

    def meta_false(self, span: Span, name: str, _equal: str, _false: str) -> nodes.Meta:
        """``name = false``."""
        return nodes.Meta(name, False, span=span)

    # -- strings -------------------------------------------------------------------

    def begin_string(self, span: Span) -> Span:
        """The string itself has been read; what is wrong with it has its line."""
        self._session.pinned = span.reached
        return span

    def _end_string(self, span: Span, begin: Span) -> Span:
        pinned, self._session.pinned = self._session.pinned, None
        # An error of the lexer on the way has made libyara forget the line.
        return span if pinned is None else Span(span.start, span.end, begin.reached)

    def text_string(
        self, span: Span, name: str, _equal: str, begin: Span, value: bytes, options: _Options
    ) -> nodes.TextString:
        """``$name = "value" modifiers``."""
        span = self._end_string(span, begin)
        return nodes.TextString(name, value, nodes.Modifiers(**options), span=span)

    def regexp_string(
        self,
        span: Span,
        name: str,
        _equal: str,
        begin: Span,
        regexp: tuple[bytes, bool, bool],
        options: _Options,
    ) -> nodes.RegexpString:
        """``$name = /regexp/ modifiers``."""
        span = self._end_string(span, begin)
        literal = nodes.RegexpLiteral(*regexp, span=span)
        return nodes.RegexpString(name, literal, nodes.Modifiers(**options), span=span)

    def hex_string(
        self, span: Span, name: str, _equal: str, begin: Span, text: bytes, options: _Options
    ) -> nodes.HexString:
        """``$name = { hex } modifiers``."""
        span = self._end_string(span, begin)
        return nodes.HexString(name, text, nodes.Modifiers(**options), span=span)

    def no_modifiers(self, _span: Span) -> _Options:
        """No modifier yet."""
        return {}

    def add_modifier(self, span: Span, options: _Options, modifier: tuple[str, Any]) -> _Options:
        """One more modifier."""
        option, value = modifier
        if option.startswith("base64"):
            alphabets = [options[name] for name in ("base64", "base64wide") if name in options]
            if alphabets and alphabets[0] != value:
                self._session.reject(catalog.BASE64_ALPHABETS, span)
        if option in options:
            self._session.reject(catalog.DUPLICATED_MODIFIER, span)
        options[option] = value
        return options

    def flag(self, _span: Span, word: str) -> tuple[str, bool]:
        """A modifier without an argument."""
        return word, True

    def xor(self, span: Span, word: str) -> tuple[str, nodes.XorKeys]:
        """``xor``."""
        return word, nodes.XorKeys(span=span)

    def xor_key(
        self, span: Span, word: str, _left: str, key: int, _right: str
    ) -> tuple[str, nodes.XorKeys]:
        """``xor(1)``."""
        if key > 255:
            self._session.reject(catalog.INVALID_XOR_KEY, span)
        return word, nodes.XorKeys(key, key, span=span)

    def xor_range(
        self, span: Span, word: str, _left: str, low: int, _minus: str, high: int, _right: str
    ) -> tuple[str, nodes.XorKeys]:
        """``xor(1-2)``."""
        if low > high:
            self._session.reject(catalog.XOR_BOUNDS, span)
        if high > 255:
            self._session.reject(catalog.XOR_UPPER_BOUND, span)
        return word, nodes.XorKeys(low, high, span=span)

    def base64(self, _span: Span, word: str) -> tuple[str, bytes]:
        """``base64`` and ``base64wide``."""
        return word, DEFAULT_ALPHABET

    def base64_alphabet(
        self, span: Span, word: str, _left: str, alphabet: bytes, _right: str
    ) -> tuple[str, bytes]:
        """``base64("alphabet")`` and ``base64wide("alphabet")``."""
        if len(alphabet) != 64:
            self._session.reject(catalog.BASE64_ALPHABET, span)
        return word, alphabet

    # -- expressions -----------------------------------------------------------------

    def boolean(self, span: Span, word: str) -> nodes.BooleanLiteral:
        """``true`` and ``false``."""
        return nodes.BooleanLiteral(word == "true", span=span)

    def regexp(self, span: Span, value: tuple[bytes, bool, bool]) -> nodes.RegexpLiteral:
        """``/regexp/``."""
        return nodes.RegexpLiteral(*value, span=span)

    def call(
        self, span: Span, function: Expression, _left: str, arguments: list[Expression], _right: str
    ) -> nodes.Call:
        """``function(arguments)``."""
        return nodes.Call(function, tuple(arguments), span=span)

    # -- and, or -----------------------------------------------------------------------

    def and_(
        self, span: Span, left: Expression, _and: str, _begin: None, right: Expression
    ) -> nodes.And:
        """``left and right``."""
        return self._chain(nodes.And, span, left, right)

    def or_(
        self, span: Span, left: Expression, _or: str, _begin: None, right: Expression
    ) -> nodes.Or:
        """``left or right``."""
        return self._chain(nodes.Or, span, left, right)

    def _chain(self, sort: type[_Chain], span: Span, left: Expression, right: Expression) -> _Chain:
        """A node for both operands, or the left one's with one operand more."""
        if isinstance(left, sort):
            chain, operands = left, self._chains[id(left)][1]
            object.__setattr__(chain, "span", span)
        else:
            chain, operands = sort((), span=span), [left]
            self._chains[id(chain)] = (chain, operands)
        operands.append(right)
        return chain

    def finish_chains(self) -> None:
        """Give the ``and`` and ``or`` nodes made so far their operands."""
        for chain, operands in self._chains.values():
            object.__setattr__(chain, "operands", tuple(operands))
        self._chains.clear()

    # -- quantifiers and loops -----------------------------------------------------------

    def string_set(
        self, span: Span, _left: str, _begin: None, items: list[tuple[str, Span]], _right: str
    ) -> nodes.StringSet:
        """``($a, $b*)``."""
        names, spans = zip(*items, strict=True)
        return nodes.StringSet(names, item_spans=spans, span=span)

    def rule_set(
        self, span: Span, _left: str, _begin: None, items: list[tuple[str, Span]], _right: str
    ) -> nodes.RuleSet:
        """``(rule_a, prefix*)``."""
        names, spans = zip(*items, strict=True)
        return nodes.RuleSet(names, item_spans=spans, span=span)

    def percent_of(
        self,
        span: Span,
        percentage: Expression,
        _percent: str,
        _of: str,
        items: nodes.StringSet | nodes.RuleSet,
    ) -> nodes.Of:
        """``percentage% of set``."""
        return nodes.Of(nodes.Percent(percentage, span=span), items, span=span)

    def of_in(
        self,
        span: Span,
        quantifier: Quantifier,
        _of: str,
        items: nodes.StringSet,
        _in: str,
        where: nodes.Range,
    ) -> nodes.Of:
        """``quantifier of set in (low..high)``."""
        return nodes.Of(quantifier, items, range=where, span=span)

    def first_variable(self, span: Span, name: str) -> list[tuple[str, Span]]:
        """The first variable of a loop."""
        return [(name, span)]

    def next_variable(
        self, span: Span, variables: list[tuple[str, Span]], _comma: str, name: str
    ) -> list[tuple[str, Span]]:
        """A further variable of a loop."""
        if len(variables) == limits.MAX_LOOP_VARIABLES:
            self._session.reject(catalog.TOO_MANY_LOOP_VARIABLES, span)
        variables.append((name, span))
        return variables

    def enumeration_set(
        self, span: Span, _left: str, items: list[Expression], _right: str
    ) -> nodes.Enumeration:
        """``(1, 2, 3)``."""
        return nodes.Enumeration(tuple(items), span=span)

    def iterate(
        self, _span: Span, variables: list[tuple[str, Span]], _in: str, iterator: Expression
    ) -> tuple[list[tuple[str, Span]], Expression]:
        """``variables in iterator``."""
        return variables, iterator

    def loop(
        self,
        span: Span,
        _for: str,
        quantifier: Quantifier,
        _begin: None,
        iteration: nodes.StringSet | tuple[list[tuple[str, Span]], Expression],
        _colon: str,
        _begin_body: None,
        _left: str,
        body: Expression,
        _right: str,
    ) -> nodes.ForIn | nodes.ForOf:
        """A whole loop."""
        if isinstance(iteration, nodes.StringSet):
            return nodes.ForOf(quantifier, iteration, body, span=span)
        variables, iterator = iteration
        names, spans = zip(*variables, strict=True)
        return nodes.ForIn(quantifier, names, iterator, body, variable_spans=spans, span=span)

    def broken_loop(self, _span: Span, *_symbols: object) -> NoReturn:
        """An error in a loop is an error of the whole rule."""
        raise Rejected


_Options = dict[str, Any]
_Chain = TypeVar("_Chain", nodes.And, nodes.Or)
