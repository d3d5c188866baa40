"""PKCS #7: the structure of a signature, with its certificates and signers.

Follows OpenSSL 1.1's ``pk7_asn1.c``, ``pk7_doit.c`` and ``pk7_attr.c``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.certificates import (
    Certificate,
    check_revocations,
    read_algorithm,
    read_certificate,
    read_certificates,
)
from miniyara.modules.pe.authenticode.names import Name, read_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.modules.pe.authenticode.der import Element, Reader

SIGNED_DATA: Final = "1.2.840.113549.1.7.2"

MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"


class NotSigned(Exception):  # noqa: N818 - of data, not an error of ours
    """The structure is none with a signature."""


class Attribute(NamedTuple):
    """What a signer says about the signature besides."""

    identifier: str
    values: Sequence[Element]


def first_values(attributes: Sequence[Attribute], identifier: str) -> Sequence[Element]:
    """Return the values of the first attribute of a kind."""
    return next((each.values for each in attributes if each.identifier == identifier), ())


@dataclass(frozen=True, slots=True)
class Signer:
    """What a signer has signed, and how."""

    issuer: Name | None
    serial: int
    """Issuer and number of the signer's certificate."""
    key_id: bytes | None
    """The identifier of the signer's key; only in CMS, and then there is no issuer."""
    digest_algorithm: str
    signed_attributes: bytes | None
    """The attributes that are signed, encoded as they are for that."""
    signed: Sequence[Attribute]
    signature: bytes
    unsigned: Sequence[Attribute]

    def signed_value(self, identifier: str) -> Element | None:
        """Return the first value of the first signed attribute of a kind."""
        return next(iter(first_values(self.signed, identifier)), None)

    def certificate(self, certificates: Sequence[Certificate]) -> Certificate | None:
        """Return the signer's certificate, if it is among those."""
        return next(
            (certificate for certificate in certificates if self._is_meant(certificate)),
            None,
        )

    def _is_meant(self, certificate: Certificate) -> bool:
        if self.issuer is None:
            return self.key_id == certificate.links.key_id
        return (
            certificate.serial == self.serial
            and certificate.issuer.canonical == self.issuer.canonical
        )


@dataclass(frozen=True, slots=True)
class SignedData:
    """A content and its signers."""

    version: int
    digest_algorithms: Sequence[str]
    content_type: str
    content: Element | None
    certificates: Sequence[Certificate] | None
    """None if there is no place for them."""
    signers: Sequence[Signer]

    def signer_certificate(self) -> Certificate | None:
        """Return the first signer's certificate, if those of all signers are there."""
        found = [signer.certificate(self.certificates or ()) for signer in self.signers]
        return found[0] if found and None not in found else None


def read_signed_data(data: bytes) -> SignedData:
    """Read a signature; what follows it does not matter.

    Raises Malformed, or NotSigned if it is well-formed and something else.
    """
    outer = der.Reader.of(data).inside()
    identifier = outer.object()
    explicit = outer.explicit(0)
    if identifier != SIGNED_DATA:
        raise NotSigned
    if explicit is None:
        outer.finish()
        raise NotSigned
    reader = explicit.inside()
    version = reader.integer()
    algorithms = [read_algorithm(each) for each in reader.each(der.SET)]
    content_type, content = _read_content(reader.inside())
    certificates = None
    if reader.has(der.CONTEXT):
        certificates = read_certificates(reader.each(der.CONTEXT), read_certificate)
    if reader.has(der.CONTEXT | 1):
        for each in reader.each(der.CONTEXT | 1):
            check_revocations(each)
    signers = [read_signer(each) for each in reader.each(der.SET)]
    for level in (reader, explicit, outer):
        level.finish()
    return SignedData(version, algorithms, content_type, content, certificates, signers)


def _read_content(reader: Reader) -> tuple[str, Element | None]:
    content_type = reader.object()
    explicit = reader.explicit(0)
    content = None
    if explicit is not None:
        content = explicit.anything()
        explicit.finish()
    reader.finish()
    return content_type, content


def read_signer(reader: Reader) -> Signer:
    """Read what a signer has signed."""
    signer = reader.inside()
    signer.integer()
    issuer, serial = read_issuer_and_serial(signer)
    return read_rest_of_signer(signer, issuer, serial, None)


def read_issuer_and_serial(signer: Reader) -> tuple[Name, int]:
    """Read what identifies a certificate."""
    reader = signer.inside()
    issuer, serial = read_name(reader), reader.integer()
    reader.finish()
    return issuer, serial


def read_rest_of_signer(
    signer: Reader, issuer: Name | None, serial: int, key_id: bytes | None
) -> Signer:
    """Read what comes after the identification of the signer's certificate."""
    digest_algorithm = read_algorithm(signer)
    encoded, signed = _read_attributes(signer, der.CONTEXT)
    read_algorithm(signer)
    signature = signer.text(der.OCTET_STRING)
    _, unsigned = _read_attributes(signer, der.CONTEXT | 1)
    signer.finish()
    return Signer(issuer, serial, key_id, digest_algorithm, encoded, signed, signature, unsigned)


def _read_attributes(reader: Reader, tag: int) -> tuple[bytes | None, Sequence[Attribute]]:
    """Read attributes, and encode them once more as a set."""
    if not reader.has(tag):
        return None, ()
    attributes = []
    encoded = []
    for elements in reader.each(tag):
        element = elements.expect(der.SEQUENCE)
        if not element.is_constructed:
            raise der.Malformed
        attribute = der.Reader(element.data, element.body, element.stop)
        identifier = attribute.object()
        values = [each.anything() for each in attribute.each(der.SET)]
        attribute.finish()
        attributes.append(Attribute(identifier, values))
        content = der.encoded_object(identifier) + der.encoded(
            0x31, b"".join(sorted(value.raw for value in values))
        )
        encoded.append(der.encoded(0x30, content))
    return der.encoded(0x31, b"".join(encoded)), attributes
