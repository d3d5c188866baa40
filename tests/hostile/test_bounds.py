"""What holds of any rules and any data: a scan with a timeout ends soon after it.

The bounds of compiling are in ``tests/analysis/test_hostile_rules.py`` and
``tests/syntax/test_includes.py``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import tracemalloc
from typing import Any

import pytest

import miniyara
from miniyara import limits

SIZE = 4 << 20

DATA = {
    "one byte": b"a" * SIZE,
    "two bytes": b"ab" * (SIZE // 2),
    "all bytes": bytes(range(256)) * (SIZE // 256),
    "an executable": b"MZ".ljust(60, b"\0") + b"\x40\0\0\0PE\0\0\x64\x86\xff\xff" + bytes(SIZE),
}

STRINGS = [
    r"/\ba+\b/",
    "/(a|b)*c/",
    "/(a+)+$/",
    "/[ab]{1000,2000}c/",
    "/(((a|b){1,30}){1,30}){1,30}c/",
    "/a.*b.*c.*d/s",
    "/[a-z]+[0-9]/ wide",
    "{ 61 [0-300] 61 [0-300] 61 [0-300] 61 [0-300] 61 }",
    "{ ?? ?? ?? ?? }",
    '"aa" base64',
    '"a" xor',
    f'"{"aA" * 1000}" wide xor',
]

CONDITIONS = [
    "for all i in (0..filesize) : (uint8(i) >= 0)",
    'hash.md5(0, filesize) == "" or hash.sha256(0, filesize) == "" or hash.crc32(0, filesize) == 0',
    "math.serial_correlation(0, filesize) < -5 or math.monte_carlo_pi(0, filesize) < -5",
    'pe.calculate_checksum() == 1 or pe.imphash() == "" or dotnet.is_dotnet',
]

RULES = [
    (f"strings: $a = {string} condition: #a > 1000000 or $a", name)
    for string in STRINGS
    for name in ("one byte", "two bytes")
]
RULES += [
    (f"condition: {condition}", name)
    for condition in CONDITIONS
    for name in ("all bytes", "an executable")
]


@pytest.mark.parametrize(("rule", "name"), RULES, ids=range(len(RULES)))
def test_the_timeout_of_a_scan_holds(rule: str, name: str) -> None:
    modules = "".join(f'import "{module}" ' for module in ("math", "hash", "pe", "dotnet"))
    rules = miniyara.compile(source=f"{modules} rule a {{ {rule} }}")
    begun = time.process_time()
    with contextlib.suppress(miniyara.Error):  # out of time, or too many threads as in libyara
        rules.match(data=DATA[name], timeout=1, warnings_callback=go_on)
    # In the time of the processor: a second, and one more to come to a look at the clock.
    assert time.process_time() - begun < 2


def go_on(_kind: int, _string: Any) -> int:
    return miniyara.CALLBACK_CONTINUE


@pytest.mark.parametrize(
    "condition",
    [
        r"text matches /\ba+\b/",
        "for any i in (1..100000000) : (text icontains other)",
        "for any i in (1..100000000) : (text matches /b/)",
        'hash.sha256(text) == "" or math.entropy(text) < 0 or string.to_int(text) == 1',
    ],
)
def test_external_variables_of_any_size(condition: str) -> None:
    modules = "".join(f'import "{module}" ' for module in ("math", "hash", "string"))
    rules = miniyara.compile(
        source=f"{modules} rule a {{ condition: {condition} }}",
        externals={"text": "", "other": "b"},
    )
    begun = time.process_time()
    with contextlib.suppress(miniyara.TimeoutError):
        rules.match(data=b"", externals={"text": "a" * SIZE}, timeout=1)
    assert time.process_time() - begun < 2


FILE_NAMES = ["a\0b", "\ud800", "\udcff" * 200, "x" * 100_000, "../" * 3_000, "", "\n\x1b[2J"]


@pytest.mark.parametrize("name", FILE_NAMES, ids=range(len(FILE_NAMES)))
@pytest.mark.parametrize("use", ["match", "compile", "load", "save", "include", "scan_many"])
def test_file_names_of_any_kind(use: str, name: str) -> None:
    """They are refused with the exceptions of ``open()`` and of miniyara."""
    rules = miniyara.compile(source="rule a { condition: true }")
    try:
        if use == "match":
            rules.match(name)
        elif use == "compile":
            miniyara.compile(filepath=name)
        elif use == "load":
            miniyara.load(name)
        elif use == "save":
            rules.save("/none/" + name)
        elif use == "include":
            miniyara.compile(source=f'include "{name}"')
        else:
            (result,) = miniyara.scan_many([name], rules, workers=0)
            assert isinstance(result.error, miniyara.Error)
            return
    except (miniyara.Error, ValueError):
        return
    pytest.fail("there is no such file")


def scanned(strings: list[str], data: bytes) -> list[miniyara.Match]:
    """Scan with a rule for which all of some strings are counted."""
    declared = " ".join(f"$a{number} = {string}" for number, string in enumerate(strings))
    counts = " and ".join(f"#a{number} >= 0" for number in range(len(strings)))
    rules = miniyara.compile(source=f"rule a {{ strings: {declared} condition: {counts} }}")
    return rules.match(data=data)


TOO_MANY = {
    "dense": [f'"{"a" * length}"' for length in range(1, 9)],
    "scattered": [f"/a{{1,{length}}}/" for length in range(1, 9)],
    "chains": [f"{{ 61 [300-] 62 {length:02x} }}" for length in range(8)],
}


@pytest.mark.parametrize("kind", TOO_MANY)
def test_all_strings_together_have_a_limit(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a" * 5_000 + b"".join(b"b%c" % number for number in range(8))
    assert scanned(TOO_MANY[kind], data)
    monkeypatch.setattr(limits, "MAX_SCAN_MATCHES", 20_000)
    assert scanned(TOO_MANY[kind][:1], data[-1_000:])
    with pytest.raises(miniyara.Error, match="too many matches of all strings together"):
        scanned(TOO_MANY[kind], data)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are scanned on Linux")
def test_processes_have_the_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = miniyara.compile(source='rule a { strings: $a = "\\x00\\x00" condition: $a }')
    monkeypatch.setattr(limits, "MAX_SCAN_MATCHES", 10_000)
    with pytest.raises(miniyara.Error, match="too many matches of all strings together"):
        rules.match(pid=os.getpid())


def test_copies_of_matches_take_no_more_memory_than_the_data() -> None:
    data = b"a" * 2_000 + bytes(800_000)
    strings = [f"/a{{{length}}}/" for length in range(200, 208)]
    scanned(strings[:1], data)
    tracemalloc.start()
    try:
        (match,) = scanned(strings, data)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 1_500_000
    assert {instance.matched_data for instance in match.strings[7].instances} == {b"a" * 207}
