"""What can be scanned: data, files, and what cannot."""

from __future__ import annotations

import array
import io
import mmap
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.scanning import files

if TYPE_CHECKING:
    from tests.api.conftest import Probe, Same

RULES = r"""
rule found { strings: $a = "abc" $utf8 = "\xc3\xa9" condition: any of them }
rule empty { condition: filesize == 0 }
"""


def scan(engine: Any, *arguments: Any, **named: Any) -> object:
    return engine.compile(source=RULES).match(*arguments, **named)


class Index:
    """Not an integer, but good as one."""

    def __index__(self) -> int:
        return 2


PROBES: dict[str, Probe] = {
    "nothing": scan,
    "nothing and a wrong callback": lambda engine: scan(engine, callback=1),
    "filepath None": lambda engine: scan(engine, None),
    "filepath int": lambda engine: scan(engine, 1),
    "filepath with NUL": lambda engine: scan(engine, "a\0b"),
    "filepath empty": lambda engine: scan(engine, ""),
    "filepath missing": lambda engine: scan(engine, "/no/such/file"),
    "filepath folder": lambda engine: scan(engine, "/usr"),
    "filepath wins": lambda engine: scan(engine, "/no/such/file", data=b"abc"),
    "pid -1": lambda engine: scan(engine, pid=-1),
    "pid None": lambda engine: scan(engine, pid=None),
    "pid float": lambda engine: scan(engine, pid=1.5),
    "pid too big": lambda engine: scan(engine, pid=1 << 31),
    "pid too small": lambda engine: scan(engine, pid=-(1 << 31) - 1),
    "pid and data": lambda engine: scan(engine, pid=1, data=b"abc"),
    "data None": lambda engine: scan(engine, data=None),
    "data int": lambda engine: scan(engine, data=5),
    "data list": lambda engine: scan(engine, data=[]),
    "data file": lambda engine: scan(engine, data=io.BytesIO(b"abc")),
    "data empty": lambda engine: scan(engine, data=b""),
    "data bytes": lambda engine: scan(engine, data=b"xabcabc"),
    "data bytearray": lambda engine: scan(engine, data=bytearray(b"xabc")),
    "data memoryview": lambda engine: scan(engine, data=memoryview(b"xabcx")[1:]),
    "data array": lambda engine: scan(engine, data=array.array("I", [0x00636261, 0x00636261])),
    "data str": lambda engine: scan(engine, data="xabcé"),
    "data str with surrogate": lambda engine: scan(engine, data="\udc80"),
    "fast None": lambda engine: scan(engine, data=b"abcabc", fast=None),
    "fast str": lambda engine: scan(engine, data=b"abcabc", fast="no"),
    "timeout None": lambda engine: scan(engine, data=b"", timeout=None),
    "timeout float": lambda engine: scan(engine, data=b"", timeout=1.5),
    "timeout str": lambda engine: scan(engine, data=b"", timeout="1"),
    "timeout negative": lambda engine: scan(engine, data=b"", timeout=-1),
    "timeout too big": lambda engine: scan(engine, data=b"", timeout=1 << 31),
    "timeout index": lambda engine: scan(engine, data=b"", timeout=Index()),
    "in yara-python's order": lambda engine: scan(
        engine, "/no/such/file", -1, b"", {}, print, True, 5, {}, print, 3, print, print, True
    ),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())
def test_same(same: Same, probe: Probe) -> None:
    same(probe)


def test_wrong_calls(engine: Any) -> None:
    with pytest.raises(TypeError):
        scan(engine, data=b"", path="x")
    with pytest.raises(TypeError):
        scan(engine, *"abcdefghijklmn")


def test_map(engine: Any) -> None:
    with mmap.mmap(-1, 4096) as data:
        data[100:103] = b"abc"
        assert str(scan(engine, data=data)) == "[found]"


@pytest.mark.parametrize("contents", [b"", b"abc", b"x" * 5000 + b"abc"], ids=len)
def test_files(same: Same, tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "target"
    path.write_bytes(contents)
    same(lambda engine: scan(engine, str(path)))


def test_mapped_file(same: Same, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAP_THRESHOLD", 100)
    path = tmp_path / "target"
    path.write_bytes(b"x" * 200 + b"abc")
    with files.open_target(str(path)) as data:
        assert isinstance(data, mmap.mmap)
    assert data.closed
    same(lambda engine: scan(engine, str(path)))


def test_file_that_shrinks_during_the_scan(tmp_path: Path) -> None:
    # libyara maps the file, and fails.
    path = tmp_path / "target"
    with path.open("wb") as file:
        file.truncate(40 << 20)
    rules = miniyara.compile(
        source='import "console" rule a { condition: console.log("") and uint8(filesize - 1) == 0 }'
    )
    matches = rules.match(path, console_callback=lambda _: os.truncate(path, 0))
    assert str(matches) == "[a]"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="these are Linux's")
@pytest.mark.parametrize(
    "path", ["/dev/null", "/dev/zero", "/proc/self/maps", "/proc/self", "/sys/kernel/profiling"]
)
def test_special_files(same: Same, path: str) -> None:
    same(lambda engine: scan(engine, path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_fifo_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(miniyara.Error, match=f'^could not open file "{path}"$'):
        scan(miniyara, path)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets here")
def test_sockets(same: Same, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        same(lambda engine: scan(engine, path))


@pytest.mark.skipif(os.name == "nt", reason="these are not names of files there")
@pytest.mark.parametrize(
    "name", [r"C:\folder\file.txt", r"\\host\share", "caf\u00e9", "a\nb", "-a b*"]
)
def test_names_from_elsewhere(same: Same, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"abc")
    same(lambda engine: scan(engine, str(path)))
    path.write_text(RULES, encoding="utf-8")
    same(lambda engine: engine.compile(filepath=str(path)).match(data=b"abc"))


@pytest.mark.skipif(os.name == "nt", reason="names are not bytes there")
def test_more_kinds_of_paths(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9"
    for same_path in (path, os.fsdecode(path), Path(os.fsdecode(path))):
        with open(path, "wb") as file:  # noqa: PTH123 - the name is no text
            file.write(b"abc")
        assert str(scan(miniyara, same_path)) == "[found]"
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(RULES.encode())
        rules = miniyara.compile(filepath=same_path)
        rules.save(same_path)
        assert str(miniyara.load(same_path).match(data=b"abc")) == "[found]"


LARGE = """
import resource, sys, miniyara

resource.setrlimit(resource.RLIMIT_DATA, (256 << 20, 256 << 20))
[match] = miniyara.compile(source=sys.argv[2]).match(sys.argv[1])
print([instance.offset for instance in match.strings[0].instances])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there that limit is one of memory")
@pytest.mark.skipif(sys.maxsize < 1 << 32, reason="too large for addresses of 32 bits")
@pytest.mark.skipif("MINIYARA_LARGE" not in os.environ, reason="takes long; set MINIYARA_LARGE")
def test_a_file_of_more_than_4_gib_in_256_mib_of_memory(tmp_path: Path) -> None:
    path, offset = tmp_path / "large", 4500 << 20
    with path.open("wb") as file:
        file.seek(offset)
        file.write(b"needle")
        file.truncate(offset + (64 << 20))
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.skip("files have no holes here")
    rule = f'rule a {{ strings: $a = "needle" condition: $a and uint8({offset}) == 0x6e }}'
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", LARGE, str(path), rule],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.stdout, done.stderr) == (f"[{offset}]\n", "")
