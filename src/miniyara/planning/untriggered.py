"""The rules that no string triggers, indexed by what they ask first.

Most of them begin with the first bytes of the data (``uint16(0) == 0x5A4D``) or with
its size, so that one look rules out many.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miniyara.patterns.data import Data
    from miniyara.planning.admission import Gates
    from miniyara.values import Scalar


class Untriggered:
    """Finds the rules that can be true of some data; immutable, shared by threads."""

    def __init__(self, rules: Sequence[int], gates: Mapping[int, Gates]) -> None:
        self.numbers = tuple(rules)
        """The numbers of these rules."""
        self._by_place: defaultdict[tuple[int, int], defaultdict[bytes, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._by_external: defaultdict[str, defaultdict[Scalar, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        others = []
        for rule in rules:
            texts = gates[rule].texts if rule in gates else ()
            externals = gates[rule].externals if rule in gates else ()
            if externals:
                name, value = externals[0]
                self._by_external[name][value].append(rule)
            elif texts:
                for offset, text in min(texts, key=len):
                    self._by_place[offset, offset + len(text)][text].append(rule)
            else:
                others.append(rule)
        sizes = [gates[rule].sizes for rule in others if rule in gates]
        borders = {size.low for size in sizes} | {size.high + 1 for size in sizes}
        self._borders = sorted(borders - {0})
        """Sizes at which the rules that can be true change."""
        self._by_size = [
            [
                rule
                for rule in others
                if rule not in gates or gates[rule].sizes.low <= size <= gates[rule].sizes.high
            ]
            for size in (0, *self._borders)
        ]

    def rules(self, data: Data, externals: Mapping[str, Scalar]) -> set[int]:
        """The rules that can be true, and perhaps some that cannot."""
        found = set(self._by_size[bisect_right(self._borders, len(data))])
        for name, by_value in self._by_external.items():
            found.update(by_value.get(externals[name], ()))
        for (start, end), by_text in self._by_place.items():
            rules = by_text.get(data[start:end])
            if rules is not None:
                found.update(rules)
        return found
