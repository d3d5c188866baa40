"""The options of ``miniyara scan``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara.command.options import (
    RuleOptions,
    add_rule_options,
    natural,
    rule_options,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json", "ndjson", "csv", "sarif")

_USAGE = "miniyara scan [OPTION]... [NAMESPACE:]RULES TARGET..."

_DESCRIPTION = """\
Scan files and folders, with all that is below them, and say of each hit what the
file is and whose."""

_EPILOG = """\
A TARGET is a file, a folder, a pattern such as '/home/*/bin' if nothing has its very
name, or - for data on stdin.  File systems that show what the kernel knows (/proc,
/sys, cgroups) are not entered: they hold no files, and reading them may never end.

The exit status is 0 if everything was scanned, whether or not a rule matched; 1 if a
rule was rejected or a file could not be scanned; 2 if the arguments make no sense;
130 after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class HuntArguments(RuleOptions):
    """What the user asked for; each field is described by the option that sets it."""

    # the rules
    skip_invalid_rules: bool
    accept_skipped_rules: bool
    # the scan
    targets: tuple[str, ...]
    scan_lists: tuple[str, ...]
    follow_symlinks: bool
    max_size: int
    timeout: int
    fast: bool
    workers: int | None
    resume: str | None
    # what is known good
    exclusions: str | None
    processes: tuple[str, ...]
    host_root: str | None
    # the output
    format: str
    output: str | None
    strings: bool
    # where the hits go besides
    sentinel: str | None
    dry_run: bool


def parse(arguments: Sequence[str]) -> HuntArguments:
    """Read the arguments behind ``scan``; raises ``SystemExit`` as argparse does."""
    reader = parser()
    given = vars(reader.parse_intermixed_args(arguments))
    if not given["targets"] and not given["scan_lists"]:
        reader.error("there is nothing to scan: give a TARGET or --scan-list")
    if given["dry_run"] and given["sentinel"] is None:
        reader.error("--dry-run needs --sentinel")
    inputs = [given["first_rules"], *given["more_rules"], *given["targets"], *given["scan_lists"]]
    if sum(name == "-" or name.endswith(":-") for name in inputs) > 1:
        reader.error("only one of all can be read from stdin")
    return HuntArguments(
        **rule_options(given),
        targets=tuple(given.pop("targets")),
        scan_lists=tuple(given.pop("scan_lists")),
        processes=tuple(given.pop("processes")),
        **given,
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``scan``."""
    made = argparse.ArgumentParser(
        prog="miniyara scan",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "first_rules",
        metavar="[NAMESPACE:]RULES",
        help="a file with rules, or a folder with files of them, each of which is a namespace"
        " of its own unless one is given; - is stdin",
    )
    made.add_argument("targets", metavar="TARGET", nargs="*", help="what to scan")
    rules = made.add_argument_group("rules")
    add_rule_options(rules)
    rules.add_argument(
        "--skip-invalid-rules",
        action="store_true",
        help="report rules that cannot be compiled, and go on without them",
    )
    rules.add_argument(
        "--accept-skipped-rules",
        action="store_true",
        help="with --skip-invalid-rules, let the exit status not tell of them",
    )
    _add_scan_options(made.add_argument_group("scanning"))
    _add_exclusion_options(made.add_argument_group("what is known good"))
    _add_output_options(made.add_argument_group("output"))
    _add_sentinel_options(made.add_argument_group("Microsoft Sentinel"))
    return made


def _add_scan_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--scan-list",
        dest="scan_lists",
        action="append",
        default=[],
        metavar="FILE",
        help="scan the targets that FILE lists, too, one a line; - is stdin",
    )
    group.add_argument(
        "--follow-symlinks",
        action="store_true",
        help="scan what symbolic links in folders lead to",
    )
    group.add_argument(
        "-z",
        "--max-size",
        type=natural,
        default=0,
        metavar="BYTES",
        help="skip files of more than BYTES",
    )
    group.add_argument(
        "-a",
        "--timeout",
        type=natural,
        default=0,
        metavar="SECONDS",
        help="give a file up after SECONDS",
    )
    group.add_argument(
        "-f",
        "--fast",
        action="store_true",
        help="report one place of a string where that is enough",
    )
    group.add_argument(
        "-p",
        "--workers",
        type=natural,
        metavar="NUMBER",
        help="scan in NUMBER processes; without, one for each processor; 0 is this one",
    )
    group.add_argument(
        "--resume",
        metavar="FILE",
        help="keep a journal in FILE, and go on where it ends; it is removed at the end",
    )


def _add_exclusion_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--exclusions", metavar="FILE", help="mark what FILE says is known good")
    add_context_options(group)


def add_context_options(group: argparse._ActionsContainer) -> None:
    """Add the options that say in whose context and on which machine files were met."""
    group.add_argument(
        "--process-context",
        dest="processes",
        action="append",
        default=[],
        metavar="NAME",
        help="the files were met in the context of this process, such as ansible-playbook;"
        " may be repeated",
    )
    group.add_argument(
        "--host-root",
        metavar="FOLDER",
        help="FOLDER is the root of the machine's file system, such as a mounted image: its links"
        " stay in it, and its users have the names that they have there",
    )


def _add_output_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", choices=FORMATS, default="text", help="the form of the output")
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to FILE, which is replaced as a whole at the end",
    )
    group.add_argument(
        "-s", "--print-strings", dest="strings", action="store_true", help="show what was found"
    )


def _add_sentinel_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--sentinel", metavar="CONFIG", help="send hits to where CONFIG says, a TOML file"
    )
    group.add_argument(
        "--dry-run",
        action="store_true",
        help="with --sentinel, print what would be sent instead of the output, and send nothing",
    )
