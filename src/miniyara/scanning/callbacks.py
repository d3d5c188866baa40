"""The contract between a scan and the caller's callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypedDict

from miniyara.scanning.arguments import c_long

if TYPE_CHECKING:
    from miniyara.scanning.match import StringMatch

CALLBACK_CONTINUE: Final = 0
"""A callback's answer: go on.  Any answer that is not an integer means the same."""
CALLBACK_ABORT: Final = 1
"""A callback's answer: end the scan and return the matches so far."""
CALLBACK_ERROR: Final = 2
"""A callback's answer: the scan fails.  yara-python has no public name for it."""

CALLBACK_MATCHES: Final = 1
"""For ``which_callbacks``: call back for rules that match."""
CALLBACK_NON_MATCHES: Final = 2
"""For ``which_callbacks``: call back for rules that do not match."""
CALLBACK_ALL: Final = CALLBACK_MATCHES | CALLBACK_NON_MATCHES
"""For ``which_callbacks``: call back for every rule."""

CALLBACK_TOO_MANY_MATCHES: Final = 6
"""What the warnings callback is told about a string that is found too often."""


class RuleReport(TypedDict):
    """What the rule callback is told about one rule."""

    matches: bool
    rule: str
    namespace: str
    tags: list[str]
    meta: dict[str, Any]
    strings: list[StringMatch]


class RuleString(NamedTuple):
    """Names one string; what the warnings callback is told it about."""

    namespace: str
    rule: str
    string: str


RuleCallback: TypeAlias = Callable[[RuleReport], object]
ModulesCallback: TypeAlias = Callable[[dict[str, Any]], object]
WarningsCallback: TypeAlias = Callable[[int, RuleString], object]
ConsoleCallback: TypeAlias = Callable[[str], object]


def answer(result: object) -> int:
    """Return what a callback's result means: an integer is an answer, the rest is "go on".

    Of an integer the lower 32 bits count; raises OverflowError for one of more than 64.
    """
    if not isinstance(result, int):
        return CALLBACK_CONTINUE
    return (c_long(result) + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
