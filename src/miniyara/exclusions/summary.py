"""What exclusions did in a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from miniyara.exclusions.exclusion import Exclusion


@dataclass(slots=True)
class Tally:
    """What one exclusion did."""

    exclusion: Exclusion
    suppressed: int = 0
    """Hits that carry its id."""
    skipped: int = 0
    """Files that were not opened."""
    shadowed: int = 0
    """Hits for which it held, but another one before it."""
    expired: int = 0
    """Hits for which it would hold, if its last day were not over."""


@dataclass(frozen=True, slots=True)
class ExclusionSummary:
    """What all exclusions of a file did, in its order."""

    today: date
    tallies: tuple[Tally, ...]

    def lines(self) -> Iterator[str]:
        """Yield a line for all, and one for each exclusion."""
        suppressed = sum(tally.suppressed for tally in self.tallies)
        skipped = sum(tally.skipped for tally in self.tallies)
        yield (
            f"exclusions: {_counted(suppressed, 'hit')} suppressed, "
            f"{_counted(skipped, 'file')} skipped"
        )
        width = max((len(tally.exclusion.id) for tally in self.tallies), default=0)
        for tally in self.tallies:
            yield f"  {tally.exclusion.id:{width}}  {self._said(tally)}"

    def _said(self, tally: Tally) -> str:
        if tally.exclusion.is_expired(self.today):
            would = (
                f"; {_counted(tally.expired, 'hit')} would be suppressed" if tally.expired else ""
            )
            return f"expired on {tally.exclusion.expires}{would}"
        said = []
        if tally.suppressed:
            said.append(f"{_counted(tally.suppressed, 'hit')} suppressed")
        if tally.skipped:
            said.append(f"{_counted(tally.skipped, 'file')} skipped")
        if tally.shadowed:
            said.append(f"{_counted(tally.shadowed, 'hit')} shadowed by exclusions before it")
        return ", ".join(said) or "unused"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
