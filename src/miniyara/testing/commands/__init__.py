"""The commands of the testing kit: ``python -m miniyara.testing COMMAND``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from miniyara.terminal import Terminal
from miniyara.testing.commands import compare, compatibility, fuzz, hostile, modules, record

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""The exit status of a command that was stopped by Ctrl-C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 if engines disagree, 2 if it was called wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m miniyara.testing",
        description="Find out whether miniyara answers as libyara does.",
    )
    commands = parser.add_subparsers(title="commands", required=True)
    for command in (fuzz, hostile, compare, modules, compatibility, record):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    terminal = Terminal(sys.stdout.buffer, sys.stderr)
    try:
        status: int = options.run(options, terminal)
    except KeyboardInterrupt:
        terminal.clear()
        return INTERRUPTED
    return status
