"""Writes small extensions of Chrome, and has those whose fields are recorded."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from typing import Any

# -- signing --------------------------------------------------------------------------------

_P = int(
    "e89e1d9e382f195439312e3b68695c5b0a5140132f3567dcde9ae775d08f07f8"
    "4724188be372e60d4c9bdb556246e20e95ac076f228837f8f59c44b1e58d8fb3",
    16,
)
_Q = int(
    "cd8cc734904156d0cf3871a5bc2c4ca794767e7c19c713972ff739d05749f36c"
    "db4f94d46462bf47547a1a942da50d0f58e975f14b408849049776d6edf07831",
    16,
)
MODULUS, EXPONENT = _P * _Q, 65537

_RSA = bytes.fromhex("06092a864886f70d0101010500")
_P256 = bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107")
_HEADS = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SECRET = 0x1234_5678_9ABC_DEF0_1122_3344_5566_7788_99AA_BBCC


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    encoded = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(encoded)]) + encoded + content


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def public_key(algorithm: bytes, bits: bytes) -> bytes:
    return der(0x30, der(0x30, algorithm) + der(3, b"\0" + bits))


def rsa_public_key(modulus: int = MODULUS, exponent: int = EXPONENT) -> bytes:
    return public_key(_RSA, der(0x30, number(modulus) + number(exponent)))


def times(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    """Multiply a point of P-256; the bits of the factor never meet the point itself."""
    total: tuple[int, int] | None = None
    for bit in f"{factor:b}":
        if total is not None:
            total = _chord(total, total)
        if bit == "1":
            total = point if total is None else _chord(total, point)
    assert total is not None
    return total


def _chord(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    top, bottom = (3 * x1 * x1 - 3, 2 * y1) if one == other else (y2 - y1, x2 - x1)
    slope = top * pow(bottom, -1, PRIME) % PRIME
    x = (slope * slope - x1 - x2) % PRIME
    return x, (slope * (x1 - x) - y1) % PRIME


POINT = times(SECRET, BASE)


def elliptic_public_key(*, is_compressed: bool = False, x: int = POINT[0]) -> bytes:
    start = bytes([2 + POINT[1] % 2]) if is_compressed else b"\4"
    end = b"" if is_compressed else POINT[1].to_bytes(32, "big")
    return public_key(_P256, start + x.to_bytes(32, "big") + end)


def sign_with_rsa(data: bytes, algorithm: str, head: bytes | None = None) -> bytes:
    head = _HEADS[algorithm] if head is None else head
    signed = head + hashlib.new(algorithm, data).digest()
    size = (MODULUS.bit_length() + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - len(signed) - 3) + b"\0" + signed
    secret = pow(EXPONENT, -1, (_P - 1) * (_Q - 1))
    return pow(int.from_bytes(padded, "big"), secret, MODULUS).to_bytes(size, "big")


def sign_with_curve(data: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
    nonce = 0x1357_9BDF_0246_8ACE
    r = times(nonce, BASE)[0] % ORDER
    s = pow(nonce, -1, ORDER) * (digest + r * SECRET) % ORDER
    return der(0x30, number(r) + number(s))


# -- the archive ----------------------------------------------------------------------------


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive; it is the same each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def extension(manifest: Any, messages: Any = None, language: str = "en") -> bytes:
    files = {"manifest.json": _json(manifest)}
    if messages is not None:
        files[f"_locales/{language}/messages.json"] = _json(messages)
    return packed(files)


def _json(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


# -- the header -----------------------------------------------------------------------------


def version_2(archive: bytes, key: bytes | None = None, signature: bytes | None = None) -> bytes:
    key = rsa_public_key() if key is None else key
    signature = sign_with_rsa(archive, "sha1") if signature is None else signature
    sizes = struct.pack("<3I", 2, len(key), len(signature))
    return b"Cr24" + sizes + key + signature + archive


def field(field_number: int, content: bytes) -> bytes:
    return _varint(field_number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def signed_text(signed: bytes, archive: bytes) -> bytes:
    return b"CRX3 SignedData\0" + struct.pack("<I", len(signed)) + signed + archive


SIGNED = field(1, bytes(range(16)))


def header(archive: bytes, signed: bytes = SIGNED, more: bytes = b"") -> bytes:
    text = signed_text(signed, archive)
    rsa = field(1, rsa_public_key()) + field(2, sign_with_rsa(text, "sha256"))
    elliptic = field(1, elliptic_public_key()) + field(2, sign_with_curve(text))
    return field(2, rsa) + field(3, elliptic) + more + field(10_000, signed)


def version_3(archive: bytes, message: bytes | None = None) -> bytes:
    message = header(archive) if message is None else message
    return b"Cr24" + struct.pack("<2I", 3, len(message)) + message + archive


def proof(kind: int, key: bytes | None, signature: bytes | None) -> bytes:
    content = b"" if key is None else field(1, key)
    content += b"" if signature is None else field(2, signature)
    return field(kind, content) + field(10_000, SIGNED)


MANIFEST: dict[str, Any] = {
    "manifest_version": 3,
    "name": "__MSG_title__",
    "description": "__MSG_missing__",
    "version": "1.2",
    "minimum_chrome_version": "88",
    "homepage_url": "https://example.com/\u00e4",
    "permissions": ["tabs", "storage"],
    "host_permissions": ["*://*/*"],
    "optional_permissions": ["history"],
    "optional_host_permissions": ["https://a.example/"],
}
MESSAGES = {"title": {"message": "The title \U0001f600", "description": "what it is"}}

ARCHIVE = extension(MANIFEST, MESSAGES)
PLAIN = extension({"name": "plain", "version": "1"})
TEXT = signed_text(SIGNED, PLAIN)
RSA_SIGNATURE, CURVE_SIGNATURE = sign_with_rsa(TEXT, "sha256"), sign_with_curve(TEXT)


def _manifests() -> dict[str, bytes]:
    contents = {
        "no JSON": b"{",
        "comment": b'{"name": "a"} // comment',
        "byte order mark": b'\xef\xbb\xbf{"name": "a"}',
        "array": b"[]",
        "null": b'{"name": null, "permissions": []}',
        "null permissions": b'{"name": "a", "permissions": null}',
        "number as name": b'{"name": 1}',
        "object as permission": b'{"name": "a", "permissions": ["b", {}]}',
        "twice the same": b'{"name": "a", "name": "b"}',
        "twice another": b'{"name": "a", "x": 1, "x": 2}',
        "large numbers": b'{"name": "a", "x": [1e999, 123456789012345678901234567890, -0]}',
        "no UTF-8": b'{"name": "\xff"}',
        "no UTF-8 elsewhere": b'{"name": "a", "x": "\xff\\ud800"}',
        "half a character": b'{"name": "\\ud800"}',
        "NUL": b'{"name": "a\\u0000b"}',
        "control character": b'{"name": "a", "x": "\n"}',
        "NaN": b'{"name": "a", "x": NaN}',
        "deep": b'{"name": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}",
        "empty": b"",
        "spaces": b' \t\r\n{"name": "a"}\n',
    }
    return {f"manifest: {name}": version_2(extension(text)) for name, text in contents.items()}


def _messages() -> dict[str, bytes]:
    manifest = {"name": "__MSG_title__", "description": "__MSG_"}
    contents: dict[str, Any] = {
        "none of that name": {"other": {"message": "x"}},
        "no message": {"title": {"description": "x"}},
        "twice the same": b'{"title": {"message": "a"}, "title": {"message": "b"}}',
        "two messages": b'{"title": {"message": "a", "message": "b"}}',
        "text for a message": {"title": "x"},
        "no object": [],
        "another message wrong": {"title": {"message": "x"}, "other": {"message": 1}},
    }
    files = {f"messages: {name}": extension(manifest, text) for name, text in contents.items()}
    for language in ("de", "../x", "./y", "\u00e4", ""):
        files[f"messages in {language!r}"] = extension(
            {**MANIFEST, "default_locale": language}, MESSAGES, language.strip("./")
        )
    files["messages in a language above"] = packed(
        {
            "manifest.json": json.dumps({**MANIFEST, "default_locale": "../x"}).encode(),
            "x/messages.json": json.dumps(MESSAGES).encode(),
        }
    )
    return {name: version_2(archive) for name, archive in files.items()}


def _archives() -> dict[str, bytes]:
    names = [b"manifest.json", b"other"]
    central, end = PLAIN.index(b"PK\1\2"), PLAIN.index(b"PK\5\6")
    flags = PLAIN[: central + 8] + b"\1\0" + PLAIN[central + 10 :]
    method = PLAIN[: central + 10] + b"\14\0" + PLAIN[central + 12 :]
    checksum = PLAIN[: central + 16] + b"abcd" + PLAIN[central + 20 :]
    archives = {
        "deflated": packed({"manifest.json": b'{"name": "deflated"}'}, zipfile.ZIP_DEFLATED),
        "encrypted": flags,
        "another method": method,
        "wrong checksum": checksum,
        "without manifest": packed({"other": b"{}"}),
        "without files": packed({}),
        "with a comment": PLAIN[:-2] + b"\3\0abc",
        "with a comment cut off": PLAIN[:-2] + b"\3\0ab",
        "with data behind": PLAIN + b"behind",
        "with data before": b"before" + PLAIN,
        "with two ends": PLAIN + PLAIN[end:],
        "with a false end": PLAIN + b"PK\5\6" + b"\1" * 18,
        "cut off": PLAIN[:-1],
        "without an end": PLAIN[:end],
        "without a directory": PLAIN[:central] + b"XX" + PLAIN[central + 2 :],
        "without a local header": b"XX" + PLAIN[2:],
        "with more files than there are": PLAIN[: end + 8] + b"\2\0\2\0" + PLAIN[end + 12 :],
        "on two disks": PLAIN[: end + 4] + b"\1\0" + PLAIN[end + 6 :],
        "empty": b"",
    }
    for name, extra in {
        "times": b"UT\5\0\1abcd",
        "wrong times": b"UT\6\0\1abcde",
        "no times": b"UT\0\0",
        "times of NTFS": b"\n\0\x20\0" + bytes(4) + b"\1\0\x18\0" + bytes(24),
        "wrong times of NTFS": b"\n\0\x20\0" + bytes(32),
        "a field cut off": b"ab\5\0x",
        "a header cut off": b"UT\5",
        "padding": b"\0\0\0",
    }.items():
        size = struct.pack("<H", len(extra))
        name_end = central + 46 + len(names[0])
        archives[f"with extra fields: {name}"] = (
            PLAIN[: central + 30] + size + PLAIN[central + 32 : name_end] + extra + PLAIN[name_end:]
        )
    return {f"archive {name}": version_2(archive) for name, archive in archives.items()}


def _headers() -> dict[str, bytes]:
    sound = header(PLAIN)
    messages = {
        "sound": None,
        "without signed data": field(2, b""),
        "with wrong signed data": field(10_000, b"\x0a\xff"),
        "without an identifier": header(PLAIN, b""),
        "with a short identifier": header(PLAIN, field(1, b"\xab\xcd")),
        "with two identifiers": header(PLAIN, field(1, b"a") + field(1, b"b")),
        "with unknown fields": sound
        + field(7, b"x")
        + b"\x20\x96\1"
        + b"\x2d1234"
        + b"\x3112345678",
        "with a group": sound + b"\x23\x2b\x08\1\x2c\x24",
        "with an open group": sound + b"\x23",
        "with a closed group": sound + b"\x24",
        "with field 0": sound + b"\2\0",
        "with another kind of a field": sound + b"\x10\1",
        "with a long number": sound + b"\x08" + b"\xff" * 9 + b"\1",
        "with a number too long": sound + b"\x08" + b"\xff" * 10 + b"\1",
        "cut off": sound[:-1],
        "with a proof without a key": proof(2, None, RSA_SIGNATURE),
        "with a proof without a signature": proof(2, rsa_public_key(), None),
        "with a wrong proof": field(2, b"\x0a\xff") + field(10_000, SIGNED),
        "with keys in the wrong places": proof(2, elliptic_public_key(), CURVE_SIGNATURE)
        + proof(3, rsa_public_key(), RSA_SIGNATURE),
    }
    signatures = {
        "bare digest": (2, rsa_public_key(), sign_with_rsa(TEXT, "sha256", b"")),
        "SHA-1": (2, rsa_public_key(), sign_with_rsa(TEXT, "sha1")),
        "other data": (2, rsa_public_key(), sign_with_rsa(b"", "sha256")),
        "short": (2, rsa_public_key(), RSA_SIGNATURE[1:]),
        "long": (2, rsa_public_key(), b"\0" + RSA_SIGNATURE),
        "even modulus": (2, rsa_public_key(MODULUS + 1), RSA_SIGNATURE),
        "even exponent": (2, rsa_public_key(exponent=65536), RSA_SIGNATURE),
        "large exponent": (2, rsa_public_key(exponent=2**33 + 1), RSA_SIGNATURE),
        "large modulus": (2, rsa_public_key(2**4097 + 1), RSA_SIGNATURE),
        "key with a tail": (2, rsa_public_key() + b"\0", RSA_SIGNATURE),
        "compressed key": (3, elliptic_public_key(is_compressed=True), CURVE_SIGNATURE),
        "key off the curve": (3, elliptic_public_key(x=POINT[0] + 1), CURVE_SIGNATURE),
        "point at infinity": (3, public_key(_P256, b"\0"), CURVE_SIGNATURE),
        "no key": (3, b"", CURVE_SIGNATURE),
        "zero": (3, elliptic_public_key(), der(0x30, number(0) + number(1))),
        "order": (3, elliptic_public_key(), der(0x30, number(ORDER) + number(1))),
        "with a tail": (3, elliptic_public_key(), CURVE_SIGNATURE + b"\0"),
        "empty": (3, elliptic_public_key(), b""),
    }
    for name, parts in signatures.items():
        messages[f"with a signature: {name}"] = proof(*parts)
    return {f"header {name}": version_3(PLAIN, message) for name, message in messages.items()}


SOUND = version_2(ARCHIVE)

FILES = {
    "nothing": b"",
    "another file": b"MZ" + bytes(100),
    "magic only": b"Cr24",
    "version 2": SOUND,
    "version 3": version_3(ARCHIVE),
    "version 4": SOUND.replace(b"\2", b"\4", 1),
    "version 2 with another signature": version_2(PLAIN, signature=b"x" * 128),
    "version 2 with no key": version_2(PLAIN, key=b""),
    "version 2 with a large key": SOUND[:8] + b"\xff" * 8 + SOUND[16:],
    "header cut off": SOUND[:15],
    **_manifests(),
    **_messages(),
    **_archives(),
    **_headers(),
}
"""By name."""

QUESTIONS: list[str] = []
"""There is one function, which YARA-X does not record."""
