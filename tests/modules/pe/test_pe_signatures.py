"""Signatures that are made here have the fields in both engines, verified or not."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miniyara.modules.pe.authenticode.der import encoded, encoded_object
from miniyara.testing.dictionaries import differences
from miniyara.testing.interrogation import NoAnswer, Reference, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# An RSA key of 768 bits, which signs nothing but these tests.
MODULUS = int(
    "c7d62cdbcc18e668407d7dccc8c2644725ef6a60548b3339ee958fa63d53b702bf3bedde609d8d459f2130cc"
    "0b30e595df90f92fa1e6168fd96d15e1c288ce852fe756204e8c417b29b6217239f4f026940acf3ea5ebc2ef"
    "0f25ba1967708e17",
    16,
)
EXPONENT = 65537
PRIVATE_EXPONENT = int(
    "607c85be3e664b614cba0ab284c06f20772d88e4280de9d6efde60b47869e2343e57563b87d4aa70522bf95e"
    "9b8ca95c7f70fe0a3cdb65489f03ddabd5f3d084f08d60356744d9522412c9cf9e79c8fa8c4832fe7511f1f1"
    "7a6c5a98a2ed7ff1",
    16,
)
KEY_SIZE = 96

RSA = "1.2.840.113549.1.1.1"
SIGNATURE_ALGORITHM = "1.2.840.113549.1.1.11"
SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
COUNTERSIGNATURE = "1.2.840.113549.1.9.6"
INDIRECT_DATA = "1.3.6.1.4.1.311.2.1.4"
OPUS_INFO = "1.3.6.1.4.1.311.2.1.12"
NESTED = "1.3.6.1.4.1.311.2.4.1"
TIMESTAMP = "1.3.6.1.4.1.311.3.3.1"
TIMESTAMP_INFO = "1.2.840.113549.1.9.16.1.4"

NULL = b"\x05\0"


class Digest(NamedTuple):
    """A digest and what it is called."""

    identifier: str
    name: str


SHA1 = Digest("1.3.14.3.2.26", "sha1")
SHA256 = Digest("2.16.840.1.101.3.4.2.1", "sha256")
MD5 = Digest("1.2.840.113549.2.5", "md5")


def sequence(*parts: bytes) -> bytes:
    return encoded(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return encoded(0x31, b"".join(parts))


def context(number: int, *parts: bytes) -> bytes:
    return encoded(0xA0 | number, b"".join(parts))


def integer(number: int) -> bytes:
    return encoded(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    return encoded(4, content)


def algorithm(identifier: str) -> bytes:
    return sequence(encoded_object(identifier), NULL)


def name(*parts: tuple[str, int, str]) -> bytes:
    return sequence(
        *(
            set_of(sequence(encoded_object(kind), encoded(tag, value.encode())))
            for kind, tag, value in parts
        )
    )


def person(text: str) -> bytes:
    country = ("2.5.4.6", 19, "XX")
    return name(country, ("2.5.4.10", 12, "M\u00fcller/Co"), ("2.5.4.3", 19, text))


def sign(data: bytes, digest: Digest) -> bytes:
    info = sequence(algorithm(digest.identifier), octets(hashlib.new(digest.name, data).digest()))
    padded = b"\0\1" + b"\xff" * (KEY_SIZE - 3 - len(info)) + b"\0" + info
    number = pow(int.from_bytes(padded, "big"), PRIVATE_EXPONENT, MODULUS)
    return number.to_bytes(KEY_SIZE, "big")


def public_key() -> bytes:
    key = sequence(integer(MODULUS), integer(EXPONENT))
    return sequence(algorithm(RSA), encoded(3, b"\0" + key))


def certificate(subject: str, issuer: str, serial: int, extensions: bytes = b"") -> bytes:
    signed = sequence(
        context(0, integer(2)),
        integer(serial),
        algorithm(SIGNATURE_ALGORITHM),
        person(issuer),
        sequence(encoded(23, b"200101000000Z"), encoded(24, b"20991231235959Z")),
        person(subject),
        public_key(),
        context(3, sequence(extensions)) if extensions else b"",
    )
    signature = encoded(3, b"\0" + sign(signed, SHA256))
    return sequence(signed, algorithm(SIGNATURE_ALGORITHM), signature)


CERTIFICATES = (
    certificate("Stranger", "Stranger", 99),
    certificate("Signer", "Issuer", 0xABCDEF),
    certificate("Issuer", "Root", 2),
    certificate("Root", "Root", 1),
)


def attribute(identifier: str, *values: bytes) -> bytes:
    return sequence(encoded_object(identifier), set_of(*values))


def signer(
    digest: Digest,
    content: bytes,
    signed: Sequence[bytes] = (),
    unsigned: Callable[[bytes], Sequence[bytes]] = lambda _: (),
) -> bytes:
    """Encode a signer of a content; the unsigned attributes are made for the signature."""
    message_digest = octets(hashlib.new(digest.name, content).digest())
    attributes = (*signed, attribute(MESSAGE_DIGEST, message_digest))
    signature = sign(set_of(*attributes), digest)
    others = unsigned(signature)
    return sequence(
        integer(1),
        sequence(person("Issuer"), integer(0xABCDEF)),
        algorithm(digest.identifier),
        context(0, *attributes),
        algorithm(RSA),
        octets(signature),
        context(1, *others) if others else b"",
    )


def signed_data(
    version: int, digest: Digest, content: bytes, signers: bytes, *more: bytes
) -> bytes:
    return sequence(
        encoded_object(SIGNED_DATA),
        context(
            0,
            sequence(
                integer(version),
                set_of(algorithm(digest.identifier)),
                content,
                context(0, *CERTIFICATES, *more),
                set_of(signers),
            ),
        ),
    )


def timestamp(digest: Digest, signature: bytes, *more: bytes) -> bytes:
    info = sequence(
        integer(1),
        encoded_object("1.2.3"),
        sequence(
            algorithm(digest.identifier), octets(hashlib.new(digest.name, signature).digest())
        ),
        integer(5),
        encoded(24, b"20240102030405.5Z"),
        sequence(integer(1)),
    )
    content = sequence(encoded_object(TIMESTAMP_INFO), context(0, octets(info)))
    return signed_data(3, digest, content, signer(digest, info), *more)


def countersigner(digest: Digest, signature: bytes) -> bytes:
    time = attribute(SIGNING_TIME, encoded(23, b"2401020304+0130"))
    return signer(digest, signature, [time])


def authenticode(
    digest: Digest,
    file_digest: bytes,
    unsigned: Callable[[bytes], Sequence[bytes]] = lambda _: (),
) -> bytes:
    indirect = sequence(encoded_object("1.3.6.1.4.1.311.2.1.15"), sequence(octets(b"")))
    content = sequence(indirect, sequence(algorithm(digest.identifier), octets(file_digest)))
    opus = sequence(
        context(0, encoded(0x80, "Prögram".encode("utf-16-be"))),
        context(1, encoded(0x80, b"http://example.com")),
    )
    inner = content[3:] if content[1] == 0x81 else content[2:]
    attributes = [
        attribute(CONTENT_TYPE, encoded_object(INDIRECT_DATA)),
        attribute(OPUS_INFO, opus),
    ]
    return signed_data(
        1,
        digest,
        sequence(encoded_object(INDIRECT_DATA), context(0, content)),
        signer(digest, inner, attributes, unsigned),
    )


def attach(data: bytes, make: Callable[[Callable[[Digest], bytes]], bytes]) -> bytes:
    """Sign a file: ``make`` gets a function for the digests of the file."""
    data += bytes(-len(data) % 8)
    start = struct.unpack_from("<I", data, 60)[0] + 24
    is_64bit = data[start : start + 2] == b"\x0b\x02"
    checksum, directory = start + 64, start + (144 if is_64bit else 128)

    def file_digest(digest: Digest) -> bytes:
        covered = data[:checksum] + data[checksum + 4 : directory] + data[directory + 8 :]
        return hashlib.new(digest.name, covered).digest()

    signature = make(file_digest)
    table = struct.pack("<IHH", 8 + len(signature), 0x200, 2) + signature
    entry = struct.pack("<2I", len(data), len(table))
    return data[:directory] + entry + data[directory + 8 :] + table


def everything(file_digest: Callable[[Digest], bytes]) -> bytes:
    def unsigned(signature: bytes) -> list[bytes]:
        return [
            attribute(NESTED, authenticode(SHA1, file_digest(SHA1)), authenticode(MD5, b"x" * 16)),
            attribute(COUNTERSIGNATURE, countersigner(SHA1, signature)),
            attribute(TIMESTAMP, timestamp(SHA256, signature)),
        ]

    return authenticode(SHA256, file_digest(SHA256), unsigned)


def test_signatures_of_all_kinds(data: bytes, dump: Callable[[bytes], dict[str, Any]]) -> None:
    fields = dump(attach(data, everything))
    assert fields["is_signed"] == 1
    first, nested, other = fields["signatures"]
    assert [each["verified"] for each in (first, nested, other)] == [1, 1, 0]
    assert first["subject"] == rb"/C=XX/O=M\xC3\xBCller/Co/CN=Signer"
    assert first["serial"] == b"00:ab:cd:ef"
    assert first["signer_info"]["program_name"] == "Prögram".encode()
    assert [each["subject"][-6:] for each in first["signer_info"]["chain"]] == [
        b"Signer",
        b"Issuer",
        b"N=Root",
    ]
    old, new = first["countersignatures"]
    assert (old["verified"], new["verified"]) == (1, 1)
    assert old["sign_time"] == 1_704_159_240
    assert new["sign_time"] == 1_704_164_645
    assert first["number_of_certificates"] == 8


def test_a_file_that_was_changed(data: bytes, dump: Callable[[bytes], dict[str, Any]]) -> None:
    changed = bytearray(attach(data, everything))
    changed[0x500] ^= 1
    fields = dump(bytes(changed))
    assert fields["is_signed"] == 0
    assert fields["signatures"][0]["file_digest"] != fields["signatures"][0]["digest"]


def test_a_countersignature_of_another_signature(
    data: bytes, dump: Callable[[bytes], dict[str, Any]]
) -> None:
    def unsigned(_: bytes) -> list[bytes]:
        return [
            attribute(COUNTERSIGNATURE, countersigner(SHA1, b"another")),
            attribute(TIMESTAMP, timestamp(SHA256, b"another")),
        ]

    fields = dump(attach(data, lambda digest: authenticode(SHA256, digest(SHA256), unsigned)))
    found = [each["verified"] for each in fields["signatures"][0]["countersignatures"]]
    assert found == [0, 0]
    assert fields["is_signed"] == 1


def test_a_timestamp_with_a_certificate_of_another_kind(
    data: bytes, dump: Callable[[bytes], dict[str, Any]]
) -> None:
    # Microsoft's have one; it is CMS and no PKCS #7.
    def unsigned(signature: bytes) -> list[bytes]:
        return [attribute(TIMESTAMP, timestamp(SHA256, signature, context(1, integer(1))))]

    fields = dump(attach(data, lambda digest: authenticode(SHA256, digest(SHA256), unsigned)))
    assert fields["signatures"][0]["countersignatures"][0]["verified"] == 1
    assert fields["signatures"][0]["number_of_certificates"] == 8


@pytest.mark.parametrize(
    "extension",
    [
        sequence(encoded_object("2.5.29.19"), octets(sequence(b"\1\1\xff", integer(0)))),
        sequence(encoded_object("2.5.29.19"), octets(b"garbage")),
        sequence(encoded_object("2.5.29.14"), octets(octets(b"key"))),
        sequence(encoded_object("2.5.29.14"), octets(octets(b"key"))) * 2,
        sequence(encoded_object("2.5.29.35"), octets(sequence(encoded(0x80, b"other")))),
        sequence(encoded_object("2.5.29.35"), octets(sequence(encoded(0x82, b"\1")))),
        sequence(encoded_object("1.2.3.4"), octets(b"whatever")),
        sequence(encoded_object("2.5.29.31"), octets(sequence(sequence(context(0, context(0)))))),
        sequence(encoded_object("2.5.29.17"), octets(sequence(encoded(0x99, b"")))),
    ],
)
def test_extensions(
    extension: bytes,
    data: bytes,
    dump: Callable[[bytes], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificates = [
        certificate("Signer", "Issuer", 0xABCDEF, extension),
        certificate("Issuer", "Root", 2, extension),
        certificate("Root", "Root", 1),
    ]
    monkeypatch.setitem(globals(), "CERTIFICATES", certificates)
    fields = dump(attach(data, lambda digest: authenticode(SHA256, digest(SHA256))))
    assert fields["is_signed"] == 1


@pytest.mark.parametrize("curve", ["SECP256R1", "SECP521R1"])
@pytest.mark.parametrize("is_broken", [False, True])
def test_signatures_on_elliptic_curves(
    curve: str,
    is_broken: bool,
    data: bytes,
    dump: Callable[[bytes], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    primitives = "cryptography.hazmat.primitives"
    ec = pytest.importorskip(f"{primitives}.asymmetric.ec", reason="the extra pe has it")
    hashes = import_module(f"{primitives}.hashes")
    serialization = import_module(f"{primitives}.serialization")
    key = ec.generate_private_key(getattr(ec, curve)())

    def sign_on_curve(data: bytes, digest: Digest) -> bytes:
        algorithm = ec.ECDSA(getattr(hashes, digest.name.upper())())
        return bytes(key.sign(data + b"x" * is_broken, algorithm))

    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    monkeypatch.setitem(globals(), "sign", sign_on_curve)
    monkeypatch.setitem(globals(), "public_key", lambda: spki)
    monkeypatch.setitem(globals(), "SIGNATURE_ALGORITHM", "1.2.840.10045.4.3.2")
    certificates = [certificate("Signer", "Issuer", 0xABCDEF), certificate("Issuer", "Root", 2)]
    monkeypatch.setitem(globals(), "CERTIFICATES", certificates)
    fields = dump(attach(data, everything))
    assert fields["is_signed"] == int(not is_broken)
    assert fields["signatures"][0]["signer_info"]["length_of_chain"] == 2


@pytest.fixture(scope="module", name="reference")
def reference_fixture() -> Iterator[Reference]:
    """Give libyara in a process of its own, for it crashes on some broken signatures."""
    reference = Reference()
    yield reference
    reference.close()


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_broken_signatures(reference: Reference, whole: Callable[[], bytes], seed: int) -> None:
    data = whole()
    chance = Random(seed)  # noqa: S311 - repeatable
    broken = bytearray(attach(data, everything))
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.randrange(len(data) + 8, len(broken))
        value = chance.choice((0, 0x80, 0xFF, 0x30, 0x31, 4, 2, 0xA0, broken[place] ^ 1))
        broken[place] = value
    actual, _ = fields_of("miniyara", "pe", bytes(broken))
    try:
        expected, _ = reference.ask(fields_of, "pe", bytes(broken))
    except NoAnswer:
        return
    assert list(differences(expected, actual)) == []


WITHOUT = """
import sys, warnings
sys.modules["cryptography"] = None
from miniyara.modules.pe.authenticode.certificates import PublicKey
from miniyara.modules.pe.authenticode.verification import CannotVerify, is_signed_with
key = PublicKey(b"", "1.2.840.10045.2.1", b"")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        try:
            is_signed_with(key, "2.16.840.1.101.3.4.2.1", b"data", b"signature")
        except CannotVerify:
            print("cannot")
print(len(caught), caught[0].message)
"""


def test_without_cryptography_it_is_said_once_that_curves_are_not_verified() -> None:
    result = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    first, second, said = result.stdout.splitlines()
    assert first == second == "cannot"
    assert said.startswith("1 ")
    assert said.endswith("install miniyara[pe]")
