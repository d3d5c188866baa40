"""What the command does: compile the rules, scan the targets, print the verdicts."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING

import miniyara
from miniyara.command import report, ruleset
from miniyara.command.targets import Walk, is_directory, listed
from miniyara.scanning.files import open_target
from miniyara.scanning.scanner import ScanOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.command.options import Options
    from miniyara.command.ruleset import Ruleset
    from miniyara.scanning.callbacks import RuleReport, RuleString
    from miniyara.terminal import Terminal


def scan(options: Options, terminal: Terminal) -> None:
    """Run the command.

    Whatever goes wrong is reported to ``terminal``, which then holds status 1.
    """
    rules = ruleset.load(options, terminal)
    if rules is not None:
        Scan(rules, options, terminal).run()


class Scan:
    """One run over all targets; knows when it has gone on for long enough."""

    def __init__(self, ruleset: Ruleset, options: Options, terminal: Terminal) -> None:
        self._ruleset = ruleset
        self._options = options
        self._terminal = terminal
        self._end = time.monotonic() + options.timeout if options.timeout else math.inf
        self._externals = ruleset.externals
        self._matched = 0
        self._is_one_file = (
            len(options.targets) == 1
            and not options.scan_list
            and not is_directory(options.targets[0])
        )

    def run(self) -> None:
        """Scan every file, until the time is over or enough rules have matched."""
        for number, path in enumerate(self._files()):
            self._terminal.progress(f"{number:,} files scanned")
            try:
                self._scan_file(path)
            except miniyara.TimeoutError as error:
                self._terminal.fail(f"error scanning {path}: {error}")
                break
            except miniyara.Error as error:
                reason = str(error).removesuffix(f' "{path}"')
                self._terminal.fail(f"error scanning {path}: {reason}")
            if self._is_enough():
                break
        self._terminal.clear()

    def _files(self) -> Iterator[str]:
        options = self._options
        walk = Walk(options.recursive, not options.no_follow_symlinks, options.skip_larger)
        return walk.files(self._targets(), self._terminal)

    def _targets(self) -> Iterator[str]:
        if not self._options.scan_list:
            yield from self._options.targets
            return
        for path in self._options.targets:
            yield from listed(path, self._terminal)

    def _scan_file(self, path: str) -> None:
        options = self._options
        time_left = self._end - time.monotonic()
        if time_left <= 0:
            raise miniyara.TimeoutError("scanning timed out")
        matched_before = self._matched
        options_of_scan = ScanOptions(
            externals=self._externals,
            callback=partial(self._on_rule, path),
            which_callbacks=(
                miniyara.CALLBACK_ALL if options.negate else miniyara.CALLBACK_MATCHES
            ),
            warnings_callback=self._on_warning,
            console_callback=self._on_console_log,
            fast=options.fast,
            timeout=time_left if options.timeout else 0,
            wants_strings=report.shows_matches(options),
        )
        with open_target(path) as contents:
            self._ruleset.scanner.scan(contents, options_of_scan)
        if options.count:
            count = self._matched - matched_before
            self._terminal.write(
                b"%d\n" % count if self._is_one_file else report.count_line(path, count)
            )

    def _on_rule(self, path: str, verdict: RuleReport) -> int:
        options = self._options
        if verdict["matches"] != options.negate and not options.count and self._is_chosen(verdict):
            rule = self._ruleset.declaration(verdict["namespace"], verdict["rule"])
            self._terminal.write(report.render(rule, verdict["strings"], path, options))
        self._matched += verdict["matches"]
        return miniyara.CALLBACK_ABORT if self._is_enough() else miniyara.CALLBACK_CONTINUE

    def _is_chosen(self, verdict: RuleReport) -> bool:
        """Tell whether the rule is one of those that ``-i`` or, without it, ``-t`` name."""
        if self._options.names:
            return verdict["rule"] in self._options.names
        return not self._options.only_tags or not self._options.only_tags.isdisjoint(
            verdict["tags"]
        )

    def _is_enough(self) -> bool:
        return 0 < self._options.max_rules <= self._matched

    def _on_warning(self, _kind: int, string: RuleString) -> int:
        if not self._options.no_warnings:
            tell = self._terminal.fail if self._options.fail_on_warnings else self._terminal.note
            tell(
                f'warning: rule "{string.rule}": too many matches for {string.string}, '
                "results for this rule may be incorrect"
            )
        return miniyara.CALLBACK_CONTINUE

    def _on_console_log(self, message: str) -> None:
        if not self._options.no_console_logs:
            self._terminal.write(message.encode("utf-8", "surrogateescape") + b"\n")
