"""The command ``miniyara``: scan files with rules, as the tool ``yara`` does.

Its output is that of ``yara`` 4.5.4, byte for byte, so that whatever reads the
one can read the other.  ``main`` deals with what concerns the process (exit
status, Ctrl-C, a reader that went away); what the command does is in
:mod:`miniyara.command.scan`.  What ``miniyara dump`` and the other subcommands do is in
modules that :mod:`miniyara.command.subcommands` names.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from miniyara.command.options import parse
from miniyara.command.scan import scan
from miniyara.command.subcommands import subcommand
from miniyara.terminal import Terminal, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED: Final = 128 + 2
"""What a shell reports of a process that SIGINT ended."""

READER_WENT_AWAY: Final = 128 + 13
"""What a shell reports of a process that SIGPIPE ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    ``arguments`` are those after the command's name; by default those of the
    process.  The status is 0 when everything was scanned, whether or not a rule
    matched; 1 when the rules or a target could not be read or compiled, the output
    not be written, or the time was over; 130 after Ctrl-C; 141 when the reader of the
    output went away.  Raises ``SystemExit`` with status 2 for arguments that make no
    sense, and with 0 after ``--help`` and ``--version``.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    work = subcommand(arguments) or partial(scan, parse(arguments))
    if sys.stdin is None:  # it is closed, as those below
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
    if sys.stdout is None:
        sys.stderr.write("error: could not write: stdout is closed\n")
        return 1
    terminal = Terminal(sys.stdout.buffer, sys.stderr)
    try:
        work(terminal)
    except KeyboardInterrupt:
        terminal.clear()
        return INTERRUPTED
    except BrokenPipeError:
        _write_no_more()
        return READER_WENT_AWAY
    except OSError as error:  # what is wrong with rules and targets was reported by now
        _write_no_more()
        place = "" if error.filename is None else f" to {printable(str(error.filename))}"
        terminal.fail(f"error: could not write{place}: {error.strerror}")
    return terminal.status


def _write_no_more() -> None:
    """Let stdout lead to nowhere: the interpreter flushes it as it exits, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
