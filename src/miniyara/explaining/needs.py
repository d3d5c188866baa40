"""What would have to be otherwise for a rule to match: the least that is worth saying."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from miniyara.explaining.explanation import Need
from miniyara.explaining.wording import computed, counted, fact, named, written
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.explaining.explanation import Count, Node

MOST_NAMES: Final = 10
"""Names of strings or rules in a reason."""


def needs_of(condition: Node, unmet_globals: Iterable[str]) -> Need:
    """Say why a rule does not match."""
    needs = [Need(text=name, reason="is global and does not match") for name in unmet_globals]
    if not condition.holds:
        needs.insert(0, _need(condition, wanted=True))
    return _joined(condition, needs, "all")


def _need(node: Node, *, wanted: bool) -> Need:
    """Say why a node is not what is wanted: true, or with ``wanted`` false, not true."""
    if node.note and not node.holds:
        return Need(text=node.text, reason=f"has no value: {node.note}")
    if node.kind in ("and", "or"):
        wrong = [_need(part, wanted=wanted) for part in node.parts if part.holds is not wanted]
        return _joined(node, wrong, "all" if (node.kind == "and") is wanted else "any")
    if node.kind == "not" and node.parts:
        return _need(node.parts[0], wanted=not wanted)
    if node.value is UNDEFINED:
        return Need(text=node.text, reason=f"is undefined{_values(node)}")
    if node.kind == "string":
        return _string(node, wanted=wanted)
    if node.count is not None:
        if not wanted:
            return Need(text=node.text, reason=counted(node, node.count))
        return (_iterations if node.kind == "for" else _members)(node, node.count)
    if node.kind == "rule":
        return Need(text=node.text, reason="matches" if node.holds else "does not match")
    return Need(text=node.text, reason=f"is {written(node.value)}{_values(node)}")


def _joined(node: Node, needs: list[Need], join: Literal["all", "any"]) -> Need:
    if len(needs) == 1 and not node.omitted:
        return needs[0]
    reason = "all of these have to change" if join == "all" else "one of these has to change"
    if node.omitted:
        reason += f" ({node.omitted} more parts are not shown)"
    return Need(text=node.text, reason=reason, join=join, parts=tuple(needs))


def _string(node: Node, *, wanted: bool) -> Need:
    assert node.string is not None
    if not wanted:
        return Need(text=node.text, reason=f"is found{_values(node)}")
    if node.text in (node.string, "$"):
        return Need(text=node.string, reason="is not found", strings=(node.string,))
    reason = f"is not found there{_values(node)}"
    return Need(text=node.text, reason=reason, strings=(node.string,))


def _members(node: Node, count: Count) -> Need:
    """Say how many more strings or rules it takes."""
    held = counted(node, count)
    if count.needed == "none":
        return Need(text=node.text, reason=held)
    more = _more(count)
    absent = [part for part in node.parts if part.kind in ("string", "rule") and not part.holds]
    names = _listed([part.text for part in absent])
    wanted = names if more == len(absent) and not node.omitted else f"{more} more of {names}"
    return Need(
        text=node.text,
        reason=f"{held}, missing: {wanted}",
        strings=tuple(part.string for part in absent if part.string is not None),
        more=more,
    )


def _listed(names: Sequence[str]) -> str:
    """Return names, of many of them the first."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _iterations(node: Node, count: Count) -> Need:
    """Say in how many more iterations the body would have to hold, and why it did not."""
    if count.total == 0:
        return Need(text=node.text, reason="there is nothing to go over")
    if count.needed == "none":
        return Need(text=node.text, reason=counted(node, count))
    failing = [
        (named(one), _need(one.body, wanted=True)) for one in node.iterations if not one.body.holds
    ]
    return Need(
        text=node.text,
        reason=counted(node, count),
        join="all" if count.needed == "all" else "any",
        parts=tuple(replace(need, where=name) for name, need in failing),
        more=_more(count),
    )


def _more(count: Count) -> int:
    needed = count.total if count.needed == "all" else count.needed
    assert isinstance(needed, int), "what is undefined does not come here"
    return needed - count.holding


def _values(node: Node) -> str:
    """Return what a node was made of, in parentheses."""
    members = ("string", "rule") if node.kind == "of" else ()
    facts = [fact(part) for part in computed(node.parts) if part.kind not in members]
    return f" ({', '.join(facts)})" if facts else ""
