"""Rule text -> syntax trees, rule by rule, going on after errors.

The parser hands each finished rule to a :class:`RuleHandler` at once, which checks
it and says whether it is good.  Like YARA's parser, this one goes on behind a rule
with an error, is silent about errors in the next three tokens, and of a rule with
two errors reports the one that comes first in the order of reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, Protocol

from miniyara.diagnostics import Diagnostic, Kind, Label
from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name
from miniyara.syntax import catalog, nodes
from miniyara.syntax.builder import BeginRule, Builder
from miniyara.syntax.declarations import read_meta, read_strings
from miniyara.syntax.lalr import ListReader, Parser, Rejected, Token
from miniyara.syntax.lexer import Lexer, end_of_next_token
from miniyara.syntax.nodes import Span
from miniyara.syntax.source import SourceText
from miniyara.syntax.tables import END, ERROR, load_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.syntax.source import IncludeResolver


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parser is: what it takes to tell of an error there."""

    source: SourceText
    """The text that spans refer to."""
    path: str | None
    """The file that libyara names."""
    is_seen_by_libyara: bool = True

    def with_next_token(self, span: Span) -> Span:
        """The span as it is once the parser has looked at the token behind it."""
        return span._replace(reached=end_of_next_token(self.source, span.end))

    def diagnostic(
        self,
        kind: Kind,
        span: Span,
        *,
        rule: str | None = None,
        shown: Span | None = None,
        **details: Any,
    ) -> Diagnostic:
        """An error or warning of this kind about a piece of the text.

        ``shown`` is what to point at if that is not the piece whose line libyara names.
        """
        start, end, _ = shown or span
        if start < 0:
            start = end = len(self.source.text.rstrip())
        return Diagnostic(
            kind,
            kind.message.format(**details),
            self.source,
            self.source.line_at(span.reached),
            self.path,
            (Label(start, end),),
            rule,
            self.is_seen_by_libyara,
        )


class TextError(NamedTuple):
    """An error that the lexer has found in a rule."""

    diagnostic: Diagnostic
    reached: int
    """Offset behind what the lexer had read then."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """What was read of a rule before an error in it."""

    name: str
    name_span: Span
    strings: tuple[nodes.StringDeclaration, ...]
    condition: tuple[Any, ...]
    """The finished parts of its condition, keywords among them."""
    text_errors: tuple[TextError, ...] = ()
    """Errors that the lexer has found in it, in their order."""


class RuleHandler(Protocol):
    """Takes what the parser finds, in the order of the text."""

    def add_rule(self, rule: nodes.Rule, place: Place, text_errors: Sequence[TextError]) -> bool:
        """Take a rule, and the errors that the lexer has found in it.

        Whether it is good but for the latter.  If not, its error has been reported.
        """
        ...

    def add_broken_rule(self, rule: BrokenRule, place: Place) -> bool:
        """Take what there is of a rule with an error; whether it has no earlier error.

        If it has one, that has been reported, and the parser's is not.
        """
        ...

    def add_import(self, statement: nodes.Import, place: Place) -> bool:
        """Take an import; whether it is good."""
        ...

    def report(self, diagnostic: Diagnostic) -> None:
        """Take an error in the text itself."""
        ...


def parse_rules(source: SourceText, handler: RuleHandler, include: IncludeResolver | None) -> None:
    """Parse a source and hand its rules to ``handler``.

    Where YARA stops reading (a character that is no token, a string without an
    end) the rest of the source is still read for further errors, which are
    marked as not seen by libyara.
    """
    stopped_at = _Session(source, handler, include).run()
    while stopped_at is not None:
        rest = _next_rule(source, stopped_at)
        if rest is None:
            return
        stopped_at = _Session(source, handler, include, rest).run()


def parse(source: str | bytes) -> nodes.Source:
    """Parse YARA rules into a syntax tree.

    Includes are not followed but stand in the tree.  Names and types are not
    checked.  Raises :class:`miniyara.SyntaxError` with all errors of the text.
    """
    text = source.encode("utf-8", "surrogateescape") if isinstance(source, str) else source
    collector = _Collector()
    _Session(SourceText(text), collector, None, keep_includes=True).run()
    if collector.diagnostics:
        raise SyntaxError(collector.diagnostics[-1].libyara_text(), collector.diagnostics)
    return nodes.Source(tuple(collector.items))


_RULE_START: Final = re.compile(rb"^[ \t]*(?:(?:private|global)[ \t]+)*rule[ \t]", re.MULTILINE)


def _next_rule(source: SourceText, offset: int) -> int | None:
    """Where the first rule starts that begins on a line of its own behind ``offset``."""
    found = _RULE_START.search(source.text, offset)
    return None if found is None else found.start()


class _Collector:
    """Keeps everything as it is."""

    def __init__(self) -> None:
        self.items: list[nodes.Import | nodes.Include | nodes.Rule] = []
        self.diagnostics: list[Diagnostic] = []

    def add_rule(self, rule: nodes.Rule, _place: Place, text_errors: Sequence[TextError]) -> bool:
        self.items.append(rule)
        self.diagnostics += [error.diagnostic for error in text_errors]
        return True

    def add_broken_rule(self, rule: BrokenRule, _place: Place) -> bool:
        self.diagnostics += [error.diagnostic for error in rule.text_errors]
        return True

    def add_import(self, statement: nodes.Import, _place: Place) -> bool:
        self.items.append(statement)
        return True

    def add_include(self, path: bytes, span: Span) -> None:
        self.items.append(nodes.Include(path, span=span))

    def report(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)


class _Session:
    """One run over one source; see :class:`~miniyara.syntax.session.Session`."""

    def __init__(
        self,
        source: SourceText,
        handler: RuleHandler,
        include: IncludeResolver | None,
        start: int = 0,
        *,
        keep_includes: bool = False,
    ) -> None:
        self.pinned: int | None = None
        self.is_in_rule = False
        self._thrown_away: list[Any] = []
        self._text_errors: list[TextError] = []
        """Errors that the lexer has found in the rule at hand."""
        self._handler = handler
        self._is_seen = start == 0
        self._pending: Diagnostic | None = None
        self._lexer = Lexer(
            source,
            include,
            self._lexer_error,
            self._keep_include if keep_includes else None,
            start,
        )
        self._builder = Builder(self)
        self._parser = Parser(
            load_tables("rules"),
            self._builder.action,
            self,
            [
                ListReader("meta_declarations", "IDENTIFIER", partial(self._read, read_meta)),
                ListReader(
                    "string_declarations", "STRING_IDENTIFIER", partial(self._read, read_strings)
                ),
            ],
        )

    def run(self) -> int | None:
        """Parse to the end, once; where YARA's lexer gives up in the source itself, if it does."""
        self._parser.parse(self._lexer.tokens())
        self._report_text_errors()
        stopped_at = self._lexer.stopped_at if len(self._lexer.files) == 1 else None
        # They refer to the session in turn, and would keep all that has been made.
        del self._parser, self._builder, self._lexer
        return stopped_at

    def _place(self) -> Place:
        return Place(self._lexer.source, self._lexer.files[-1].path, self._is_seen)

    # -- for the actions -----------------------------------------------------------

    def reject(self, kind: Kind, span: Span, **details: Any) -> NoReturn:
        self._pending = self._place().diagnostic(kind, self._pin(span), **details)
        raise Rejected

    def add_rule(self, rule: nodes.Rule) -> None:
        self.is_in_rule = False
        text_errors, self._text_errors = self._text_errors, []
        if not self._handler.add_rule(rule, self._place(), text_errors):
            self._parser.quieten()

    def add_import(self, statement: nodes.Import) -> None:
        if not self._handler.add_import(statement, self._place()):
            raise Rejected

    def end_file(self) -> None:
        if len(self._lexer.files) > 1:
            self._lexer.files.pop()

    def _pin(self, span: Span) -> Span:
        return span if self.pinned is None else Span(span.start, span.end, self.pinned)

    # -- for the lexer -------------------------------------------------------------

    def _lexer_error(self, kind: Kind, start: int, end: int, **details: Any) -> None:
        span = self._pin(Span(start, end, end))
        self.pinned = None
        diagnostic = self._place().diagnostic(kind, span, **details)
        if self.is_in_rule:
            self._text_errors.append(TextError(diagnostic, end))
        else:
            self._handler.report(diagnostic)

    def _report_text_errors(self) -> None:
        for error in self._text_errors:
            self._handler.report(error.diagnostic)
        self._text_errors = []

    def _keep_include(self, path: bytes, start: int, end: int) -> None:
        span = Span(start, end, end)
        if self._parser.depth > 2:
            self._handler.report(self._place().diagnostic(catalog.INCLUDE_IN_RULE, span))
        elif isinstance(self._handler, _Collector):
            self._handler.add_include(path, span)

    # -- for the parser ------------------------------------------------------------

    def _read(
        self, read: Callable[[Lexer], list[Any]], start: int | None
    ) -> tuple[list[Any], int, int]:
        lexer = self._lexer
        behind = lexer.position
        if start is not None:
            lexer.position = start
        items = read(lexer)
        if not items:
            lexer.position = behind
            return [], behind, behind
        return items, items[0].span.start, lexer.position

    def syntax_error(self, token: Token, expected: list[str]) -> None:
        listed = [display_name(name) for name in expected]
        expecting = ", expecting " + " or ".join(listed) if 0 < len(listed) < 5 else ""
        terminal, _, start, end = token
        span = self._pin(Span(start, end, self._parser.reached))
        diagnostic = self._place().diagnostic(
            catalog.SYNTAX_ERROR, span, unexpected=display_name(terminal), expecting=expecting
        )
        is_consequence = terminal == END and self._lexer.stopped_at is not None
        self._pending = replace(diagnostic, is_consequence=is_consequence)

    def exhausted(self) -> None:
        reached = self._parser.reached
        span = self._pin(Span(reached, reached, reached))
        self._pending = self._place().diagnostic(catalog.TOO_DEEP, span)

    def abandon(self, values: list[Any]) -> None:
        self._builder.finish_chains()
        self.pinned = None
        # An error in a loop throws the loop away first and then the rest of the rule.
        values = [value for value in values if value is not ERROR]
        self._thrown_away = values + self._thrown_away
        rule = _broken_rule(self._thrown_away)
        if self.is_in_rule and rule is None:
            return
        self.is_in_rule = False
        self._thrown_away = []
        pending, self._pending = self._pending, None
        if rule is not None:
            rule = replace(rule, text_errors=tuple(self._text_errors))
            self._text_errors = []
            if not self._handler.add_broken_rule(rule, self._place()):
                return
        self._report_text_errors()
        if pending is not None:
            self._handler.report(pending)


def _broken_rule(values: list[Any]) -> BrokenRule | None:
    """Read a broken rule off the parser's stack, if its name was read."""
    for position, value in enumerate(values):
        if isinstance(value, BeginRule):
            name, rest = values[position - 1], values[position + 1 :]
            strings: list[nodes.StringDeclaration] = []
            condition: list[Any] = []
            for part in rest:
                if isinstance(part, list) and part and isinstance(part[0], _STRINGS):
                    strings += part
                elif isinstance(part, _STRINGS):
                    strings.append(part)
                else:
                    condition.append(part)
            return BrokenRule(name, value.name_span(name), tuple(strings), tuple(condition))
    return None


_STRINGS: Final = (nodes.TextString, nodes.HexString, nodes.RegexpString)

_DISPLAY_NAMES: Final = {
    END: "end of file",
    "INVALID": "invalid token",
    "END_OF_INCLUDED_FILE": "end of included file",
    "IDENTIFIER": "identifier",
    "STRING_IDENTIFIER": "string identifier",
    "STRING_COUNT": "string count",
    "STRING_OFFSET": "string offset",
    "STRING_LENGTH": "string length",
    "STRING_IDENTIFIER_WITH_WILDCARD": "string identifier with wildcard",
    "NUMBER": "integer number",
    "FLOAT": "floating point number",
    "INTEGER_FUNCTION": "integer function",
    "TEXT": "text string",
    "HEX": "hex string",
    "REGEXP": "regular expression",
}


def display_name(terminal: str) -> str:
    """The name of a terminal in messages (the token declarations in ``grammar.y``)."""
    if terminal in _DISPLAY_NAMES:
        return _DISPLAY_NAMES[terminal]
    text = load_tables("rules").literals.get(terminal, terminal)
    if text.isalnum():
        return f"<{text}>"
    if len(text) == 1 and text not in "<>":
        text = text.replace("\\", "\\\\")  # bison shows it as C writes it
        return f"'{text}'"
    return text


__all__ = ["BrokenRule", "Place", "RuleHandler", "parse", "parse_rules"]
