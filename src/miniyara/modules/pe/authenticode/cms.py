"""CMS, the successor of PKCS #7: Microsoft's countersignatures have certificates of it.

Follows OpenSSL 1.1's ``cms_asn1.c`` and ``cms_sd.c``, and what ``countersignature.c`` of
libyara's ``authenticode-parser`` makes of them where PKCS #7 does not do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.algorithms import DIGESTS
from miniyara.modules.pe.authenticode.certificates import (
    Certificate,
    check_revocations,
    read_algorithm,
    read_certificate,
    read_certificates,
)
from miniyara.modules.pe.authenticode.pkcs7 import (
    MESSAGE_DIGEST,
    SIGNED_DATA,
    NotSigned,
    SignedData,
    Signer,
    read_issuer_and_serial,
    read_rest_of_signer,
)
from miniyara.modules.pe.authenticode.verification import digest_of

if TYPE_CHECKING:
    from miniyara.modules.pe.authenticode.der import Element, Reader

_INT32: Final = range(-(2**31), 2**31)

_OTHER_CERTIFICATES: Final = (der.CONTEXT, der.CONTEXT | 1, der.CONTEXT | 2)
_OTHER_FORMAT: Final = der.CONTEXT | 3


def read_cms(data: bytes) -> SignedData:
    """Read a signature; certificates that are not of X.509 are left out.

    Raises Malformed, or NotSigned if it is something else.
    """
    outer = der.Reader.of(data).inside()
    if outer.object() != SIGNED_DATA:
        raise NotSigned
    explicit = outer.inside(der.CONTEXT)
    reader = explicit.inside()
    version = _small(reader)
    algorithms = [read_algorithm(each) for each in reader.each(der.SET)]
    content_type, content = _read_content(reader.inside())
    certificates = None
    if reader.has(der.CONTEXT):
        choices = read_certificates(reader.each(der.CONTEXT), _read_choice)
        certificates = [choice for choice in choices if choice is not None] or None
    if reader.has(der.CONTEXT | 1):
        for each in reader.each(der.CONTEXT | 1):
            if each.has(der.SEQUENCE):
                check_revocations(each)
            else:
                _check_other_format(each.expect(der.CONTEXT | 1))
    signers = [_read_signer(each) for each in reader.each(der.SET)]
    for level in (reader, explicit, outer):
        level.finish()
    return SignedData(version, algorithms, content_type, content, certificates, signers)


def _small(reader: Reader) -> int:
    number = reader.integer()
    if number not in _INT32:
        raise der.Malformed
    return number


def _read_content(reader: Reader) -> tuple[str, Element | None]:
    content_type = reader.object()
    explicit = reader.explicit(0)
    content = None
    if explicit is not None:
        content = explicit.expect(der.OCTET_STRING)
        der.string(content)
        explicit.finish()
    reader.finish()
    return content_type, content


def _read_choice(reader: Reader) -> Certificate | None:
    if reader.has(der.SEQUENCE):
        return read_certificate(reader)
    element = reader.take()
    if element.tag not in (*_OTHER_CERTIFICATES, _OTHER_FORMAT) or not element.is_constructed:
        raise der.Malformed
    if element.tag == _OTHER_FORMAT:
        _check_other_format(element)
    return None


def _check_other_format(element: Element) -> None:
    if not element.is_constructed:
        raise der.Malformed
    parts = der.Reader(element.data, element.body, element.stop)
    parts.object()
    if parts:
        parts.anything()
    parts.finish()


def _read_signer(reader: Reader) -> Signer:
    signer = reader.inside()
    _small(signer)
    if signer.has(der.CONTEXT):
        return read_rest_of_signer(signer, None, 0, signer.text(der.CONTEXT))
    return read_rest_of_signer(signer, *read_issuer_and_serial(signer), None)


def signer_certificate(signed: SignedData) -> Certificate | None:
    """Return the certificate of the first signer whose certificate is there."""
    found = (signer.certificate(signed.certificates or ()) for signer in signed.signers)
    return next((certificate for certificate in found if certificate is not None), None)


def has_digest(signed: SignedData, signer: Signer, content: bytes) -> bool:
    """Whether the signer's attributes name the digest of the content.

    libyara leaves it at that (``CMS_SignerInfo_verify_content``), and does not verify that
    the attributes are signed. Without attributes nothing is verified.
    """
    if any(algorithm not in DIGESTS for algorithm in signed.digest_algorithms):
        return False
    name = DIGESTS.get(signer.digest_algorithm)
    if name not in [DIGESTS[algorithm] for algorithm in signed.digest_algorithms]:
        return False
    values = [each.values for each in signer.signed if each.identifier == MESSAGE_DIGEST]
    if len(values) != 1 or len(values[0]) != 1 or values[0][0].tag != der.OCTET_STRING:
        return False
    return der.string(values[0][0]) == digest_of(signer.digest_algorithm, content)
