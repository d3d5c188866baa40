"""What is scanned: samples file by file, one big file, and many tiny ones."""

from __future__ import annotations

import random
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SEED: Final = 20_240_131

TINY_SIZE: Final = 1300
"""Bytes of a tiny file, about."""

WORDS: Final = (
    "the of and to in is that for it as was with be by on not he this are or his from at which "
    "but have an had they you were their one all we can her has there been if more when will "
    "http www com user login password error config value file data select insert function "
    "return import class public static void string length buffer index socket connect"
)


def samples(folder: Path) -> list[Path]:
    """Return all files below ``folder``, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def big_file(paths: list[Path], target: Path, size: int) -> Path:
    """Write the samples one after another, over and over, until ``size`` bytes are there."""
    if not any(path.stat().st_size for path in paths):
        raise ValueError("the samples are empty")
    with target.open("wb") as stream:
        for path in cycle(paths):
            stream.write(path.read_bytes())
            if stream.tell() >= size:
                break
    return target


def tiny_files(folder: Path, count: int) -> list[Path]:
    """Write ``count`` text files of some :data:`TINY_SIZE` bytes, always the same."""
    folder.mkdir()
    choose = random.Random(SEED)  # noqa: S311 - text, no secret
    words = WORDS.split()
    paths = []
    for number in range(count):
        chosen = choose.choices(words, k=TINY_SIZE // 6)
        lines = [" ".join(chosen[start : start + 12]) for start in range(0, len(chosen), 12)]
        path = folder / f"{number:06}.txt"
        path.write_text("\n".join(lines), encoding="ascii")
        paths.append(path)
    return paths
