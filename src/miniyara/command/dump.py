"""``miniyara dump``: show what modules see in files, without a rule."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from miniyara.command.dump_text import as_json, as_tree
from miniyara.errors import Error
from miniyara.modules import find
from miniyara.printable import printable
from miniyara.scanning.files import open_target
from miniyara.scanning.module_dump import reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.terminal import Terminal

_DESCRIPTION = """\
Show what the modules of YARA see in files: those that see something, or those
that are named."""

_EPILOG = """\
Strings that are no text that can be printed are shown as hex: and their bytes.
With --json there is one line for each file, {"file": ..., "modules": {...}}, with all
that a module tells; without it, constants and what is empty are left out.

If there is a file called dump in the current folder, "miniyara dump FILE" scans
with the rules in it.

The exit status is 1 if a file could not be read or a module failed."""


@dataclass(frozen=True, slots=True)
class DumpOptions:
    """What the user asked for."""

    files: tuple[str, ...]
    modules: tuple[str, ...] | None
    """Their names; None for all that see something."""
    json: bool


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara dump`` with these arguments does."""
    return partial(dump, parse(arguments))


def parse(arguments: Sequence[str]) -> DumpOptions:
    """Read the arguments behind ``dump``; raises ``SystemExit`` as argparse does."""
    given = parser().parse_intermixed_args(arguments)
    modules = None if given.modules is None else tuple(given.modules)
    return DumpOptions(tuple(given.files), modules, given.json)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``dump``."""
    made = argparse.ArgumentParser(
        prog="miniyara dump",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("files", metavar="FILE", nargs="+", help="a file to look at")
    made.add_argument("--json", action="store_true", help="print JSON, one line for each file")
    made.add_argument(
        "--module",
        dest="modules",
        action="append",
        type=_module,
        metavar="NAME",
        help="show this module, whatever it sees; may be repeated",
    )
    return made


def dump(options: DumpOptions, terminal: Terminal) -> None:
    """Show each file; whatever goes wrong is reported to ``terminal``."""
    for path in options.files:
        _dump_file(path, options, terminal)


def _dump_file(path: str, options: DumpOptions, terminal: Terminal) -> None:
    def on_failure(error: Error) -> None:
        terminal.fail(printable(f"error: {path}: {error}"))

    name = os.fsencode(path)
    try:
        with open_target(path) as contents:
            told = reports(contents, {}, options.modules, on_failure)
            text = as_json(name, told) if options.json else "\n".join(as_tree(name, told))
    except Error as error:
        terminal.fail(printable(f"error: {error}"))
    else:
        terminal.say(text)


def _module(name: str) -> str:
    try:
        module = find(name)
    except Error as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if module is None:
        raise argparse.ArgumentTypeError(f'unknown module "{name}"')
    return name
