"""The rules and the data that the checks of behaviour share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from miniyara.testing.compatibility.check import Check

Probes: TypeAlias = Mapping[str, Callable[[Any, Path], object]]
"""Uses of the API by their names."""

SOURCE: Final = r"""
import "math"
import "console"
rule first : one two {
    meta: text = "t\xc3" number = 5 big = 4294967298 yes = true number = -7
    strings: $a = "abc" $b = "needle" xor(1-255) $c = /b+c/ $ = { 61 62 } $p = "c" private
    condition: any of them
}
private rule hidden { condition: true }
rule never { strings: $a = "not there" condition: $a }
rule says { condition: console.log("size ", filesize) and console.log("caf\xe9") }
rule asks { condition: number > 5 and text == "x" and flag and real > 0.5 }
global rule all_of_it { condition: true }
"""
EXTERNALS: Final = {"number": 6, "text": "x", "flag": True, "real": 1.5}
DATA: Final = b"--abc--bbbc" + bytes(each ^ 5 for each in b"needle") + b"\xff"


def checks_of(area: str, probes: Probes) -> Iterator[Check]:
    """Yield the checks of an area."""
    for name, probe in probes.items():
        yield Check(area, name, probe)


def rules_of(engine: Any) -> Any:
    """Compile the rules."""
    return engine.compile(source=SOURCE, externals=EXTERNALS)


def matches_of(engine: Any, **arguments: Any) -> Any:
    """Scan the data."""
    silent = {"console_callback": lambda _: None}
    return rules_of(engine).match(data=DATA, **{**silent, **arguments})
