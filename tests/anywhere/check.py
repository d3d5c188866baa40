"""Check the installed package, also where the suite cannot run for want of yara-python.

    python tests/anywhere/check.py SAVED_RULES

in the project's folder checks the examples of README.md and libyara's recorded answers,
and that rules which were saved elsewhere load and are saved alike.  If there is no such
file, it is written.  Needs nothing but the package; exits with 1 if anything is wrong.
"""

from __future__ import annotations

import doctest
import io
import platform
import random
import sys
import time
from pathlib import Path
from typing import Final

_started = time.perf_counter()

import miniyara  # noqa: E402 - to import it is measured
from miniyara.command import main as command  # noqa: E402
from miniyara.testing.cases import read_cases  # noqa: E402
from miniyara.testing.tables import read_table  # noqa: E402

ANSWERS: Final = Path("tests/agreement")
SOURCE: Final = Path("examples/eqgrp_payload.yar").read_text(encoding="utf-8") + "".join(
    f'rule r{number} {{ strings: $a = "needle {number}" nocase $b = {{ {number:04} [2-4] FF }} '
    "condition: any of them }\n"
    for number in range(200)
)
DATA_SIZE: Final = 8 << 20


def documents() -> int:
    """Run the examples of README.md, and return how many are wrong."""
    failed, tried = doctest.testfile("README.md", module_relative=False)
    print(f"README.md: {tried} examples, {failed} wrong")
    status = command(["-r", "examples/eqgrp_payload.yar", "examples/found", "examples/near_misses"])
    return failed + status


def answers() -> int:
    """Ask all questions of the golden tables and cases, and return how many answers differ."""
    asked = 0
    different = []
    for path in sorted((ANSWERS / "tables").iterdir()):
        for row in read_table(path):
            asked += 1
            if str(row.answered_by(miniyara)) != str(row):
                different.append(f"{path}:{row.line}")
    for path in sorted((ANSWERS / "cases").iterdir()):
        for case in read_cases(path):
            asked += 1
            if case.answer(miniyara) != case.outcome:
                different.append(f"{path}:{case.line}")
    print(f"libyara's answers: {asked} asked, {len(different)} different", *different, sep="\n  ")
    return len(different)


def saved_rules(path: Path) -> int:
    """Load the rules at ``path``; return whether they or what they find differ."""
    stream = io.BytesIO()
    rules = miniyara.compile(source=SOURCE)
    rules.save(file=stream)
    if not path.exists():
        path.write_bytes(stream.getvalue())
    same = path.read_bytes() == stream.getvalue()
    loaded = miniyara.load(str(path))
    data = Path("examples/found/payload.py").read_bytes() + b"needle 150"
    found = loaded.match(data=data)
    same = same and str(found) == str(rules.match(data=data)) == "[EQGRP_payload, r1, r15, r150]"
    print(f"saved rules: {path.stat().st_size:,} bytes,", "the same" if same else "different")
    return not same


def speed() -> None:
    """Print how long it takes to import, to compile and to scan."""
    imported = time.perf_counter()
    rules = miniyara.compile(source=SOURCE)
    compiled = time.perf_counter()
    data = random.Random(2026).randbytes(DATA_SIZE)  # noqa: S311 - anything
    begun = time.perf_counter()
    rules.match(data=data)
    rate = DATA_SIZE / 1e6 / (time.perf_counter() - begun)
    print(f"imported in {imported - _started:.2f} s, 201 rules compiled in", end=" ")
    print(f"{compiled - imported:.2f} s, scanned at {rate:.1f} MB/s")


def main(saved: str) -> int:
    """Check all, print what was found, and return the exit status."""
    print(f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}")
    speed()
    wrong = documents() + answers() + saved_rules(Path(saved))
    print(f"{wrong} wrong" if wrong else "all is well")
    return int(wrong != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
