"""The process that tries inputs.

It is ``python -c PROGRAM``, so that nothing is imported before it is instrumented. It
writes each input where another process can read it, for a hang or a crash must not take it
along.
"""

from __future__ import annotations

import faulthandler
import hashlib
import mmap
import os
import random
import struct
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.testing.hostile.parsers import PARSERS
from miniyara.testing.hostile.trial import MAX_INPUT, MEMORY, Finding, trial
from miniyara.testing.mutations import mutated

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM: Final = """
import contextlib, sys
try:
    import atheris
    instrumented = atheris.instrument_imports(["miniyara"], ["miniyara.testing"])
except ImportError:
    instrumented = contextlib.nullcontext()
with instrumented:
    from miniyara.testing.hostile.process import main
    main(*sys.argv[1:])
"""

_MOST_OF_ONE_KEY: Final = 3
"""Inputs that are kept of those with the same cause."""

_RECORD: Final = struct.Struct("<QQ")


class Record:
    """What a process is at; stands in a file, and outlives the process."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_RECORD.size + MAX_INPUT))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _RECORD.size + MAX_INPUT)

    def begin(self, data: bytes) -> None:
        """Note that the next input is tried."""
        trials, _ = _RECORD.unpack_from(self._map)
        self._map[_RECORD.size : _RECORD.size + len(data)] = data
        _RECORD.pack_into(self._map, 0, trials + 1, len(data))

    @property
    def trials(self) -> int:
        """How many inputs have been tried."""
        number: int = _RECORD.unpack_from(self._map)[0]
        return number

    @property
    def data(self) -> bytes:
        """The last input."""
        _, size = _RECORD.unpack_from(self._map)
        return self._map[_RECORD.size : _RECORD.size + size]


def main(name: str, folder: str, seconds: str, seed: str) -> None:
    """Try inputs for a parser until the time is over."""
    faulthandler.enable()
    parser, at = PARSERS[name], Path(folder)
    record = Record(at / "record")
    base = _peak()
    kept: dict[tuple[str, str], int] = {}

    def test(data: bytes) -> None:
        record.begin(data)
        finding = trial(parser, data)
        if finding is None and _peak() - base > MEMORY:
            finding = Finding("memory", "", "takes too much memory")
        if finding is not None:
            kept[finding.key] = kept.get(finding.key, 0) + 1
            if kept[finding.key] <= _MOST_OF_ONE_KEY:
                keep(at, finding.kind, data, finding.report)
            if finding.kind == "memory":
                os._exit(0)  # the peak does not go away

    guided = sys.modules.get("atheris") is not None
    (_guided if guided else _blind)(test, at, float(seconds), int(seed), parser.words)


def keep(folder: Path, kind: str, data: bytes, report: str) -> Path:
    """Write down an input that was found."""
    path = folder / "found" / f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(report, "utf-8", "backslashreplace")
    return path


def _peak() -> int:
    """Bytes that the process has had in memory at most; 0 where that is not known."""
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _guided(
    test: Callable[[bytes], None], folder: Path, seconds: float, seed: int, words: tuple[str, ...]
) -> None:
    """Let libFuzzer make inputs that come to new places of the code."""
    import atheris  # noqa: PLC0415 - need not be there

    options = [
        f"-max_total_time={int(seconds)}",
        f"-max_len={MAX_INPUT}",
        f"-seed={seed}",
        "-timeout=100000",  # time and memory are looked after here
        "-rss_limit_mb=0",
        "-handle_abrt=0",
        "-len_control=20",
        f"-artifact_prefix={folder}/",
    ]
    if words:
        dictionary = folder / "words"
        escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
        dictionary.write_text("".join(f'"{word}"\n' for word in escaped))
        options.append(f"-dict={dictionary}")
    atheris.Setup(["hostile", *options, str(folder / "corpus"), str(folder / "seeds")], test)
    atheris.Fuzz()


def _blind(
    test: Callable[[bytes], None], folder: Path, seconds: float, seed: int, words: tuple[str, ...]
) -> None:
    """Damage seeds by chance."""
    chance = random.Random(seed)  # noqa: S311 - repeatable
    seeds = [path.read_bytes() for path in sorted((folder / "seeds").iterdir())]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = bytearray(mutated(chance.choice(seeds), (), chance))
        for _ in range(chance.randrange(4) if words else 0):
            place = chance.randrange(len(data) + 1)
            data[place:place] = chance.choice(words).encode()
        test(bytes(data[:MAX_INPUT]))
