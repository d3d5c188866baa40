"""The extensions of certificates that say whose key has signed them, and what a key is for.

OpenSSL reads some extensions more when it builds chains, and a certificate with one that
is malformed is never part of a longer one. Follows OpenSSL 1.1's ``v3_purp.c``
(``x509v3_cache_extensions``), ``v3_genn.c``, ``v3_crld.c`` and their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.der import Reader
from miniyara.modules.pe.authenticode.names import Name, read_name, read_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SUBJECT_KEY_ID: Final = "2.5.29.14"
_KEY_USAGE: Final = "2.5.29.15"
_AUTHORITY_KEY_ID: Final = "2.5.29.35"

_SIGNS_CERTIFICATES: Final = 0x04
"""The bit of the first byte of a key's usage."""

_DIRECTORY_NAME: Final = der.CONTEXT | 4


@dataclass(frozen=True, slots=True)
class Links:
    """What ties a certificate to those before and behind it in a chain."""

    key_id: bytes | None = None
    authority_key_id: bytes | None = None
    authority_serial: int | None = None
    authority_issuer: Name | None = None
    usage: int | None = None
    """The first byte of what the key is for; None if it does not say."""
    is_valid: bool = True
    """Whether the extensions can be read."""

    @property
    def may_sign_certificates(self) -> bool:
        """Whether the key may sign other certificates."""
        return self.usage is None or bool(self.usage & _SIGNS_CERTIFICATES)

    def fits_issuer(self, key_id: bytes | None, serial: int, issuer: Name) -> bool:
        """Whether these are the key, number and issuer of the issuer's certificate.

        What is not named here, or not there, does not matter.
        """
        if len({self.authority_key_id, key_id} - {None}) > 1:
            return False
        if self.authority_serial not in (None, serial):
            return False
        named = self.authority_issuer
        return named is None or named.canonical == issuer.canonical


def read_links(extensions: Iterable[tuple[str, bytes]]) -> Links:
    """Read the extensions; they are not valid if one is malformed or there twice."""
    found: dict[str, bytes] = {}
    for identifier, value in extensions:
        if identifier in _READERS:
            if identifier in found:
                return Links(is_valid=False)
            found[identifier] = value
    try:
        values: dict[str, Any] = {
            identifier: _READERS[identifier](Reader.of(value))
            for identifier, value in found.items()
        }
    except der.Malformed:
        return Links(is_valid=False)
    key_id, serial, issuer = values.get(_AUTHORITY_KEY_ID, (None, None, None))
    return Links(values.get(_SUBJECT_KEY_ID), key_id, serial, issuer, values.get(_KEY_USAGE))


def _read_usage(reader: Reader) -> int:
    bits = der.bit_string(reader.expect(der.BIT_STRING))
    return bits[0] if bits else 0


def _read_authority(reader: Reader) -> tuple[bytes | None, int | None, Name | None]:
    """Read the key, the serial number and the issuer of the issuer's certificate."""
    parts = reader.inside()
    key_id = serial = issuer = None
    if parts.has(der.CONTEXT):
        key_id = parts.text(der.CONTEXT)
    if parts.has(der.CONTEXT | 1):
        issuer = _first_name(read_general_names(parts, der.CONTEXT | 1))
    if parts.has(der.CONTEXT | 2):
        serial = der.integer(parts.take())
    parts.finish()
    return key_id, serial, issuer


def _first_name(names: Iterable[Name | None]) -> Name | None:
    return next((name for name in names if name is not None), None)


def _read_constraints(reader: Reader) -> None:
    parts = reader.inside()
    is_authority = False
    if parts.has(der.BOOLEAN):
        element = parts.take()
        der.check(element)
        is_authority = any(element.content)
    if parts.has(der.INTEGER):
        length = parts.integer()
        if length < 0 or (length and not is_authority):
            raise der.Malformed
    parts.finish()


def _read_purposes(reader: Reader) -> None:
    for purpose in reader.each(der.SEQUENCE):
        purpose.object()


def _read_points(reader: Reader) -> None:
    """Read where lists of revoked certificates are."""
    for point in reader.each(der.SEQUENCE):
        parts = point.inside()
        place = parts.explicit(0)
        if place is not None:
            if place.has(der.CONTEXT):
                read_general_names(place, der.CONTEXT)
            else:
                for part in place.each(der.CONTEXT | 1):
                    read_part(part)
            place.finish()
        if parts.has(der.CONTEXT | 1):
            der.bit_string(parts.take())
        if parts.has(der.CONTEXT | 2):
            read_general_names(parts, der.CONTEXT | 2)
        parts.finish()


def _read_name_constraints(reader: Reader) -> None:
    parts = reader.inside()
    for tag in (der.CONTEXT, der.CONTEXT | 1):
        if parts.has(tag):
            for subtree in parts.each(tag):
                subtree_parts = subtree.inside()
                read_general_name(subtree_parts)
                for bound in (der.CONTEXT, der.CONTEXT | 1):
                    if subtree_parts.has(bound):
                        der.integer(subtree_parts.take())
                subtree_parts.finish()
    parts.finish()


_READERS: Final[dict[str, Callable[[Reader], object]]] = {
    _SUBJECT_KEY_ID: lambda reader: reader.text(der.OCTET_STRING),
    _KEY_USAGE: _read_usage,
    "2.5.29.17": lambda reader: read_general_names(reader, der.SEQUENCE),
    "2.5.29.19": _read_constraints,
    "2.5.29.30": _read_name_constraints,
    "2.5.29.31": _read_points,
    _AUTHORITY_KEY_ID: _read_authority,
    "2.5.29.37": _read_purposes,
    "2.16.840.1.113730.1.1": lambda reader: der.bit_string(reader.expect(der.BIT_STRING)),
}


# -- names of all kinds -----------------------------------------------------------------


def read_general_names(reader: Reader, tag: int) -> list[Name | None]:
    """Read names of any kind; those that are not of persons are None."""
    return [read_general_name(name) for name in reader.each(tag)]


def read_general_name(reader: Reader) -> Name | None:
    """Read a name of any kind; one that is not of a person is None."""
    if reader.has(_DIRECTORY_NAME):
        explicit = reader.inside(_DIRECTORY_NAME)
        name = read_name(explicit)
        explicit.finish()
        return name
    element = reader.take()
    kind = element.tag - der.CONTEXT
    if kind in (1, 2, 6, 7):
        der.string(element)
    elif kind == 8:
        der.object_identifier(element)
    elif kind in (0, 3, 5) and element.is_constructed:
        parts = Reader(element.data, element.body, element.stop)
        if kind == 0:
            parts.object()
            value = parts.inside(der.CONTEXT)
            value.anything()
            value.finish()
            parts.finish()
    else:
        raise der.Malformed
    return None
