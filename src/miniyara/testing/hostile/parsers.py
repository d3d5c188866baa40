"""Every way in which bytes of an attacker come to a parser."""

from __future__ import annotations

import re
import struct
import tempfile
import zlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import miniyara
from miniyara.limits import MAX_STRINGS_PER_RULE
from miniyara.modules import find
from miniyara.scanning.preparing import compiled
from miniyara.scanning.rules import Rules
from miniyara.storage import Request
from miniyara.storage.container import HEADER, MAGIC, VERSION
from miniyara.syntax.source import SourceText
from miniyara.testing.hostile.hunting import PARSERS_OF_HUNTS
from miniyara.testing.hostile.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable

SCAN_SECONDS: Final = 1
"""The timeout of every scan."""


def _scan(rules: miniyara.Rules, data: bytes, **options: Any) -> None:
    rules.match(
        data=data,
        timeout=SCAN_SECONDS,
        warnings_callback=lambda _kind, _string: miniyara.CALLBACK_CONTINUE,
        console_callback=lambda _text: None,
        **options,
    )


# -- rules ----------------------------------------------------------------------------------

_SCANNED: Final = (
    b"MZ\x90\0abc abcabc 0123456789 aaaaaaaaaaaaaaaa http://a.example/ \xff\0a\0b\0c\0"
)


def _rules(text: bytes) -> None:
    """Compile a text, which may include itself under any name, and scan with it."""
    request = Request((SourceText(text),), {}, strict_escape=False, max_strings_per_rule=_MOST)
    _scan(Rules(compiled(request, lambda *_: text)), _SCANNED)


_MOST: Final = MAX_STRINGS_PER_RULE


def _pattern(before: bytes, after: bytes, text: bytes) -> None:
    """Compile a string, and scan for it what stands behind a NUL, again and again."""
    pattern, _, unit = text.partition(b"\0")
    source = b"rule a { strings: $a = " + before + pattern + after + b" condition: #a >= 0 }"
    request = Request((SourceText(source),), {}, strict_escape=True, max_strings_per_rule=_MOST)
    unit = unit or _SCANNED
    _scan(Rules(compiled(request, None)), unit * (4096 // len(unit) + 1))


_RULE_WORDS: Final = r"""
rule private global import include strings: condition: meta: and or not of all any none them for
in at true false filesize entrypoint defined contains icontains startswith matches iequals wide
ascii nocase xor base64 base64wide fullword $a #a @a !a $ * .. ( ) { } [ ] uint8( int32be( "a"
/a/ // /* */ {61} == << ^ % -1 0x7fffffffffffffff 1KB 0.5 "pe" "math" math.entropy(0,filesize)
"string" : = , $a={?1[2-]~01(1|2)} $b=/a{1,9}(b|c)*$/s
"""

_RULE_SEEDS: Final = [
    b"""rule a {
        strings: $a = "abc" wide ascii fullword $b = { 61 ?2 [1-3] ( 63 | ~64 65 ) }
            $c = /ab+(c|d)*$/i
        condition: $a or #b > 1 and @c[1] < 10 }""",
    b"""import "pe" import "math" private global rule a : t {
        meta: a = "x" b = -1 c = true
        condition: for any i in (1..3) : (math.abs(i) == 2) and pe.is_pe }""",
    b"""rule b {
        strings: $a = "x" xor(1-9) $b = "abcdef" base64 base64wide $c = "y" nocase private
        condition: any of ($a*) at 1 and 50% of them and #b in (1..filesize) == 0 }""",
]

_HEX_SEEDS: Final = [
    b" 61 62 63 ",
    b" 61 ?? 6? [2-4] ( 61 | 62 63 | ?1 ) ~61 ~?2 [-] 63 \0abc",
    b" 61 [0-300] 62 [10-] 63 \0aab",
]

_REGEXP_SEEDS: Final = [
    b"ab+c/ nocase wide",
    rb"(a|b){1,9}[^c\d]*$/is fullword" + b"\0ab",
    rb"\bfoo\b.{3,70}(x|[a-z])+\x41\W\S^/" + b"\0foo ",
    rb"(a*)*b(c|(d|e){2,5})+/" + b"\0aabc",
]


# -- saved rules ----------------------------------------------------------------------------

_SAVED_SOURCE: Final = (
    'import "pe" private rule a : tag { meta: m = "x" n = 1 strings: $a = "abc" wide ascii '
    "$b = { 61 62 ?? 64 [2-300] 65 } $c = /ab+c/i condition: any of them } "
    "global rule b { condition: filesize < 1MB and (a or external or uint16(0) == 0x5A4D) }"
)


def _saved_file(body: bytes) -> bytes:
    """A file with a right header: what comes behind it is what has to be read with care."""
    return HEADER.pack(MAGIC, VERSION, zlib.crc32(body, VERSION), len(body)) + body


def _saved_seeds() -> list[bytes]:
    rules = miniyara.compile(source=_SAVED_SOURCE, externals={"external": True})
    return [_file(rules)[HEADER.size :]]


def _file(rules: miniyara.Rules) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.save(file=file)
        file.seek(0)
        return file.read()


def _saved(body: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(_saved_file(body))
        file.seek(0)
        rules = miniyara.load(file=file)
    _scan(rules, _SCANNED)
    _ = [(rule.tags, rule.meta) for rule in rules], rules.warnings


@cache
def _cached() -> tuple[str, Path]:
    """A folder of compiled rules, and the file that the same rules are looked for in."""
    folder = tempfile.mkdtemp(prefix="miniyara-hostile-")
    _compile_cached(folder)
    (path,) = Path(folder).glob("*.miniyara")
    return folder, path


def _compile_cached(folder: str) -> miniyara.Rules:
    return miniyara.compile(source=_SAVED_SOURCE, externals={"external": True}, cache=folder)


def _from_cache(body: bytes) -> None:
    folder, path = _cached()
    path.write_bytes(_saved_file(body))
    _scan(_compile_cached(folder), _SCANNED)


# -- modules --------------------------------------------------------------------------------

_CALLS: Final = {
    "pe": (
        "pe.imphash() pe.calculate_checksum() pe.locale(9) pe.rich_signature.version(1,2) "
        'pe.imports(/./,/./) pe.exports(/a/) pe.exports_index("a") pe.rva_to_offset(4096) '
        'pe.section_index(".text") pe.import_rva("a","b") pe.signatures[0].valid_on(9)'
    ),
    "elf": "elf.telfhash() elf.import_md5()",
    "macho": "macho.file_index_for_arch(7) macho.entry_point_for_arch(7,3)",
    "dex": 'dex.has_class(/a/) dex.has_method("a") dex.has_method(/./,/./)',
    "cuckoo": (
        "cuckoo.network.http_request(/a/) cuckoo.network.dns_lookup(/a/) "
        "cuckoo.network.tcp(/a/,80) cuckoo.registry.key_access(/a/) cuckoo.sync.mutex(/a/) "
        "cuckoo.filesystem.file_access(/a/) cuckoo.network.host(/a/)"
    ),
    "magic": "magic.type() magic.mime_type()",
}
"""Functions of modules, which no look at the fields calls."""


@cache
def _rules_of(module: str) -> miniyara.Rules:
    calls = _CALLS.get(module, "").split()
    rules = (f"rule r{n} {{ condition: defined {call} }}" for n, call in enumerate(calls))
    return miniyara.compile(
        source=f'import "{module}" rule r {{ condition: true }} ' + " ".join(rules)
    )


def _module(module: str, data: bytes, modules_data: dict[str, bytes] | None = None) -> None:
    _scan(
        _rules_of(module),
        data,
        modules_data=modules_data or {},
        modules_callback=lambda _fields: miniyara.CALLBACK_CONTINUE,
    )


def _report(report: bytes) -> None:
    _module("cuckoo", b"", {"cuckoo": report})


_REPORT: Final = (
    b'{"network": {"http": [{"uri": "a", "method": "GET", "user-agent": "b"}], "domains": '
    b'[{"domain": "a", "ip": "1"}], "tcp": [{"dst": "a", "dport": 80}], "hosts": ["a"]}, '
    b'"behavior": {"summary": {"keys": ["a"], "files": ["a\\u0061"], "mutexes": ["a"]}}}'
)


def _signed(signature: bytes) -> bytes:
    """A PE file with nothing but a signature."""
    start, size = 64 + 4 + 20 + 224, 8 + len(signature)
    directories = struct.pack("<8x24x2I88x", start, size)
    optional = struct.pack("<H90xI", 0x10B, 16) + directories
    coff = struct.pack("<HHIIIHH", 0x14C, 0, 0, 0, 0, len(optional), 0x102)
    header = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + coff + optional
    return header + struct.pack("<IHH", size, 0x200, 2) + signature


def _signature_of(data: bytes) -> bytes | None:
    """The signature of a PE file."""
    if data[:2] != b"MZ":
        return None
    start = int.from_bytes(data[60:64], "little")
    is_64 = data[start + 24 : start + 26] == b"\x0b\x02"
    place = start + 24 + (112 if is_64 else 96) + 32
    offset, size = int.from_bytes(data[place : place + 4], "little"), data[place + 4 : place + 8]
    found = data[offset + 8 : offset + int.from_bytes(size, "little")]
    return found if found[:1] == b"\x30" else None


def _signature(signature: bytes) -> None:
    _module("pe", _signed(signature))


# -- the table ------------------------------------------------------------------------------

_MACHO: Final = tuple(
    bytes.fromhex(magic)
    for magic in ("cffaedfe", "cefaedfe", "feedfacf", "feedface", "cafebabe", "cafebabf")
)


def _of_module(module: str, *begins: bytes) -> Parser:
    """A module that reads files which begin so."""
    return Parser(module, partial(_module, module), lambda: list(begins), _beginning(*begins))


def _beginning(*begins: bytes) -> Callable[[bytes], bytes | None]:
    return lambda file: file if file.startswith(begins) else None


def _rules_in(file: bytes) -> bytes | None:
    return file if re.search(rb"(?m)^\s*rule\s+\w+.*?^\s*condition\s*:", file, re.DOTALL) else None


_ALL: Final = (
    Parser("rules", _rules, lambda: _RULE_SEEDS, _rules_in, tuple(_RULE_WORDS.split())),
    Parser("hex", partial(_pattern, b"{", b"}"), lambda: _HEX_SEEDS),
    Parser("regexp", partial(_pattern, b"/", b""), lambda: _REGEXP_SEEDS),
    Parser("saved", _saved, _saved_seeds),
    Parser("cache", _from_cache, _saved_seeds),
    _of_module("pe", b"MZ"),
    Parser("signature", _signature, lambda: [b"\x30\x80"], _signature_of),
    _of_module("dotnet", b"MZ"),
    _of_module("elf", b"\x7fELF"),
    _of_module("macho", *_MACHO),
    _of_module("dex", b"dex\n"),
    _of_module("lnk", b"L\0\0\0\x01\x14\x02\0"),
    _of_module("crx", b"Cr24"),
    Parser("cuckoo", _report, lambda: [_REPORT]),
    _of_module("magic", b"MZ", b"\x7fELF", b"PK", b"%PDF"),
    *PARSERS_OF_HUNTS,
)

PARSERS: Final = {
    parser.name: parser for parser in _ALL if parser.name != "magic" or find("magic") is not None
}
"""All parsers by their names."""
