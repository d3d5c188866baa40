"""Settings of the whole process, as yara-python has them."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Final, SupportsIndex

from miniyara import limits


@dataclass(slots=True)
class Config:
    """What :func:`set_config` sets; each value is read anew by every compile and scan."""

    stack_size: int = limits.STACK_SIZE
    """Accepted for yara-python's sake; our evaluation has no such stack."""
    max_strings_per_rule: int = limits.MAX_STRINGS_PER_RULE
    """A rule with more strings is refused."""
    max_match_data: int = limits.MAX_MATCH_DATA
    """Bytes of ``StringMatchInstance.matched_data``; longer matches are cut."""


CONFIG: Final = Config()
"""The settings in force."""


def set_config(
    stack_size: SupportsIndex = 0,
    max_strings_per_rule: SupportsIndex = 0,
    max_match_data: SupportsIndex = 0,
) -> None:
    """Change settings of the process; 0 leaves a setting as it is.

    Values are taken modulo 2**32, as yara-python takes them.  Raises TypeError
    for a value that is not an integer, and then changes nothing.
    """
    values = {
        "stack_size": operator.index(stack_size) & 0xFFFF_FFFF,
        "max_strings_per_rule": operator.index(max_strings_per_rule) & 0xFFFF_FFFF,
        "max_match_data": operator.index(max_match_data) & 0xFFFF_FFFF,
    }
    for name, value in values.items():
        if value:
            setattr(CONFIG, name, value)
