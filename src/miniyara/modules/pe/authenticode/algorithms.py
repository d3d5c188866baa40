"""What the algorithms of signatures are made of: digests and kinds of keys.

Follows OpenSSL 1.1's ``objects.txt`` and ``obj_xref.txt``, with which yara-python is built.
"""

from __future__ import annotations

from typing import Final

from miniyara.modules.pe.authenticode.objects import table

DIGESTS: Final = table(
    {
        "1.0.10118.3.0": """
            55 whirlpool
        """,
        "1.2.156.10197.1": """
            401 sm3
            504 sm3
        """,
        "1.2.840.113549.1.1": """
            3 md4
            4 md5
            5 sha1
            11 sha256
            12 sha384
            13 sha512
            14 sha224
            15 sha512_224
            16 sha512_256
        """,
        "1.2.840.113549.2": """
            4 md4
            5 md5
        """,
        "1.3.6.1.4.1.1722.12.2.1": """
            16 blake2b
        """,
        "1.3.6.1.4.1.1722.12.2.2": """
            8 blake2s
        """,
        "1.3.14.3.2": """
            26 sha1
        """,
        "1.3.36.3.2": """
            1 ripemd160
        """,
        "1.3.36.3.3.1": """
            2 ripemd160
        """,
        "2.5.8.3": """
            100 mdc2
            101 mdc2
        """,
        "2.16.840.1.101.3.4.2": """
            1 sha256
            2 sha384
            3 sha512
            4 sha224
            5 sha512_224
            6 sha512_256
            7 sha3_224
            8 sha3_256
            9 sha3_384
            10 sha3_512
        """,
        "2.16.840.1.101.3.4.3": """
            13 sha3_224
            14 sha3_256
            15 sha3_384
            16 sha3_512
        """,
    }
)
"""Algorithms that name a digest, alone or with RSA, and hashlib's name of it."""

RSA_KEYS: Final = frozenset({"1.2.840.113549.1.1.1", "2.5.8.1.1"})
DSA_KEYS: Final = frozenset({"1.2.840.10040.4.1", "1.3.14.3.2.12"})
EC_KEYS: Final = frozenset({"1.2.840.10045.2.1"})
"""What public keys are called that sign with RSA, with DSA and on elliptic curves."""


def _by_algorithm() -> dict[str, frozenset[str]]:
    rsa = (
        *(f"1.2.840.113549.1.1.{number}" for number in (2, 3, 4, 5, 10, 11, 12, 13, 14)),
        *(f"1.3.14.3.2.{number}" for number in (3, 15, 29)),
        *(f"2.16.840.1.101.3.4.3.{number}" for number in (13, 14, 15, 16)),
        *("1.3.36.3.3.1.2", "2.5.8.3.100"),
    )
    dsa = (
        *("1.2.840.10040.4.3", "1.3.14.3.2.13", "1.3.14.3.2.27"),
        *("2.16.840.1.101.3.4.3.1", "2.16.840.1.101.3.4.3.2"),
    )
    elliptic = (
        *(f"1.2.840.10045.4.{number}" for number in (1, 2, 3)),
        *(f"1.2.840.10045.4.3.{number}" for number in (1, 2, 3, 4)),
    )
    kinds = {RSA_KEYS: rsa, DSA_KEYS: dsa, EC_KEYS: elliptic}
    edwards = {name: frozenset({name}) for name in ("1.3.101.112", "1.3.101.113")}
    return {
        algorithm: keys for keys, algorithms in kinds.items() for algorithm in algorithms
    } | edwards


SIGNING_KEYS: Final = _by_algorithm()
"""The keys that algorithms sign with (``OBJ_find_sigid_algs``)."""
