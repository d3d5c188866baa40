"""The plan of a set of rules: which of them to evaluate on which data."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miniyara.columns import Lists
    from miniyara.planning.admission import Gates
    from miniyara.planning.untriggered import Untriggered


class PlanningStep(enum.Flag):
    """What planning does; each can be left out."""

    TRIGGERS = enum.auto()
    """Evaluate rules only if one of the strings that they need may have a hit."""
    GLOBAL_RULES = enum.auto()
    """Evaluate the rules of a namespace only if its global rules can be true."""
    SIZES = enum.auto()
    """Look at ``filesize`` first."""
    FIXED_TEXTS = enum.auto()
    """Look at bytes at fixed offsets first."""
    EXTERNALS = enum.auto()
    """Look at external variables first."""

    ALL = TRIGGERS | GLOBAL_RULES | SIZES | FIXED_TEXTS | EXTERNALS


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rules to evaluate; immutable, shared by threads."""

    triggers: Lists
    """By string, the rules to evaluate if it may have a hit."""
    untriggered: Untriggered
    """The other rules, and those that strings which are not swept could trigger as well."""
    asked: Mapping[int, Sequence[int]]
    """By rule among the latter, the strings to ask for before it is evaluated: one of them
    or one that triggers it must have a hit."""
    gates: Mapping[int, Gates]
    """By rule, what to look at before it is evaluated."""
