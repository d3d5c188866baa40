"""Countersignatures: who confirms when a signature was made.

The older kind is a signer more, whose certificate is with the others; the kind of RFC 3161
is a signature of its own. Follows ``countersignature.c`` of libyara's
``authenticode-parser`` and OpenSSL 1.1's ``ts_rsp_verify.c``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.authenticode import cms, der
from miniyara.modules.pe.authenticode.algorithms import DIGESTS
from miniyara.modules.pe.authenticode.certificates import (
    Certificate,
    Time,
    read_algorithm,
    read_extension,
)
from miniyara.modules.pe.authenticode.chains import chain_of
from miniyara.modules.pe.authenticode.extensions import read_general_name
from miniyara.modules.pe.authenticode.objects import LONG_NAMES, UNKNOWN
from miniyara.modules.pe.authenticode.pkcs7 import (
    MESSAGE_DIGEST,
    SIGNING_TIME,
    NotSigned,
    SignedData,
    read_signed_data,
    read_signer,
)
from miniyara.modules.pe.authenticode.verification import (
    CannotVerify,
    digest_of,
    is_signed_by,
    recovered,
)
from miniyara.modules.plain import PlainStructure, Rows
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.modules.pe.authenticode.pkcs7 import Signer
    from miniyara.values import Undefined

_TIMESTAMP_INFO: Final = "1.2.840.113549.1.9.16.1.4"


@dataclass(slots=True)
class Countersignature:
    """A countersignature, as far as it could be read."""

    verified: int | Undefined = 0
    sign_time: int = 0
    digest_alg: str | None = None
    digest: bytes | None = None
    chain: Sequence[Certificate] = ()
    certificates: Sequence[Certificate] = field(default=())
    """Those that it brings along."""

    def as_value(self) -> PlainStructure:
        """Return the item of ``countersignatures``."""
        chain = self.chain
        return PlainStructure(
            {
                "verified": self.verified,
                "sign_time": self.sign_time,
                "digest_alg": text(self.digest_alg),
                "digest": hexadecimal(self.digest),
                "length_of_chain": len(chain),
                "chain": Rows(chain, lambda index: chain[index].as_value()),
            }
        )


def text(name: str | None) -> bytes | Undefined:
    """Return a name as rules see it."""
    return UNDEFINED if name is None else name.encode("utf-8")


def hexadecimal(digest: bytes | None) -> bytes | Undefined:
    """Return a digest as rules see it; an empty one is none."""
    return digest.hex().encode("ascii") if digest else UNDEFINED


def algorithm_name(identifier: str) -> str:
    """Return OpenSSL's name of an algorithm."""
    return LONG_NAMES.get(identifier, UNKNOWN)


# -- the older kind -------------------------------------------------------------------------


def read_countersigner(
    data: bytes, certificates: Sequence[Certificate], signature: bytes
) -> Countersignature:
    """Read a signer who has signed a signature, with his certificate among those."""
    found = Countersignature()
    try:
        signer = read_signer(der.Reader.of(data))
    except der.Malformed:
        return found
    found.digest_alg = algorithm_name(signer.digest_algorithm)
    time = signer.signed_value(SIGNING_TIME)
    if time is None:
        return found
    found.sign_time = Time(time.tag, der.value_of(time)).seconds
    certificate = signer.certificate(certificates)
    if certificate is None:
        return found
    found.chain = chain_of(certificate, certificates)
    digest = signer.signed_value(MESSAGE_DIGEST)
    if digest is None or not der.value_of(digest) or signer.digest_algorithm not in DIGESTS:
        return found
    found.digest = der.value_of(digest)
    found.verified = int(_has_signed(signer, certificate, found.digest, signature))
    return found


def _has_signed(signer: Signer, certificate: Certificate, digest: bytes, signature: bytes) -> bool:
    """Whether the signer has signed his attributes, and those name the signature."""
    algorithm = signer.digest_algorithm
    expected = digest_of(algorithm, signer.signed_attributes or b"")
    found = recovered(certificate.key, signer.signature)
    if expected is None or found is None:
        return False
    if len(found) != len(expected):
        # Most wrap the digest up with the name of its algorithm; some do not.
        try:
            info = der.Reader.of(found).inside()
            read_algorithm(info)
            found = info.text(der.OCTET_STRING)
            info.finish()
        except der.Malformed:
            return False
    return found == expected and digest == digest_of(algorithm, signature)


# -- RFC 3161 -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TimestampInfo:
    """What the service confirms."""

    version: int
    algorithm: str
    digest: bytes
    time: Time


def read_timestamp(data: bytes, signature: bytes) -> Countersignature:
    """Read the confirmation of a service that a signature was there at a time."""
    found = Countersignature()
    is_cms = False
    try:
        try:
            signed = read_signed_data(data)
        except der.Malformed:
            signed = cms.read_cms(data)
            is_cms = True
        info = _read_info(signed)
    except (der.Malformed, NotSigned):
        return found
    found.sign_time = info.time.seconds
    certificate = cms.signer_certificate(signed) if is_cms else signed.signer_certificate()
    if certificate is None or signed.certificates is None:
        return found
    found.certificates = signed.certificates
    found.chain = chain_of(certificate, signed.certificates)
    found.digest_alg = algorithm_name(info.algorithm)
    found.digest = info.digest
    if not info.digest or info.digest != digest_of(info.algorithm, signature):
        return found
    if info.version == 1:
        assert signed.content is not None, "the information was read from it"
        content = der.string(signed.content)
        signer = signed.signers[0]
        if is_cms:
            found.verified = int(cms.has_digest(signed, signer, content))
            return found
        try:
            found.verified = int(is_signed_by(signed, signer, certificate.key, content))
        except CannotVerify:
            found.verified = UNDEFINED
    return found


def _read_info(signed: SignedData) -> _TimestampInfo:
    content = signed.content
    if signed.content_type != _TIMESTAMP_INFO or content is None:
        raise NotSigned
    if content.tag != der.OCTET_STRING:
        raise NotSigned
    reader = der.Reader.of(der.string(content)).inside()
    version = reader.integer()
    reader.object()
    imprint = reader.inside()
    algorithm, digest = read_algorithm(imprint), imprint.text(der.OCTET_STRING)
    imprint.finish()
    reader.integer()
    time = reader.expect(der.GENERALIZED_TIME)
    if reader.has(der.SEQUENCE):
        _check_accuracy(reader.inside())
    if reader.has(der.BOOLEAN):
        der.check(reader.take())
    if reader.has(der.INTEGER):
        reader.integer()
    service = reader.explicit(0)
    if service is not None:
        read_general_name(service)
        service.finish()
    if reader.has(der.CONTEXT | 1):
        for extension in reader.each(der.CONTEXT | 1):
            read_extension(extension)
    reader.finish()
    return _TimestampInfo(version, algorithm, digest, Time(time.tag, der.string(time)))


def _check_accuracy(reader: der.Reader) -> None:
    if reader.has(der.INTEGER):
        reader.integer()
    for tag in (der.CONTEXT, der.CONTEXT | 1):
        if reader.has(tag):
            der.integer(reader.take())
    reader.finish()
