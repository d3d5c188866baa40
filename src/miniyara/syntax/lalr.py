"""The parser that runs on :mod:`~miniyara.syntax.tables`, with bison's manners.

Used for all three grammars.  Hex strings and regular expressions stop at their
first error; rules go on after it (:class:`Recovery`), as YARA's parser does.
The stack is a list, so nesting is bounded by ``limits.MAX_PARSER_DEPTH`` and
never by Python's recursion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from miniyara import limits
from miniyara.syntax.nodes import Span
from miniyara.syntax.tables import ACCEPT, END, ERROR, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


Token: TypeAlias = tuple[str, Any, int, int]
"""A terminal as it stands in the text: its type, its value, where it begins and ends."""


class ParseError(Exception):
    """The text is not in the language, and nobody asked to go on."""


class Rejected(Exception):  # noqa: N818 - it is a verdict (bison's YYERROR), not a failure
    """Raised by an action that has reported an error itself: go on after it."""


class Recovery(Protocol):
    """What to do about errors when parsing is to go on after them."""

    def syntax_error(self, token: Token, expected: list[str]) -> None:
        """Report a token; ``expected`` are terminals in the grammar's order."""
        ...

    def exhausted(self) -> None:
        """Report that the text nests too deeply; parsing ends."""
        ...

    def abandon(self, values: list[Any]) -> None:
        """Take note of the values of the symbols that an error has thrown away."""
        ...


class ListReader(NamedTuple):
    """Who reads items of a list straight from the text."""

    nonterminal: str
    """That of the list, which has at least one item; its value is a list of theirs."""
    first: str
    """The terminal that an item begins with."""
    read: Callable[[int | None], tuple[list[Any], int, int]]
    """Gets the place of the token that has been read already, if it is one of type
    ``first``; returns as many items as it can read, and where they begin and end.  They
    are what the parser would have made of them, and have at least three tokens each."""


_Entry: TypeAlias = "tuple[ListReader, int | None]"
"""A reader, and the state behind the list; None where the list goes on."""


def _by_state(tables: Tables, readers: Sequence[ListReader]) -> dict[int, _Entry]:
    """By state, who may read there."""
    entries: dict[int, _Entry] = {}
    for reader in readers:
        for state, row in enumerate(tables.gotos):
            if reader.nonterminal in row:
                following = row[reader.nonterminal]
                entries[state], entries[following] = (reader, following), (reader, None)
    return entries


class Parser:
    """One run of the parser over one text.

    ``actions`` gives, by the name of an action in the grammar, a function that
    is called with the span of the symbols and their values, and returns the
    value of what they make.  ``reached`` is asked, after each token, how far the
    lexer has come.  ``readers`` may read parts of the text without the tokens.
    """

    def __init__(
        self,
        tables: Tables,
        actions: Callable[[str], Callable[..., Any]],
        recovery: Recovery | None = None,
        readers: Sequence[ListReader] = (),
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
        self._readers = _by_state(tables, readers)
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
        actions, defaults, gotos = self._tables.actions, self._tables.defaults, self._tables.gotos
        productions, readers = self._productions, self._readers
        states, values, starts, ends = self._states, self._values, self._starts, self._ends
        most = limits.MAX_PARSER_DEPTH
        token: Token | None = None
        while True:
            if len(states) >= most:
                return self._exhausted()
            state = states[-1]
            row = actions[state]
            number = defaults[state]
            if row:
                if state in readers:
                    token = self._read_list(readers[state], token)
                    state = states[-1]
                    row, number = actions[state], defaults[state]
                if token is None:
                    token = next(tokens)
                    self.reached = token[3]
                terminal, value, start, end = token
                action = row.get(terminal)
                if action is None:
                    if number is None:
                        token = self._syntax_error(token)
                        if not states:
                            return None
                        continue
                elif action == ACCEPT:
                    return values[-1]
                elif action >= 0:
                    states.append(action)
                    values.append(value)
                    starts.append(start)
                    ends.append(end)
                    token = None
                    if self._quiet:
                        self._quiet -= 1
                    continue
                else:
                    number = ~action
            assert number is not None, "a state has actions or a default"
            origin, length, act = productions[number]
            if act is None and length == 1:
                states[-1] = gotos[states[-2]][origin]
                continue
            kept = len(states) - length
            end = ends[-1]
            start = starts[kept] if length else end
            if act is None:
                value = values[kept] if length else None
            else:
                try:
                    value = act(Span(start, end, self.reached), *values[kept:])
                except Rejected:
                    self._quiet = 3
                    if not self._shift_error(length):
                        return None
                    continue
            del states[kept:], values[kept:], starts[kept:], ends[kept:]
            states.append(gotos[states[-1]][origin])
            values.append(value)
            starts.append(start)
            ends.append(end)

    def _read_list(self, entry: _Entry, token: Token | None) -> Token | None:
        """Let a reader read items of a list that may begin or go on here.

        Returns the token that is next then, None for one that is not read yet.
        """
        reader, following = entry
        if token is None:
            items, start, end = reader.read(None)
        elif token[0] == reader.first:
            items, start, end = reader.read(token[2])
        else:
            return token
        if not items:
            return token
        if following is None:
            self._values[-1] += items
            self._ends[-1] = end
        else:
            self._push(following, items, start, end)
        self.reached = end
        self._quiet = 0  # an item has three tokens or more
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

    def _syntax_error(self, token: Token) -> Token | None:
        """Report (unless an error was reported just before), then find where to go on.

        Returns the token to go on with, None for the next one; leaves no state
        if there is no way on.
        """
        if not self._quiet:
            expected = [name for name in self._tables.actions[self._states[-1]] if name != ERROR]
            if self._recovery is None:
                raise ParseError(token[0], expected)
            self._recovery.syntax_error(token, expected)
        following: Token | None = token
        if self._quiet == 3:
            if token[0] == END:
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
