"""Regular expressions in conditions: ``matches`` and arguments of module functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.deadline import NEVER, Deadline
from miniyara.patterns.machine import Machine
from miniyara.patterns.program import Flags, Program, compile_program
from miniyara.patterns.regexp import parse_regexp
from miniyara.patterns.window import forward_window

if TYPE_CHECKING:
    from miniyara.syntax import nodes


class ConditionRegexp:
    """A regular expression that a text is matched against; immutable, shared by threads.

    ``unknown_escape`` says whether it has an escape sequence of which libyara warns
    in strict mode.
    """

    __slots__ = ("_machine", "_program", "unknown_escape")

    def __init__(self, program: Program, *, unknown_escape: bool = False) -> None:
        self._program = program
        self._machine = Machine(program, 0, searching=True)
        self.unknown_escape = unknown_escape

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self._program, self.unknown_escape)

    def matches(self, text: bytes, deadline: Deadline = NEVER) -> bool:
        """Whether the expression matches anywhere in ``text``.

        Follows ``yr_re_exec`` in libyara's ``re.c``: only the first 1,024 bytes of
        the text are looked at, and no match begins at their end.  Raises
        :class:`miniyara.errors.ScanTimeout`, and :class:`miniyara.Error` if there
        are more ways to match than libyara follows.
        """
        machine = self._machine
        state = machine.start(at_start=True, after_word=False)
        symbols, last_symbol = forward_window(text, 0, wide=False)
        for symbol in symbols[:-1]:
            state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
            if state.hit:
                return True
        if symbols:
            state = machine.move(state, symbols[-1], deadline, last=True)
        return state.hit or machine.move(state, last_symbol, deadline).hit


def _restore(program: Program, unknown_escape: bool) -> ConditionRegexp:
    return ConditionRegexp(program, unknown_escape=unknown_escape)


def compile_regexp(
    literal: nodes.RegexpLiteral, *, strict_escape: bool = False
) -> ConditionRegexp:
    """The regular expression of a condition.

    Raises :class:`PatternError` with libyara's message if it is refused.
    """
    tree = parse_regexp(literal.body, strict_escape=strict_escape)
    flags = Flags(nocase=literal.nocase, dotall=literal.dotall)
    program, _ = compile_program(tree.root, flags)
    return ConditionRegexp(program, unknown_escape=tree.unknown_escape)
