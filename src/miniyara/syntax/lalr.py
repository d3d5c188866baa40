"""The parser that runs on :mod:`~miniyara.syntax.tables`, with bison's manners.

Used for all three grammars.  Hex strings and regular expressions stop at their
first error; rules go on after it (:class:`Recovery`), as YARA's parser does.
The stack is a list, so nesting is bounded by ``limits.MAX_PARSER_DEPTH`` and
never by Python's recursion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from miniyara import limits
from miniyara.syntax.nodes import Span
from miniyara.syntax.tables import ACCEPT, END, ERROR, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Token(NamedTuple):
    """A terminal as it stands in the text."""

    type: str
    value: Any
    start: int
    end: int


class ParseError(Exception):
    """The text is not in the language, and nobody asked to go on."""


class Rejected(Exception):  # noqa: N818 - it is a verdict (bison's YYERROR), not a failure
    """Raised by an action that has reported an error itself: go on after it."""


class Recovery(Protocol):
    """What to do about errors when parsing is to go on after them."""

    def syntax_error(self, token: Token, expected: list[str]) -> None:
        """Report ``token``; ``expected`` are terminals in the grammar's order."""
        ...

    def exhausted(self) -> None:
        """Report that the text nests too deeply; parsing ends."""
        ...

    def abandon(self, values: list[Any]) -> None:
        """Take note of the values of the symbols that an error has thrown away."""
        ...


class Parser:
    """One run of the parser over one text.

    ``actions`` gives, by the name of an action in the grammar, a function that
    is called with the span of the symbols and their values, and returns the
    value of what they make.  ``reached`` is asked, after each token, how far the
    lexer has come.
    """

    def __init__(
        self,
        tables: Tables,
        actions: Callable[[str], Callable[..., Any]],
        recovery: Recovery | None = None,
    ) -> None:
        self._tables = tables
        self._recovery = recovery
        self._productions = [
            (
                production.origin,
                production.length,
                None if production.action is None else actions(production.action),
            )
            for production in tables.productions
        ]
        self._states = [0]
        self._values: list[Any] = [None]
        self._starts = [0]
        self._ends = [0]
        self._quiet = 0  # bison's yyerrstatus: no messages until so many tokens are shifted
        self.reached = 0
        """Where the token that was read last ends; what messages take as their place."""

    def parse(self, tokens: Iterator[Token]) -> Any:
        """Parse the tokens, the last of which is of type ``END``.

        Returns the value of ``start``; None if there was an error from which
        the parser could not go on.  Raises :class:`ParseError` on an error if
        there is no recovery.
        """
        actions, defaults = self._tables.actions, self._tables.defaults
        states = self._states
        token: Token | None = None
        while True:
            if len(states) >= limits.MAX_PARSER_DEPTH:
                return self._exhausted()
            state = states[-1]
            row = actions[state]
            production = defaults[state]
            if row:
                if token is None:
                    token = next(tokens)
                    self.reached = token.end
                action = row.get(token.type)
                if action is None:
                    if production is None:
                        token = self._syntax_error(token)
                        if not states:
                            return None
                        continue
                elif action == ACCEPT:
                    return self._values[-1]
                elif action >= 0:
                    self._push(action, token.value, token.start, token.end)
                    token = None
                    self._quiet -= self._quiet > 0
                    continue
                else:
                    production = ~action
            assert production is not None, "a state has actions or a default"
            try:
                self._reduce(production)
            except Rejected:
                self._quiet = 3
                if not self._shift_error(self._tables.productions[production].length):
                    return None

    @property
    def depth(self) -> int:
        """How many symbols are on the stack; 2 between the rules of a source."""
        return len(self._states)

    def quieten(self) -> None:
        """Say nothing about errors in the next three tokens, as after an error."""
        self._quiet = 3

    def _push(self, state: int, value: Any, start: int, end: int) -> None:
        self._states.append(state)
        self._values.append(value)
        self._starts.append(start)
        self._ends.append(end)

    def _reduce(self, number: int) -> None:
        origin, length, action = self._productions[number]
        states, values, starts, ends = self._states, self._values, self._starts, self._ends
        if length == 1 and action is None:
            states[-1] = self._tables.gotos[states[-2]][origin]
            return
        kept = len(states) - length
        start, end = starts[kept] if length else ends[-1], ends[-1]
        if action is not None:
            value = action(Span(start, end, self.reached), *values[kept:])
        else:
            value = values[kept] if length else None
        del states[kept:], values[kept:], starts[kept:], ends[kept:]
        self._push(self._tables.gotos[states[-1]][origin], value, start, end)

    def _syntax_error(self, token: Token) -> Token | None:
        """Report (unless an error was reported just before), then find where to go on.

        Returns the token to go on with, None for the next one; leaves no state
        if there is no way on.
        """
        if not self._quiet:
            expected = [name for name in self._tables.actions[self._states[-1]] if name != ERROR]
            if self._recovery is None:
                raise ParseError(token.type, expected)
            self._recovery.syntax_error(token, expected)
        following: Token | None = token
        if self._quiet == 3:
            if token.type == END:
                self._give_up(0)
                return None
            following = None
        self._quiet = 3
        self._shift_error()
        return following

    def _shift_error(self, rejected: int = 0) -> bool:
        """Throw symbols away until one may be followed by an error, and put it there.

        The last ``rejected`` symbols are those of a production whose action
        rejected them; they go in any case.
        """
        actions = self._tables.actions
        kept = len(self._states) - rejected
        while kept and ERROR not in actions[self._states[kept - 1]]:
            kept -= 1
        self._give_up(kept)
        if not kept:
            return False
        self._push(actions[self._states[-1]][ERROR], ERROR, self._ends[-1], self._ends[-1])
        return True

    def _give_up(self, kept: int) -> None:
        """Throw away all symbols but the first ``kept``."""
        if self._recovery is not None and len(self._values) > kept:
            self._recovery.abandon(self._values[kept:])
        for stack in (self._states, self._values, self._starts, self._ends):
            del stack[kept:]

    def _exhausted(self) -> None:
        if self._recovery is None:
            raise ParseError("memory exhausted")
        self._recovery.exhausted()
        self._give_up(0)
