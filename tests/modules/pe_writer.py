"""PE files of both widths, with a bit of everything."""

from __future__ import annotations

from miniyara.testing.programs.pe import sample

FILES = {f"{bits} bits": sample(bits) for bits in (32, 64)}

QUESTIONS = [
    *(f"pe.{name}()" for name in ("imphash", "calculate_checksum", "is_dll", "is_32bit")),
    'pe.imports("kernel32.dll")',
    'pe.imports("ws2_32.dll", 2)',
    "pe.imports(pe.IMPORT_ANY, /dll$/i, /^[A-M]/)",
    'pe.import_rva("ws2_32.dll", "send")',
    'pe.delayed_import_rva("user32.dll", "MessageBoxA")',
    'pe.exports("fourth")',
    "pe.exports_index(/^S/)",
    'pe.section_index(".rdata")',
    "pe.rva_to_offset(0x1010)",
    "pe.language(9)",
    "pe.locale(0x409)",
    "pe.rich_signature.version(30729)",
    "pe.rich_signature.toolid(147, 30729)",
]
