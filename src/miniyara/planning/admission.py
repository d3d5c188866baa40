"""Gates, as the plan has them: which data and externals a rule admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.patterns.data import Data
    from miniyara.values import Scalar


class FixedText(NamedTuple):
    """Bytes that are at a fixed offset."""

    offset: int
    text: bytes


class Equality(NamedTuple):
    """An external that has a value."""

    name: str
    value: Scalar


class SizeRange(NamedTuple):
    """The size of the data, in bytes, from ``low`` to ``high``."""

    low: int
    high: int


OneOfTexts: TypeAlias = "tuple[FixedText, ...]"
"""Texts of which one must be at its place."""

Gate: TypeAlias = "SizeRange | Equality | OneOfTexts"


class Gates(NamedTuple):
    """All gates of a rule."""

    sizes: SizeRange
    texts: tuple[OneOfTexts, ...] = ()
    externals: tuple[Equality, ...] = ()

    def admit(self, data: Data, externals: Mapping[str, Scalar]) -> bool:
        """Whether the rule can be true."""
        if not self.sizes.low <= len(data) <= self.sizes.high:
            return False
        for texts in self.texts:
            if not any(data[at : at + len(text)] == text for at, text in texts):
                return False
        return all(externals[name] == value for name, value in self.externals)
