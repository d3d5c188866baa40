"""Every parameter of every function: by name, by position, with right and wrong values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara.testing.compatibility.check import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOURCE: Final = 'rule a { strings: $a = "abc" condition: $a }'

COMPILE: Final = [
    "filepath",
    "source",
    "file",
    "filepaths",
    "sources",
    "includes",
    "externals",
    "error_on_warning",
    "strict_escape",
    "include_callback",
]
MATCH: Final = [
    "filepath",
    "pid",
    "data",
    "externals",
    "callback",
    "fast",
    "timeout",
    "modules_data",
    "modules_callback",
    "which_callbacks",
    "warnings_callback",
    "console_callback",
    "allow_duplicate_metadata",
]
CONFIG: Final = ["stack_size", "max_strings_per_rule", "max_match_data"]
FILES: Final = ["filepath", "file"]

VALUES: Final[dict[str, Any]] = {
    "None": None,
    "True": True,
    "1": 1,
    "-2": -2,
    "2**40": 2**40,
    "2**70": 2**70,
    "1.5": 1.5,
    "text": "text",
    "text with a zero": "a\0b",
    "lone surrogate": "a\ud800",
    "bytes": b"bytes",
    "bytearray": bytearray(b"bytes"),
    "list": [],
    "dict": {},
    "dict of texts": {"a": SOURCE},
    "dict of numbers": {"a": 1, "b": 2.5, "c": True},
    "dict of bytes": {b"a": b"b"},
    "dict of lists": {"a": []},
    "object": object,
    "function": lambda *_: None,
}

RIGHT: Final[dict[str, Any]] = {
    "filepath": None,  # the file in the folder
    "pid": -1,
    "data": b"abc",
    "externals": {},
    "callback": lambda _: 0,
    "fast": False,
    "timeout": 60,
    "modules_data": {},
    "modules_callback": lambda _: 0,
    "which_callbacks": 3,
    "warnings_callback": lambda *_: 0,
    "console_callback": lambda _: 0,
    "allow_duplicate_metadata": False,
}
"""Arguments of ``match`` before the one that is asked about."""


def checks() -> Iterator[Check]:
    """Yield the checks of this area."""
    for name in COMPILE:
        for value in VALUES:
            if name == "file" and value in _DESCRIPTORS:
                continue
            yield _check(f"compile({name}=...)", value, _compile_with(name, VALUES[value]))
    for place, name in enumerate(MATCH):
        for value in VALUES:
            if name == "pid" and value in _DESCRIPTORS:
                continue
            yield _check(f"match({name}=...)", value, _match_with(name, VALUES[value]))
            yield _check(f"match, argument {place + 1}", value, _match_at(place, VALUES[value]))
    for place, name in enumerate(CONFIG):
        for value in VALUES:
            if value == "-2":  # libyara allocates 4 GiB, if there are
                continue
            yield _check(f"set_config({name}=...)", value, _config(name, VALUES[value]))
            yield _check(f"set_config, argument {place + 1}", value, _config(place, VALUES[value]))
    for place, name in enumerate(FILES):
        for value in VALUES:
            yield _check(f"load({name}=...)", value, _load(name, VALUES[value]))
            yield _check(f"load, argument {place + 1}", value, _load(place, VALUES[value]))
            if value not in {"text", "bytes"} or name == "file":  # files would be written
                yield _check(f"save({name}=...)", value, _save(name, VALUES[value]))
    for name, call in _WRONG_CALLS.items():
        yield Check("wrong calls", name, call)


_DESCRIPTORS: Final = {"True", "1", "-2", "2**40", "2**70"}
"""Open files, and running processes, that have nothing to do with this."""


def _check(what: str, value: str, probe: Callable[[Any, Path], object]) -> Check:
    return Check("arguments", f"{what} with {value}", probe)


def _compile_with(name: str, value: object) -> Callable[[Any, Path], object]:
    is_source = name in COMPILE[:5]
    arguments = {name: value} if is_source else {"source": SOURCE, name: value}
    return lambda engine, _: engine.compile(**arguments)


def _match_with(name: str, value: object) -> Callable[[Any, Path], object]:
    arguments = {name: value} if name in MATCH[:3] else {"data": b"abc", name: value}
    return lambda engine, _: engine.compile(source=SOURCE).match(**arguments)


def _match_at(place: int, value: object) -> Callable[[Any, Path], object]:
    def probe(engine: Any, folder: Path) -> object:
        target = folder / "file"
        target.write_bytes(b"xabc")
        before = [RIGHT[name] for name in MATCH[:place]]
        if before:
            before[0] = str(target)
        return engine.compile(source=SOURCE).match(*before, value)

    return probe


def _config(which: str | int, value: object) -> Callable[[Any, Path], object]:
    def probe(engine: Any, _folder: Path) -> object:
        try:
            if isinstance(which, str):
                engine.set_config(**{which: value})
            else:
                engine.set_config(*[0] * which, value)
            [match] = engine.compile(source=SOURCE).match(data=b"abc")
            return match.strings[0].instances[0].matched_data
        finally:
            engine.set_config(16384, 10000, 512)

    return probe


def _load(which: str | int, value: object) -> Callable[[Any, Path], object]:
    def probe(engine: Any, _folder: Path) -> object:
        if isinstance(which, str):
            return engine.load(**{which: value})
        return engine.load(*["/no/such/file"] * which, value)

    return probe


def _save(name: str, value: object) -> Callable[[Any, Path], object]:
    return lambda engine, _: engine.compile(source=SOURCE).save(**{name: value})


def _found(engine: Any) -> Any:
    return engine.compile(source=SOURCE).match(data=b"abc")[0]


_WRONG_CALLS: Final[dict[str, Callable[[Any, Path], object]]] = {
    "compile()": lambda engine, _: engine.compile(),
    "compile(bogus=1)": lambda engine, _: engine.compile(bogus=1),
    "compile with 12 arguments": lambda engine, _: engine.compile(*[None] * 12),
    "compile of two sources": lambda engine, _: engine.compile("a", "b"),
    "compile of two kinds of sources": lambda engine, _: engine.compile(source="", sources={}),
    "match()": lambda engine, _: engine.compile(source=SOURCE).match(),
    "match(bogus=1)": lambda engine, _: engine.compile(source=SOURCE).match("a", bogus=1),
    "match with 14 arguments": lambda engine, _: engine.compile(source=SOURCE).match(*[None] * 14),
    "match with an argument twice": lambda engine, _: engine.compile(source=SOURCE).match(
        "a", filepath="a"
    ),
    "load()": lambda engine, _: engine.load(),
    "load(bogus=1)": lambda engine, _: engine.load(bogus=1),
    "save()": lambda engine, _: engine.compile(source=SOURCE).save(),
    "set_config()": lambda engine, _: engine.set_config(),
    "set_config(bogus=1)": lambda engine, _: engine.set_config(bogus=1),
    "set_config with 4 arguments": lambda engine, _: engine.set_config(1, 2, 3, 4),
    "profiling_info()": lambda engine, _: engine.compile(source=SOURCE).profiling_info(),
    "profiling_info(1)": lambda engine, _: engine.compile(source=SOURCE).profiling_info(1),
    "is_xor(1)": lambda engine, _: _found(engine).strings[0].is_xor(1),
    "plaintext(1)": lambda engine, _: _found(engine).strings[0].instances[0].plaintext(1),
}
