"""What rules were compiled from, as the sections that every version reads.

Whatever else becomes of the format, the sources in it can be compiled anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara.storage.container import FormatError
from miniyara.storage.sections import (
    flag,
    items,
    optional_text,
    plain,
    read_record,
    record,
    scalar,
    section,
    text,
    whole,
)
from miniyara.syntax.source import Included, SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from miniyara.analysis.origin import Origin
    from miniyara.storage.sections import Sections
    from miniyara.values import Scalar


@dataclass(frozen=True, slots=True)
class Request:
    """What there is to compile, and how."""

    sources: Iterable[SourceText]
    """Read once, if it is compiled; a tuple, if it is kept."""
    externals: Mapping[str, Scalar]
    strict_escape: bool
    max_strings_per_rule: int


@dataclass(frozen=True, slots=True)
class SavedOrigin:
    """What saved rules were compiled from."""

    request: Request
    includes: tuple[Included, ...]
    reads_files: bool
    """Whether includes were files."""
    texts: Sequence[bytes]
    """All texts, of sources and of includes, each once."""


class Texts:
    """Texts by number, each once."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self.all: list[bytes] = []

    def number(self, content: bytes) -> int:
        """The number of a text; the same object has the same number."""
        number = self._numbers.setdefault(id(content), len(self.all))
        if number == len(self.all):
            self.all.append(content)
        return number


def origin_sections(
    origin: Origin, externals: Mapping[str, Scalar], texts: Texts
) -> dict[str, bytes]:
    """The sections of an origin, whose texts become known to ``texts``."""
    sources = [
        [texts.number(source.text), source.namespace, source.path] for source in origin.sources
    ]
    includes = [
        [one.path, one.including, one.namespace, texts.number(one.text)] for one in origin.includes
    ]
    return {
        "origin": record(
            {
                "texts": list(map(len, texts.all)),
                "sources": sources,
                "includes": includes,
                "reads_files": origin.reads_files,
                "externals": [[name, plain(value)] for name, value in externals.items()],
                "strict_escape": origin.strict_escape,
                "max_strings": origin.max_strings_per_rule,
            }
        ),
        "texts": b"".join(texts.all),
    }


def read_origin(sections: Sections) -> SavedOrigin:
    """What rules were compiled from; raises :class:`FormatError`."""
    values = read_record(section(sections, "origin"))
    try:
        texts = _texts(section(sections, "texts"), items(values["texts"]))
        request = Request(
            tuple(_source(one, texts) for one in items(values["sources"])),
            {text(name): scalar(value) for name, value in map(_pair, items(values["externals"]))},
            flag(values["strict_escape"]),
            whole(values["max_strings"]),
        )
        includes = tuple(_included(one, texts) for one in items(values["includes"]))
        return SavedOrigin(request, includes, flag(values["reads_files"]), texts)
    except (KeyError, TypeError) as error:
        raise FormatError("the record of the sources is broken") from error


def _texts(content: memoryview, lengths: list[object]) -> list[bytes]:
    texts, start = [], 0
    for length in lengths:
        end = start + whole(length)
        texts.append(bytes(content[start:end]))
        start = end
    if start != len(content):
        raise FormatError("the texts have another length")
    return texts


def _source(value: object, texts: Sequence[bytes]) -> SourceText:
    number, namespace, path = items(value, 3)
    return SourceText(texts[whole(number, len(texts))], text(namespace), optional_text(path))


def _included(value: object, texts: Sequence[bytes]) -> Included:
    path, including, namespace, number = items(value, 4)
    content = texts[whole(number, len(texts))]
    return Included(text(path), optional_text(including), text(namespace), content)


def _pair(value: object) -> list[object]:
    return items(value, 2)
