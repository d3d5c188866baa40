"""X.509 certificates: what rules can ask about them, and what building chains takes.

Follows ``certificate.c`` of libyara's ``authenticode-parser`` and OpenSSL 1.1's
``x_x509.c``, ``v3_purp.c`` and ``a_time.c``.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.algorithms import RSA_KEYS
from miniyara.modules.pe.authenticode.der import Reader
from miniyara.modules.pe.authenticode.extensions import Links, read_links
from miniyara.modules.pe.authenticode.limits import MAX_CERTIFICATES
from miniyara.modules.pe.authenticode.names import Name, read_name
from miniyara.modules.pe.authenticode.objects import LONG_NAMES, UNKNOWN
from miniyara.modules.plain import PlainStructure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from miniyara.modules.pe.authenticode.der import Element

_MOST_SERIAL_BYTES: Final = 20


NO_TIME: Final = -2_209_075_200
"""Seconds that stand for a time that is none: the day before the 20th century, because
C counts days from 1."""

_UTC: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})")
_GENERALIZED: Final = re.compile(
    rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.\d+)?)?(Z|[+-]\d{4})"
)


Item = TypeVar("Item")


class Time(NamedTuple):
    """A time as it is encoded."""

    type: int
    text: bytes

    @property
    def seconds(self) -> int:
        """Seconds since 1970, or :data:`NO_TIME`."""
        return _seconds(self.type, self.text)


def _seconds(type_: int, text: bytes) -> int:
    layout = {der.UTC_TIME: _UTC, der.GENERALIZED_TIME: _GENERALIZED}.get(type_)
    found = layout.fullmatch(text) if layout is not None else None
    if found is None:
        return NO_TIME
    *numbers, zone = found.groups(b"0")
    year, month, day, hour, minute, second = map(int, numbers)
    if type_ == der.UTC_TIME:
        year += 2000 if year < 50 else 1900
    if not (1 <= month <= 12 and hour < 24 and minute < 60 and second < 60):
        return NO_TIME
    # The Gregorian calendar repeats itself; Python has no year 0.
    cycles = 0 if year else 1
    year += cycles * 400
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return NO_TIME
    seconds = calendar.timegm((year, month, 1, hour, minute, second))
    seconds += (day - 1) * 86_400 - cycles * 146_097 * 86_400
    if zone != b"Z":
        hours, minutes = int(zone[1:3]), int(zone[3:])
        if hours > 12 or minutes > 59:
            return NO_TIME
        offset = 3600 * hours + 60 * minutes
        seconds += offset if zone[:1] == b"-" else -offset
    return seconds


def read_time(reader: Reader) -> Time:
    """Read a time, which may be any text of the two types."""
    element = reader.take()
    if element.tag not in (der.UTC_TIME, der.GENERALIZED_TIME):
        raise der.Malformed
    return Time(element.tag, der.string(element))


def read_algorithm(reader: Reader) -> str:
    """Read the identifier of an algorithm, which may have parameters."""
    algorithm = reader.inside()
    identifier = algorithm.object()
    if algorithm:
        algorithm.anything()
    algorithm.finish()
    return identifier


class PublicKey(NamedTuple):
    """A public key as it is encoded."""

    encoded: bytes
    """The whole ``SubjectPublicKeyInfo``."""
    algorithm: str
    bits: bytes

    @property
    def is_rsa(self) -> bool:
        """Whether it says to be a key for RSA."""
        return self.algorithm in RSA_KEYS

    def rsa(self) -> tuple[int, int] | None:
        """Return modulus and exponent, or None if they are not what an RSA key has."""
        try:
            numbers = Reader.of(self.bits).inside()
            modulus, exponent = (_number(numbers.expect(der.INTEGER)) for _ in range(2))
            numbers.finish()
        except der.Malformed:
            return None
        return modulus, exponent


def _number(element: Element) -> int:
    """Return an integer of a key, which is never negative and may have zeros in front."""
    if element.is_constructed:
        raise der.Malformed
    return int.from_bytes(element.content, "big")


@dataclass(frozen=True)
class Certificate:
    """A certificate."""

    raw: bytes = field(repr=False)
    version: int
    """Counted from 0."""
    serial: int
    serial_bytes: bytes
    algorithm: str
    signed_algorithm: str
    """The algorithm once more, in what is signed."""
    issuer: Name
    not_before: Time
    not_after: Time
    subject: Name
    key: PublicKey
    extensions: tuple[tuple[str, bytes], ...]

    @cached_property
    def thumbprint(self) -> bytes:
        """The digest by which it is known."""
        digest = hashlib.sha1(self.raw, usedforsecurity=False)
        return digest.hexdigest().encode("ascii")

    @cached_property
    def links(self) -> Links:
        """What ties it to the certificates before and behind it."""
        return read_links(self.extensions)

    def members(self) -> dict[str, int | bytes]:
        """Return the defined fields that rules see."""
        members: dict[str, int | bytes] = {
            "thumbprint": self.thumbprint,
            "issuer": self.issuer.line,
            "subject": self.subject.line,
            "version": self.version + 1,
            "algorithm": LONG_NAMES.get(self.algorithm, UNKNOWN).encode("ascii"),
            # OpenSSL has no numbers for what has no name.
            "algorithm_oid": (self.algorithm if self.algorithm in LONG_NAMES else "").encode(),
            "not_before": self.not_before.seconds,
            "not_after": self.not_after.seconds,
        }
        if len(self.serial_bytes) <= _MOST_SERIAL_BYTES:
            members["serial"] = self.serial_bytes.hex(":").encode("ascii")
        return members

    def as_value(self) -> PlainStructure:
        """Return the item of ``certificates`` or of a chain."""
        return PlainStructure(self.members())


def read_certificate(reader: Reader) -> Certificate:
    """Read a certificate; its extensions and its key may be garbage."""
    element = reader.expect(der.SEQUENCE)
    if not element.is_constructed:
        raise der.Malformed
    outer = Reader(element.data, element.body, element.stop)
    signed = outer.expect(der.SEQUENCE)
    if not signed.is_constructed:
        raise der.Malformed
    inner = Reader(signed.data, signed.body, signed.stop)
    version = _version(inner)
    serial = inner.expect(der.INTEGER)
    number = der.integer(serial)
    signed_algorithm = read_algorithm(inner)
    issuer = read_name(inner)
    period = inner.inside()
    not_before, not_after = read_time(period), read_time(period)
    period.finish()
    subject = read_name(inner)
    key = _read_key(inner)
    for tag in (der.CONTEXT | 1, der.CONTEXT | 2):
        if inner.has(tag):
            der.bit_string(inner.expect(tag))
    extensions = tuple(_read_extensions(inner))
    inner.finish()
    algorithm = read_algorithm(outer)
    signature = outer.expect(der.BIT_STRING)
    bits = der.encoded(der.BIT_STRING, signature.content[:1] + der.bit_string(signature))
    outer.finish()
    return Certificate(
        # The digest is that of another encoding of it, without bits that do not count.
        der.encoded(0x30, element.data[element.body : signature.start] + bits),
        version,
        number,
        serial.content,
        algorithm,
        signed_algorithm,
        issuer,
        not_before,
        not_after,
        subject,
        key,
        extensions,
    )


def read_certificates(readers: Iterable[Reader], read: Callable[[Reader], Item]) -> list[Item]:
    """Read certificates one by one; too many are malformed."""
    certificates: list[Item] = []
    for reader in readers:
        if len(certificates) == MAX_CERTIFICATES:
            raise der.Malformed
        certificates.append(read(reader))
    return certificates


def check_revocations(reader: Reader) -> None:
    """Read a list of certificates that are revoked, of which nothing is kept."""
    outer = reader.inside()
    inner = outer.inside()
    if inner.has(der.INTEGER):
        inner.integer()
    read_algorithm(inner)
    read_name(inner)
    read_time(inner)
    if inner.has(der.UTC_TIME) or inner.has(der.GENERALIZED_TIME):
        read_time(inner)
    if inner.has(der.SEQUENCE):
        for revocations in inner.each(der.SEQUENCE):
            revocation = revocations.inside()
            revocation.integer()
            read_time(revocation)
            if revocation:
                for extensions in revocation.each(der.SEQUENCE):
                    read_extension(extensions)
            revocation.finish()
    explicit = inner.explicit(0)
    if explicit is not None:
        for extensions in explicit.each(der.SEQUENCE):
            read_extension(extensions)
        explicit.finish()
    inner.finish()
    read_algorithm(outer)
    der.bit_string(outer.expect(der.BIT_STRING))
    outer.finish()


def _version(inner: Reader) -> int:
    explicit = inner.explicit(0)
    if explicit is None:
        return 0
    version = explicit.integer()
    explicit.finish()
    return version if -(2**63) <= version < 2**63 else -1


def _read_key(inner: Reader) -> PublicKey:
    element = inner.expect(der.SEQUENCE)
    if not element.is_constructed:
        raise der.Malformed
    reader = Reader(element.data, element.body, element.stop)
    algorithm = read_algorithm(reader)
    bits = der.bit_string(reader.expect(der.BIT_STRING))
    reader.finish()
    return PublicKey(element.raw, algorithm, bits)


def _read_extensions(inner: Reader) -> list[tuple[str, bytes]]:
    explicit = inner.explicit(3)
    if explicit is None:
        return []
    extensions = [read_extension(extension) for extension in explicit.each(der.SEQUENCE)]
    explicit.finish()
    return extensions


def read_extension(reader: Reader) -> tuple[str, bytes]:
    """Read an extension: what it is and its value, encoded."""
    parts = reader.inside()
    identifier = parts.object()
    if parts.has(der.BOOLEAN):
        der.check(parts.take())
    value = parts.text(der.OCTET_STRING)
    parts.finish()
    return identifier, value
