"""YARA's ``hash`` module: digests and checksums of the data and of strings.

Follows libyara's ``modules/hash/hash.c``.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Final

from miniyara.modules.interface import Function, Structure, Type
from miniyara.modules.ranges import of_range, of_text
from miniyara.modules.static import StaticModule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _digest(algorithm: str) -> Callable[[Iterator[bytes]], bytes]:
    def hexdigest(blocks: Iterator[bytes]) -> bytes:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for block in blocks:
            digest.update(block)
        return digest.hexdigest().encode("ascii")

    return hexdigest


def _checksum32(blocks: Iterator[bytes]) -> int:
    return sum(map(sum, blocks)) & 0xFFFF_FFFF


def _crc32(blocks: Iterator[bytes]) -> int:
    checksum = 0
    for block in blocks:
        checksum = zlib.crc32(block, checksum)
    return checksum


def _function(result: Type, compute: Callable[[Iterator[bytes]], int | bytes]) -> Function:
    return Function(result, {"ii": of_range(compute), "s": of_text(compute)})


MODULE: Final = StaticModule(
    "hash",
    Structure(
        {
            "md5": _function(Type.STRING, _digest("md5")),
            "sha1": _function(Type.STRING, _digest("sha1")),
            "sha256": _function(Type.STRING, _digest("sha256")),
            "checksum32": _function(Type.INTEGER, _checksum32),
            "crc32": _function(Type.INTEGER, _crc32),
        }
    ),
)
