"""The chain of certificates from a signer's to the last issuer that is at hand.

Whether anybody trusts that one is not asked. Follows ``parse_signer_chain`` in
``certificate.c`` of libyara's ``authenticode-parser``, which has OpenSSL 1.1 verify the
certificate with no trusted ones (``build_chain`` in ``x509_vfy.c``).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.authenticode.algorithms import SIGNING_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.modules.pe.authenticode.certificates import Certificate, PublicKey, Time

_LONGEST: Final = 100
"""Issuers in a chain (the depth that OpenSSL verifies to)."""

_STRICT_LENGTHS: Final = (13, 15)


def chain_of(signer: Certificate, certificates: Sequence[Certificate]) -> list[Certificate]:
    """Return the signer's certificate, that of its issuer and so on."""
    chain = [signer]
    left = list(certificates)
    while len(chain) <= _LONGEST and not _is_self_signed(chain[-1]):
        issuer = _find_issuer(chain, left)
        if issuer is None:
            break
        left = [certificate for certificate in left if certificate is not issuer]
        chain.append(issuer)
    return chain


def _find_issuer(chain: list[Certificate], left: list[Certificate]) -> Certificate | None:
    """Return the first issuer whose certificate is valid now, or the last of the others."""
    found = None
    for candidate in left:
        if _has_issued(candidate, chain[-1]) and candidate.raw not in (
            certificate.raw for certificate in chain
        ):
            found = candidate
            if _is_current(candidate):
                break
    return found


def _has_issued(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether one has issued the other; that it was not made for that does not matter."""
    return (
        issuer.subject.canonical == certificate.issuer.canonical
        and issuer.links.is_valid
        and certificate.links.is_valid
        and _fits(certificate, issuer)
        and _could_sign(issuer.key, certificate.signed_algorithm)
    )


def _is_self_signed(certificate: Certificate) -> bool:
    links = certificate.links
    return (
        certificate.subject.canonical == certificate.issuer.canonical
        and links.is_valid
        and _fits(certificate, certificate)
        and links.may_sign_certificates
    )


def _fits(certificate: Certificate, issuer: Certificate) -> bool:
    return certificate.links.fits_issuer(issuer.links.key_id, issuer.serial, issuer.issuer)


def _could_sign(key: PublicKey, algorithm: str) -> bool:
    """Whether a key is one for the algorithm that a certificate was signed with."""
    if key.algorithm not in SIGNING_KEYS.get(algorithm, ()):
        return False
    return not key.is_rsa or key.rsa() is not None


def _is_current(certificate: Certificate) -> bool:
    now = time.time()
    return (
        _is_strict(certificate.not_before)
        and _is_strict(certificate.not_after)
        and certificate.not_before.seconds <= now <= certificate.not_after.seconds
    )


def _is_strict(moment: Time) -> bool:
    """Whether a time has seconds and is in UTC, as certificates must have it."""
    return len(moment.text) in _STRICT_LENGTHS and moment.text.endswith(b"Z")
