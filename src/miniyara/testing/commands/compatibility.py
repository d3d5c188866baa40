"""``compatibility``: yara-python's API, name by name, against miniyara's.

The table that it prints stands in ``docs/compatibility.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.testing.compatibility import run_checks, table
from miniyara.testing.compatibility.differences import reason_for

if TYPE_CHECKING:
    import argparse

    from miniyara.terminal import Terminal


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "compatibility",
        help="compare everything that programs can observe of yara-python",
        description="Compare every name, argument, message and behaviour of yara-python's "
        "API with miniyara's, and print the table of docs/compatibility.md. Exit status 1 "
        "if there is a difference that is not explained.",
    )
    parser.add_argument(
        "--answers", action="store_true", help="print both answers wherever they differ, too"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    results = run_checks(terminal.progress)
    differing = [each for each in results if not each.agrees]
    if options.answers:
        for each in differing:
            terminal.say(f"{each.check.area}: {each.check.name}")
            terminal.say(f"  yara-python: {each.expected}\n  miniyara:    {each.actual}")
    terminal.say(table(results))
    return int(any(reason_for(each.check.area, each.check.name) is None for each in differing))
