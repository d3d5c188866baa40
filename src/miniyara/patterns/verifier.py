"""From an atom that was found to the matches around it.

Follows ``_yr_scan_verify_re_match`` in libyara's ``scan.c``: from the atom forwards
to the end that libyara prefers, and if there is one, backwards to all starts.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

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
    forward = compile_program(part.root, part.flags)
    backward = compile_program(part.root, part.flags, backwards=True)
    by_node: dict[Node | None, Verifier] = {}
    by_atom: defaultdict[bytes, list[Verifier]] = defaultdict(list)
    for atom, node in reversed(part.entries):
        if node not in by_node:
            by_node[node] = Verifier(part, node, forward, backward)
        if by_atom[atom][-1:] != [by_node[node]]:
            by_atom[atom].append(by_node[node])
    return dict(by_atom)


class Verifier:
    """Finds the matches of an expression around its atoms that begin at one node.

    Shared by threads.
    """

    def __init__(
        self,
        part: RegexpPart,
        node: Node | None,
        forward: tuple[Program, Mapping[Node, int]],
        backward: tuple[Program, Mapping[Node, int]],
    ) -> None:
        self._fullword = part.fullword
        self._greedy = part.greedy
        self._runs = [
            _Run(
                Forward(part, node, *forward, wide=wide),
                Backward(part, node, *backward, wide=wide) if node else None,
                # libyara forgets that characters are wide if nothing comes before.
                wide_words=wide and node is not None,
            )
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
        if any(run.backward is not None for run in self._runs):
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
        if run.backward is None and not self._fullword:
            return [(offset, length)]
        befores = run.backward.lengths(data, offset, deadline) if run.backward else [0]
        return [
            (offset - before, before + length)
            for before in befores
            if not self._fullword
            or stands_alone(data, offset - before, offset + length, wide=run.wide_words)
        ]


def _tagged(number: int, matches: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Offsets and lengths of matches, with the number of the run that has found them."""
    return ((offset, number, length) for offset, length in matches)


class _Run(NamedTuple):
    """Matching with characters of one size."""

    forward: Forward
    backward: Backward | None
    wide_words: bool
    """Whether neighbouring characters have two bytes."""
