"""``miniyara scan``: many files, each hit with what an analyst asks next."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import ExitStack
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from miniyara.command import ruleset
from miniyara.command.hunt_options import parse, parser
from miniyara.command.output import replaced
from miniyara.command.progress import Progress, counted, in_units
from miniyara.command.targets import listed
from miniyara.dropin import MINIYARA_VERSION
from miniyara.errors import Error
from miniyara.hunting.events import SkippedFile, SkipReason, UnreadableFile
from miniyara.hunting.facts import names_of
from miniyara.hunting.hunt import Hunt, HuntOptions
from miniyara.hunting.journal import Identity, Journal
from miniyara.hunting.walk import Walk
from miniyara.reporting import CsvReport, JsonReport, NdjsonReport, SarifReport
from miniyara.reporting.text import TextReport
from miniyara.scanning.many import no_interrupts
from miniyara.terminal import printable, wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from miniyara.command.delivering import Delivery
    from miniyara.command.hunt_options import HuntArguments
    from miniyara.hunting.events import Counts, Event, ScanEnd
    from miniyara.hunting.judge import Judge
    from miniyara.reporting.report import Report, Write
    from miniyara.scanning.rules import Rules
    from miniyara.terminal import Terminal

__all__ = ["command", "parser", "scan"]

_REPORTS: Final[dict[str, Callable[[Write], Report]]] = {
    "json": JsonReport,
    "ndjson": NdjsonReport,
    "csv": CsvReport,
    "sarif": SarifReport,
}


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara scan`` with these arguments does."""
    return partial(scan, parse(arguments))


def scan(arguments: HuntArguments, terminal: Terminal) -> None:
    """Scan; whatever goes wrong is reported to ``terminal``.

    Raises KeyboardInterrupt if there was one, after all that was found is written.
    """
    loaded = ruleset.load(
        arguments, terminal, folders=True, skip_invalid=arguments.skip_invalid_rules
    )
    if loaded is None:
        return
    if arguments.accept_skipped_rules:
        terminal.status = 0
    targets = tuple(_targets(arguments, terminal))
    try:
        judge = _judge(arguments)
        delivery = _delivery(arguments, terminal)
        journal = _journal(arguments.resume, loaded.rules, targets)
    except Error as error:
        for line in str(error).splitlines():
            terminal.fail(f"error: {printable(line)}")
    except OSError as error:
        terminal.fail(f"error: {printable(str(error.filename))}: {error.strerror}")
    else:
        _Run(arguments, terminal, judge, journal, delivery).run(loaded.rules, targets)


def _targets(arguments: HuntArguments, terminal: Terminal) -> Iterator[str]:
    yield from arguments.targets
    for path in arguments.scan_lists:
        if path == "-":
            lines = (line.rstrip(b"\r\n") for line in sys.stdin.buffer)
            yield from (os.fsdecode(line) for line in lines if line)
        else:
            yield from listed(path, terminal)


def _judge(arguments: HuntArguments) -> Judge | None:
    if arguments.exclusions is None:
        return None
    from miniyara import exclusions  # noqa: PLC0415 - rarely asked for, and slow to load

    return exclusions.load(
        arguments.exclusions, context=arguments.processes, root=arguments.host_root
    )


def _delivery(arguments: HuntArguments, terminal: Terminal) -> Delivery | None:
    if arguments.sentinel is None or arguments.dry_run:
        return None
    from miniyara.command.delivering import Delivery  # noqa: PLC0415 - as exclusions are

    return Delivery(arguments.sentinel, terminal)


def _journal(path: str | None, rules: Rules, targets: Iterable[str]) -> Journal | None:
    if path is None:
        return None
    saved = hashlib.sha256()
    rules.save(file=SimpleNamespace(write=saved.update))
    names = hashlib.sha256(b"\0".join(map(os.fsencode, targets)))
    return Journal(path, Identity(saved.hexdigest(), names.hexdigest()), str(uuid4()))


class _Run:
    """One run of the command over all targets."""

    def __init__(
        self,
        arguments: HuntArguments,
        terminal: Terminal,
        judge: Judge | None,
        journal: Journal | None,
        delivery: Delivery | None,
    ) -> None:
        self._arguments = arguments
        self._terminal = terminal
        self._judge = judge
        self._journal = journal
        self._delivery = delivery

    def run(self, rules: Rules, targets: Sequence[str]) -> None:
        arguments = self._arguments
        options = HuntOptions(
            targets=(*arguments.targets, *map("--scan-list {}".format, arguments.scan_lists)),
            walk=Walk(arguments.max_size, arguments.follow_symlinks),
            externals=arguments.externals or None,
            fast=arguments.fast,
            timeout=arguments.timeout,
            names=names_of(arguments.host_root),
            workers=arguments.workers,
            version=MINIYARA_VERSION,
        )
        hunt = Hunt(rules, options, judge=self._judge, journal=self._journal, note=self._note)
        progress = Progress(options.walk.steps(targets), hunt.counts)

        def show_progress() -> None:
            if self._terminal.shows_progress:
                progress.count()
                self._terminal.progress(lambda: progress.line(hunt.counts, self._terminal.columns))

        with ExitStack() as stack:
            if self._journal is not None:
                stack.callback(self._journal.close)
            report = self._report(stack)
            stopped = self._tell(hunt, targets, report, show_progress)
            with no_interrupts():
                end = hunt.end(is_complete=stopped is None)
                report.add(end)
                stack.close()  # the output is there before the journal goes
                self._conclude(end)
        if self._delivery is not None:
            self._delivery.close(end)
        if isinstance(stopped, KeyboardInterrupt):
            raise stopped
        if stopped is not None:
            self._terminal.fail(f"error: {stopped}")

    def _tell(
        self,
        hunt: Hunt,
        targets: Sequence[str],
        report: Report,
        show_progress: Callable[[], object],
    ) -> KeyboardInterrupt | Error | None:
        """Write what happens; return what kept it from going on to the end."""
        try:
            for event in hunt.events(targets, show_progress):
                with no_interrupts():  # so that nothing is written in part
                    report.add(event)
                    if self._delivery is not None:
                        self._delivery.keep(event)
                    self._message(event)
                if self._delivery is not None:
                    self._delivery.send_some()
        except (KeyboardInterrupt, Error) as error:
            return error
        return None

    def _message(self, event: Event) -> None:
        """Tell of what was not scanned and might be expected to be."""
        match event:
            case UnreadableFile(path=path, reason=reason):
                self._terminal.fail(printable(f"error scanning {path}: {reason}"))
            case SkippedFile(path=path, reason=SkipReason.PSEUDO_FILE_SYSTEM, detail=detail):
                self._terminal.note(printable(f"skipping {path}: {detail}"))

    def _conclude(self, end: ScanEnd) -> None:
        self._terminal.note(_summary(end.counts))
        if self._judge is not None:
            for line in self._judge.summary().lines():
                self._terminal.note(printable(line))
        if self._journal is None:
            return
        if end.is_complete:
            self._journal.remove()
        else:
            self._terminal.note(f"go on with --resume {printable(self._journal.path)}")

    def _report(self, stack: ExitStack) -> Report:
        path, form = self._arguments.output, self._arguments.format
        write: Write = self._terminal.write
        if path is not None:
            write = stack.enter_context(replaced(path)).write
        if self._arguments.dry_run:
            from miniyara.command.delivering import DryRun  # noqa: PLC0415 - as exclusions are

            return DryRun(write)
        if form == "text":
            colour = path is None and wants_colour()
            return TextReport(write, colour=colour, strings=self._arguments.strings)
        return _REPORTS[form](write)

    def _note(self, path: str, text: str) -> None:
        self._terminal.note(printable(f"{path}: {text}"))


def _summary(counts: Counts) -> str:
    return (
        f"{counted(counts.files, 'file')} ({in_units(counts.bytes)}) "
        f"scanned in {counts.seconds:.1f} s: {counted(counts.hits, 'hit')}, "
        f"{counts.suppressed:,} known good; "
        f"{counts.unreadable:,} unreadable, {counts.skipped:,} skipped"
    )
