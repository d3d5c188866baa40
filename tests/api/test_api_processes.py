"""Scanning a process: the same on both engines, on a child that holds known bytes."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara
from miniyara.modules import find as find_module
from miniyara.modules.interface import Function, Structure, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.conftest import Same

    from miniyara.modules.interface import Declaration

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

CHILD = """
import ctypes, mmap, sys
page = mmap.PAGESIZE
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
# Three pages at an address of our own, with a gap, and a border between regions inside.
base = 0x10_0000_0000
for address, protection in ((base, 3), (base + page, 1), (base + 3 * page, 3)):
    made = libc.mmap(address, page, 3, 0x32, -1, 0)
    assert made == address
def put(offset, data):
    ctypes.memmove(base + offset, data, len(data))
def secret(text):  # not in this process's own constants
    return bytes(each ^ 0x55 for each in text)
put(0, secret(b"B^CEB"))
put(64, secret(bytes(each ^ 0x55 for each in b"hidden-NEEDLE-1")))
put(100, secret(bytes(each ^ 0x55 for each in b"word")))
put(page - 6, secret(bytes(each ^ 0x55 for each in b"split-in-two")))
put(page + 200, secret(bytes(each ^ 0x55 for each in b"hidden-needle-2")))
put(page - 100, bytes(range(100, 120)))
put(3 * page, secret(bytes(each ^ 0x55 for each in b"hidden-needle-3")))
put(3 * page + 1000, bytes(range(256)))
for address, protection in ((base, 3), (base + page, 1), (base + 3 * page, 3)):
    libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(page), protection)
if len(sys.argv) > 1:
    header = bytes.fromhex(sys.argv[1])
    assert libc.mmap(base + 5 * page, page, 3, 0x32, -1, 0) == base + 5 * page
    put(5 * page, header)
print(page, flush=True)
sys.stdin.read()
"""

BASE = 0x10_0000_0000
AREA = f"({BASE}..{BASE + 0x10000})"


@pytest.fixture(scope="module")
def child() -> Iterator[int]:
    with running() as pid:
        yield pid


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[int]:
    """Run the child; yields its number."""
    with subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, "-c", CHILD, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"4096"
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


def in_area(engine: Any, source: str, pid: int, **arguments: Any) -> object:
    """The rules that match, and the places in the memory that the child has set up."""
    return [
        (
            match.rule,
            [
                (
                    string.identifier,
                    [
                        (each.offset, each.matched_length, each.matched_data, each.xor_key)
                        for each in string.instances
                        if BASE <= each.offset < BASE + 0x10000
                    ],
                )
                for string in match.strings
            ],
        )
        for match in engine.compile(source=source).match(pid=pid, **arguments)
    ]


STRINGS = [
    '"hidden-needle-" nocase',
    '"hidden-needle-"',
    r"/hidden-needle-\d/",
    "{ 68 69 64 64 65 6E 2D ?? 65 65 64 6C 65 2D ( 32 | 33 ) }",
    '"word" fullword',
    '"hidden-needle-2" xor(0-3)',
    '"split-"',
    '"in-two"',
    '"split-in-two"',
    r"/split-in-two/",
    r"/in-two\b/",
    "{ 68 69 64 64 65 6E [4-8] 2D 33 }",
    "{ F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB FC FD FE FF 00 00 }",
]


@pytest.mark.parametrize("string", STRINGS)
def test_strings(string: str, child: int, same: Same) -> None:
    source = f"rule a {{ strings: $a = {string} condition: $a in {AREA} }}"
    same(lambda engine: in_area(engine, source, child))


CONDITIONS = [
    "filesize > 0",
    "filesize == 0",
    "not defined filesize",
    "defined entrypoint",
    f"$a at {BASE + 4096 + 200}",
    f"$a at {BASE + 4096 + 201}",
    "$a at 200",
    f"#a in {AREA} == 3",
    f"#a in {AREA} == 2",
    f"for any i in (1..#a) : ( @a[i] == {BASE + 64} )",
    f"for any i in (1..#a) : ( @a[i] == {BASE + 3 * 4096} and !a[i] == 15 )",
    f"uint8({BASE + 64}) == 0x68",
    f"uint32be({BASE + 64}) == 0x68696464",
    f"uint32({BASE + 4093}) == 0x742d6e69",
    f"defined uint32({BASE + 4093})",
    f"defined uint32({BASE + 4092})",
    f"defined uint8({BASE + 2 * 4096 + 4095})",
    f"defined uint8({BASE + 4 * 4096})",
    "defined uint8(0)",
    "defined uint8(-1)",
    f"math.entropy({BASE + 3 * 4096 + 1000}, 256) == 8.0",
    f"defined math.entropy({BASE + 4096 - 50}, 100)",
    f'hash.md5({BASE + 64}, 15) == hash.md5("hidden-NEEDLE-1")',
    f"defined math.mean({BASE + 4096 + 4000}, 200)",
    "defined math.mean(0, 200)",
    f"for any of ($a, $b) : ( $ in {AREA} )",
    "any of them",
    "false",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(condition: str, child: int, same: Same) -> None:
    source = f"""
        import "math"
        import "hash"
        rule a {{
            strings: $a = /hidden-needle-\\d/ nocase $b = "word"
            condition: {condition} or (#a + #b == 123456789)
        }}
    """
    same(lambda engine: in_area(engine, source, child))


ARGUMENTS = {"i": "1", "s": '"a"', "r": "/a/", "f": "1.0", "b": "1 == 1"}


def questions(declaration: Declaration, path: str) -> Iterator[str]:
    """Every field of a module that is no list, and every function in each of its forms."""
    match declaration:
        case Structure():
            for name, member in declaration.members.items():
                yield from questions(member, f"{path}.{name}")
        case Function():
            for letters in declaration.overloads:
                yield f"{path}({', '.join(ARGUMENTS[letter] for letter in letters)})"
        case Type():
            yield path


@pytest.mark.parametrize("module", miniyara.modules)
def test_modules(module: str, child: int) -> None:
    found = find_module(module)
    if found is None:
        pytest.skip("not on this machine")
    asked = list(questions(found.declaration, module))
    source = f'import "{module}"\n' + "\n".join(
        f"rule r{number} {{ condition: defined {question} }}"
        for number, question in enumerate(asked)
    )

    def answers(engine: Any) -> list[str]:
        rules = engine.compile(source=source)
        matches = rules.match(pid=child, console_callback=lambda _: None)
        return [asked[int(match.rule[1:])] for match in matches]

    ours = answers(miniyara)
    try:
        expected = answers(yara)
    except yara.SyntaxError:  # its libyara is built without the module
        return
    assert ours == expected


def test_a_fixed_address(child: int, same: Same) -> None:
    """Libyara records no other match then, and the address is one of the process."""
    for address in (BASE + 4096 + 200, BASE + 64, 200):
        source = f'rule a {{ strings: $a = "hidden-needle-" condition: $a at {address} }}'
        same(partial(in_area, source=source, pid=child))


def elf(bits: int, kind: int) -> bytes:
    start = b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9)
    return (
        start + struct.pack("<HHI" + ("I" if bits == 32 else "Q"), kind, 62, 1, 0x1234) + bytes(99)
    )


def pe(characteristics: int) -> bytes:
    headers = struct.pack("<4sHHIIIHH", b"PE", 0x14C, 1, 0, 0, 0, 224, characteristics)
    optional = struct.pack("<H14xI", 0x10B, 0x1234) + bytes(400)
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + headers + optional


@pytest.mark.parametrize(
    "header",
    [elf(64, 2), elf(32, 2), elf(64, 3), elf(32, 3), pe(0x102), pe(0x2102), b"MZ"],
    ids=["ELF64", "ELF32", "ELF64 library", "ELF32 library", "PE", "DLL", "none"],
)
def test_entry_points(header: bytes, same: Same) -> None:
    """The region of the child is the first: the interpreter's own are at higher addresses."""
    source = f"""
        rule there {{ condition: entrypoint == {BASE + 5 * 4096 + 0x1234} }}
        rule anywhere {{ condition: defined entrypoint }}
    """
    with running(header.hex()) as pid:
        same(partial(in_area, source=source, pid=pid))


def test_many_strings(child: int, same: Same) -> None:
    """With many strings, memory is swept for them."""
    strings = " ".join(f'$a{number} = "hidden-{number:04}-not"' for number in range(200))
    source = f"""
        rule many {{ strings: {strings} $b = "hidden-needle-" condition: any of them }}
        rule private_ones {{ strings: $p = "hidden-needle-" private condition: $p }}
        rule none {{ condition: false }}
        global rule all {{ condition: true }}
    """
    same(lambda engine: in_area(engine, source, child))


def test_what_goes_with_a_scan(child: int, same: Same) -> None:
    source = 'rule a { strings: $a = "hidden-needle-" condition: $a } rule b { condition: false }'

    def probe(engine: Any) -> object:
        told: list[object] = []

        def callback(report: dict[str, Any]) -> None:
            told.append((report["rule"], report["matches"], report["namespace"]))

        engine.set_config(max_match_data=5)
        try:
            found = in_area(engine, source, child, callback=callback, fast=True)
        finally:
            engine.set_config(max_match_data=512)
        return told, [rule for rule, _ in found]  # type: ignore[attr-defined]

    same(probe)


def test_too_many_matches(child: int, engine: Any) -> None:
    told: list[Any] = []
    source = "rule a { strings: $a = { 00 } condition: $a }"
    engine.compile(source=source).match(
        pid=child, warnings_callback=lambda *message: told.append(message)
    )
    assert [(kind, tuple(message)) for kind, message in told] == [(6, ("default", "a", "$a"))]


def test_a_timeout(child: int, engine: Any) -> None:
    source = """rule a {
        condition: for all i in (0..100000000) : ( for all j in (0..100000000) : ( i + j > -1 ) )
    }"""
    with pytest.raises(engine.TimeoutError, match=r"^scanning timed out$"):
        engine.compile(source=source).match(pid=child, timeout=1)


def test_processes_that_cannot_be_read(same: Same) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, 0x7FFF_FFFF, -2, 0):
        same(partial(in_area, source="", pid=pid))


def test_a_process_that_has_ended(same: Same) -> None:
    """Until its parent has asked for its status, it is there without any memory."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    same(lambda engine: engine.compile(source="").match(pid=process.pid))
    process.wait()


def test_a_process_of_somebody_else(child: int) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    program = f"""
import os, yara, miniyara
rules = [engine.compile(source="rule a {{ condition: true }}") for engine in (yara, miniyara)]
for each in rules:
    each.match(data=b"")  # loads what the other user may not be able to
os.setgid(12345); os.setuid(12345)
for each, engine in zip(rules, (yara, miniyara)):
    try:
        print(each.match(pid={child}))
    except engine.Error as error:
        print(error)
"""
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("access denied\naccess denied\n", "")


def test_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = miniyara.compile(source="rule a { condition: true }")
    monkeypatch.setattr("miniyara.scanning.process.sys.platform", "win32")
    with pytest.raises(miniyara.Error, match=r"^access denied$") as caught:
        rules.match(pid=os.getpid())
    assert str(caught.value.__cause__) == "processes can be scanned on Linux only, not on win32"


def test_this_process(engine: Any) -> None:
    secret = bytes(each ^ 1 for each in b"own!secret!text")
    source = f"rule a {{ strings: $a = {{ {secret.hex(' ')} }} condition: $a }}"
    assert [match.rule for match in engine.compile(source=source).match(pid=os.getpid())] == ["a"]
