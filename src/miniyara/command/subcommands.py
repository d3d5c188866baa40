"""The first argument of the command, where it names a subcommand."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from miniyara.command.targets import is_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.terminal import Terminal

MODULES: Final = {
    "compile": "compiling",
    "completion": "completion",
    "dump": "dump",
    "exclusions": "exclusions",
    "explain": "explain",
    "scan": "hunt",
    "sentinel": "sentinel",
}
"""Where each is.  Its module has a function ``command``, which reads the arguments behind
the name (and raises ``SystemExit`` as argparse does) and returns what does the work; it is
loaded when it is asked for.  Its function ``parser`` gives the parser of these arguments."""


def subcommand(arguments: Sequence[str]) -> Callable[[Terminal], None] | None:
    """Return what does the work of the subcommand; None if the arguments name none.

    The tool ``yara`` has no subcommands, so a file of rules that has the name of one is
    still taken for rules.
    """
    name = arguments[0] if arguments else ""
    if name not in MODULES or (os.path.exists(name) and not is_directory(name)):  # noqa: PTH110 - as in is_directory
        return None
    work: Callable[[Terminal], None] = load(name).command(arguments[1:])
    return work


def load(name: str) -> Any:
    """Return the module of a subcommand."""
    return import_module(f"miniyara.command.{MODULES[name]}")
