"""What the recorded fields of the crx module don't show: its function, and hostile files."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from crx_writer import ARCHIVE, FILES, MANIFEST, packed, version_2
from recorded import HAS_YARA_X

import miniyara
from miniyara.deadline import NEVER
from miniyara.modules.crx.file import crx_file
from miniyara.modules.crx.limits import MOST_JSON


def permhash(data: bytes) -> str | None:
    logged: list[str] = []
    miniyara.compile(
        source='import "crx" import "console" rule r { condition: console.log(crx.permhash()) }'
    ).match(data=data, console_callback=logged.append)
    return logged[0] if logged else None


def test_permhash() -> None:
    permissions = MANIFEST["permissions"]
    expected = hashlib.sha256("".join(permissions).encode()).hexdigest()
    assert permhash(version_2(ARCHIVE)) == expected
    assert permhash(FILES["archive without manifest"]) == hashlib.sha256().hexdigest()
    assert permhash(b"no extension") is None


@pytest.mark.skipif(not HAS_YARA_X, reason="there is no yara-x")
@pytest.mark.parametrize("name", ["version 2", "version 3", "archive without manifest", "nothing"])
def test_permhash_in_yara_x(name: str) -> None:
    import yara_x  # noqa: PLC0415 - not always there

    expected = permhash(FILES[name])
    condition = (
        "not defined crx.permhash()" if expected is None else f'crx.permhash() == "{expected}"'
    )
    rules = yara_x.compile(f'import "crx" rule r {{ condition: {condition} }}')
    assert rules.scan(FILES[name]).matching_rules


def test_data_in_a_mutable_buffer() -> None:
    data = bytearray(version_2(ARCHIVE))
    file = crx_file(data, NEVER)
    assert file is not None
    assert file.manifest is not None
    assert file.is_verified(0)


def test_a_manifest_that_fills_the_memory() -> None:
    archive = packed({"manifest.json": b"x"})
    central = archive.index(b"PK\1\2")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    spaces = b" " * (1 << 20)
    content = b"".join(packer.compress(spaces) for _ in range((MOST_JSON >> 20) + 1))
    content += packer.flush()
    head = bytearray(archive[: central - 1])
    entry = bytearray(archive[central:])
    entry[10:12] = b"\x08\0"
    entry[20:24] = len(content).to_bytes(4, "little")
    place = entry.index(b"PK\5\6") + 16
    entry[place : place + 4] = (len(head) + len(content)).to_bytes(4, "little")
    file = crx_file(version_2(bytes(head) + content + bytes(entry)), NEVER)
    assert file is not None
    assert file.manifest is None
