"""A scan of many files from its start to its end, as a stream of events."""

from __future__ import annotations

import socket
import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

from miniyara.hunting.events import (
    Counts,
    Event,
    ScanEnd,
    ScanStart,
    SkippedFile,
    SkipReason,
    UnreadableFile,
)
from miniyara.hunting.facts import HERE, Names, file_facts
from miniyara.hunting.inspection import Inspected, Inspection, lost
from miniyara.hunting.record import HitRecord
from miniyara.hunting.walk import START, STDIN, Found, Position, Skipped, Unreadable, Walk
from miniyara.scanning.many import do_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from miniyara.hunting.journal import Journal
    from miniyara.hunting.judge import Judge
    from miniyara.hunting.record import Suppression
    from miniyara.scanning.rules import Rules
    from miniyara.values import Scalar


@dataclass(frozen=True, slots=True)
class HuntOptions:
    """How a scan is done."""

    targets: tuple[str, ...]
    """As they were given, for the record."""
    walk: Walk = field(default_factory=Walk)
    externals: Mapping[str, Scalar] | None = None
    fast: bool = False
    timeout: int = 0
    """Seconds for each file; 0 means none."""
    names: Names = HERE
    """Of the users and groups to whom the files belong."""
    workers: int | None = None
    """As for :func:`miniyara.scan_many`."""
    version: str = ""
    """Of miniyara, for the record."""


@dataclass(frozen=True, slots=True)
class _Excluded:
    """A file that an exclusion leaves out."""

    position: Position
    path: str
    suppression: Suppression


_Ahead: TypeAlias = "Found | Unreadable | Skipped | _Excluded"


class Hunt:
    """One scan; what it has come to can be asked for at any time."""

    def __init__(
        self,
        rules: Rules,
        options: HuntOptions,
        *,
        judge: Judge | None = None,
        journal: Journal | None = None,
        note: Callable[[str, str], object] = lambda _path, _text: None,
    ) -> None:
        """Make a scan ready.

        ``judge``: says what is known good.  ``journal``: what was done before, and what is
        done from now on.  ``note``: told, with the path of the file, of strings that are
        found too often and of what rules print.
        """
        self._rules = rules
        self._options = options
        self._judge = judge
        self._journal = journal
        self._note = note
        self._ahead: deque[_Ahead] = deque()
        """What was found and is not dealt with, in order; workers are some files ahead."""
        self._host = socket.gethostname()
        self._scan_id = journal.scan_id if journal else str(uuid4())
        self._before = journal.counts if journal else Counts()
        self._counts = self._before
        self._started = time.monotonic()
        self._inspection = Inspection(
            rules,
            self._scan_id,
            self._host,
            options.externals,
            options.fast,
            options.timeout,
            options.names,
        )

    @property
    def counts(self) -> Counts:
        """What has come of the scan until now."""
        seconds = self._before.seconds + time.monotonic() - self._started
        return replace(self._counts, seconds=round(seconds, 3))

    def events(
        self, targets: Iterable[str], progress: Callable[[], object] = lambda: None
    ) -> Iterator[Event]:
        """Scan, and yield what happens but for the end.

        ``progress``: called after each file, whether or not there is an event, and again while
        one is waited for.

        What the journal has is told again first.  The iterator may be left at any time,
        and a Ctrl-C may interrupt it; :meth:`end` then says that it was.
        """
        if self._journal is None or self._journal.is_new:
            yield self._told(self._start())
        else:
            yield from self._journal.events()
        after = self._journal.position if self._journal else START
        files = self._files(targets, after)
        done = do_many(
            files,
            self._inspection,
            lost,
            timeout=self._options.timeout,
            workers=self._options.workers,
            waits=progress,
        )
        for inspected in done:
            yield from self._passed_over()
            found = self._ahead.popleft()
            assert isinstance(found, Found)
            yield from self._came_of(found, inspected)
            progress()
        yield from self._passed_over()

    def end(self, *, is_complete: bool) -> ScanEnd:
        """Return the last event."""
        return ScanEnd(self._scan_id, _now(), self._host, is_complete, self.counts)

    def _start(self) -> ScanStart:
        options = self._options
        count = sum(1 for _ in self._rules)
        return ScanStart(self._scan_id, _now(), self._host, options.version, count, options.targets)

    def _files(self, targets: Iterable[str], after: Position) -> Iterator[str]:
        """Yield the paths for the workers, and keep all that is found."""
        for step in self._options.walk.steps(targets, after):
            known_good = self._known_good(step) if isinstance(step, Found) else None
            if known_good is not None:
                self._ahead.append(_Excluded(step.position, step.path, known_good))
                continue
            self._ahead.append(step)
            if isinstance(step, Found) and step.path != STDIN:
                yield step.path

    def _known_good(self, found: Found) -> Suppression | None:
        if self._judge is None or found.status is None:
            return None
        facts = file_facts(found.path, found.status, names=self._options.names)
        return self._judge.skips(facts)

    def _passed_over(self) -> Iterator[Event]:
        """Yield what happened before the next file of the workers, or to the end."""
        while self._ahead:
            step = self._ahead[0]
            if isinstance(step, Found):
                if step.path != STDIN:
                    return
                yield from self._came_of(step, self._inspection(STDIN))
            else:
                yield self._told(self._left_out(step))
                self._mark(step.position)
            self._ahead.popleft()

    def _left_out(self, step: Unreadable | Skipped | _Excluded) -> UnreadableFile | SkippedFile:
        common = (self._scan_id, _now(), self._host, step.path)
        if isinstance(step, Unreadable):
            return UnreadableFile(*common, step.reason)
        if isinstance(step, Skipped):
            return SkippedFile(*common, step.reason, step.detail)
        reason, known_good = SkipReason.EXCLUSION, step.suppression
        return SkippedFile(*common, reason, known_good.reason, known_good)

    def _came_of(self, found: Found, inspected: Inspected) -> Iterator[Event]:
        for warning in inspected.warnings:
            self._note(found.path, f"warning: {warning}")
        for line in inspected.console:
            self._note(found.path, line)
        if inspected.problem is not None:
            reason = inspected.problem
            yield self._told(UnreadableFile(self._scan_id, _now(), self._host, found.path, reason))
        else:
            counts = self._counts
            self._counts = replace(
                counts, files=counts.files + 1, bytes=counts.bytes + inspected.size
            )
        hits = inspected.hits
        for hit in self._judge.judge(hits) if self._judge and hits else hits:
            yield self._told(hit)
        self._mark(found.position)

    def _told(self, event: Event) -> Event:
        """Count an event and write it down."""
        counts = self._counts
        match event:
            case HitRecord():
                suppressed = counts.suppressed + (event.suppression is not None)
                counts = replace(counts, hits=counts.hits + 1, suppressed=suppressed)
            case UnreadableFile():
                counts = replace(counts, unreadable=counts.unreadable + 1)
            case SkippedFile():
                counts = replace(counts, skipped=counts.skipped + 1)
        self._counts = counts
        if self._journal is not None:
            self._journal.add(event)
        return event

    def _mark(self, position: Position) -> None:
        if self._journal is not None:
            self._journal.mark(position, self.counts)


def _now() -> datetime:
    return datetime.now(timezone.utc)
