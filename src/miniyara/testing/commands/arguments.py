"""Arguments that the commands share; what makes no sense ends with status 2."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path


def file_or_folder(text: str) -> Path:
    """Read the path of a file or folder; raises ArgumentTypeError if there is none."""
    path = Path(text)
    if not path.exists():
        raise ArgumentTypeError(f"there is no file or folder {text!r}")
    return path


def file(text: str) -> Path:
    """Read the path of a file; raises ArgumentTypeError if there is none."""
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"there is no file {text!r}")
    return path


def positive(text: str) -> int:
    """Read a number of at least 1; raises ArgumentTypeError for anything else."""
    if not (text.isdecimal() and len(text) <= 18 and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def count(text: str) -> int:
    """Read a number of at least 0; raises ArgumentTypeError for anything else."""
    if not (text.isdecimal() and len(text) <= 18):
        raise ArgumentTypeError(f"{text!r} is not a number of at least 0")
    return int(text)


def definition(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE``; raises ArgumentTypeError for anything else."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
