"""How matching goes on from an atom: forwards to an end, backwards to the starts.

Each direction is done by Python's ``re`` if possible, else by libyara's simple matcher
for hex strings, or by the thread machine.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.patterns.bounds import effort, lengths
from miniyara.patterns.entrypoints import part_before, rest_from
from miniyara.patterns.machine import Machine, stays_small
from miniyara.patterns.needs import NO_NEEDS, needs
from miniyara.patterns.plain import keeps_order, plain_matches
from miniyara.patterns.translate import checks, translate
from miniyara.patterns.tree import Node, Where
from miniyara.patterns.window import backward_window, forward_window, is_word_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import RegexpPart
    from miniyara.patterns.program import Program

_MAX_STEPS: Final = 1_000_000
"""Bytes that ``re`` may look at between two looks at the clock: some 10 milliseconds."""

_MANY_STEPS: Final = 100
"""Bytes that ``re`` may look at for one match without asking first whether it can be."""

_STEPS_OF_MACHINE: Final = 20 * limits.RE_SCAN_LIMIT
"""Bytes that ``re`` could look at in the time that the machine needs for one match."""


class Forward:
    """Finds the end that libyara prefers."""

    def __init__(
        self,
        part: RegexpPart,
        node: Node | None,
        program: Program,
        entries: Mapping[Node, int],
        *,
        wide: bool,
    ) -> None:
        self._part = part
        self._program = program
        self._entry = entries[node] if node else 0
        self._wide = wide
        self._machine = Machine(program, self._entry)
        rest = rest_from(part.root, node) if node else part.root
        nocase = part.flags.nocase
        # Otherwise libyara may refuse to go on, and that must show.
        is_small = part.plain or stays_small(rest, program, self._entry)
        self._expression = translate(rest, part.flags, wide=wide) if is_small else None
        self._is_exact = not part.plain or keeps_order(program, self._entry)
        longest = lengths(rest).longest * (2 if wide else 1)
        self._clips = longest > limits.RE_SCAN_LIMIT
        self._longest = int(min(longest, limits.RE_SCAN_LIMIT))
        self._needs = needs(rest, nocase=nocase, wide=wide) if is_small else NO_NEEDS
        steps = min(int(effort(rest, nocase=nocase).steps), _STEPS_OF_MACHINE)
        self._stride = _MAX_STEPS // max(steps, 1)
        self._is_laborious = self._expression is None or steps > _MANY_STEPS
        self._sees_end = checks(rest, Where.END, Where.WORD_BOUNDARY, Where.NON_WORD_BOUNDARY)
        self._knows_length = self._is_exact and not (self._clips and self._sees_end)
        """Whether ``re`` finds the end, if that is not too far away."""

    @property
    def can_search(self) -> bool:
        """Whether :meth:`matches` has a better way than to try everywhere."""
        return self._expression is not None

    def matches(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, int]]:
        """Offsets and lengths of the matches that begin from ``low`` to before ``high``."""
        for start in range(low, high, self._stride):
            deadline.check()
            stop = min(start + self._stride, high)
            if not self._has_needs(data, start, stop - 1):
                continue
            if self._expression is None:
                for offset in range(start, stop):
                    length = self.length(data, offset, deadline)
                    if length >= 0:
                        yield offset, length
                continue
            search = self._expression.search
            # Let the last match find its end: what it asks for there is read too.
            end = stop + self._longest + 1
            found = search(data, start, end)
            while found is not None and (offset := found.start()) < stop:
                length = found.end() - offset
                if not self._knows_length or length > limits.RE_SCAN_LIMIT:
                    length = self.length(data, offset, deadline)
                if length >= 0:
                    yield offset, length
                found = search(data, offset + 1, end)

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """What :meth:`matches` yields, found at once; None if that is not possible."""
        if self._expression is None or not self._knows_length:
            return None
        spans: list[tuple[int, int]] = []
        for start in range(low, high, self._stride):
            deadline.check()
            stop = min(start + self._stride, high)
            for match in self._everywhere.finditer(data, start, stop + self._longest + 1):
                offset, end = match.span(1)
                if offset >= stop:
                    break
                length = end - offset
                if length > limits.RE_SCAN_LIMIT:
                    length = self.length(data, offset, deadline)
                spans.append((offset, length))
        return spans

    @cached_property
    def _everywhere(self) -> re.Pattern[bytes]:
        """Matches nothing wherever a match begins; its group is the match."""
        assert self._expression is not None
        return re.compile(b"(?=(" + self._expression.pattern + b"))", self._expression.flags)

    def _has_needs(self, data: Data, low: int, high: int) -> bool:
        """Whether there is what a match needs that begins from ``low`` to ``high``."""
        end = high + self._longest
        if self._needs.end and end < len(data):
            return False
        return all(data.find(text, low, end) >= 0 for text in self._needs.texts)

    def length(self, data: Data, offset: int, deadline: Deadline) -> int:
        """How many bytes match from ``offset`` on; -1 for no match."""
        if self._is_laborious and not self._has_needs(data, offset, offset):
            return -1
        expression = self._expression
        if expression is not None:
            end = len(data)
            if self._clips and end > offset + limits.RE_SCAN_LIMIT:
                end = offset + limits.RE_SCAN_LIMIT
                if self._sees_end:
                    return self._run(data, offset, deadline)
            found = expression.match(data, offset, end)
            if found is None:
                return -1
            if self._is_exact:
                return found.end() - offset
        return self._run(data, offset, deadline)

    def _run(self, data: Data, offset: int, deadline: Deadline) -> int:
        machine, wide = self._machine, self._wide
        symbols, last_symbol = forward_window(data, offset, wide=wide)
        if self._part.plain:
            ends = plain_matches(self._program, self._entry, symbols, deadline, backwards=False)
            return ends[0] if ends else -1
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


class Backward:
    """Finds all starts."""

    def __init__(
        self,
        part: RegexpPart,
        node: Node,
        program: Program,
        entries: Mapping[Node, int],
        *,
        wide: bool,
    ) -> None:
        self._part = part
        self._program = program
        self._entry = entries[node]
        self._wide = wide
        self._machine = Machine(program, self._entry, exhaustive=True, backwards=True)
        before = part_before(part.root, node)
        shortest, longest = lengths(before)
        self._fixed = shortest << wide
        self._is_too_long = shortest > limits.RE_SCAN_LIMIT >> wide
        self._expression = None
        if shortest == longest <= limits.RE_SCAN_LIMIT >> wide:
            self._expression = translate(before, part.flags, wide=wide, backwards=True)

    def lengths(self, data: Data, offset: int, deadline: Deadline) -> list[int]:
        """How many bytes before ``offset`` can match, in libyara's order."""
        if self._is_too_long:
            return []
        if self._expression is not None:
            start = offset - self._fixed
            if start < 0 or self._expression.match(data, start, offset) is None:
                return []
            return [self._fixed]
        machine, wide = self._machine, self._wide
        symbols, last_symbol = backward_window(data, offset, wide=wide)
        if self._part.plain:
            return plain_matches(self._program, self._entry, symbols, deadline, backwards=True)
        state = machine.start(at_start=False, after_word=is_word_at(data, offset, wide=wide))
        found = []
        for count, symbol in enumerate(symbols):
            state = state.moves.get(symbol) or machine.move(state, symbol, deadline)
            if state.hit:
                found.append(count << wide)
            if not state.threads:
                return found
        state = state.moves.get(last_symbol) or machine.move(state, last_symbol, deadline)
        if state.hit:
            found.append(len(symbols) << wide)
        return found
