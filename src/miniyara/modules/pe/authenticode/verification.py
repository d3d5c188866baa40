"""Whether a signature was made with the key of a certificate.

RSA is a power and a comparison. What else there is (elliptic curves, DSA) is verified
with the package ``cryptography`` where it is installed (the extra ``pe``). Follows
OpenSSL 1.1's ``rsa_sign.c``, ``rsa_pk1.c`` and ``pk7_doit.c``.
"""

from __future__ import annotations

import hashlib
import warnings
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.algorithms import DIGESTS, DSA_KEYS, EC_KEYS
from miniyara.modules.pe.authenticode.pkcs7 import MESSAGE_DIGEST

if TYPE_CHECKING:
    from miniyara.modules.pe.authenticode.certificates import PublicKey
    from miniyara.modules.pe.authenticode.pkcs7 import SignedData, Signer

_MAX_MODULUS_BITS: Final = 16_384
_SMALL_MODULUS_BITS: Final = 3072
_MAX_EXPONENT_BITS: Final = 64
"""OpenSSL's limits for public keys; the last is for moduli that are not small."""

_LEAST_PADDING: Final = 8

_DIGEST_OBJECTS: Final = {
    "md4": "1.2.840.113549.2.4",
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "ripemd160": "1.3.36.3.2.1",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha512_224": "2.16.840.1.101.3.4.2.5",
    "sha512_256": "2.16.840.1.101.3.4.2.6",
    "sha3_224": "2.16.840.1.101.3.4.2.7",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
}
"""How a signature with RSA names the digest, by hashlib's name."""


class CannotVerify(Exception):  # noqa: N818 - of an installation, not an error of ours
    """The package that would verify this signature is not installed."""


def new_digest(algorithm: str) -> Any:
    """Return an object of hashlib for an algorithm's identifier, or None if it has none."""
    name = DIGESTS.get(algorithm)
    if name is None:
        return None
    try:
        return hashlib.new(name, usedforsecurity=False)
    except ValueError:  # OpenSSL has been built without it
        return None


def digest_of(algorithm: str, data: bytes) -> bytes | None:
    """Return the digest of ``data``, or None if the algorithm is unknown."""
    digest = new_digest(algorithm)
    if digest is None:
        return None
    digest.update(data)
    computed: bytes = digest.digest()
    return computed


def recovered(key: PublicKey, signature: bytes) -> bytes | None:
    """Return what was signed with RSA, without the padding, or None if nothing comes out."""
    numbers = key.rsa() if key.is_rsa else None
    if numbers is None:
        return None
    modulus, exponent = numbers
    bits = modulus.bit_length()
    size = (bits + 7) // 8
    number = int.from_bytes(signature, "big")
    if (
        modulus <= 0
        or not 0 < exponent < modulus
        or bits > _MAX_MODULUS_BITS
        or (bits > _SMALL_MODULUS_BITS and exponent.bit_length() > _MAX_EXPONENT_BITS)
        or len(signature) > size
        or number >= modulus
    ):
        return None
    padded = pow(number, exponent, modulus).to_bytes(size, "big")
    text = padded[2:].lstrip(b"\xff")
    padding = size - 2 - len(text)
    if padded[:2] != b"\0\1" or padding < _LEAST_PADDING or text[:1] != b"\0":
        return None
    return text[1:]


def is_signed_with(key: PublicKey, algorithm: str, data: bytes, signature: bytes) -> bool:
    """Whether a signature of ``data``, digested with an algorithm, is one of the key.

    Raises CannotVerify if that is a matter for a package that is not installed.
    """
    digest = digest_of(algorithm, data)
    if digest is None:
        return False
    if key.algorithm in DSA_KEYS | EC_KEYS:
        return _is_signed_otherwise(key, DIGESTS[algorithm], data, signature)
    numbers = key.rsa() if key.is_rsa else None
    if numbers is None or len(signature) != (numbers[0].bit_length() + 7) // 8:
        return False
    identifier = _DIGEST_OBJECTS.get(DIGESTS[algorithm])
    return identifier is not None and recovered(key, signature) == _digest_info(identifier, digest)


def _digest_info(identifier: str, digest: bytes) -> bytes:
    algorithm = der.encoded(0x30, der.encoded_object(identifier) + b"\x05\x00")
    return der.encoded(0x30, algorithm + der.encoded(0x04, digest))


def is_signed_by(signed: SignedData, signer: Signer, key: PublicKey, content: bytes) -> bool:
    """Whether a signer has signed this content (``PKCS7_signatureVerify``).

    Raises CannotVerify if that is a matter for a package that is not installed.
    """
    names = [DIGESTS.get(algorithm) for algorithm in signed.digest_algorithms]
    name = DIGESTS.get(signer.digest_algorithm)
    if None in names or name not in names:
        return False
    attributes = signer.signed_attributes
    if attributes is None or not signer.signed:
        return is_signed_with(key, signer.digest_algorithm, content, signer.signature)
    digest = signer.signed_value(MESSAGE_DIGEST)
    if digest is None:
        return False
    if der.value_of(digest) != digest_of(signer.digest_algorithm, content):
        return False
    return is_signed_with(key, signer.digest_algorithm, attributes, signer.signature)


# -- with a package -------------------------------------------------------------------------


@cache
def _cryptography() -> tuple[Any, ...] | None:
    """Return what is needed of the package, or None; says once if it is missing."""
    primitives = "cryptography.hazmat.primitives"
    try:
        return (
            import_module(f"{primitives}.hashes"),
            import_module(f"{primitives}.serialization"),
            import_module(f"{primitives}.asymmetric.ec"),
            import_module(f"{primitives}.asymmetric.dsa"),
        )
    except ImportError:
        warnings.warn(
            "a signature that is not made with RSA is not verified, and pe.is_signed is "
            "undefined: install miniyara[pe]",
            RuntimeWarning,
            stacklevel=2,
        )
        return None


def _is_signed_otherwise(key: PublicKey, digest_name: str, data: bytes, signature: bytes) -> bool:
    packages = _cryptography()
    if packages is None:
        raise CannotVerify
    hashes, serialization, ec, dsa = packages
    digest = getattr(hashes, digest_name.upper(), None)
    if digest is None:
        return False
    try:
        public_key = serialization.load_der_public_key(key.encoded)
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(signature, data, ec.ECDSA(digest()))
        elif isinstance(public_key, dsa.DSAPublicKey):
            public_key.verify(signature, data, digest())
        else:
            return False
    except Exception:  # noqa: BLE001 - it has many for keys and signatures that are garbage
        return False
    return True
