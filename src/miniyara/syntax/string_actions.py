"""What the productions of the rule grammar make of declared strings and their modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara.syntax import catalog, nodes
from miniyara.syntax.nodes import Span

if TYPE_CHECKING:
    from miniyara.syntax.session import Session

DEFAULT_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""The alphabet of ``base64`` without an argument (RFC 4648)."""

_Options = dict[str, Any]
"""Modifiers by name."""


class StringActions:
    """The actions for strings; see :class:`~miniyara.syntax.builder.Builder`."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
