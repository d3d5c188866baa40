"""What an explanation says, as data that cannot be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from miniyara.values import Scalar, Undefined

Value: TypeAlias = Scalar | Undefined | None
"""What a node was.  None: it has no value that could be shown, and its ``note`` says why."""

Needed: TypeAlias = int | Literal["all", "none"] | None
"""How many have to hold; None if the percentage is undefined, and so the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many strings, rules or iterations hold, and how many have to."""

    needed: Needed
    holding: int
    total: int
    """Of a loop: iterations until its outcome was certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """One round of a loop."""

    number: int
    """Counted from 0: in a loop over an array, the index of the item."""
    variables: tuple[tuple[str, Value], ...]
    """Names and values of its variables; ``$`` and the name of a string in a loop over
    strings.  Structures of a module have no value."""
    body: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of a condition, and what it was."""

    kind: str
    """What it is: ``and``, ``comparison``, ``string``, ...; docs/explain.md lists them."""
    text: str
    """Its source on one line, without comments; the end of a long one is cut off."""
    value: Value
    """Its value; of a long text the beginning."""
    holds: bool
    """Whether it counts as true."""
    length: int | None = None
    """Bytes of the text of which ``value`` is the beginning; None if it is whole."""
    note: str = ""
    """Why there is no value."""
    string: str | None = None
    """The string of the rule that it asks about."""
    count: Count | None = None
    """Of ``of`` and ``for``."""
    parts: tuple[Node, ...] = ()
    """What it is made of."""
    omitted: int = 0
    """How many parts are left out of ``parts``, because there are too many."""
    iterations: tuple[Iteration, ...] = ()
    """Of a loop, some iterations in which its body holds and some in which it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What would have to be otherwise for a rule to match."""

    text: str
    """The source of the part of the condition that it is about."""
    reason: str
    """What is wrong with it, in words."""
    where: str = ""
    """The iteration of a loop that it is about: ``i = 3``."""
    join: Literal["all", "any"] | None = None
    """Whether all ``parts`` would have to be otherwise, or any of them would do."""
    parts: tuple[Need, ...] = ()
    strings: tuple[str, ...] = ()
    """Strings that were not found where they are wanted."""
    more: int | None = None
    """How many more of ``strings``, or of the rules or iterations, it would take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a string was found, and the bytes around."""

    offset: int
    length: int
    """Bytes."""
    xor_key: int
    """The key (0 to 255) of a string with ``xor``."""
    view_start: int
    """The offset of the first byte of ``view``, a multiple of 16."""
    view: bytes
    """Whole rows of 16 bytes, if the data have them, in which the match begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Where a text is that does not count, because of its modifiers or its place."""

    offset: int
    how: str
    """``within a word``, ``in another case``, ``at another place``, ``as wide characters`` or
    ``as plain characters``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedString:
    """A string of the rule, found or not."""

    identifier: str
    """Its name with the dollar sign."""
    text: str
    """Its declaration; the end of a long one is cut off."""
    count: int
    """How often it was found.  Of a string that is asked for at one fixed offset alone, and
    nowhere else, other places do not count."""
    places: tuple[Place, ...]
    """The first of them."""
    near_miss: NearMiss | None
    """Of a text that was not found, the nearest thing in the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a rule matches, or does not."""

    rule: str
    namespace: str
    matches: bool
    """The verdict of a scan."""
    condition: Node
    """The condition; it holds if the rule matches, and else only if a global rule does not."""
    strings: tuple[ExplainedString, ...]
    missing: Need | None
    """What would have to be otherwise; None if the rule matches."""
    unmet_globals: tuple[str, ...]
    """The global rules of its namespace that do not match, without which no rule does."""
    rules: tuple[Explanation, ...] = ()
    """The rules that it depends on, each once: those that its condition names, those that
    they name in turn, and the unmet global ones.  They have none of their own here."""

    def to_dict(self) -> dict[str, Any]:
        """Return what :func:`json.dumps` takes; docs/explain.md describes the shape."""
        from miniyara.explaining.plain import as_dict  # noqa: PLC0415 - it needs this module

        return as_dict(self)
