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
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.names import Name, read_name
from miniyara.modules.pe.authenticode.objects import LONG_NAMES, UNKNOWN
from miniyara.modules.plain import PlainStructure

if TYPE_CHECKING:
    from miniyara.modules.pe.authenticode.der import Element, Reader

_MOST_SERIAL_BYTES: Final = 20

_RSA: Final = "1.2.840.113549.1.1.1"

_SUBJECT_KEY_ID: Final = "2.5.29.14"
_KEY_USAGE: Final = "2.5.29.15"
_AUTHORITY_KEY_ID: Final = "2.5.29.35"

_SIGNS_CERTIFICATES: Final = 0x04
"""The bit of the first byte of a key's usage."""

_DIRECTORY_NAME: Final = der.CONTEXT | 4

NO_TIME: Final = -2_209_075_200
"""Seconds that stand for a time that is none: the day before the 20th century, because
C counts days from 1."""

_UTC: Final = re.compile(rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})")
_GENERALIZED: Final = re.compile(
    rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.\d+)?)?(Z|[+-]\d{4})"
)


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
    if day > calendar.monthrange(year, month)[1]:
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

    def rsa(self) -> tuple[int, int] | None:
        """Return modulus and exponent, or None if this is no RSA key."""
        if self.algorithm != _RSA:
            return None
        try:
            numbers = der.Reader.of(self.bits).inside()
            modulus, exponent = numbers.integer(), numbers.integer()
            numbers.finish()
        except der.Malformed:
            return None
        return modulus, exponent


@dataclass(frozen=True)
class Certificate:
    """A certificate."""

    raw: bytes = field(repr=False)
    version: int
    """Counted from 0."""
    serial: int
    serial_bytes: bytes
    algorithm: str
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
        return _read_links(self)

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
    outer = der.Reader(element.data, element.body, element.stop)
    inner = outer.inside()
    # The algorithm is in there twice; OpenSSL shows the outer one.
    version = _version(inner)
    serial = inner.expect(der.INTEGER)
    number = der.integer(serial)
    read_algorithm(inner)
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
    der.bit_string(outer.expect(der.BIT_STRING))
    outer.finish()
    return Certificate(
        element.raw,
        version,
        number,
        serial.content,
        algorithm,
        issuer,
        not_before,
        not_after,
        subject,
        key,
        extensions,
    )


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
    reader = der.Reader(element.data, element.body, element.stop)
    algorithm = read_algorithm(reader)
    bits = der.bit_string(reader.expect(der.BIT_STRING))
    reader.finish()
    return PublicKey(element.raw, algorithm, bits)


def _read_extensions(inner: Reader) -> list[tuple[str, bytes]]:
    explicit = inner.explicit(3)
    if explicit is None:
        return []
    extensions = []
    for extension in explicit.inside().each():
        parts = extension.inside()
        identifier = parts.object()
        if parts.has(der.BOOLEAN):
            der.check(parts.take())
        extensions.append((identifier, parts.text(der.OCTET_STRING)))
        parts.finish()
    explicit.finish()
    return extensions


# -- what building chains takes -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Links:
    """The extensions that say whose key has signed a certificate, and for what a key is."""

    key_id: bytes | None = None
    authority_key_id: bytes | None = None
    authority_serial: int | None = None
    authority_issuer: Name | None = None
    usage: int | None = None
    """The first byte of what the key is for; None if it does not say."""
    is_valid: bool = True
    """Whether these extensions can be read."""

    @property
    def may_sign_certificates(self) -> bool:
        """Whether the key may sign other certificates."""
        return self.usage is None or bool(self.usage & _SIGNS_CERTIFICATES)

    def fits_issuer(self, issuer: Certificate) -> bool:
        """Whether the issuer has the key and the number that are named here, if any are."""
        issuer_key_id = issuer.links.key_id
        ids = {self.authority_key_id, issuer_key_id} - {None}
        if len(ids) > 1:
            return False
        if self.authority_serial not in (None, issuer.serial):
            return False
        named = self.authority_issuer
        return named is None or named.canonical == issuer.issuer.canonical


def _read_links(certificate: Certificate) -> Links:
    found: dict[str, bytes] = {}
    for identifier, value in certificate.extensions:
        if identifier in (_SUBJECT_KEY_ID, _KEY_USAGE, _AUTHORITY_KEY_ID):
            if identifier in found:
                return Links(is_valid=False)
            found[identifier] = value
    try:
        key_id = usage = None
        if _SUBJECT_KEY_ID in found:
            key_id = der.Reader.of(found[_SUBJECT_KEY_ID]).text(der.OCTET_STRING)
        if _KEY_USAGE in found:
            bits = der.bit_string(der.Reader.of(found[_KEY_USAGE]).expect(der.BIT_STRING))
            usage = bits[0] if bits else 0
        authority = _read_authority(found.get(_AUTHORITY_KEY_ID))
    except der.Malformed:
        return Links(is_valid=False)
    return Links(key_id, *authority, usage)


def _read_authority(value: bytes | None) -> tuple[bytes | None, int | None, Name | None]:
    """Read the issuer's key, serial number and issuer."""
    if value is None:
        return None, None, None
    reader = der.Reader.of(value).inside()
    key_id = serial = issuer = None
    if reader.has(der.CONTEXT):
        key_id = reader.text(der.CONTEXT)
    if reader.has(der.CONTEXT | 1):
        names = reader.inside(der.CONTEXT | 1)
        while names:
            if names.has(_DIRECTORY_NAME) and issuer is None:
                explicit = names.inside(_DIRECTORY_NAME)
                issuer = read_name(explicit)
                explicit.finish()
            else:
                names.take()
    if reader.has(der.CONTEXT | 2):
        serial = _integer_of(reader.take())
    reader.finish()
    return key_id, serial, issuer


def _integer_of(element: Element) -> int:
    return der.integer(element._replace(tag=der.INTEGER))
