"""Every limit of the engine, with its unit and its reason, in one place.

The names and values follow libyara 4.5's ``include/yara/limits.h``, so that a
rule or a file is refused here exactly where libyara refuses it.  A limit that
libyara does not have says so.
"""

from __future__ import annotations

from typing import Final

# -- rule text ---------------------------------------------------------------

MAX_IDENTIFIER_LENGTH: Final = 128
"""Characters in an identifier (``lexer.l``)."""

LEX_BUFFER_SIZE: Final = 8192
"""Bytes of a text string, regular expression or include path (``YR_LEX_BUF_SIZE``)."""

MAX_PARSER_DEPTH: Final = 10_000
"""Symbols on the parser's stack (bison's ``YYMAXDEPTH``): bounds nesting."""

MAX_INCLUDE_DEPTH: Final = 16
"""Files open at once, counting the first (``YR_MAX_INCLUDE_DEPTH``)."""

MAX_INCLUDES: Final = 1 << 16
"""Files that one source includes, each counted as often as it is included. Ours alone:
sixteen files that include each other twice are 65,535."""

MAX_INCLUDED_TEXT: Final = 1 << 27
"""Bytes of the files that one source includes, counted likewise. Ours alone."""

MAX_EXPRESSION_DEPTH: Final = 200
"""Levels of nesting in a condition; groups in patterns nest a third as deeply.

Ours alone: conditions and patterns are walked recursively and must stay far
from Python's recursion limit.  Chains such as ``a and b and c`` or ``1+2+3``
are flat and do not count.
"""

# -- rules -------------------------------------------------------------------

MAX_LOOP_NESTING: Final = 4
"""``for`` loops inside each other (``YR_MAX_LOOP_NESTING``)."""

MAX_LOOP_VARIABLES: Final = 2
"""Variables declared by one ``for`` loop (``YR_MAX_LOOP_VARS``)."""

MAX_STRINGS_PER_RULE: Final = 10_000
"""Default of ``set_config(max_strings_per_rule=...)`` (``libyara.c``)."""

MAX_SET_MEMBERS: Final = 1 << 20
"""Strings and rules that all sets of one rule name, such as ``($a*, $b)``, however few
characters name them. Ours alone: a set of ``$*`` over and over is as long as one likes."""

ATOMS_PER_RULE_WARNING_THRESHOLD: Final = 12_000
"""Atoms in a rule above which libyara warns that it slows down scanning."""

# -- patterns ----------------------------------------------------------------

MAX_ATOM_LENGTH: Final = 4
"""Bytes of an atom (``YR_MAX_ATOM_LENGTH``)."""

ATOM_QUALITY_WARNING_THRESHOLD: Final = 205
"""The quality of a string's worst atom below which libyara warns that it is slow
(``YR_ATOM_QUALITY_WARNING_THRESHOLD``: 255 is the best, an atom like 61 61 is just good)."""

MAX_ANCHORS_OF_VARIANTS: Final = 1 << 18
"""Texts by which strings that have many variants, as under ``xor``, are found in one sweep
over the data; behind these such strings are searched one by one. Ours alone: a text of
twenty bytes has 512."""

STRING_CHAINING_THRESHOLD: Final = 200
"""Jumps above this many bytes split a string into a chain."""

RE_MAX_RANGE: Final = 32_767
"""Largest repetition count in a regular expression (``INT16_MAX``)."""

RE_MAX_SPLIT_ID: Final = 128
"""Split instructions in one regular expression."""

RE_MAX_FIBERS: Final = 1024
"""Threads of one regular expression alive at once; more is internal error 46."""

RE_SCAN_LIMIT: Final = 1024
"""Bytes that one match of a regular expression may span in one direction."""

# -- storage -----------------------------------------------------------------

MAX_CACHE: Final = 1 << 30
"""Bytes of compiled rules in the folder of ``compile(cache=...)``; those that have not been
used for longest are removed. Ours alone."""

# -- scanning ----------------------------------------------------------------

MAX_STRING_MATCHES: Final = 1_000_000
"""Matches recorded for one string; then the string is abandoned."""

MAX_SCAN_MATCHES: Final = 1 << 25
"""Matches of all strings together that a scan keeps, 13 bytes each; if there are more, it
ends with an error.  Ours alone."""

MAX_MATCH_DATA: Final = 512
"""Default of ``set_config(max_match_data=...)``: bytes copied per match."""

MAX_PROCESS_MEMORY_CHUNK: Final = 1 << 30
"""Bytes of a process's memory that are read and searched at a time; no match crosses the
border (``DEFAULT_MAX_PROCESS_MEMORY_CHUNK``)."""

STACK_SIZE: Final = 16_384
"""Default of ``set_config(stack_size=...)``; accepted, and of no effect here."""

MAX_DICTIONARY_TEXT: Final = 1 << 27
"""Bytes of all strings of a module that ``modules_callback`` is given; then they are left
out. Ours alone: many fields of a hostile file may be the same long part of it."""
