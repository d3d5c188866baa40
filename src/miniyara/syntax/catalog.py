"""Every error that reading rule text can have, with YARA's text for it.

The texts are those of libyara (``lexer.l``, ``grammar.y``, ``compiler.c``), since
programs look for them.
"""

from __future__ import annotations

from typing import Final

from miniyara.diagnostics import Kind

SYNTAX_ERROR: Final = Kind(
    code="syntax-error",
    title="the text is not a rule",
    message="syntax error, unexpected {unexpected}{expecting}",
    example="rule a { condition: true true }",
)
TOO_DEEP: Final = Kind(
    code="too-deep",
    title="too much nesting",
    message="memory exhausted",
    example="rule a { condition: " + "(" * 12 + "...",
)
NON_ASCII: Final = Kind(
    code="non-ascii-character",
    title="a character that YARA's syntax does not have",
    message="non-ascii character",
    example="rule é { condition: true }",
)
UNTERMINATED_STRING: Final = Kind(
    code="unterminated-string",
    title="a text string ends with its line",
    message="unterminated string",
    example='rule a { strings: $a = "abc\n condition: $a }',
)
UNTERMINATED_REGEXP: Final = Kind(
    code="unterminated-regexp",
    title="a regular expression ends with its line",
    message="unterminated regular expression",
    example="rule a { strings: $a = /abc\n condition: $a }",
)
ILLEGAL_ESCAPE: Final = Kind(
    code="illegal-escape",
    title="an escape that text strings do not have",
    message="illegal escape sequence",
    example='rule a { strings: $a = "\\q" condition: $a }',
)
MALFORMED_REGEXP: Final = Kind(
    code="malformed-regexp",
    title="a zero byte in a regular expression",
    message="malformed regular expression",
    example="rule a { strings: $a = /\\\0/ condition: $a }",
)
STRING_TOO_LONG: Final = Kind(
    code="string-too-long",
    title="a string of more bytes than YARA's lexer can hold",
    message="out of space in lex_buf",
    example='rule a { strings: $a = "..." condition: $a }',
)
IDENTIFIER_TOO_LONG: Final = Kind(
    code="identifier-too-long",
    title="an identifier of more than 128 characters",
    message="identifier too long",
    example="rule aaaa... { condition: true }",
)
INTEGER_OVERFLOW: Final = Kind(
    code="integer-overflow",
    title="a number that does not fit 64 bits",
    message='integer overflow in "{number}"',
    example="rule a { condition: 9223372036854775808 == 0 }",
)
INCLUDES_DISABLED: Final = Kind(
    code="includes-disabled",
    title="an include where includes are not allowed",
    message="includes are disabled",
    example='include "other.yar"',
)
INCLUDE_NOT_FOUND: Final = Kind(
    code="include-not-found",
    title="an included file that cannot be read",
    message="can't open include file: {path}",
    example='include "missing.yar"',
)
INCLUDE_NOT_PROVIDED: Final = Kind(
    code="include-not-provided",
    title="an include that the callback has no text for",
    message="callback failed to provide include resource: {path}",
    example='include "missing.yar"',
)
INCLUDE_CIRCLE: Final = Kind(
    code="include-circle",
    title="a file that includes itself",
    message="includes circular reference",
    example='include "this_file.yar"',
)
INCLUDE_DEPTH: Final = Kind(
    code="include-depth",
    title="too many files that include each other",
    message="includes depth exceeded",
    example='include "deeper.yar"',
)
TOO_MANY_INCLUDES: Final = Kind(
    code="too-many-includes",
    title="more included text than this engine reads",
    message="too many includes",
    example='include "twice.yar" include "twice.yar"',
)
INCLUDE_IN_RULE: Final = Kind(
    code="include-in-rule",
    title="an include in the middle of a rule, which a syntax tree cannot hold",
    message="include inside a rule",
    example='rule a { include "condition.yar" }',
)
DUPLICATED_TAG: Final = Kind(
    code="duplicated-tag",
    title="a tag given twice",
    message='duplicated tag identifier "{name}"',
    example="rule a : x x { condition: true }",
)
DUPLICATED_MODIFIER: Final = Kind(
    code="duplicated-modifier",
    title="a modifier given twice",
    message="duplicated modifier",
    example='rule a { strings: $a = "x" wide wide condition: $a }',
)
INVALID_XOR_KEY: Final = Kind(
    code="invalid-xor-key",
    title="an xor key that is no byte",
    message="invalid xor range",
    example='rule a { strings: $a = "x" xor(256) condition: $a }',
)
XOR_UPPER_BOUND: Final = Kind(
    code="xor-upper-bound",
    title="an xor key that is no byte",
    message="upper bound for xor range exceeded (max: 255)",
    example='rule a { strings: $a = "x" xor(1-256) condition: $a }',
)
XOR_BOUNDS: Final = Kind(
    code="xor-bounds",
    title="an xor range that ends before it starts",
    message="xor lower bound exceeds upper bound",
    example='rule a { strings: $a = "x" xor(2-1) condition: $a }',
)
BASE64_ALPHABET: Final = Kind(
    code="base64-alphabet",
    title="a base64 alphabet that does not have 64 characters",
    message="length of base64 alphabet must be 64",
    example='rule a { strings: $a = "xyz" base64("abc") condition: $a }',
)
BASE64_ALPHABETS: Final = Kind(
    code="base64-alphabets",
    title="two base64 alphabets for one string",
    message="can not specify multiple alphabets",
    example='rule a { strings: $a = "xyz" base64 base64wide("...") condition: $a }',
)
TOO_MANY_LOOP_VARIABLES: Final = Kind(
    code="too-many-loop-variables",
    title="a loop with more than two variables",
    message="too many loop variables",
    example="rule a { condition: for any i, j, k in (1..2) : (true) }",
)
