"""Standing in for yara-python in a program that is not changed."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Final


def _own_version() -> str:
    try:
        return metadata.version("miniyara")
    except metadata.PackageNotFoundError:  # run from its sources
        return "unknown"


MINIYARA_VERSION: Final = _own_version()
"""The version of this package; ``unknown`` where it is not installed.

``miniyara.__version__`` is yara-python's.
"""


def install_as_yara() -> None:
    """Let ``import yara`` give miniyara from now on, in this process.

    A program calls it before it imports what uses YARA; yara-python need not be there.
    Modules that have imported yara-python before keep it.
    """
    sys.modules["yara"] = sys.modules["miniyara"]
