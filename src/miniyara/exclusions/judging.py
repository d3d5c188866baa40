"""Which files are skipped and which hits are known good.

The exclusions of a file are asked in its order, and the first one that holds is the one
that counts.  Those behind it and those that are expired are asked all the same, for what
they would have done is in the summary.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from miniyara.exclusions.exclusion import SKIP, Exclusion, Finding
from miniyara.exclusions.host import Host, OtherHost
from miniyara.exclusions.loading import load_file
from miniyara.exclusions.subject import Subject
from miniyara.exclusions.summary import ExclusionSummary, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from miniyara.hunting.record import FileFacts, HitRecord, Suppression


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one exclusion says of one hit."""

    exclusion: Exclusion
    is_expired: bool
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether the hit is known good, as far as this exclusion knows."""
        return not self.is_expired and all(finding.holds for finding in self.findings)

    @property
    def is_about_the_rule(self) -> bool:
        """Whether its rule side holds."""
        return all(finding.holds for finding in self.findings if finding.key.startswith("rule."))


class Exclusions:
    """Judges files and hits; what a scan is given (``hunting.judge.Judge``)."""

    def __init__(
        self,
        exclusions: Iterable[Exclusion],
        *,
        context: Iterable[str] = (),
        root: str | None = None,
        host: str | None = None,
        now: datetime | None = None,
    ) -> None:
        self.exclusions: Final = tuple(exclusions)
        self.today: Final = (now or datetime.now(timezone.utc)).astimezone(timezone.utc).date()
        self._processes = frozenset(context)
        self.host_name: Final = socket.gethostname() if host is None else host
        self._host = Host(root)
        self._tallies = {each.id: Tally(each) for each in self.exclusions}
        self._skipping = [each for each in self.exclusions if each.action == SKIP]

    def skips(self, file: FileFacts) -> Suppression | None:
        """Say why a file is not to be opened; None if it is to be scanned."""
        if not self._skipping:
            return None
        subject = Subject(file, self._host, self.host_name, self._processes)
        for each in self._skipping:
            if not each.is_expired(self.today) and each.holds(subject):
                self._tallies[each.id].skipped += 1
                return each.suppression()
        return None

    def judge(self, hits: Sequence[HitRecord]) -> Sequence[HitRecord]:
        """Return the hits of one file, with ``suppression`` set where they are known good."""
        return [self._judged(hit, subject) for hit, subject in self._subjects(hits)]

    def explain(self, hits: Sequence[HitRecord]) -> list[tuple[HitRecord, list[Opinion]]]:
        """Return for each hit of one file what each exclusion says of it; nothing is counted."""
        return [
            (
                hit,
                [
                    Opinion(each, each.is_expired(self.today), each.findings(subject))
                    for each in self.exclusions
                ],
            )
            for hit, subject in self._subjects(hits)
        ]

    def summary(self) -> ExclusionSummary:
        """Return what was decided until now."""
        return ExclusionSummary(
            self.today, tuple(replace(tally) for tally in self._tallies.values())
        )

    def _judged(self, hit: HitRecord, subject: Subject) -> HitRecord:
        suppression: Suppression | None = None
        for each in self.exclusions:
            if not each.holds(subject):
                continue
            tally = self._tallies[each.id]
            if each.is_expired(self.today):
                tally.expired += 1
            elif suppression is None:
                suppression = each.suppression()
                tally.suppressed += 1
            else:
                tally.shadowed += 1
        return replace(hit, suppression=suppression)

    def _subjects(self, hits: Sequence[HitRecord]) -> Iterator[tuple[HitRecord, Subject]]:
        for hit in hits:
            host = self._host if hit.host == self.host_name else OtherHost()
            others = frozenset(other.rule for other in hits) - {hit.rule}
            yield hit, Subject(hit.file, host, hit.host, self._processes, hit, others)


def load(
    path: str,
    *,
    context: Iterable[str] = (),
    root: str | None = None,
    host: str | None = None,
    now: datetime | None = None,
) -> Exclusions:
    """Load a file of exclusions as the judge of a scan.

    ``context`` are the names of the processes in whose context the files were met
    (``ansible-playbook``).  ``root`` is a folder that stands for the root of the machine,
    ``host`` the machine's name; by default this machine's.  ``now`` decides what is
    expired; it has a time zone.

    Raises :class:`ExclusionError` with all that is wrong with the file, and
    :class:`miniyara.Error` if the package is missing that reads it.
    """
    exclusions = load_file(path).exclusions
    return Exclusions(exclusions, context=context, root=root, host=host, now=now)
