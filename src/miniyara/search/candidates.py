"""Which strings can have a hit at all: one pass over the data answers for most.

For each string there is a set of atoms, short texts of which one must be in the data
wherever the string has a hit.  A sweep (:mod:`miniyara.search.sweep`) tells which
atoms are there; the strings without one have no hit, and nobody looks for them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from miniyara.patterns.atoms import case_variants
from miniyara.patterns.literal import LiteralPart
from miniyara.search import sweep
from miniyara.search.haystack import Haystack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Part
    from miniyara.search.searcher import SearchString

_FEW: Final = 16
"""Up to so many strings each is searched for when it is asked for: ``bytes.find`` runs
at gigabytes a second, a sweep at tens of megabytes."""

_MIN_LENGTH: Final = 2
"""Bytes of an atom that is worth looking for; a single byte is nearly always there."""


class CandidateFilter:
    """Tells which strings are worth searching for; immutable, shared by threads."""

    def __init__(self, strings: Sequence[SearchString], backend: str | None) -> None:
        self._always: set[int] = set()
        self._by_atom: defaultdict[bytes, list[int]] = defaultdict(list)
        self._by_place: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)
        make_sweep = sweep.find(backend)
        for index, string in enumerate(strings):
            self._add(index, string)
        self._sweep = None
        if len(strings) > _FEW:
            self._sweep = make_sweep(list(self._by_atom))

    def sweep(self, data: Data, deadline: Deadline) -> tuple[Haystack, set[int] | None]:
        """Sweep the data; what was found, and the strings that may have a hit.

        Instead of the strings None if that may be any of them.
        """
        if self._sweep is None:
            return Haystack(data, None, ()), None
        places = self._sweep.places(data, deadline)
        found = self._always.copy()
        for (offset, text), indexes in self._by_place.items():
            if data[offset : offset + len(text)] == text:
                found.update(indexes)
        for atom in (*places, *places.common):
            found.update(self._by_atom[atom])
        return Haystack(data, places, self._by_atom), found

    def _add(self, index: int, string: SearchString) -> None:
        parts = string.pattern.parts
        first = parts[0]
        if string.fixed_offset is not None and isinstance(first, LiteralPart):
            places = _plain_texts(first)
            if len(parts) == 1 and places is not None:
                for text in places:
                    self._by_place[string.fixed_offset, text].append(index)
                return
        choices = [atoms for part in parts if (atoms := needed_texts(part))]
        if not choices:
            self._always.add(index)
            return
        # Of a chain all parts must be there, so the one that is hardest to find will do.
        for atom in max(choices, key=lambda atoms: (min(map(len, atoms)), -len(atoms))):
            self._by_atom[atom].append(index)


def _plain_texts(part: LiteralPart) -> list[bytes] | None:
    """The texts themselves, if neither case nor a key changes them."""
    if part.nocase or part.xor_keys is not None:
        return None
    return [needle.text for needle in part.needles]


def needed_texts(part: Part) -> set[bytes] | None:
    """Texts of which one is wherever the part is; None if there are none worth looking for."""
    atoms: set[bytes] = set()
    if not isinstance(part, LiteralPart):
        atoms.update(entry.atom for entry in part.entries)
    elif part.xor_keys is not None:
        low, high = part.xor_keys
        for key in range(low, high + 1):
            under_key = bytes(byte ^ key for byte in range(256))
            atoms.update(needle.atom.text.translate(under_key) for needle in part.needles)
    else:
        for needle in part.needles:
            atoms.add(needle.atom.text)
            if part.nocase:
                atoms.update(case_variants(needle.atom.text))
    return atoms if min(map(len, atoms), default=0) >= _MIN_LENGTH else None
