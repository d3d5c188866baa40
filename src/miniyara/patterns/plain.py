"""libyara's matcher for hex strings without alternatives.

It goes through the program once and keeps a list of all places up to which the data
may have been matched.  In the end the first place in the list counts.  That is the
nearest one, unless several jumps have mixed the list up; then the very steps of
``yr_re_fast_exec`` in libyara's ``re.c`` decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.patterns.program import Instruction, Program, Skip, Take

if TYPE_CHECKING:
    from miniyara.deadline import Deadline

_MAX_LISTED: Final = 256
"""Places in a list after which its order is no longer followed backwards.

libyara's lists then have the same places many times, up to exhausting memory.
"""


def plain_matches(
    program: Program, entry: int, symbols: bytes, deadline: Deadline, *, backwards: bool
) -> list[int]:
    """Up to where ``symbols`` match; forwards, libyara takes the first of these places."""
    places = [0]
    for index, step in enumerate(program.code[entry:], entry):
        if isinstance(step, Take):
            accepts = step.accepts
            places = [
                place + 1 for place in places if place < len(symbols) and accepts[symbols[place]]
            ]
        elif isinstance(step, Skip):
            deadline.check()
            if len(places) == 1:
                places = [*_reachable(places[0], step, len(symbols))]
                if backwards:
                    places[1:] = reversed(places[1:])
                continue
            keeps_order = not backwards and step.low in {0, step.high}
            if (backwards and len(places) > _MAX_LISTED) or (
                keeps_order and places == sorted(places)
            ):
                places = _skip_at_once(places, step, len(symbols))
            else:
                following = program.code[index + 1]
                places = _skip_in_turn(places, step, symbols, following, backwards=backwards)
        if not places:
            break
    return places


def keeps_order(program: Program, entry: int) -> bool:
    """Whether forwards the nearest place is always the first."""
    jumps = [
        step for step in program.code[entry:] if isinstance(step, Skip) and step.low < step.high
    ]
    return all(jump.low == 0 for jump in jumps[1:])


def _reachable(place: int, skip: Skip, limit: int) -> range:
    """The places that a jump leads to; at least one byte must be left for what follows."""
    return range(place + skip.low, min(place + skip.high + 1, limit))


def _skip_at_once(places: list[int], skip: Skip, limit: int) -> list[int]:
    """The places that a jump leads to from all of these, in order."""
    # As bits of a number: "or" shifted copies, twice as many each time.
    reached, width = sum(1 << place for place in set(places)) << skip.low, 1
    while width <= skip.high - skip.low:
        step = min(width, skip.high - skip.low + 1 - width)
        reached |= reached << step
        width += step
    return [place for place in range(limit) if reached >> place & 1]


def _skip_in_turn(
    places: list[int],
    skip: Skip,
    symbols: bytes,
    following: Instruction,
    *,
    backwards: bool,
) -> list[int]:
    """The places that a jump leads to, in the order in which libyara's list has them."""
    needed = following.accepts if isinstance(following, Take) else b""
    is_literal = needed.count(1) == 1
    listed = [(place, False) for place in places]  # and whether the jump has been done
    turn = 0
    while turn < len(listed):
        place, is_done = listed[turn]
        if is_done:
            turn += 1
            continue
        reached = _reachable(place, skip, len(symbols))
        if not reached:
            del listed[turn]
            continue
        spot = turn
        for far in reached[1:]:
            while spot + 1 < len(listed) and (
                listed[spot + 1][0] >= far if backwards else listed[spot + 1][0] <= far
            ):
                spot += 1
            if listed[spot] != (far, True) and not (is_literal and not needed[symbols[far]]):
                listed.insert(spot + 1, (far, True))
        listed[turn] = (reached[0], True)
    return [place for place, _ in listed]
