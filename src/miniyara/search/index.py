"""What search knows of all strings of a set of rules: which anchors find them.

Everything is in columns (:mod:`miniyara.columns`), so that it can be kept in a file and
a sweep be made of it without an object for each anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.patterns.grams import Anchor, Grams
from miniyara.patterns.literal import LiteralPart

if TYPE_CHECKING:
    from miniyara.columns import Column, Lists
    from miniyara.patterns.pattern import Part, Pattern

FIRST: Final = 0
SECOND: Final = 1
"""The two stages of a sweep."""
NEVER_SWEPT: Final = 2
"""Stands for the stage of what is in none."""


@dataclass(frozen=True, slots=True)
class AnchorTable:
    """All anchors, each once, and the grams by which they are found."""

    texts: bytes
    """Their texts, one behind the other."""
    masks: bytes
    """Their masks, likewise."""
    starts: Column
    """By anchor, where it begins in these; at the end, their length."""
    grams: Lists
    """By anchor, the offsets of its grams: as many as its stride."""
    rarest: Column
    """By anchor, the offset of its rarest gram."""
    rarities: Column
    """By anchor, the rarity of the least rare of its grams."""
    stages: bytes
    """By anchor, a bit for each stage in which it is swept for."""

    def __len__(self) -> int:
        return len(self.stages)

    def anchor(self, number: int) -> Anchor:
        """The anchor of a number."""
        start, end = self.starts[number], self.starts[number + 1]
        return Anchor(self.texts[start:end], self.masks[start:end])

    def grams_of(self, number: int) -> Grams:
        """By which grams an anchor is found."""
        return Grams(tuple(self.grams[number]), self.rarities[number], self.rarest[number])

    def has_stage(self, stage: int) -> bool:
        """Whether there is anything to sweep for in a stage."""
        return any(stages & 1 << stage for stages in set(self.stages))


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Which anchors find which strings."""

    is_swept: bool
    """Whether anchors have been looked for; they are not if there are only a few strings."""
    anchors: AnchorTable
    owners: Lists
    """By anchor, the strings that may have a hit if it is found."""
    stage_of: bytes
    """By string, the stage that tells whether it is there."""
    representatives: Column
    """By string, the first that is like it.  Of the others, only this one has parts."""
    fixed: bytes
    """By string, 1 if there is only one offset to look at."""
    parts: Lists
    """By string, the numbers of its parts."""
    main: Column
    """By string, which of its parts it is found by: 1 for the first, 0 for none."""
    part_stages: bytes
    """By part, the stage in which its anchors are swept for."""
    part_anchors: Lists
    """By part, its anchors."""
    befores: Column
    """By anchor of a part, how many bytes before it a match begins: at most, for a literal
    exactly."""

    def __len__(self) -> int:
        return len(self.stage_of)

    def main_part(self, string: int) -> int | None:
        """The part by which a string is found."""
        first = self.representatives[string]
        place = self.main[first]
        return self.parts[first][place - 1] if place else None

    def fits(self, string: int, pattern: Pattern) -> bool:
        """Whether this can be the index of a string with this pattern."""
        parts = self.parts[self.representatives[string]]
        return len(parts) == len(pattern.parts) and all(map(self._fits_part, parts, pattern.parts))

    def _fits_part(self, number: int, part: Part) -> bool:
        if self.part_stages[number] == NEVER_SWEPT or not isinstance(part, LiteralPart):
            return True
        # Unless there are keys, there is an anchor for each variant of a text.
        return part.xor_keys is not None or len(self.part_anchors[number]) == len(part.needles)
