"""The options of the command, by the names that ``yara`` gives them."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import miniyara

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.values import Scalar

_USAGE = "miniyara [OPTION]... [NAMESPACE:]RULES TARGET..."

_DESCRIPTION = """\
Scan files with YARA rules.  Each rule that matches is printed with the path of
the file, as the tool yara prints it."""

_EPILOG = """\
There is more beside this: "miniyara scan" hunts in many files, "miniyara compile"
compiles rules once, "miniyara explain" shows why a rule matches a file or does not,
"miniyara dump FILE..." shows what modules see in files, and "miniyara completion
SHELL" lets a shell complete all of it.  Each has a --help.

The exit status is 0 if everything was scanned, 1 if the rules could not be
compiled, a file not be read or the output not be written, 2 if the arguments
make no sense, 130 after Ctrl-C, 141 if the reader of the output went away."""


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """Where the rules are and how they are compiled; see the options that set the fields."""

    rules: tuple[str, ...]
    externals: dict[str, Scalar]
    no_warnings: bool
    fail_on_warnings: bool
    strict_escape: bool
    cache: str | None
    compiled: bool


@dataclass(frozen=True, slots=True)
class Options(RuleOptions):
    """What the user asked for; each field is described by the option that sets it."""

    # the scan
    targets: tuple[str, ...]
    scan_list: bool
    recursive: bool
    no_follow_symlinks: bool
    skip_larger: int
    fast: bool
    timeout: int
    max_rules: int
    # the output
    count: bool
    negate: bool
    names: frozenset[str]
    only_tags: frozenset[str]
    namespace: bool
    tags: bool
    meta: bool
    strings: bool
    lengths: bool
    xor_keys: bool
    no_console_logs: bool


def parse(arguments: Sequence[str]) -> Options:
    """Read the arguments of the command, options and paths in any order.

    Raises ``SystemExit`` as argparse does: status 2 after printing what is wrong,
    0 after ``--help`` and ``--version``.
    """
    given = vars(parser().parse_intermixed_args(arguments))
    return Options(
        **rule_options(given),
        names=frozenset(given.pop("names")),
        only_tags=frozenset(given.pop("only_tags")),
        targets=tuple(given.pop("targets")),
        **given,
    )


def rule_options(given: dict[str, Any]) -> dict[str, Any]:
    """Take the options about rules out of the arguments: the fields of :class:`RuleOptions`."""
    names = ("no_warnings", "fail_on_warnings", "strict_escape", "cache", "compiled")
    return {
        "rules": (given.pop("first_rules"), *given.pop("more_rules")),
        "externals": dict(given.pop("defined")),
        **{name: given.pop(name) for name in names},
    }


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    parser = argparse.ArgumentParser(
        prog="miniyara",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument(
        "first_rules", metavar="[NAMESPACE:]RULES", help="a file with rules; - is stdin"
    )
    parser.add_argument("targets", metavar="TARGET", nargs="+", help="a file or directory to scan")
    add_rule_options(parser.add_argument_group("rules"))
    _add_scan_options(parser.add_argument_group("scanning"))
    _add_output_options(parser.add_argument_group("output"))
    return parser


def add_rule_options(group: argparse._ArgumentGroup) -> None:
    """Add the options about rules, but for the first file of them."""
    group.add_argument(
        "-R",
        "--rules",
        dest="more_rules",
        action="append",
        default=[],
        metavar="[NAMESPACE:]RULES",
        help="use the rules of this file, too; - is stdin",
    )
    group.add_argument(
        "-C",
        "--compiled-rules",
        dest="compiled",
        action="store_true",
        help='RULES is a file of compiled rules, as "miniyara compile" writes them;'
        " such a file is known without this option, too",
    )
    add_compiler_options(group)
    group.add_argument(
        "--cache",
        metavar="FOLDER",
        help="keep compiled rules in FOLDER, and take them from there the next time",
    )


def add_compiler_options(group: argparse._ArgumentGroup) -> None:
    """Add the options about how rules are compiled."""
    group.add_argument(
        "-d",
        "--define",
        dest="defined",
        action="append",
        default=[],
        type=definition,
        metavar="VAR=VALUE",
        help="define an external variable",
    )
    group.add_argument("-w", "--no-warnings", action="store_true", help="do not print warnings")
    group.add_argument(
        "--fail-on-warnings",
        action="store_true",
        help="take a warning for an error; of no effect with -w",
    )
    group.add_argument(
        "-E",
        "--strict-escape",
        action="store_true",
        help="warn about unknown escape sequences",
    )


def _add_scan_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-r", "--recursive", action="store_true", help="scan the directories inside a directory"
    )
    group.add_argument(
        "-N",
        "--no-follow-symlinks",
        action="store_true",
        help="pass over symbolic links inside a directory",
    )
    group.add_argument(
        "-z",
        "--skip-larger",
        type=natural,
        default=0,
        metavar="BYTES",
        help="pass over files of BYTES or more inside a directory",
    )
    group.add_argument(
        "--scan-list",
        action="store_true",
        help="TARGET is a file that lists the targets, one a line",
    )
    group.add_argument(
        "-a",
        "--timeout",
        type=natural,
        default=0,
        metavar="SECONDS",
        help="stop when scanning has taken so long",
    )
    group.add_argument(
        "-l",
        "--max-rules",
        type=natural,
        default=0,
        metavar="NUMBER",
        help="stop when so many rules have matched",
    )
    group.add_argument(
        "-f",
        "--fast-scan",
        dest="fast",
        action="store_true",
        help="report one match of a string where that is enough",
    )


def _add_output_options(group: argparse._ArgumentGroup) -> None:
    for short, long, dest, meaning in (
        ("-s", "--print-strings", "strings", "print what each string matched"),
        ("-L", "--print-string-length", "lengths", "print the length of each match"),
        ("-X", "--print-xor-key", "xor_keys", "print the xor key and plaintext of each match"),
        ("-m", "--print-meta", "meta", "print the metadata"),
        ("-g", "--print-tags", "tags", "print the tags"),
        ("-e", "--print-namespace", "namespace", "print the namespace"),
        ("-c", "--count", "count", "print only the number of rules that match"),
        ("-n", "--negate", "negate", "print the rules that do not match"),
        ("-q", "--disable-console-logs", "no_console_logs", "do not print console.log messages"),
    ):
        group.add_argument(short, long, dest=dest, action="store_true", help=meaning)
    group.add_argument(
        "-i",
        "--identifier",
        dest="names",
        action="append",
        default=[],
        metavar="IDENTIFIER",
        help="print only the rules of this name",
    )
    group.add_argument(
        "-t",
        "--tag",
        dest="only_tags",
        action="append",
        default=[],
        metavar="TAG",
        help="print only the rules with this tag",
    )
    group.add_argument(
        "-v", "--version", action="version", version=version(), help="print the version"
    )
    group.add_argument("-h", "--help", action="help", help="print this help")


def definition(text: str) -> tuple[str, Scalar]:
    """Read ``VAR=VALUE``; the look of the value decides its type.

    Follows ``define_external_variables`` of yara's ``cli/common.c``, but numbers
    have 64 bits.  Raises ``argparse.ArgumentTypeError``.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not VAR=VALUE")
    if re.fullmatch(r"-?[0-9]+\.[0-9]*", value):
        return name, float(value)
    if re.fullmatch(r"-?[0-9]+", value):
        # A number of 20 digits is too large, and int() is slow for very long ones.
        if len(value) > 20 or not -(1 << 63) <= int(value) < 1 << 63:
            raise argparse.ArgumentTypeError(f"{value} needs more than 64 bits")
        return name, int(value)
    if value in {"true", "false"}:
        return name, value == "true"
    return name, os.fsencode(value)


def natural(text: str) -> int:
    """Read a number of at least 0, in decimal, ``0x`` or ``0o`` form."""
    try:
        number = int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    if number >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{text} needs more than 63 bits")
    return number


def version() -> str:
    """Say which version this is."""
    from importlib import metadata  # noqa: PLC0415 - slow to load and rarely asked for

    try:
        own = metadata.version("miniyara")
    except metadata.PackageNotFoundError:
        own = "(not installed)"  # run from a source tree or a zip file
    return f"miniyara {own}, as YARA {miniyara.YARA_VERSION}"
