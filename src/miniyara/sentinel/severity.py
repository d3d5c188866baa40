"""How severe a hit is, as the metadata of its rule says it.

Rule packs say it in words (``severity = "high"``) or as a number up to 100, which they call
``score`` (signature-base, YARA Forge) or ``severity`` (Elastic).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS: Final = ("severity", "score")

_WORDS: Final = {
    "informational": "Informational",
    "info": "Informational",
    "low": "Low",
    "medium": "Medium",
    "moderate": "Medium",
    "high": "High",
    "critical": "High",
    "severe": "High",
}

_STEPS: Final = ((80, "High"), (60, "Medium"), (40, "Low"), (0, "Informational"))
"""From which number on; the steps are those of signature-base's authors."""

DEFAULT: Final = "Medium"
"""The severity of a rule that says nothing of it."""


class Severity(NamedTuple):
    """What the rule says, in ASIM's words and in its own."""

    name: str
    """``Informational``, ``Low``, ``Medium`` or ``High``."""
    original: str | None = None
    risk: int | None = None
    """A number from 0 to 100, if the rule has one."""


def severity(meta: Mapping[str, object]) -> Severity:
    """Find the severity in the metadata of a rule."""
    by_name = {name.lower(): value for name, value in meta.items()}
    for key in _KEYS:
        value = by_name.get(key)
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
        word = text.strip().lower()
        if word in _WORDS:
            return Severity(_WORDS[word], text)
        if word.isascii() and word.isdigit() and len(word) <= 3 and int(word) <= 100:
            risk = int(word)
            return Severity(next(name for least, name in _STEPS if risk >= least), text, risk)
    return Severity(DEFAULT)
