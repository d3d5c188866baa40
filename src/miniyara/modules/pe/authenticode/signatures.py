"""The signatures of a PE file, and whether they are signatures of this file.

Follows ``authenticode.c`` of libyara's ``authenticode-parser``, and
``pe_parse_certificates`` and ``_process_authenticode`` in ``modules/pe/pe.c``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.certificates import read_algorithm
from miniyara.modules.pe.authenticode.chains import chain_of
from miniyara.modules.pe.authenticode.limits import (
    MAX_ATTRIBUTE_VALUES,
    MAX_SIGNATURE_SIZE,
    MAX_SIGNATURES,
)
from miniyara.modules.pe.authenticode.pkcs7 import (
    MESSAGE_DIGEST,
    NotSigned,
    first_values,
    read_signed_data,
)
from miniyara.modules.pe.authenticode.timestamps import (
    Countersignature,
    algorithm_name,
    hexadecimal,
    read_countersigner,
    read_timestamp,
    text,
)
from miniyara.modules.pe.authenticode.verification import (
    CannotVerify,
    is_signed_by,
    new_digest,
)
from miniyara.modules.pe.constants import DIRECTORIES
from miniyara.modules.plain import EMPTY_ARRAY, EMPTY_STRUCTURE, PlainStructure, Rows
from miniyara.modules.ranges import blocks
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miniyara.modules.interface import Value
    from miniyara.modules.pe.authenticode.certificates import Certificate
    from miniyara.modules.pe.authenticode.der import Element
    from miniyara.modules.pe.authenticode.pkcs7 import SignedData, Signer
    from miniyara.modules.pe.image import Image
    from miniyara.values import Undefined

_INDIRECT_DATA: Final = "1.3.6.1.4.1.311.2.1.4"
_OPUS_INFO: Final = "1.3.6.1.4.1.311.2.1.12"
_NESTED_SIGNATURE: Final = "1.3.6.1.4.1.311.2.4.1"
_COUNTERSIGNATURE: Final = "1.2.840.113549.1.9.6"
_TIMESTAMP: Final = "1.3.6.1.4.1.311.3.3.1"

_CERTIFICATE_HEADER_SIZE: Final = 8

_CHECKSUM_AT: Final = 64
_DIRECTORY_AT: Final = {False: 128, True: 144}
"""Where in the optional header the directory of the signatures is, by whether it is that
of a PE file of 64 bits."""


@dataclass(slots=True)
class Signature:
    """A signature, as far as it could be read."""

    certificates: list[Certificate]
    digest_algorithm: str | None = None
    """The identifier of the algorithm that the file was digested with."""
    digest: bytes = b""
    """The digest of the file that was signed."""
    file_digest: bytes | None = None
    """The digest of this file."""
    has_signer: bool = True
    """Whether there are a signer and the signer's certificate."""
    verified: int | Undefined = 0
    signer: Mapping[str, Value | Undefined] | None = None
    """The fields of the signer; None if the signature is of something else."""
    chain: Sequence[Certificate] = ()
    countersignatures: list[Countersignature] = field(default_factory=list)

    def as_value(self) -> PlainStructure:
        """Return the item of ``pe.signatures``."""
        members: dict[str, Any] = dict(self.chain[0].members()) if self.chain else {}
        certificates, chain = self.certificates, self.chain
        countersignatures = self.countersignatures
        members |= {
            "verified": self.verified,
            "digest_alg": UNDEFINED,
            "digest": hexadecimal(self.digest),
            "file_digest": hexadecimal(self.file_digest),
            "number_of_certificates": len(certificates),
            "certificates": Rows(certificates, lambda index: certificates[index].as_value()),
            "signer_info": EMPTY_STRUCTURE,
            "number_of_countersignatures": len(countersignatures),
            "countersignatures": Rows(
                countersignatures, lambda index: countersignatures[index].as_value()
            ),
        }
        if self.digest_algorithm is not None:
            members["digest_alg"] = text(algorithm_name(self.digest_algorithm))
        if self.signer is not None:
            signer = {
                **self.signer,
                "length_of_chain": len(chain),
                "chain": Rows(chain, lambda index: chain[index].as_value()),
            }
            members["signer_info"] = PlainStructure(signer)
        return PlainStructure(members)


class Signatures:
    """All signatures of a file, those inside of others included."""

    def __init__(self, items: Sequence[Signature]) -> None:
        self.items = items

    @property
    def is_signed(self) -> int | Undefined:
        """Whether one of them is verified; undefined if that can't be found out here."""
        results = [signature.verified for signature in self.items]
        if 1 in results:
            return 1
        return UNDEFINED if UNDEFINED in results else 0

    def as_value(self) -> Value:
        """Return ``pe.signatures``."""
        items = self.items
        return Rows(items, lambda index: items[index].as_value()) if items else EMPTY_ARRAY


def parse_signatures(image: Image) -> Signatures:
    """Read the signatures and compare them with the file."""
    place, size = image.directory(DIRECTORIES["IMAGE_DIRECTORY_ENTRY_SECURITY"])
    # Other than in all other directories the address is an offset.
    if not place or max(place, size, place + size & 0xFFFF_FFFF) > image.size:
        return Signatures(())
    if size < _CERTIFICATE_HEADER_SIZE or not image.fits(place, _CERTIFICATE_HEADER_SIZE):
        return Signatures(())
    length = image.double_word(place)
    if not _CERTIFICATE_HEADER_SIZE < length <= MAX_SIGNATURE_SIZE:
        return Signatures(())
    if not image.fits(place, length):
        return Signatures(())
    reader = _Reader(image)
    reader.read(bytes(image.data[place + _CERTIFICATE_HEADER_SIZE : place + length]))
    for signature in reader.found:
        _compare(signature, image, place)
    # libyara leaves out signatures without a signer; but of those with a digest that is not
    # that of the file, it remembers nothing else.
    return Signatures(
        [
            signature
            for signature in reader.found
            if signature.has_signer or signature.file_digest not in (None, signature.digest)
        ]
    )


def _compare(signature: Signature, image: Image, end: int) -> None:
    """Compare the digest that was signed with that of the file."""
    algorithm = signature.digest_algorithm
    digest = None if algorithm is None else new_digest(algorithm)
    if digest is None or not signature.digest:
        signature.verified = 0
        return
    checksum = image.optional_header + _CHECKSUM_AT
    directory = image.optional_header + _DIRECTORY_AT[image.is_64bit]
    # What signing changes is left out; what is behind the signatures is never read.
    for start, stop in ((0, checksum), (checksum + 4, directory), (directory + 8, end)):
        for block in blocks(image.data, range(start, stop), image.deadline):
            digest.update(block)
    signature.file_digest = digest.digest()
    if signature.file_digest != signature.digest:
        signature.verified = 0


class _Reader:
    """Reads a signature and those inside of it."""

    def __init__(self, image: Image) -> None:
        self.found: list[Signature] = []
        self._image = image
        self._left = MAX_SIGNATURES

    def read(self, data: bytes) -> None:
        """Read a signature; one that is too badly broken does not count."""
        self._image.deadline.check()
        self._left -= 1
        if self._left < 0:
            return
        try:
            signed = read_signed_data(data)
        except (der.Malformed, NotSigned):
            return
        if signed.certificates is None:
            return
        signature = Signature(list(signed.certificates))
        content = _content(signed)
        if content is None:
            self.found.append(signature)
            return
        signature.digest_algorithm, signature.digest = content
        signature.signer = {}
        self.found.append(signature)
        if not signed.signers:
            signature.has_signer = False
            return
        signer = signed.signers[0]
        for value in _values(signer, _NESTED_SIGNATURE):
            self.read(der.value_of(value))
        self._read_countersignatures(signature, signed, signer)
        certificate = signed.signer_certificate()
        if certificate is None:
            signature.has_signer = False
            return
        signature.chain = chain_of(certificate, signed.certificates)
        digest = signer.signed_value(MESSAGE_DIGEST)
        if digest is None:
            return
        signature.signer = {
            "program_name": text(_program_name(signer.signed_value(_OPUS_INFO))),
            "digest_alg": text(algorithm_name(signer.digest_algorithm)),
            "digest": hexadecimal(der.value_of(digest)),
        }
        assert signed.content is not None, "the digest was read from it"
        # What is signed is the content without its header; OpenSSL was taught that only
        # for the version that all signatures of this kind have.
        data = signed.content.content if signed.version == 1 else signed.content.raw
        try:
            signature.verified = int(is_signed_by(signed, signer, certificate.key, data))
        except CannotVerify:
            signature.verified = UNDEFINED

    def _read_countersignatures(
        self, signature: Signature, signed: SignedData, signer: Signer
    ) -> None:
        certificates = signed.certificates or ()
        for value in _values(signer, _COUNTERSIGNATURE):
            self._image.deadline.check()
            signature.countersignatures.append(
                read_countersigner(der.value_of(value), certificates, signer.signature)
            )
        for value in _values(signer, _TIMESTAMP):
            self._image.deadline.check()
            timestamp = read_timestamp(der.value_of(value), signer.signature)
            signature.countersignatures.append(timestamp)
            signature.certificates += timestamp.certificates


def _values(signer: Signer, attribute: str) -> Sequence[Element]:
    return first_values(signer.unsigned, attribute)[:MAX_ATTRIBUTE_VALUES]


def _content(signed: SignedData) -> tuple[str, bytes] | None:
    """Return algorithm and digest of what was signed, or None if it was not a file."""
    if signed.content_type != _INDIRECT_DATA or signed.content is None:
        return None
    try:
        reader = der.Reader.of(der.value_of(signed.content)).inside()
        kind = reader.inside()
        kind.object()
        if kind:
            kind.anything()
        kind.finish()
        info = reader.inside()
        algorithm, digest = read_algorithm(info), info.text(der.OCTET_STRING)
        info.finish()
        reader.finish()
    except der.Malformed:
        return None
    return algorithm, digest


def _program_name(value: Element | None) -> str | None:
    """Return the name that the signer gave to the program, up to a NUL."""
    if value is None:
        return None
    data = der.value_of(value)
    try:
        reader = der.Reader.of(data).inside()
        name = reader.explicit(0)
        if name is None:
            return None
        decoded = _read_text(name)
        name.finish()
        _check_link(reader)
        reader.finish()
    except (der.Malformed, UnicodeDecodeError):
        return None
    return decoded.partition("\0")[0] if len(decoded.encode("utf-8")) < len(data) else None


def _read_text(reader: der.Reader) -> str:
    element = reader.take()
    if element.tag not in (der.CONTEXT, der.CONTEXT | 1):
        raise der.Malformed
    encoding = "utf-16-be" if element.tag == der.CONTEXT else "latin-1"
    return der.string(element).decode(encoding)


def _check_link(reader: der.Reader) -> None:
    """Read where there is more about the program."""
    link = reader.explicit(1)
    if link is None:
        return
    if link.has(der.CONTEXT | 1):
        moniker = link.inside(der.CONTEXT | 1)
        moniker.text(der.OCTET_STRING)
        moniker.text(der.OCTET_STRING)
        moniker.finish()
    elif link.has(der.CONTEXT | 2):
        file = link.inside(der.CONTEXT | 2)
        _read_text(file)
        file.finish()
    else:
        link.text(der.CONTEXT)
    link.finish()
