"""An extension of Chrome: a header with signatures, and a ZIP archive.

Follows YARA-X's ``modules/crx/parser.rs``. Version 2 has one key and one signature,
version 3 a message of Protocol Buffers with several.
"""

from __future__ import annotations

import hashlib
import struct
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.crx import keys, protobuf
from miniyara.modules.crx.archive import archive
from miniyara.modules.crx.limits import MOST_HEADER, MOST_SIGNATURES
from miniyara.modules.crx.manifest import Manifest, manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from miniyara.deadline import Deadline
    from miniyara.modules.crx.archive import Archive

_MAGIC: Final = b"Cr24"

_START_3: Final = 12
"""Where the header of version 3 begins: behind the magic, the version and its size."""
_START_2: Final = 16
"""Where the key of version 2 begins: behind the sizes of key and signature, too."""

_ID_SIZE: Final = 16

# Fields of the messages of version 3.
_RSA_PROOF: Final = 2
_ELLIPTIC_PROOF: Final = 3
_SIGNED_HEADER: Final = 10_000
_PUBLIC_KEY: Final = 1
_SIGNATURE: Final = 2
_CRX_ID: Final = 1

_CONTEXT_3: Final = b"CRX3 SignedData\0"
"""What is signed before the signed part of the header, its size and the archive."""

_STRETCH: Final = 1 << 20

_LETTERS: Final = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature and the key that it should be of."""

    key: bytes
    signature: bytes
    read_key: Callable[[bytes], keys.RsaKey | keys.EllipticKey]

    @property
    def encoded_key(self) -> bytes:
        """The key in base64."""
        return b64encode(self.key)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the archive."""

    version: int
    size: int
    """Bytes of keys and signatures, or of the message that has them."""
    crx_id: bytes
    proofs: Sequence[Proof]
    signed: bytes
    """What is signed before the archive."""
    archive_start: int


class CrxFile:
    """An extension."""

    def __init__(self, data: Any, header: Header, contents: Archive, deadline: Deadline) -> None:
        self.header = header
        self._data = data
        self._contents = contents
        self._deadline = deadline
        self._verified: dict[int, bool] = {}

    @property
    def id(self) -> bytes:
        """The identifier, each half of a byte as a letter from a to p."""
        return self.header.crx_id.hex().encode("ascii").translate(_LETTERS)

    @cached_property
    def manifest(self) -> Manifest | None:
        """What the manifest says; None if there is none or it is not sound."""
        return manifest(self._contents)

    def is_verified(self, index: int) -> bool:
        """Whether a signature was made with its key."""
        if index not in self._verified:
            self._verified[index] = self._verify(self.header.proofs[index])
        return self._verified[index]

    def _verify(self, proof: Proof) -> bool:
        self._deadline.check()
        try:
            key = proof.read_key(proof.key)
        except keys.Malformed:
            return False
        return key.has_signed(self._digest, proof.signature)

    @cached_property
    def _digest(self) -> bytes:
        """The digest of what is signed."""
        algorithm = "sha1" if self.header.version == 2 else "sha256"
        digest = hashlib.new(algorithm, self.header.signed, usedforsecurity=False)
        for start in range(self.header.archive_start, len(self._data), _STRETCH):
            self._deadline.check()
            digest.update(self._data[start : start + _STRETCH])
        return digest.digest()

    @cached_property
    def permhash(self) -> bytes:
        """The SHA-256 of all permissions, as text."""
        found = self.manifest
        permissions = b"" if found is None else b"".join(found.lists["permissions"])
        return hashlib.sha256(permissions).hexdigest().encode("ascii")


def crx_file(data: Any, deadline: Deadline) -> CrxFile | None:
    """Return the data as an extension, or None if they are none."""
    header = _header(data)
    contents = None if header is None else archive(data, header.archive_start, deadline)
    if header is None or contents is None:
        return None
    return CrxFile(data, header, contents, deadline)


def _header(data: Any) -> Header | None:
    start = bytes(data[:_START_2])
    if len(start) < _START_3 or not start.startswith(_MAGIC):
        return None
    version, first, second = struct.unpack("<3I", start[4:].ljust(12, b"\0"))
    if version == 2 and len(start) == _START_2:
        return _version_2(data, first, second)
    return _version_3(data, first) if version == 3 else None


def _version_2(data: Any, key_size: int, signature_size: int) -> Header | None:
    size = key_size + signature_size
    end = _START_2 + size
    if end > len(data) or size > MOST_HEADER:
        return None
    key = bytes(data[_START_2 : _START_2 + key_size])
    signature = bytes(data[_START_2 + key_size : end])
    crx_id = hashlib.sha256(key).digest()[:_ID_SIZE]
    return Header(2, size, crx_id, [Proof(key, signature, keys.rsa_key)], b"", end)


def _version_3(data: Any, size: int) -> Header | None:
    end = _START_3 + size
    if end > len(data) or size > MOST_HEADER:
        return None
    message = bytes(data[_START_3:end])
    try:
        signed = protobuf.last_field(message, _SIGNED_HEADER)
        if signed is None:
            return None
        crx_id = protobuf.last_field(signed, _CRX_ID) or b""
        proofs = [
            *_proofs(message, _RSA_PROOF, keys.rsa_key),
            *_proofs(message, _ELLIPTIC_PROOF, keys.elliptic_key),
        ]
    except protobuf.Malformed:
        return None
    signed = _CONTEXT_3 + struct.pack("<I", len(signed)) + signed
    return Header(3, size, crx_id, proofs[:MOST_SIGNATURES], signed, end)


def _proofs(
    message: bytes, kind: int, read_key: Callable[[bytes], keys.RsaKey | keys.EllipticKey]
) -> Iterator[Proof]:
    """Yield the signatures of a kind that are whole."""
    for number, proof in protobuf.fields_of_bytes(message):
        if number == kind:
            key = protobuf.last_field(proof, _PUBLIC_KEY)
            signature = protobuf.last_field(proof, _SIGNATURE)
            if key is not None and signature is not None:
                yield Proof(key, signature, read_key)
