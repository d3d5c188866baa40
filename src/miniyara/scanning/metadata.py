"""The metadata of a rule as yara-python shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miniyara.analysis.program import CheckedRule


def metadata(rule: CheckedRule, *, allow_duplicates: bool = False) -> dict[str, Any]:
    """Return the metadata of a rule; of several values under a name the last one counts.

    With ``allow_duplicates`` there is a list of all values under each name.
    """
    if not allow_duplicates:
        return {meta.name: _plain(meta.value) for meta in rule.meta}
    lists: dict[str, Any] = {}
    for meta in rule.meta:
        lists.setdefault(meta.name, []).append(_plain(meta.value))
    return lists


def _plain(value: bytes | int | bool) -> str | int | bool:
    if isinstance(value, bytes):
        return value.partition(b"\0")[0].decode("utf-8", "ignore")
    if isinstance(value, bool):
        return value
    # yara-python hands integers over as C's int, the lower 32 bits.
    return (value + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
