"""``fuzz``: generated rules and data through both engines.

Sources are drawn by Hypothesis in batches, several pieces of data for each.  A
batch depends on nothing but the seed and its number, and is never cut short.  When
the engines disagree, Hypothesis shrinks the pair before it is shown.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from miniyara.testing.agreement import Comparison, compare
from miniyara.testing.commands import arguments
from miniyara.testing.outcome import text_of
from miniyara.testing.strategies import broken, data_for, externals, sources

if TYPE_CHECKING:
    import argparse

    from miniyara.terminal import Terminal
    from miniyara.testing.strategies.drawing import Draw

BATCH: Final = 50
"""Sources that Hypothesis draws in one go."""

DATA_PER_SOURCE: Final = 10
"""Pieces of data that are scanned with one source."""

_FLOAT: Final = re.compile(r"\d\.\d")

_ACCIDENT: Final = re.compile(r'"0x[0-9a-f.]+p[+-]\d+"|range lower bound')
"""What libyara says of a float as a quantifier or as a bound.  It looks at a number
that it never stored, so what it says depends on what its memory held."""

_TOO_MANY_THREADS: Final = "internal error: 46"
"""How a scan ends in libyara where a regular expression needs too many threads, even if
no condition asks for it; here it ends only where one asks."""

_BROKEN: Final = st.sampled_from([False, False, True])
_FAST: Final = st.sampled_from([False] * 7 + [True])


@dataclass(slots=True)
class Tally:
    """What was done so far; pairs that Hypothesis tries while shrinking don't count."""

    pairs: int = 0
    """Pieces of data that both engines scanned with an accepted source."""
    matching: int = 0
    """Pairs for which a rule matched."""
    accepted: int = 0
    """Sources that the reference accepts."""
    refused: int = 0
    """Sources that the reference refuses, though they were meant to be valid."""
    broken: int = 0
    """Sources spoilt on purpose."""
    disagreements: int = 0

    def add(self, comparison: Comparison) -> None:
        """Count a pair."""
        self.pairs += 1
        self.matching += bool(comparison.expected.rules)

    def __str__(self) -> str:
        share = 100 * self.matching / max(1, self.pairs)
        return (
            f"{self.pairs:,} pairs ({share:.0f}% with a match) of {self.accepted:,} sources, "
            f"{self.refused:,} refused, {self.broken:,} broken, "
            f"{self.disagreements:,} disagreements"
        )


class Fuzzer:
    """Runs batches until there were enough pairs or the time is over."""

    def __init__(self, count: int, seed: int, seconds: float, terminal: Terminal) -> None:
        self.tally = Tally()
        self._count = count
        self._seed = seed
        self._end = time.monotonic() + seconds
        self._terminal = terminal
        self._found: Comparison | None = None

    @property
    def is_done(self) -> bool:
        """Whether there were enough pairs or the time is over."""
        return self.tally.pairs >= self._count or time.monotonic() > self._end

    def batch(self, number: int) -> Comparison | None:
        """Run a batch; return its smallest disagreement, or None."""
        self._found = None

        @seeded(self._seed + number * 1_000_003)
        @settings(
            max_examples=BATCH,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def examine(data: st.DataObject) -> None:
            self._examine(data.draw)

        try:
            examine()
        except (AssertionError, Flaky):
            if self._found is None:
                raise
            self.tally.disagreements += 1
        return self._found

    def _examine(self, draw: Draw) -> None:
        known = draw(externals())
        source = draw(sources(known))
        if draw(_BROKEN):
            (comparison,) = compare(draw(broken(text_of(source))), [b""], externals=known)
            if not _is_accident(comparison):
                self._judge(comparison)
            self.tally.broken += self._found is None
            return
        suitable = data_for(source)
        many_data = (draw(suitable) for _ in range(DATA_PER_SOURCE))
        for position, comparison in enumerate(
            compare(source, many_data, externals=known, fast=draw(_FAST))
        ):
            if not _fails_unasked(comparison):
                self._judge(comparison)
            if self._found is None:
                self._count_pair(comparison, is_first=position == 0)
            if not comparison.is_accepted:
                return

    def _judge(self, comparison: Comparison) -> None:
        if not comparison.agrees:
            self._found = comparison
            comparison.check()

    def _count_pair(self, comparison: Comparison, *, is_first: bool) -> None:
        if not comparison.is_accepted:
            self.tally.refused += 1
            return
        self.tally.accepted += is_first
        self.tally.add(comparison)
        self._terminal.progress(f"{self.tally} ...")


def _fails_unasked(comparison: Comparison) -> bool:
    error = comparison.expected.error or ""
    return error.endswith(_TOO_MANY_THREADS) and comparison.actual.error is None


def _is_accident(comparison: Comparison) -> bool:
    has_float = _FLOAT.search(comparison.source) is not None
    return has_float and _ACCIDENT.search(comparison.expected.error or "") is not None


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "fuzz",
        help="compare the engines on generated rules and data",
        description="Compare miniyara with libyara on generated rules and data. "
        "Exit status 1 if they disagree; then the smallest pair found is printed as a test.",
    )
    parser.add_argument(
        "--count",
        type=arguments.positive,
        default=10_000,
        help="pairs to scan at least (10000)",
    )
    parser.add_argument("--seed", type=int, help="repeat the run that had this seed")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="begin nothing new after this time"
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="go on after the first disagreement"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    seed = options.seed if options.seed is not None else time.time_ns() % 2**32
    terminal.say(f"seed {seed}")
    fuzzer = Fuzzer(options.count, seed, options.seconds, terminal)
    number = 0
    try:
        while not fuzzer.is_done and (options.keep_going or not fuzzer.tally.disagreements):
            found = fuzzer.batch(number)
            number += 1
            if found is not None:
                terminal.say(f"\n{found.report()}\n\n{found.as_test()}\n")
    finally:
        terminal.say(f"{fuzzer.tally}, seed {seed}")
    return 1 if fuzzer.tally.disagreements else 0
