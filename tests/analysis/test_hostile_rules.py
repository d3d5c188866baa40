"""Rules that have very many of something: the time grows with the text, not with its square."""

from __future__ import annotations

import contextlib
import time

import pytest

import miniyara

MANY = 40_000

SOURCES = {
    "strings": "rule a { strings: "
    + " ".join(f'$a{i} = "text{i}"' for i in range(MANY))
    + " condition: "
    + " or ".join(f"$a{i}" for i in range(MANY))
    + " }",
    "tags": f"rule a : {' '.join(f't{i}' for i in range(MANY))} {{ condition: true }}",
    "warnings": "\n".join(f'rule a{i} {{ condition: "x" }}' for i in range(MANY)),
    "errors": "\n".join(f"rule a{i} {{ condition: ) }}" for i in range(MANY)),
    "metadata": "rule a { meta: "
    + " ".join(f"m{i} = {i}" for i in range(MANY))
    + " condition: true }",
    "comments": f'rule a {{ strings: $a = "abcd" {"/**/ " * MANY} condition: $a }}',
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_very_many(source: str) -> None:
    start = time.process_time()
    with contextlib.suppress(miniyara.SyntaxError):
        miniyara.compile(source=source)
    # A second or two; with the square of the size it is a minute.
    assert time.process_time() - start < 15
