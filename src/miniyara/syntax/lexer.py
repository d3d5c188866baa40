"""Rule text -> tokens, with includes followed, as YARA's lexer does it (``lexer.l``).

The patterns of the tokens stand in ``grammar/rules.lark``.  Text is read as bytes
(one character each, Latin-1), because that is what YARA strings are made of.
What is no token is an error after which YARA reads nothing more of the source.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn, Protocol

from miniyara import limits
from miniyara.syntax import catalog
from miniyara.syntax.source import SourceText, include_path, reads_files
from miniyara.syntax.tables import END, load_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from miniyara.diagnostics import Kind
    from miniyara.syntax.lalr import Token
    from miniyara.syntax.source import IncludeResolver

END_OF_INCLUDED_FILE: Final = "END_OF_INCLUDED_FILE"

INVALID: Final = "INVALID"
"""The type of a character that is no token of the language."""

_BLANKS: Final = r"[ \t\r\n]*(?:(?://[^\n]*|/\*[\s\S]*?\*/)[ \t\r\n]*){0,64}"
"""Blanks and comments; not all of them at once, since each takes memory."""
_INCLUDE: Final = r'include[ \t]+"'


class Reporter(Protocol):
    """Who is told of errors in the text."""

    def __call__(self, kind: Kind, start: int, end: int, **details: object) -> None:
        """Report an error at a place of the text that is being read."""
        ...


class _Stop(Exception):  # noqa: N818 - the end of reading, already reported
    """The text cannot be read any further."""


class Lexer:
    """Reads one source and the files that it includes.

    ``include`` is the resolver, or None if includes are disabled; ``report`` is
    told of errors; ``keep_include``, if given, gets the paths of includes, which
    are then not followed.
    """

    def __init__(
        self,
        source: SourceText,
        include: IncludeResolver | None,
        report: Reporter,
        keep_include: Callable[[bytes, int, int], None] | None = None,
        start: int = 0,
    ) -> None:
        self.source = source
        """The text that is being read now."""
        self.text = ""
        """The same, decoded."""
        self.position = start
        """Where in it the next token is looked for; whoever reads text without the lexer
        moves it on."""
        self.files = [source]
        """The source and the files included from it that are not finished; the
        parser takes one away when it has dealt with its last token."""
        self._include = include
        self._includes_left = limits.MAX_INCLUDES
        self._text_left = limits.MAX_INCLUDED_TEXT
        self._report = report
        self._keep_include = keep_include
        self._in_comment = False
        self.stopped_at: int | None = None
        """Where the text could not be read any further, if so."""

    def tokens(self) -> Iterator[Token]:
        """All tokens; the last one is ``END``."""
        try:
            yield from self._tokens_of(self.source, self.position)
        except _Stop:
            assert self.stopped_at is not None
            yield END, None, self.stopped_at, self.stopped_at
        else:
            yield END, None, -1, -1

    def _tokens_of(self, source: SourceText, position: int = 0) -> Iterator[Token]:
        self.source = source
        self.text = text = source.characters()
        self.position = self._end_of_comment(text, position) if self._in_comment else position
        scan, kinds, words = vocabulary()
        values = self._values
        while True:
            match = scan(text, self.position)
            assert match is not None, "where there is no token, nothing is matched"
            number = match.lastindex
            if number is None:
                start = match.end()
                if start > self.position:
                    self.position = start
                    continue
                if start < len(text) and self._is_no_fault(text, start):
                    self.position = start + 1
                    yield INVALID, text[start], start, start + 1
                    continue
                return
            kind, word = kinds[number], match[number]
            start, end = match.span(number)
            self.position = end
            if kind == "WORD":
                if end - start > limits.MAX_IDENTIFIER_LENGTH:
                    self._stop(catalog.IDENTIFIER_TOO_LONG, start, end)
                yield words.get(word, "IDENTIFIER"), word, start, end
            elif kind == "INCLUDE":
                included, end = self._read_include(text, start, end)
                if included is not None:
                    yield from self._tokens_of(included)
                    self.source, self.text = source, text
                self.position = end
                if included is not None:
                    yield END_OF_INCLUDED_FILE, None, end, end
                    if self._in_comment:
                        self.position = self._end_of_comment(text, end)
            else:
                yield kind, values[kind](self, word, start, end), start, end

    def _end_of_comment(self, text: str, position: int) -> int:
        """Where a comment ends that has begun before; an included file may end in one."""
        end = text.find("*/", position)
        self._in_comment = end < 0
        return len(text) if end < 0 else end + 2

    def _is_no_fault(self, text: str, position: int) -> bool:
        """Deal with a character that begins no token.

        Whether it is one that YARA hands to its parser, which knows no such
        token.  Otherwise either the error is reported and reading stops, or
        the rest of the text is passed over.
        """
        # YARA does not mind a comment without an end.
        self._in_comment = text.startswith("/*", position)
        fault = find_fault(text, position)
        if fault is None:
            return False
        if fault.kind is not None:
            self._stop(fault.kind, fault.start, fault.end)
        return True

    def _check_length(self, length: int, start: int, end: int) -> None:
        if length >= limits.LEX_BUFFER_SIZE - 1:
            self._stop(catalog.STRING_TOO_LONG, start, end)

    def _stop(self, kind: Kind, start: int, end: int, **details: object) -> NoReturn:
        """Report an error after which YARA reads nothing more."""
        self.stopped_at = end
        self._report(kind, start, end, **details)
        raise _Stop

    # -- values of tokens ----------------------------------------------------

    def _text(self, word: str, start: int, end: int) -> bytes:
        value = text_value(word)
        self._check_length(len(value), start, end)
        return value

    def _regexp(self, word: str, start: int, end: int) -> tuple[bytes, bool, bool]:
        if "\\\0" in word:
            self._stop(catalog.MALFORMED_REGEXP, start, end)
        value = regexp_value(word)
        self._check_length(len(value[0]), start, end)
        return value

    def _number(self, word: str, start: int, end: int) -> int:
        if word.startswith(("0x", "0o")):
            value = int(word, 0)
        elif word.endswith("B"):
            value = _decimal(word[:-2]) << (10 if word[-2] == "K" else 20)
        else:
            value = _decimal(word)
        if value >= 1 << 63:
            self._stop(catalog.INTEGER_OVERFLOW, start, end, number=word)
        return value

    def _float(self, word: str, start: int, end: int) -> float:  # noqa: ARG002 - as its sisters
        return float(word)

    def _hex(self, word: str, start: int, end: int) -> bytes:  # noqa: ARG002 - as its sisters
        return word[1:-1].encode("latin-1")

    def _name(self, word: str, start: int, end: int) -> str:  # noqa: ARG002 - as its sisters
        # $a, #a, @a and !a all name the string $a.
        return "$" + word[1:]

    # -- includes --------------------------------------------------------------

    def _read_include(self, text: str, start: int, begin: int) -> tuple[SourceText | None, int]:
        """The source to go on with, None to go on in this text, and where."""
        end = text.find('"', begin)
        if end < 0:
            return None, len(text)
        path = text[begin:end]
        self._check_length(len(path), start, end)
        end += 1
        if self._keep_include is not None:
            self._keep_include(path.encode("latin-1"), start, end)
            return None, end
        if self._include is None:
            self._report(catalog.INCLUDES_DISABLED, start, end)
            return None, end
        return self._open_include(path, start, end), end

    def _open_include(self, path: str, start: int, end: int) -> SourceText | None:
        assert self._include is not None
        including = self.files[-1]
        name = path.encode("latin-1").decode("utf-8", "surrogateescape")
        if reads_files(self._include):
            resolved, missing = include_path(name, including.path), catalog.INCLUDE_NOT_FOUND
        else:
            resolved, missing = name, catalog.INCLUDE_NOT_PROVIDED
        content = self._include(name, including.path, including.namespace)
        if content is None:
            self._report(missing, start, end, path=name)
            return None
        if any(file.path == resolved for file in self.files):
            self._stop(catalog.INCLUDE_CIRCLE, start, end)
        # Text that is no file does not count as a level of its own.
        if sum(file.path is not None for file in self.files) >= limits.MAX_INCLUDE_DEPTH:
            self._stop(catalog.INCLUDE_DEPTH, start, end)
        self._includes_left -= 1
        self._text_left -= len(content)
        if self._includes_left < 0 or self._text_left < 0:
            self._stop(catalog.TOO_MANY_INCLUDES, start, end)
        included = SourceText(content.partition(b"\0")[0], including.namespace, resolved)
        self.files.append(included)
        return included

    _values: ClassVar[dict[str, Callable[..., Any]]] = {
        "STRING_IDENTIFIER_WITH_WILDCARD": _name,
        "STRING_IDENTIFIER": _name,
        "STRING_COUNT": _name,
        "STRING_OFFSET": _name,
        "TEXT": _text,
        "HEX": _hex,
        "REGEXP": _regexp,
        "FLOAT": _float,
        "NUMBER": _number,
        "STRING_LENGTH": _name,
    }
    """By type of token, what makes its value."""


def text_value(word: str) -> bytes:
    """The value of a text string as it is written."""
    body = word[1:-1]
    if "\0" in body:
        # The lexer copies a run of characters up to its first zero byte.
        body = _RUN.sub(lambda run: run.group().partition("\0")[0], body)
    if "\\" in body:
        body = _ESCAPE.sub(_unescape, body)
    return body.encode("latin-1")


def regexp_value(word: str) -> tuple[bytes, bool, bool]:
    """The body of a regular expression as it is written, and whether it has ``i`` and ``s``."""
    body, _, flags = word[1:].rpartition("/")
    if "\0" in body:
        body = _REGEXP_RUN.sub(lambda run: run.group().partition("\0")[0], body)
    if "\\/" in body:
        body = _REGEXP_ESCAPE.sub(lambda escape: escape.group().replace("\\/", "/"), body)
    return body.encode("latin-1"), "i" in flags, "s" in flags


class Fault(NamedTuple):
    """What begins no token."""

    kind: Kind | None
    """The error after which YARA reads no more; None for a character that it reads over."""
    start: int
    end: int


def find_fault(text: str, position: int) -> Fault | None:
    """What is wrong at a place where no token begins; None if only an end is lacking."""
    character = text[position]
    if text.startswith("/*", position):
        return None
    if character in _FAULTS:
        found = _FAULTS[character].match(text, position)
        assert found is not None
        end = found.end()
        if end - position > limits.LEX_BUFFER_SIZE - 1:
            return Fault(catalog.STRING_TOO_LONG, position, end)
        if end == len(text):
            return None
        if character == "/":
            return Fault(catalog.UNTERMINATED_REGEXP, position, end + 1)
        if text[end] == "\n":
            return Fault(catalog.UNTERMINATED_STRING, position, end + 1)
        return Fault(catalog.ILLEGAL_ESCAPE, end, end + 2) if end + 1 < len(text) else None
    kind = None if " " <= character <= "~" else catalog.NON_ASCII
    return Fault(kind, position, position + 1)


def end_of_next_token(source: SourceText, offset: int) -> int:
    """Where the lexer is once it has read the token behind ``offset``; -1 if there is none."""
    text, scan = source.characters(), vocabulary().scan
    while (match := scan(text, offset)) is not None and match.end() > offset:
        offset = match.end()
        if match.lastindex is not None:
            return offset
    fault = find_fault(text, offset) if offset < len(text) else None
    return -1 if fault is None else fault.end


_ESCAPE: Final = re.compile(r'\\(?:x(..)|([trn"\\]))')
_SIMPLE_ESCAPES: Final = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "\\": "\\"}
_RUN: Final = re.compile(r"[^\\\n\"]+")
_REGEXP_RUN: Final = re.compile(r"[^/\n\\]+")
_REGEXP_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)
_FAULTS: Final = {
    '"': re.compile(r'"(?:[^"\\\n]|\\(?:[trn"\\]|x[0-9A-Fa-f]{2}))*'),
    "/": re.compile(r"/(?:[^/\\\n]|\\[^\n])*\\?"),
}
"""What is good of a text string or a regular expression, by what it begins with."""


def _unescape(escape: re.Match[str]) -> str:
    digits = escape.group(1)
    return chr(int(digits, 16)) if digits else _SIMPLE_ESCAPES[escape.group(2)]


def _decimal(digits: str) -> int:
    """The value of decimal digits; a large one stands for all that are too large."""
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) < 20 else 1 << 64


class Vocabulary(NamedTuple):
    """The tokens of the language."""

    scan: Callable[[str, int], re.Match[str] | None]
    """Finds the next token, behind blanks and comments, or only some of these."""
    kinds: Sequence[str]
    """The kinds of tokens by the numbers of their groups."""
    words: Mapping[str, str]
    """The types of keywords and operators by their text."""


@cache
def vocabulary() -> Vocabulary:
    """The tokens of the language, as the grammar has them."""
    tables = load_tables("rules")
    patterns, fixed = tables.patterns, {text: name for name, text in tables.literals.items()}
    operators = sorted((text for text in fixed if not text[0].isalpha()), key=len, reverse=True)
    types = fixed | {
        f"{sign}int{size}{order}": "INTEGER_FUNCTION"
        for sign in ("", "u")
        for size in (8, 16, 32)
        for order in ("", "be")
    }
    # flex takes the longest match; here the first one counts, so the longer go first.
    names = (
        "STRING_IDENTIFIER_WITH_WILDCARD",
        "STRING_IDENTIFIER",
        "STRING_COUNT",
        "STRING_OFFSET",
        "TEXT",
        "HEX",
        "REGEXP",
        "FLOAT",
        "NUMBER",
    )
    alternatives = {
        "INCLUDE": _INCLUDE,
        "WORD": patterns["IDENTIFIER"],
        **{name: patterns[name] for name in names},
        "OPERATOR": "|".join(map(re.escape, operators)),
        "STRING_LENGTH": patterns["STRING_LENGTH"],
    }
    # The empty alternative, because blanks must be given up in no case.
    tokens = "|".join(f"({pattern})" for pattern in alternatives.values())
    kinds = ["", *alternatives]
    kinds[kinds.index("OPERATOR")] = "WORD"
    return Vocabulary(re.compile(f"{_BLANKS}(?:{tokens}|)").match, kinds, types)
