"""Public keys of extensions, and whether a signature was made with one.

A key is a ``SubjectPublicKeyInfo`` in DER, for RSA (RFC 8017, section 8.2) or for ECDSA on
the curve P-256 (FIPS 186-4). What DER and the limits of keys are is as strict as in the
libraries of YARA-X.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_SEQUENCE: Final = 0x30

_RSA: Final = bytes.fromhex("06092a864886f70d0101010500")
"""The algorithm of a key for RSA: an identifier, and NULL."""

_P256: Final = bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107")
"""The algorithm of a key on P-256: the identifiers of elliptic curves and of this one."""

_DIGEST_HEADS: Final = {
    20: bytes.fromhex("3021300906052b0e03021a05000414"),
    32: bytes.fromhex("3031300d060960864801650304020105000420"),
}
"""What stands before a digest of SHA-1 and of SHA-256 in a signature with RSA, by its size."""

_MOST_MODULUS_BITS: Final = 4096
_MOST_EXPONENT: Final = (1 << 33) - 1

_LEAST_PADDING: Final = 8

# The curve P-256: y² = x³ - 3x + b modulo a prime, with a point of prime order.
_PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_BASE_POINT: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_COORDINATE_SIZE: Final = 32


class Malformed(Exception):  # noqa: N818 - of data, not an error of ours
    """A key or a signature is none."""


class _Der:
    """A place in DER."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, tag: int) -> bytes:
        """Read an element; return its content."""
        data, start = self._data, self._place + 2
        if start > len(data) or data[start - 2] != tag:
            raise Malformed
        size = data[start - 1]
        if size >= 0x80:
            count = size & 0x7F
            encoded = data[start : start + count]
            size = int.from_bytes(encoded, "big")
            if not 1 <= count <= 4 or len(encoded) < count or encoded[0] == 0 or size < 0x80:
                raise Malformed
            start += count
        self._place = start + size
        if self._place > len(data):
            raise Malformed
        return data[start : self._place]

    def number(self) -> int:
        """Read an integer that is not negative."""
        content = self.take(_INTEGER)
        is_minimal = content[:1] != b"\0" or len(content) == 1 or content[1] >= 0x80
        if not content or content[0] >= 0x80 or not is_minimal:
            raise Malformed
        return int.from_bytes(content, "big")

    def finish(self) -> None:
        """Check that nothing is left."""
        if self._place != len(self._data):
            raise Malformed


@dataclass(frozen=True, slots=True)
class RsaKey:
    """A key for RSA."""

    modulus: int
    exponent: int

    def has_signed(self, digest: bytes, signature: bytes) -> bool:
        """Whether a signature is one of a digest, which may be signed with its name or alone."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.modulus:
            return False
        found = pow(number, self.exponent, self.modulus).to_bytes(size, "big")
        return any(
            found == b"\0\1" + b"\xff" * (size - len(signed) - 3) + b"\0" + signed
            for signed in (_DIGEST_HEADS[len(digest)] + digest, digest)
            if size >= len(signed) + 3 + _LEAST_PADDING
        )


@dataclass(frozen=True, slots=True)
class EllipticKey:
    """A key on the curve P-256."""

    point: tuple[int, int]

    def has_signed(self, digest: bytes, signature: bytes) -> bool:
        """Whether a signature is one of a digest."""
        try:
            outer = _Der(signature)
            numbers = _Der(outer.take(_SEQUENCE))
            outer.finish()
            r, s = numbers.number(), numbers.number()
            numbers.finish()
        except Malformed:
            return False
        if not (0 < r < _ORDER and 0 < s < _ORDER):
            return False
        inverse = pow(s, -1, _ORDER)
        first = int.from_bytes(digest, "big") * inverse % _ORDER
        found = _sum(_multiple(first, _BASE_POINT), _multiple(r * inverse % _ORDER, self.point))
        return found is not None and found[0] % _ORDER == r


def rsa_key(encoded: bytes) -> RsaKey:
    """Read a key for RSA.  May raise Malformed."""
    numbers = _Der(_bits(encoded, _RSA))
    inside = _Der(numbers.take(_SEQUENCE))
    numbers.finish()
    modulus, exponent = inside.number(), inside.number()
    inside.finish()
    is_good = (
        modulus.bit_length() <= _MOST_MODULUS_BITS
        and modulus % 2
        and exponent % 2
        and 2 <= exponent < modulus
        and exponent <= _MOST_EXPONENT
    )
    if not is_good:
        raise Malformed
    return RsaKey(modulus, exponent)


def elliptic_key(encoded: bytes) -> EllipticKey:
    """Read a key on P-256.  May raise Malformed."""
    point = _bits(encoded, _P256)
    kind, body = point[:1], point[1:]
    x = int.from_bytes(body[:_COORDINATE_SIZE], "big")
    square = (x**3 - 3 * x + _B) % _PRIME
    if kind == b"\4" and len(body) == 2 * _COORDINATE_SIZE:
        y = int.from_bytes(body[_COORDINATE_SIZE:], "big")
    elif kind in (b"\2", b"\3") and len(body) == _COORDINATE_SIZE:
        y = pow(square, (_PRIME + 1) // 4, _PRIME)
        if y % 2 != kind[0] % 2:
            y = _PRIME - y
    else:
        raise Malformed
    if x >= _PRIME or y >= _PRIME or y * y % _PRIME != square:
        raise Malformed
    return EllipticKey((x, y))


def _bits(encoded: bytes, algorithm: bytes) -> bytes:
    """Return the key itself of a ``SubjectPublicKeyInfo``."""
    outer = _Der(encoded)
    inside = _Der(outer.take(_SEQUENCE))
    outer.finish()
    found = inside.take(_SEQUENCE)
    bits = inside.take(_BIT_STRING)
    inside.finish()
    if found != algorithm or bits[:1] != b"\0":
        raise Malformed
    return bits[1:]


# -- the curve ------------------------------------------------------------------------------


def _sum(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    """Add two points; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _PRIME == 0:
        return None
    if one == other:
        slope = 3 * (x1 * x1 - 1) * pow(2 * y1, -1, _PRIME) % _PRIME
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, _PRIME) % _PRIME
    x = (slope * slope - x1 - x2) % _PRIME
    return x, (slope * (x1 - x) - y1) % _PRIME


def _multiple(factor: int, point: tuple[int, int]) -> tuple[int, int] | None:
    total: tuple[int, int] | None = None
    for bit in f"{factor:b}":
        total = _sum(total, total)
        if bit == "1":
            total = _sum(total, point)
    return total
