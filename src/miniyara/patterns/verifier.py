"""From an atom that was found to the matches around it.

Follows ``_yr_scan_verify_re_match`` in libyara's ``scan.c``: from the atom forwards
to the end that libyara prefers, and if there is one, backwards to all starts.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from miniyara.patterns.directions import Backward, Forward
from miniyara.patterns.program import compile_program
from miniyara.patterns.words import stands_alone

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
        self._runs = [
            (
                Forward(part, node, *forward, wide=wide),
                Backward(part, node, *backward, wide=wide) if node else None,
                # libyara forgets that characters are wide if nothing comes before.
                wide and node is not None,
            )
            for wide, runs in ((False, part.runs_narrow), (True, part.runs_wide))
            if runs
        ]

    def places(self, data: Data, low: int, high: int, deadline: Deadline) -> Iterator[int]:
        """Offsets from ``low`` to before ``high``, in order, where matches may be found."""
        streams = [forward.places(data, low, high, deadline) for forward, _, _ in self._runs]
        return streams[0] if len(streams) == 1 else heapq.merge(*streams)

    def matches(self, data: Data, offset: int, deadline: Deadline) -> Iterator[tuple[int, int]]:
        """Offsets and lengths of the matches around the atom at ``offset``, in libyara's order."""
        for forward, backward, wide in self._runs:
            length = forward.length(data, offset, deadline)
            if length < 0:
                continue
            end = offset + length
            for before in backward.lengths(data, offset, deadline) if backward else [0]:
                start = offset - before
                if not self._fullword or stands_alone(data, start, end, wide=wide):
                    yield start, end - start
