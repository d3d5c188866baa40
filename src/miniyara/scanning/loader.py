"""``load()``: from a file of saved rules to compiled rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.errors import Error
from miniyara.scanning.arguments import ABSENT, Absent, Path
from miniyara.scanning.rules import Rules
from miniyara.scanning.saving import read_rules

if TYPE_CHECKING:
    from miniyara.scanning.saving import Readable


def load(filepath: Path | Absent = ABSENT, file: Readable | Absent = ABSENT) -> Rules:
    """Load rules that :meth:`Rules.save` has written.

    ``filepath``: the file; wins over ``file``.
    ``file``: an object with a ``read`` method, read no further than the rules go.

    Raises :class:`miniyara.Error` for a file that cannot be opened or that has no rules of
    miniyara, TypeError for wrong arguments.
    """
    try:
        return Rules(read_rules(filepath, file))
    except RecursionError as error:
        raise Error("too little of Python's stack is left to load the rules") from error
