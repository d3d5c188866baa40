"""Regular expressions in conditions: ``matches`` and arguments of module functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.deadline import NEVER, Deadline
from miniyara.errors import Error
from miniyara.patterns.machine import Machine, stays_small
from miniyara.patterns.program import Flags, Program, compile_program
from miniyara.patterns.regexp import parse_regexp
from miniyara.patterns.window import forward_window

if TYPE_CHECKING:
    from miniyara.syntax import nodes


class ConditionRegexp:
    """A regular expression that a text is matched against; immutable, shared by threads.

    ``is_small`` says that libyara's limit on threads is out of reach,
    ``unknown_escape`` that it has an escape sequence of which libyara warns in
    strict mode.
    """

    __slots__ = ("_is_small", "_machine", "_program", "unknown_escape")

    def __init__(self, program: Program, *, is_small: bool, unknown_escape: bool) -> None:
        self._program = program
        self._machine = Machine(program, 0, searching=True)
        self._is_small = is_small
        self.unknown_escape = unknown_escape

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self._program, self._is_small, self.unknown_escape)

    def reaches(self, text: bytes, least: int, deadline: Deadline = NEVER) -> bool:
        """Whether a match that begins anywhere in ``text`` ends at ``least`` or behind it.

        Follows ``yr_re_match`` in libyara's ``re.c``: it looks at as much of the text as
        :meth:`matches`, but what was found before there were too many ways to match counts.
        """
        machine = self._machine
        state = machine.start(at_start=True, after_word=False)
        symbols, last_symbol = forward_window(text, 0, wide=False)
        try:
            for end, symbol in enumerate(symbols):
                if end == len(symbols) - 1:
                    state = machine.move(state, symbol, deadline, last=True)
                else:
                    state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
                if state.hit and end >= least:
                    return True
            return machine.move(state, last_symbol, deadline).hit and len(symbols) >= least
        except Error:
            return False

    def matches(self, text: bytes, deadline: Deadline = NEVER) -> bool:
        """Whether the expression matches anywhere in ``text``.

        Follows ``yr_re_exec`` in libyara's ``re.c``: only the first 1,024 bytes of
        the text are looked at, and no match begins at their end.  Raises
        :class:`miniyara.errors.ScanTimeout`, and :class:`miniyara.Error` if there
        are more ways to match than libyara follows, be it behind a match.
        """
        machine, is_small = self._machine, self._is_small
        state = machine.start(at_start=True, after_word=False)
        is_found = False
        symbols, last_symbol = forward_window(text, 0, wide=False)
        for symbol in symbols[:-1]:
            state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
            if state.hit:
                if is_small:
                    return True
                is_found = True
        if symbols:
            state = machine.move(state, symbols[-1], deadline, last=True)
            is_found |= state.hit
        return machine.move(state, last_symbol, deadline).hit or is_found


def _restore(program: Program, is_small: bool, unknown_escape: bool) -> ConditionRegexp:
    return ConditionRegexp(program, is_small=is_small, unknown_escape=unknown_escape)


def compile_regexp(literal: nodes.RegexpLiteral, *, strict_escape: bool = False) -> ConditionRegexp:
    """The regular expression of a condition.

    Raises :class:`PatternError` with libyara's message if it is refused.
    """
    tree = parse_regexp(literal.body, strict_escape=strict_escape)
    program, _ = compile_program(tree.root, Flags(literal.nocase, literal.dotall))
    return ConditionRegexp(
        program,
        is_small=stays_small(tree.root, program, 0, spread=limits.RE_SCAN_LIMIT),
        unknown_escape=tree.unknown_escape,
    )
