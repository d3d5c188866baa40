"""The thread machine: runs a program in time linear in the data.

It is libyara's (``yr_re_exec`` and ``_yr_re_fiber_sync`` in ``re.c``), including its
limit on threads, and its habit of dropping a thread that comes to a split for the
second time without having taken a byte.  What the threads do at a byte depends on
nothing but the threads and the byte, so it is worked out once and kept: the machine
turns into a deterministic automaton where data keeps taking it the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara import limits
from miniyara.errors import Error
from miniyara.patterns.bounds import repeats_nothing, threads
from miniyara.patterns.program import (
    Again,
    Check,
    Enter,
    Goto,
    Instruction,
    Match,
    Program,
    Skip,
    Split,
    Take,
)
from miniyara.patterns.tree import WORD, Node, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.deadline import Deadline

IS_WORD: Final = bytes(WORD >> byte & 1 for byte in range(256))
"""By byte, whether it is a letter, a digit or an underscore."""

END: Final = 256
"""The symbol behind the last byte of the data (backwards: before the first)."""
CLIPPED: Final = 257
"""The symbol where a match may not go on, before a byte that is no word character."""
CLIPPED_AT_WORD: Final = 258
"""The same before a word character."""

_MAX_KEPT: Final = 1_000_000
"""Threads, in all states together, after which a machine forgets what it has learnt."""

_MAX_CHECKS: Final = 16 * limits.RE_MAX_FIBERS
"""Places looked at between two bytes.

A loop that takes nothing, like ``(a|\\b|)+?``, would go on for ever, as it does in
libyara; mostly it breaks the limit on threads first.
"""


class Thread(NamedTuple):
    """Where one of the possible ways to match has come to."""

    place: int
    """The index of the instruction to do next."""
    taken: int
    """Bytes that the ``Skip`` there has taken; -1 if it has just been reached."""
    rounds: tuple[int, ...]
    """For each loop that the thread is in, the rounds that are done."""


class State:
    """The threads at one place of the data, by priority, and what becomes of them."""

    __slots__ = ("after_word", "at_start", "hit", "moves", "threads")

    def __init__(
        self, threads: tuple[Thread, ...], *, hit: bool, at_start: bool, after_word: bool
    ) -> None:
        self.threads = threads
        self.hit = hit
        """Whether a match was found before the byte that led here."""
        self.at_start = at_start
        self.after_word = after_word
        self.moves: dict[int, State] = {}


class Machine:
    """Runs a program from one of its entries.

    ``exhaustive`` finds the ends of all matches, else only those that libyara
    prefers over what it has found before.  ``searching`` begins a match anew at
    every byte but the last.  May be shared by threads.
    """

    def __init__(
        self,
        program: Program,
        entry: int,
        *,
        exhaustive: bool = False,
        searching: bool = False,
        backwards: bool = False,
    ) -> None:
        self._code = program.code
        self._entry = Thread(entry, -1, ())
        self._exhaustive = exhaustive
        self._searching = searching
        self._backwards = backwards
        self._checks_words = program.checks_words
        self._states: dict[tuple[object, ...], State] = {}
        self._kept = 0
        self._starts: dict[tuple[bool, bool], State] = {}
        self._arrivals: dict[Thread, tuple[tuple[Thread, ...], int]] = {}

    def start(self, *, at_start: bool, after_word: bool) -> State:
        """The state before the first byte.

        ``at_start`` says whether that is the start of the data, ``after_word``
        whether the byte before it (backwards: behind it) is a word character.
        """
        after_word = after_word and self._checks_words
        state = self._starts.get((at_start, after_word))
        if state is None:
            threads = self._follow(self._entry, 1)
            state = self._state(threads, hit=False, at_start=at_start, after_word=after_word)
            self._starts[at_start, after_word] = state
        return state

    def move(self, state: State, symbol: int, deadline: Deadline, *, last: bool = False) -> State:
        """The state after a byte, or after one of the symbols for there being none.

        ``last`` says that a search doesn't begin anew behind this byte.
        Raises :class:`miniyara.Error` if there are more threads than libyara allows.
        """
        deadline.check()
        hit = False
        checks = 0
        waiting = list(reversed(state.threads))
        threads: list[Thread] = []
        while waiting:
            thread = waiting.pop()
            place, _, rounds = thread
            instruction = self._code[place]
            if isinstance(instruction, (Take, Skip)):
                if symbol < END and instruction.accepts[symbol]:
                    if isinstance(instruction, Take):
                        thread = Thread(place + 1, -1, rounds)
                    threads += self._follow(thread, len(threads) + len(waiting) + 1)
            elif isinstance(instruction, Check):
                checks += 1
                if checks > _MAX_CHECKS:
                    raise Error("internal error: 46")
                if self._holds(instruction.where, state, symbol):
                    alive = len(threads) + len(waiting) + 1
                    following = self._follow(Thread(place + 1, -1, rounds), alive)
                    waiting.extend(reversed(following))
            else:
                hit = True
                if not self._exhaustive:
                    break
        if self._searching and symbol < END and not last:
            threads += self._follow(self._entry, len(threads) + 1)
        after_word = self._checks_words and symbol < END and bool(IS_WORD[symbol])
        following_state = self._state(threads, hit=hit, at_start=False, after_word=after_word)
        if not last:
            state.moves[symbol] = following_state
        return following_state

    def _state(
        self, threads: Iterable[Thread], *, hit: bool, at_start: bool, after_word: bool
    ) -> State:
        unique = tuple(dict.fromkeys(threads))
        key = (unique, hit, at_start, after_word)
        state = self._states.get(key)
        if state is None:
            state = State(unique, hit=hit, at_start=at_start, after_word=after_word)
            self._kept += len(unique) + 1
            if self._kept > _MAX_KEPT:
                self._kept = len(unique) + 1
                self._states, self._starts, self._arrivals = {}, {}, {}
            self._states[key] = state
        return state

    def _holds(self, where: Where, state: State, symbol: int) -> bool:
        if where is Where.START:
            return symbol == END if self._backwards else state.at_start
        if where is Where.END:
            return not self._backwards and symbol == END
        at_word = bool(IS_WORD[symbol]) if symbol < END else symbol == CLIPPED_AT_WORD
        return (state.after_word != at_word) == (where is Where.WORD_BOUNDARY)

    def _follow(self, thread: Thread, alive: int) -> tuple[Thread, ...]:
        """What a thread becomes: threads that wait for a byte or a place, by priority.

        ``alive`` is the number of threads of the whole machine.
        """
        known = self._arrivals.get(thread)
        if known is None:
            known = self._arrivals[thread] = _arrivals(self._code, thread)
        threads, most = known
        if alive + most - 1 > limits.RE_MAX_FIBERS:
            raise Error("internal error: 46")
        return threads


def _arrivals(code: Sequence[Instruction], thread: Thread) -> tuple[tuple[Thread, ...], int]:
    """What a thread becomes before it waits, and how many threads that takes on the way."""
    arrived: list[Thread] = []
    most = alive = 1
    # Each thread comes with the splits that were done on its way; None says that it
    # has arrived.
    pending: list[tuple[Thread, set[int] | None]] = [(thread, set())]
    while pending and most <= limits.RE_MAX_FIBERS:
        thread, splits = pending.pop()
        if splits is None:
            arrived.append(thread)
            continue
        instruction = code[thread.place] if thread.place >= 0 else None
        branches: list[tuple[Thread, set[int] | None]] = []
        if isinstance(instruction, (Take, Check, Match)):
            branches = [(thread, None)]
        elif isinstance(instruction, Skip):
            skipping = _skip(instruction, thread)
            if len(skipping) == 2:  # libyara starts afresh with the one that leaves
                splits = set()
            branches = [
                (branch, None if branch.place == thread.place else splits) for branch in skipping
            ]
        elif isinstance(instruction, Split):
            if instruction.number not in splits:
                splits.add(instruction.number)
                branches = [(branch, splits) for branch in _branch(instruction, thread)]
        elif instruction is not None:
            branches = [(branch, splits) for branch in _branch(instruction, thread)]
        alive += len(branches) - 1
        most = max(most, alive)
        pending.extend(reversed(branches))
    return tuple(arrived), most


def stays_small(rest: Node, program: Program, entry: int, *, spread: int = 0) -> bool:
    """Whether a machine surely keeps within libyara's limit on threads.

    ``rest`` is what is matched from the entry on, ``spread`` by how many bytes the
    times differ at which that is begun.
    """
    seen: set[int] = set()
    pending = _waiting_places(program.code, entry)
    branching = len(pending)
    while pending:
        seen |= pending
        following: set[int] = set()
        for place in pending:
            step = program.code[place]
            if not isinstance(step, Match):
                waiting = _waiting_places(program.code, place + 1)
                branching = max(branching, len(waiting) + isinstance(step, Skip))
                following |= waiting
        pending = following - seen
    most = threads(rest, spread) * branching
    return not repeats_nothing(rest) and most <= limits.RE_MAX_FIBERS


def _waiting_places(code: Sequence[Instruction], place: int) -> set[int]:
    """Where a thread that comes to a place may wait for a byte, or be finished."""
    waiting, seen = set(), set()
    pending = [place]
    while pending:
        place = pending.pop()
        if place in seen or place < 0:
            continue
        seen.add(place)
        match code[place]:
            case Take() | Check() | Match():
                waiting.add(place)
            case Skip():
                waiting.add(place)
                pending.append(place + 1)
            case Goto(target):
                pending.append(target)
            case Split(target=target) | Enter(past=target) | Again(start=target):
                pending += [place + 1, target]
    return waiting


def _skip(skip: Skip, thread: Thread) -> list[Thread]:
    """A thread at a ``Skip``: it stays, or goes on, or both."""
    taken = max(thread.taken, 0)
    staying = thread._replace(taken=taken + 1)
    leaving = Thread(thread.place + 1, -1, thread.rounds)
    if taken < skip.low:
        return [staying]
    if taken >= skip.high:
        return [leaving]
    return [staying, leaving] if skip.greedy else [leaving, staying]


def _branch(instruction: Split | Goto | Enter | Again, thread: Thread) -> list[Thread]:
    """The threads that a thread becomes at an instruction that takes nothing."""
    place, _, rounds = thread
    following = Thread(place + 1, -1, rounds)
    match instruction:
        case Goto():
            return [Thread(instruction.target, -1, rounds)]
        case Split():
            jumping = Thread(instruction.target, -1, rounds)
            return [following, jumping] if instruction.prefers_next else [jumping, following]
        case Enter():
            entering = Thread(place + 1, -1, (*rounds, 0))
            if instruction.low > 0:
                return [entering]
            passing = Thread(instruction.past, -1, rounds)
            return [entering, passing] if instruction.greedy else [passing, entering]
        case Again():
            done = rounds[-1] + 1
            repeating = Thread(instruction.start, -1, (*rounds[:-1], done))
            if done < instruction.low:
                return [repeating]
            leaving = Thread(place + 1, -1, rounds[:-1])
            if done >= instruction.high:
                return [leaving]
            return [repeating, leaving] if instruction.greedy else [leaving, repeating]
