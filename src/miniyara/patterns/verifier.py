"""From an atom that was found to the matches around it.

Follows ``_yr_scan_verify_re_match`` in libyara's ``scan.c``: from the atom forwards
to the end that libyara prefers, and if there is one, backwards to all starts.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from functools import cached_property, partial
from operator import itemgetter
from typing import TYPE_CHECKING

from miniyara.patterns.directions import Backward, Forward
from miniyara.patterns.program import compile_program
from miniyara.patterns.words import standing_alone, stands_alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import RegexpPart
    from miniyara.patterns.program import Program
    from miniyara.patterns.tree import Node


def verifiers(part: RegexpPart) -> dict[bytes, list[Verifier]]:
    """The verifiers of an expression by atom, each in the order in which libyara tries them."""
    programs = _Programs(part)
    by_node: dict[Node | None, Verifier] = {}
    by_atom: defaultdict[bytes, list[Verifier]] = defaultdict(list)
    for atom, node in reversed(part.entries):
        if node not in by_node:
            by_node[node] = Verifier(part, node, programs)
        if by_atom[atom][-1:] != [by_node[node]]:
            by_atom[atom].append(by_node[node])
    return dict(by_atom)


class _Programs:
    """The programs of an expression, compiled when an atom of it is found: most never are."""

    def __init__(self, part: RegexpPart) -> None:
        self._part = part

    @cached_property
    def forward(self) -> tuple[Program, Mapping[Node, int]]:
        return compile_program(self._part.root, self._part.flags)

    @cached_property
    def backward(self) -> tuple[Program, Mapping[Node, int]]:
        return compile_program(self._part.root, self._part.flags, backwards=True)


class Verifier:
    """Finds the matches of an expression around its atoms that begin at one node.

    Shared by threads.
    """

    def __init__(self, part: RegexpPart, node: Node | None, programs: _Programs) -> None:
        self._part = part
        self._node = node
        self._programs = programs
        self._fullword = part.fullword
        self._greedy = part.greedy

    @cached_property
    def _runs(self) -> list[_Run]:
        part = self._part
        return [
            _Run(part, self._node, self._programs, wide=wide)
            for wide, runs in ((False, part.runs_narrow), (True, part.runs_wide))
            if runs
        ]

    @property
    def can_search(self) -> bool:
        """Whether :meth:`search` has a better way than to try everywhere."""
        return all(run.forward.can_search for run in self._runs)

    def search(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """For each offset from ``low`` to before ``high`` what :meth:`matches` finds, if anything.

        Atoms are not looked for, which is better where they are short.
        """
        if len(self._runs) == 1:
            run = self._runs[0]
            for offset, length in run.forward.matches(data, low, high, deadline):
                deadline.check()
                if found := self._matches(run, data, offset, length, deadline):
                    yield offset, found
            return
        streams = [
            _tagged(number, run.forward.matches(data, low, high, deadline))
            for number, run in enumerate(self._runs)
        ]
        for offset, group in itertools.groupby(heapq.merge(*streams), key=itemgetter(0)):
            deadline.check()
            found = [
                match
                for _, number, length in group
                for match in self._matches(self._runs[number], data, offset, length, deadline)
            ]
            if found:
                yield offset, found

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """Offsets and lengths of what is kept of the matches that :meth:`search` finds.

        Found at once, which is better where they are at nearly every byte.  None if
        that is not possible.
        """
        if self._node is not None:
            return None
        found = []
        for run in self._runs:
            spans = run.forward.dense_spans(data, low, high, deadline)
            if spans is None:
                return None
            if self._fullword:
                spans = standing_alone(data, spans, wide=run.wide_words)
            if spans:
                found.append(spans)
        if len(found) < 2:
            return found[0] if found else []
        narrow, wide = map(dict, found)
        # Of two matches at one place the later is kept, or the earlier.
        return sorted((narrow | wide if self._greedy else wide | narrow).items())

    def matches(self, data: Data, offset: int, deadline: Deadline) -> list[tuple[int, int]]:
        """Offsets and lengths of the matches around the atom at ``offset``, in libyara's order."""
        found = []
        for run in self._runs:
            length = run.forward.length(data, offset, deadline)
            if length >= 0:
                found += self._matches(run, data, offset, length, deadline)
        return found

    def _matches(
        self, run: _Run, data: Data, offset: int, length: int, deadline: Deadline
    ) -> list[tuple[int, int]]:
        """The matches around an atom from which so many bytes match."""
        if run.begins_at_atom and not self._fullword:
            return [(offset, length)]
        befores = [0] if run.begins_at_atom else run.backward.lengths(data, offset, deadline)
        return [
            (offset - before, before + length)
            for before in befores
            if not self._fullword
            or stands_alone(data, offset - before, offset + length, wide=run.wide_words)
        ]


def _tagged(number: int, matches: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Offsets and lengths of matches, with the number of the run that has found them."""
    return ((offset, number, length) for offset, length in matches)


class _Run:
    """Matching with characters of one size."""

    def __init__(
        self, part: RegexpPart, node: Node | None, programs: _Programs, *, wide: bool
    ) -> None:
        self.forward = Forward(part, node, *programs.forward, wide=wide)
        self.wide_words = wide and node is not None
        """Whether neighbouring characters have two bytes: libyara forgets that characters
        are wide if nothing comes before."""
        self._node = node
        self._make_backward = partial(Backward, part, wide=wide)
        self._programs = programs

    @property
    def begins_at_atom(self) -> bool:
        """Whether nothing comes before the atom."""
        return self._node is None

    @cached_property
    def backward(self) -> Backward:
        """What comes before the atom; made when something has matched from the atom on."""
        assert self._node is not None
        program, entries = self._programs.backward
        return self._make_backward(node=self._node, program=program, entries=entries)
