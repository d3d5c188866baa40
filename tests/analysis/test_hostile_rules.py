"""Rules that have very many of something: the time grows with the text, not with its square."""

from __future__ import annotations

import contextlib
import time

import pytest

import miniyara
from miniyara import limits

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
    "sets": "rule a { strings: "
    + " ".join(f'$a{i} = "text{i}"' for i in range(2_000))
    + " condition: "
    + " or ".join(["any of ($a*)"] * 10_000)
    + " }",
    "a name": f"rule {'a' * 1_000_000} {{ condition: true }}",
    "parentheses": f"rule a {{ condition: {'(' * 1_000_000}",
    "digits": f"rule a {{ condition: 1.{'9' * 1_000_000} > 0x{'f' * 1_000_000} }}",
    "comments": f'rule a {{ strings: $a = "abcd" {"/**/ " * MANY} condition: $a }}',
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_very_many(source: str) -> None:
    start = time.process_time()
    with contextlib.suppress(miniyara.SyntaxError):
        miniyara.compile(source=source)
    # A second or two; with the square of the size it is a minute.
    assert time.process_time() - start < 15


def test_strings_under_very_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ANCHORS_OF_VARIANTS", 1_000)
    strings = " ".join(f'$a{i:02} = "some text {i:02}" xor' for i in range(20))
    rules = miniyara.compile(source=f"rule a {{ strings: {strings} condition: any of them }}")
    anchors = rules._scanner.preparation.index.anchors  # noqa: SLF001 - not shown to users
    assert len(anchors) == 1_024
    data = b"".join(bytes(byte ^ i + 1 for byte in b"some text %02d " % i) for i in range(20))
    (match,) = rules.match(data=data)
    assert [string.instances[0].xor_key for string in match.strings] == list(range(1, 21))


@pytest.mark.parametrize(
    "sets",
    [
        "any of (" + ", ".join(["$*"] * 2_000) + ")",
        " or ".join(f"any of ({', '.join(['$*'] * count)})" for count in range(1, 70)),
    ],
)
def test_sets_that_name_strings_over_and_over(sets: str) -> None:
    strings = " ".join(f'$a{i} = "text{i}"' for i in range(1_000))
    with pytest.raises(miniyara.SyntaxError, match="sets name too many strings or rules"):
        miniyara.compile(source=f"rule a {{ strings: {strings} condition: {sets} }}")


def test_very_many_errors_are_shown() -> None:
    with pytest.raises(miniyara.SyntaxError) as raised:
        miniyara.compile(source=SOURCES["errors"])
    start = time.process_time()
    assert len([error.render() for error in raised.value.diagnostics]) == MANY
    assert time.process_time() - start < 10
