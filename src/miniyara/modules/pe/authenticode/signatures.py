"""The signatures of a PE file, and whether they are signatures of this file.

Follows ``authenticode.c`` of libyara's ``authenticode-parser``, and
``pe_parse_certificates`` and ``_process_authenticode`` in ``modules/pe/pe.c``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

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
from miniyara.modules.plain import EMPTY_STRUCTURE, PlainStructure, Rows
from miniyara.modules.ranges import blocks
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from miniyara.modules.interface import Value
    from miniyara.modules.pe.authenticode.certificates import Certificate
    from miniyara.modules.pe.authenticode.der import Element
    from miniyara.modules.pe.authenticode.pkcs7 import SignedData
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


class Signature:
    """A signature; what takes long is found out when it is asked for."""

    def __init__(self, signed: SignedData, file: _FileDigests) -> None:
        self._signed = signed
        self._file = file
        content = _content(signed)
        self.is_of_file = content is not None
        """Whether what was signed is the digest of a file."""
        self.digest_algorithm, self.digest = content or ("", b"")
        """The algorithm's identifier and the digest of the file that was signed."""
        self._signer = signed.signers[0] if signed.signers and self.is_of_file else None
        self._certificate = None if self._signer is None else signed.signer_certificate()

    @property
    def counts(self) -> bool:
        """Whether libyara lists it.

        Signatures without a signer, or without the certificate, do not count; but of those
        with a digest that is not that of the file libyara remembers nothing else.
        """
        if not self.is_of_file or self._certificate is not None:
            return True
        return self.file_digest not in (None, self.digest)

    def unsigned(self, attribute: str) -> Sequence[Element]:
        """Return the values of an attribute that was added afterwards."""
        if self._signer is None:
            return ()
        return first_values(self._signer.unsigned, attribute)[:MAX_ATTRIBUTE_VALUES]

    @cached_property
    def file_digest(self) -> bytes | None:
        """The digest of this file, or None if there is nothing to compare it with."""
        return self._file.digest(self.digest_algorithm) if self.digest else None

    @cached_property
    def countersignatures(self) -> list[Countersignature]:
        """Who confirms when it was made."""
        if self._signer is None:
            return []
        signature, certificates = self._signer.signature, self._signed.certificates or ()
        found = []
        for value in self.unsigned(_COUNTERSIGNATURE):
            self._file.image.deadline.check()
            found.append(read_countersigner(der.value_of(value), certificates, signature))
        for value in self.unsigned(_TIMESTAMP):
            self._file.image.deadline.check()
            found.append(read_timestamp(der.value_of(value), signature))
        return found

    @cached_property
    def certificates(self) -> list[Certificate]:
        """All certificates, those of the countersignatures included."""
        others = [each.certificates for each in self.countersignatures]
        return [*(self._signed.certificates or ()), *(one for each in others for one in each)]

    @cached_property
    def chain(self) -> Sequence[Certificate]:
        """The signer's certificate, its issuer's and so on."""
        if self._certificate is None:
            return ()
        return chain_of(self._certificate, self._signed.certificates or ())

    @cached_property
    def verified(self) -> int | Undefined:
        """Whether this file was signed; undefined if that can't be found out here."""
        signer, certificate, content = self._signer, self._certificate, self._signed.content
        if signer is None or certificate is None or content is None:
            return 0
        if signer.signed_value(MESSAGE_DIGEST) is None or self.file_digest is None:
            return 0
        if self.file_digest != self.digest:
            return 0
        # What is signed is the content without its header; OpenSSL was taught that only
        # for the version that all signatures of this kind have.
        data = content.content if self._signed.version == 1 else content.raw
        try:
            return int(is_signed_by(self._signed, signer, certificate.key, data))
        except CannotVerify:
            return UNDEFINED

    # -- values ---------------------------------------------------------------------------

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a field of ``pe.signatures[i]``."""
        compute = _MEMBERS.get(name)
        if compute is not None:
            return compute(self)
        return self.chain[0].members().get(name, UNDEFINED) if self.chain else UNDEFINED

    def signer_info(self) -> PlainStructure:
        """Return the fields of the signer; there are none if it signed no file."""
        if not self.is_of_file:
            return EMPTY_STRUCTURE
        members: dict[str, Value | Undefined] = {
            "length_of_chain": len(self.chain),
            "chain": _values_of(self.chain),
        }
        signer = None if self._certificate is None else self._signer
        digest = None if signer is None else signer.signed_value(MESSAGE_DIGEST)
        if signer is not None and digest is not None:
            members |= {
                "program_name": text(_program_name(signer.signed_value(_OPUS_INFO))),
                "digest_alg": text(algorithm_name(signer.digest_algorithm)),
                "digest": hexadecimal(der.value_of(digest)),
            }
        return PlainStructure(members)

    def digest_name(self) -> bytes | Undefined:
        """Return the name of the algorithm that the file was digested with."""
        return text(algorithm_name(self.digest_algorithm)) if self.is_of_file else UNDEFINED


def _values_of(items: Sequence[Certificate] | Sequence[Countersignature]) -> Rows:
    return Rows(items, lambda index: items[index].as_value())


_MEMBERS: Final[Mapping[str, Callable[[Signature], Value | Undefined]]] = {
    "verified": lambda signature: signature.verified,
    "digest_alg": Signature.digest_name,
    "digest": lambda signature: hexadecimal(signature.digest),
    "file_digest": lambda signature: hexadecimal(signature.file_digest),
    "number_of_certificates": lambda signature: len(signature.certificates),
    "certificates": lambda signature: _values_of(signature.certificates),
    "signer_info": Signature.signer_info,
    "number_of_countersignatures": lambda signature: len(signature.countersignatures),
    "countersignatures": lambda signature: _values_of(signature.countersignatures),
}


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

    def as_value(self) -> Rows:
        """Return ``pe.signatures``."""
        items = self.items
        return Rows(items, items.__getitem__)


def parse_signatures(image: Image) -> Signatures:
    """Read the signatures of a file."""
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
    found: list[Signature] = []
    data = bytes(image.data[place + _CERTIFICATE_HEADER_SIZE : place + length])
    _read(data, _FileDigests(image, place), found)
    return Signatures([signature for signature in found if signature.counts])


def _read(data: bytes, file: _FileDigests, found: list[Signature]) -> None:
    """Read a signature and those inside of it; those that are broken do not count."""
    file.image.deadline.check()
    if len(found) == MAX_SIGNATURES:
        return
    try:
        signed = read_signed_data(data)
    except (der.Malformed, NotSigned):
        return
    if signed.certificates is None:
        return
    signature = Signature(signed, file)
    found.append(signature)
    for value in signature.unsigned(_NESTED_SIGNATURE):
        _read(der.value_of(value), file, found)


class _FileDigests:
    """The digests of a file, each computed once."""

    def __init__(self, image: Image, end: int) -> None:
        self.image = image
        checksum = image.optional_header + _CHECKSUM_AT
        directory = image.optional_header + _DIRECTORY_AT[image.is_64bit]
        # What signing changes is left out; what is behind the signatures is never read.
        self._spans = (range(checksum), range(checksum + 4, directory), range(directory + 8, end))
        self._known: dict[str, bytes | None] = {}

    def digest(self, algorithm: str) -> bytes | None:
        """Return the digest, or None if the algorithm is unknown."""
        if algorithm not in self._known:
            digest = new_digest(algorithm)
            if digest is not None:
                for span in self._spans:
                    for block in blocks(self.image.data, span, self.image.deadline):
                        digest.update(block)
            self._known[algorithm] = None if digest is None else digest.digest()
        return self._known[algorithm]


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
