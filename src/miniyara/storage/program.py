"""A program whose rules are compiled from their saved text when a scan asks for them.

Of each rule its name, metadata, flags and numbers are known at once.  Its condition and
its strings are what the compiler makes of its text; nothing that was compiled is read
from the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from miniyara.analysis import catalog
from miniyara.analysis.origin import ImportedModule, RuleText
from miniyara.analysis.program import CheckedRule, CheckedString, Program
from miniyara.columns import Column, bounds
from miniyara.diagnostics import Diagnostic, Kind, Label
from miniyara.errors import Error, SyntaxError  # noqa: A004 - yara-python's name
from miniyara.modules import find as find_module
from miniyara.storage.container import FormatError
from miniyara.storage.sections import (
    all_below,
    items,
    numbers,
    optional_text,
    packed,
    plain,
    read_record,
    record,
    require,
    scalar,
    section,
    text,
    whole,
)
from miniyara.syntax.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.search.index import SearchIndex
    from miniyara.storage.origin import SavedOrigin, Texts
    from miniyara.storage.sections import Sections

T = TypeVar("T")

_PRIVATE: Final = 1
_GLOBAL: Final = 2
_NEEDS_HIT: Final = 4
_HAS_EFFECT: Final = 8


def program_sections(program: Program, rules: Sequence[RuleText], texts: Texts) -> dict[str, bytes]:
    """The sections of a program whose rules stand in these places."""
    namespaces: dict[str, int] = {}
    spaces = [namespaces.setdefault(rule.namespace, len(namespaces)) for rule in program.rules]
    heads = [_head(rule) for rule in program.rules]
    assert program.origin is not None, "it was compiled here"
    return {
        "program": record(
            {
                "names": [rule.name for rule in program.rules],
                "namespaces": list(namespaces),
                "imports": list(program.origin.imports),
                "modules": list(program.modules),
                "warnings": [_plain_warning(one, texts) for one in program.warnings],
            }
        ),
        "r.space": packed(spaces),
        "r.flags": bytes(map(_flags, program.rules)),
        "r.count": packed(len(rule.strings) for rule in program.rules),
        "r.text": packed(texts.number(rule.text) for rule in rules),
        "r.start": packed(rule.start for rule in rules),
        "r.end": packed(rule.end for rule in rules),
        "r.head": packed(map(len, heads)),
        "r.heads": b"".join(heads),
    }


def _flags(rule: CheckedRule) -> int:
    return (
        _PRIVATE * rule.is_private
        | _GLOBAL * rule.is_global
        | _NEEDS_HIT * rule.needs_hit
        | _HAS_EFFECT * rule.has_effect
    )


def _head(rule: CheckedRule) -> bytes:
    """The tags and the metadata of a rule."""
    return record([rule.tags, [[meta.name, plain(meta.value)] for meta in rule.meta]])


def _plain_warning(warning: Diagnostic, texts: Texts) -> list[Any]:
    labels = [[label.start, label.end, label.note] for label in warning.labels]
    number = texts.number(warning.source.text)
    return [
        *(warning.kind.code, warning.message, number, warning.source.namespace),
        *(warning.line, warning.path, labels, warning.rule),
    ]


class SavedRules:
    """The rules of a file; shared by threads, like all of a program."""

    def __init__(self, sections: Sections, origin: SavedOrigin) -> None:
        values = read_record(section(sections, "program"))
        try:
            self.names = list(map(text, items(values["names"])))
            self._namespaces = list(map(text, items(values["namespaces"])))
            self._imports = [_read_import(one) for one in items(values["imports"])]
            self.modules = tuple(map(_module, items(values["modules"])))
            self.warnings = tuple(
                _read_warning(one, origin.texts) for one in items(values["warnings"])
            )
        except (KeyError, TypeError) as error:
            raise FormatError("the record of the program is broken") from error
        count = len(self.names)
        self._origin = origin
        self._spaces = numbers(sections, "r.space", count, len(self._namespaces))
        self._flags = bytes(section(sections, "r.flags", count))
        self.string_count = len(section(sections, "s.stage"))
        """The number of all strings."""
        self._first_strings = _bounds(sections, "r.count", count, self.string_count)
        self._texts = numbers(sections, "r.text", count, len(origin.texts))
        self._starts = numbers(sections, "r.start", count)
        self._ends = numbers(sections, "r.end", count)
        all_below(self._starts, self._ends, "r.start")
        all_below(self._ends, (len(origin.texts[one]) + 1 for one in self._texts), "r.end")
        self._heads = section(sections, "r.heads")
        self._head_bounds = _bounds(sections, "r.head", count, len(self._heads))
        self._compiled: dict[int, Program] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def program(self, index: SearchIndex) -> Program:
        """The program; what is compiled is held against the index."""
        return Program(
            _Lazily(len(self.names), cache(self._rule)),
            _Lazily(len(self.names), lambda rule: self._compile(rule, index).conditions[0]),
            _Lazily(self.string_count, lambda string: self._string(string, index)),
            self.modules,
            self._origin.request.externals,
            self.warnings,
            _Lazily(len(self.names), self._text),
        )

    def _rule(self, number: int) -> CheckedRule:
        """A rule, as its record and its flags have it."""
        from miniyara.syntax.nodes import Meta  # noqa: PLC0415 - slow to load, and not yet needed

        start, end = self._head_bounds[number], self._head_bounds[number + 1]
        try:
            tags, metas = items(read_record(self._heads[start:end]), 2)
            meta = [Meta(text(name), _meta(value)) for name, value in map(_pair, items(metas))]
            tags = tuple(map(text, items(tags)))
        except FormatError as error:
            raise self._contradiction(number) from error
        flags = self._flags[number]
        return CheckedRule(
            self.names[number],
            self._namespaces[self._spaces[number]],
            bool(flags & _PRIVATE),
            bool(flags & _GLOBAL),
            tags,
            tuple(meta),
            range(self._first_strings[number], self._first_strings[number + 1]),
            bool(flags & _NEEDS_HIT),
            bool(flags & _HAS_EFFECT),
        )

    def _string(self, number: int, index: SearchIndex) -> CheckedString:
        rule = bisect_right(self._first_strings, number) - 1
        return self._compile(rule, index).strings[number - self._first_strings[rule]]

    def _compile(self, number: int, index: SearchIndex) -> Program:
        """A rule with its condition and its strings."""
        program = self._compiled.get(number)
        if program is None:
            program = self._compile_anew(number)
            if not self._agrees(number, program, index):
                raise self._contradiction(number)
            self._compiled[number] = program
        return program

    def _compile_anew(self, number: int) -> Program:
        from miniyara.analysis import Surroundings, compile_rule  # noqa: PLC0415 - likewise

        if not self._numbers:
            spaces = map(self._namespaces.__getitem__, self._spaces)
            self._numbers = {
                key: rule for rule, key in enumerate(zip(spaces, self.names, strict=True))
            }
        namespace = self._namespaces[self._spaces[number]]
        request = self._origin.request
        around = Surroundings(
            namespace,
            self._numbers,
            self.names[:number],
            self._first_strings[number],
            [
                one.module
                for one in self._imports
                if one.namespace == namespace and one.before <= number
            ],
            request.externals,
            request.strict_escape,
        )
        try:
            return compile_rule(self.names[number], self._text(number).alone(), around)
        except (SyntaxError, KeyError) as error:
            raise self._contradiction(number) from error

    def _text(self, number: int) -> RuleText:
        source = self._origin.texts[self._texts[number]]
        return RuleText(source, self._starts[number], self._ends[number])

    def _agrees(self, number: int, program: Program, index: SearchIndex) -> bool:
        """Whether a rule, as it is compiled now, is what the file says of it."""
        rule, flags = program.rules[0], self._flags[number]
        first, end = self._first_strings[number], self._first_strings[number + 1]
        return (
            rule.strings == range(first, end)
            and rule.needs_hit == bool(flags & _NEEDS_HIT)
            and rule.has_effect == bool(flags & _HAS_EFFECT)
            and all(map(index.fits, rule.strings, (one.pattern for one in program.strings)))
        )

    def _contradiction(self, number: int) -> Error:
        name = self.names[number]
        return Error(f'invalid rules file: rule "{name}" is not what the file says of it')


class _Lazily(Sequence[T]):
    """So many things, made when they are asked for."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._numbers = range(count)
        self._make = make

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return list(map(self._make, self._numbers[index]))
        return self._make(self._numbers[index])


def _bounds(sections: Sections, name: str, count: int, total: int) -> Column:
    """Where things begin whose sizes a section has."""
    sizes = numbers(sections, name, count)
    require(sum(sizes) == total, name)
    return bounds(sizes)


def _module(value: object) -> str:
    name = text(value)
    if find_module(name) is None:
        raise FormatError(f"there is no module {name}")
    return name


def _meta(value: object) -> bytes | int | bool:
    found = scalar(value)
    if isinstance(found, float):
        raise FormatError("a record has a number that it cannot have")
    return found


def _pair(value: object) -> list[Any]:
    return items(value, 2)


def _read_import(value: object) -> ImportedModule:
    namespace, module, before = items(value, 3)
    return ImportedModule(text(namespace), _module(module), whole(before))


@cache
def _kinds() -> dict[str, Kind]:
    """The kinds of warnings by their codes."""
    found = [kind for kind in vars(catalog).values() if isinstance(kind, Kind)]
    return {kind.code: kind for kind in found if kind.is_warning}


def _read_warning(value: object, texts: Sequence[bytes]) -> Diagnostic:
    code, message, number, namespace, line, path, labels, rule = items(value, 8)
    path = optional_text(path)
    source = SourceText(texts[whole(number, len(texts))], text(namespace), path)
    found = [items(label, 3) for label in items(labels)]
    return Diagnostic(
        _kinds()[text(code)],
        text(message),
        source,
        whole(line),
        path,
        tuple(Label(whole(start), whole(end), text(note)) for start, end, note in found),
        optional_text(rule),
    )
