"""``miniyara compile``: compile rules once, for scans later and elsewhere, as ``yarac`` does."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from miniyara.command import ruleset
from miniyara.command.options import RuleOptions, add_compiler_options, version
from miniyara.command.output import replaced
from miniyara.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.terminal import Terminal

_USAGE = "miniyara compile [OPTION]... [NAMESPACE:]RULES... OUTPUT"

_DESCRIPTION = """\
Compile rules, and write them to OUTPUT, for miniyara, "miniyara scan" and
miniyara.load."""

_EPILOG = """\
RULES is a file with rules, - is stdin; or a folder with files of them, each of which is
a namespace of its own unless one is given.  OUTPUT holds the sources of the rules, and is
replaced as a whole.

The exit status is 1 if the rules could not be compiled or OUTPUT not be written."""


@dataclass(frozen=True, slots=True)
class CompileOptions(RuleOptions):
    """What the user asked for."""

    output: str


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara compile`` with these arguments does."""
    return partial(compile_rules, parse(arguments))


def parse(arguments: Sequence[str]) -> CompileOptions:
    """Read the arguments behind ``compile``; raises ``SystemExit`` as argparse does."""
    given = vars(parser().parse_intermixed_args(arguments))
    return CompileOptions(
        rules=tuple(given.pop("rules")),
        externals=dict(given.pop("defined")),
        cache=None,
        compiled=False,
        **given,
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``compile``."""
    made = argparse.ArgumentParser(
        prog="miniyara compile",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("rules", metavar="[NAMESPACE:]RULES", nargs="+", help="what to compile")
    made.add_argument("output", metavar="OUTPUT", help="the file to write")
    made.add_argument(
        "-v", "--version", action="version", version=version(), help="print the version"
    )
    add_compiler_options(made.add_argument_group("rules"))
    return made


def compile_rules(options: CompileOptions, terminal: Terminal) -> None:
    """Compile the rules and write them; whatever goes wrong is reported to ``terminal``."""
    loaded = ruleset.load(options, terminal, folders=True)
    if loaded is None:
        return
    try:
        with replaced(options.output) as file:
            loaded.rules.save(file=file)
    except OSError as error:
        output = printable(options.output)
        terminal.fail(f"error: could not write to {output}: {error.strerror}")
