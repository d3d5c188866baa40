"""Limits of reading signatures."""

from __future__ import annotations

from typing import Final

MAX_ATTRIBUTE_VALUES: Final = 16
"""Signatures inside of one, and countersignatures of a kind, that are read
(``MAX_NESTED_COUNT`` in libyara's ``authenticode.c``)."""

MAX_SIGNATURE_SIZE: Final = 8 << 20
"""Bytes of the signatures of a file; ours alone, for they are held in memory."""

MAX_CERTIFICATES: Final = 2048
"""Certificates in one signature beyond which it is taken for malformed; ours alone, for all
of them are looked through for each link of a chain."""

MAX_SIGNATURES: Final = 64
"""Signatures that are read, each inside of another; ours alone, for libyara would go as
deep as it can."""
