"""From an atom that was found to the matches around it.

Follows ``_yr_scan_verify_re_match`` in libyara's ``scan.c``: from the atom forwards
to the end that libyara prefers, and if there is one, backwards to all starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.patterns.machine import Machine
from miniyara.patterns.plain import plain_matches
from miniyara.patterns.window import backward_window, forward_window, is_word_at
from miniyara.patterns.words import stands_alone

if TYPE_CHECKING:
    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Entry, RegexpPart


class Verifier:
    """Finds the matches of an expression around its atoms; shared by threads."""

    def __init__(self, part: RegexpPart) -> None:
        self._part = part
        self._widths = [wide for wide, runs in ((False, part.runs_narrow), (True, part.runs_wide)) if runs]
        self._machines: dict[tuple[bool, int], Machine] = {}

    def matches(
        self, data: Data, offset: int, entry: Entry, deadline: Deadline
    ) -> list[tuple[int, int]]:
        """Offsets and lengths of the matches around the atom at ``offset``, in libyara's order."""
        found: list[tuple[int, int]] = []
        for wide in self._widths:
            forward = self._forward(data, offset, entry.forward, deadline, wide=wide)
            if forward < 0:
                continue
            if entry.backward is None:
                # libyara forgets here that the characters are wide.
                lengths, wide_words = [0], False
            else:
                lengths = self._backward(data, offset, entry.backward, deadline, wide=wide)
                wide_words = wide
            for length in lengths:
                start, end = offset - length, offset + forward
                if not self._part.fullword or stands_alone(data, start, end, wide=wide_words):
                    found.append((start, end - start))
        return found

    def _forward(
        self, data: Data, offset: int, entry: int, deadline: Deadline, *, wide: bool
    ) -> int:
        """How many bytes match from ``offset`` on; -1 for no match."""
        symbols, last_symbol = forward_window(data, offset, wide=wide)
        if self._part.plain:
            ends = plain_matches(
                self._part.forward, entry, symbols, deadline, backwards=False
            )
            return ends[0] if ends else -1
        machine = self._machine(entry, backwards=False)
        state = machine.start(
            at_start=offset == 0, after_word=is_word_at(data, offset - 1 - wide, wide=wide)
        )
        length = -1
        for count, symbol in enumerate(symbols):
            state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
            if state.hit:
                length = count << wide
            if not state.threads:
                return length
        state = state.moves.get(last_symbol) or machine.move(state, last_symbol, deadline)
        return len(symbols) << wide if state.hit else length

    def _backward(
        self, data: Data, offset: int, entry: int, deadline: Deadline, *, wide: bool
    ) -> list[int]:
        """How many bytes before ``offset`` can match, from few to many."""
        symbols, last_symbol = backward_window(data, offset, wide=wide)
        if self._part.plain:
            return plain_matches(self._part.backward, entry, symbols, deadline, backwards=True)
        machine = self._machine(entry, backwards=True)
        state = machine.start(at_start=False, after_word=is_word_at(data, offset, wide=wide))
        lengths = []
        for count, symbol in enumerate(symbols):
            state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
            if state.hit:
                lengths.append(count << wide)
            if not state.threads:
                return lengths
        state = state.moves.get(last_symbol) or machine.move(state, last_symbol, deadline)
        if state.hit:
            lengths.append(len(symbols) << wide)
        return lengths

    def _machine(self, entry: int, *, backwards: bool) -> Machine:
        machine = self._machines.get((backwards, entry))
        if machine is None:
            program = self._part.backward if backwards else self._part.forward
            machine = Machine(program, entry, exhaustive=backwards, backwards=backwards)
            self._machines[backwards, entry] = machine
        return machine
