"""``record``: write libyara's answers into golden files.

What changes is the business of version control: look at the difference before
you commit it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yara

from miniyara.testing.cases import record_cases
from miniyara.testing.commands import arguments
from miniyara.testing.tables import record_table

if TYPE_CHECKING:
    import argparse

    from miniyara.terminal import Terminal


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "record",
        help="write libyara's answers into golden files",
        description="Write libyara's answers into golden cases and tables.",
    )
    parser.add_argument("files", nargs="+", type=arguments.file, metavar="FILE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    for path in options.files:
        before = path.read_bytes()
        if path.suffix == ".cases":
            record_cases(path, yara)
        else:
            record_table(path, yara)
        terminal.say(f"{path}: {'unchanged' if path.read_bytes() == before else 'changed'}")
    return 0
