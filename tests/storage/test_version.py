"""What is saved has a version, which must be raised when other columns come of the same rules."""

from __future__ import annotations

import hashlib
import io

import miniyara
from miniyara.storage import container, rules

SOURCE = r"""
rule texts {
    strings:
        $a = "a text that is long enough" wide ascii nocase
        $b = "xor it" xor
        $c = "base 64" base64
        $d = "ab" fullword
    condition: any of ($a, $b, $c) or #d > 3
}
rule hexadecimal {
    strings:
        $a = { 4D 5A 90 00 ?? 00 [4-8] 50 45 00 00 }
        $b = { DE AD BE EF [300-400] CA FE BA BE ( 01 02 | 03 ) }
    condition: $a at 0 and $b
}
rule expressions {
    strings:
        $a = /https?:\/\/[a-z]{4,9}\.example\.(com|org)/ nocase
        $b = /[0-9a-f]{32}/
        $c = /key=(abc|defgh)[^\n]*end/
    condition: 2 of them and filesize < 1MB
}
rule gates { condition: uint16(0) == 0x5A4D or uint32be(0) == 0x7F454C46 }
global rule all_of_them { condition: name == "x" and filesize > 9 }
rule of_rules { condition: texts or (hexadecimal and any of (e*)) }
"""

KNOWN = {2: "cf6bd7359abad925"}
"""By version, a digest of the sections."""


def test_the_version_is_that_of_what_is_saved() -> None:
    stream = io.BytesIO()
    miniyara.compile(source=SOURCE, externals={"name": "x"}).save(file=stream)
    digest = hashlib.sha256()
    for name, content in sorted(container.unpack(stream.getvalue()).items()):
        if name != "version":
            digest.update(b"%s %d " % (name.encode(), len(content)) + content)
    assert KNOWN.get(rules.VERSION) == digest.hexdigest()[:16], (
        "raise VERSION in storage/rules.py, and note the new digest here"
    )
