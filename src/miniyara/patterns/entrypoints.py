"""What is matched from an atom: the part of a tree before it, and the part from it on.

An atom begins at a byte that every match has, so it is never inside what may be
left out.
"""

from __future__ import annotations

from miniyara.patterns.tree import Alternation, Concatenation, Node, Plus, Repeat, Star


def rest_from(root: Node, start: Node) -> Node:
    """What is matched from a byte of a tree on, that byte included."""
    rest = _rest(root, start)
    assert rest is not None  # the byte is in the tree
    return rest


def part_before(root: Node, end: Node) -> Node:
    """What is matched before a byte of a tree."""
    before = _before(root, end)
    assert before is not None  # the byte is in the tree
    return before


def _rest(root: Node, start: Node) -> Node | None:
    match root:
        case Concatenation():
            for place, item in enumerate(root.items):
                rest = _rest(item, start)
                if rest is not None:
                    return Concatenation((rest, *root.items[place + 1 :]))
            return None
        case Alternation():
            rests = (_rest(branch, start) for branch in root.branches)
            return next((rest for rest in rests if rest is not None), None)
        case Plus():
            rest = _rest(root.item, start)
            return rest and Concatenation((rest, Star(root.item, root.greedy)))
        case Repeat():
            rest = _rest(root.item, start)
            more = Repeat(root.item, root.low - 1, root.high - 1, root.greedy)
            return rest and Concatenation((rest, more))
    return root if root is start else None


def _before(root: Node, end: Node) -> Node | None:
    match root:
        case Concatenation():
            for place, item in enumerate(root.items):
                before = _before(item, end)
                if before is not None:
                    return Concatenation((*root.items[:place], before))
            return None
        case Alternation():
            befores = (_before(branch, end) for branch in root.branches)
            return next((before for before in befores if before is not None), None)
        case Plus():
            before = _before(root.item, end)
            return before and Concatenation((Star(root.item, root.greedy), before))
        case Repeat():
            # The atom is taken to be in the first round.
            return _before(root.item, end)
    return Concatenation(()) if root is end else None
