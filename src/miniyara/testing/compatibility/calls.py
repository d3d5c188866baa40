"""Compiling, what can be scanned, saving and loading."""

from __future__ import annotations

import array
import io
import mmap
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from miniyara.testing.compatibility.subject import DATA, checks_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from miniyara.testing.compatibility.check import Check
    from miniyara.testing.compatibility.subject import Probes


def checks() -> Iterator[Check]:
    """Yield the checks of these areas."""
    yield from checks_of("compiling", _COMPILING)
    yield from checks_of("targets", _TARGETS)
    yield from checks_of("saving", _SAVING)


def _included(engine: Any, _folder: Path, *, answer: object) -> object:
    told: list[object] = []

    def callback(*arguments: object) -> object:
        told.append(arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer

    text = 'include "other.yar"\nrule a { condition: true }'
    rules = engine.compile(sources={"space": text}, include_callback=callback)
    return rules, told


def _file(folder: Path, text: str) -> Path:
    path = folder / "rules.yar"
    path.write_text(text)
    return path


def _opened(engine: Any, folder: Path, skip: int = 0) -> object:
    with _file(folder, "rule a { condition: true }\nrule b { condition: true }").open() as file:
        file.read(skip)
        return engine.compile(file=file)


_COMPILING: Final[Probes] = {
    "warnings": lambda engine, _: (
        engine.compile(source="rule a { strings: $a = /a.*b/ condition: $a }").warnings
    ),
    "no warnings": lambda engine, _: engine.compile(source="").warnings,
    "warnings are kept": lambda engine, _: (rules := rules_of(engine)).warnings is rules.warnings,
    "strict_escape": lambda engine, _: (
        engine.compile(
            source=r"rule a { strings: $a = /abcd\R/ condition: $a }", strict_escape=True
        ).warnings
    ),
    "namespaces in their order": lambda engine, _: engine.compile(
        sources={"b": "rule a { condition: true }", "a": "rule a { condition: true }"}
    ).match(data=b""),
    "an error in a later namespace": lambda engine, _: engine.compile(
        sources={"b": "rule a { condition: true }", "a": "rule"}
    ),
    "a file": lambda engine, folder: engine.compile(
        filepath=str(_file(folder, "rule a { condition: true }"))
    ),
    "a file with an error": lambda engine, folder: engine.compile(
        filepath=str(_file(folder, "rule a { condition: b }"))
    ),
    "a file that is not there": lambda engine, folder: engine.compile(str(folder / "none")),
    "a folder": lambda engine, folder: engine.compile(str(folder)),
    "files that are not there": lambda engine, folder: engine.compile(
        filepaths={"a": str(folder / "none")}
    ),
    "an open file": _opened,
    "an open file, partly read": lambda engine, folder: _opened(engine, folder, 5),
    "an object without a descriptor": lambda engine, _: engine.compile(file=io.StringIO("")),
    "includes=False": lambda engine, _: engine.compile(source='include "a"', includes=False),
    "an include that is not there": lambda engine, _: engine.compile(source='include "none"'),
    **{
        f"include_callback gives {name}": partial(_included, answer=value)
        for name, value in {
            "rules": "rule b { condition: true }",
            "no rules": "",
            "None": None,
            "bytes": b"rule b { condition: true }",
            "an exception": KeyError("a"),
            "a syntax error": "rule",
        }.items()
    },
    "rules that use rules of another namespace": lambda engine, _: engine.compile(
        sources={"a": "rule a { condition: true }", "b": "rule b { condition: a }"}
    ),
    "two errors": lambda engine, _: engine.compile(
        source="rule a { condition: b }\nrule c { condition: d }"
    ),
    "a rule twice": lambda engine, _: engine.compile(
        source="rule a { condition: true } rule a { condition: true }"
    ),
    "an unknown module": lambda engine, _: engine.compile(source='import "no_such_module"'),
    "too many strings": lambda engine, _: engine.compile(
        source="rule a { strings: "
        + " ".join(f'$a{number} = "abcd{number}"' for number in range(10_001))
        + " condition: all of them }"
    ),
}


def _mapped(engine: Any, folder: Path) -> object:
    path = folder / "target"
    path.write_bytes(b"xabc")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _abc(engine).match(data=data)


def _abc(engine: Any) -> Any:
    return engine.compile(source='rule a { strings: $a = "abc" condition: $a or filesize == 0 }')


def _target(engine: Any, folder: Path, data: bytes) -> object:
    path = folder / "target"
    path.write_bytes(data)
    return _abc(engine).match(str(path))


def _cut(engine: Any, _folder: Path) -> object:
    engine.set_config(max_match_data=2)
    try:
        return _abc(engine).match(data=b"abc")
    finally:
        engine.set_config(max_match_data=512)


_ENDLESS: Final = (
    "rule a { condition: for all i in (0..100000000) : ( for all j in (0..100000000) : (i+j>-1) ) }"
)

_TARGETS: Final[Probes] = {
    "a file": lambda engine, folder: _target(engine, folder, b"xabc"),
    "an empty file": lambda engine, folder: _target(engine, folder, b""),
    "a file that is not there": lambda engine, folder: _abc(engine).match(str(folder / "none")),
    "a folder": lambda engine, folder: _abc(engine).match(str(folder)),
    "a device": lambda engine, _: _abc(engine).match("/dev/null"),
    "a file of /proc": lambda engine, _: _abc(engine).match("/proc/self/status"),
    "a path and data": lambda engine, folder: _abc(engine).match(str(folder / "none"), data=b"abc"),
    "bytes": lambda engine, _: _abc(engine).match(data=b"xabc"),
    "text": lambda engine, _: _abc(engine).match(data="\xe9abc"),
    "bytearray": lambda engine, _: _abc(engine).match(data=bytearray(b"xabc")),
    "memoryview": lambda engine, _: _abc(engine).match(data=memoryview(b"xabc")[1:]),
    "a strided memoryview": lambda engine, _: _abc(engine).match(data=memoryview(b"axbxc")[::2]),
    "array": lambda engine, _: _abc(engine).match(data=array.array("B", b"xabc")),
    "mmap": _mapped,
    "BytesIO": lambda engine, _: _abc(engine).match(data=io.BytesIO(b"abc")),
    "a process that is not there": lambda engine, _: _abc(engine).match(pid=0x7FFF_FFF0),
    "a negative process": lambda engine, _: _abc(engine).match(pid=-2),
    "a process and data": lambda engine, _: _abc(engine).match(pid=0x7FFF_FFF0, data=b"abc"),
    "a timeout": lambda engine, _: engine.compile(source=_ENDLESS).match(data=b"", timeout=1),
    "a timeout that is not reached": lambda engine, _: _abc(engine).match(data=b"abc", timeout=60),
    "max_match_data": _cut,
}


class _Deaf:
    def write(self, _data: bytes) -> int:
        raise OSError("no space")


def _saved(engine: Any, folder: Path) -> object:
    path = folder / "saved"
    rules = rules_of(engine)
    nothing = rules.save(str(path))
    quiet: dict[str, Any] = {"console_callback": lambda _: None}
    loaded = engine.load(str(path))
    return (
        nothing,
        loaded.match(data=DATA, **quiet),
        loaded.match(data=DATA, externals={"number": 0}, **quiet),
    )


def _loaded_from(engine: Any, file: object) -> object:
    # Not the rules themselves: yara-python crashes if it iterates over loaded ones.
    return engine.load(file=file).match(data=DATA, console_callback=lambda _: None)


def _streamed(engine: Any, _folder: Path) -> object:
    file = io.BytesIO()
    rules_of(engine).save(file=file)
    return _loaded_from(engine, io.BytesIO(file.getvalue()))


def _cut_short(engine: Any, _folder: Path) -> object:
    file = io.BytesIO()
    rules_of(engine).save(file=file)
    return _loaded_from(engine, io.BytesIO(file.getvalue()[:10]))


def _loaded(engine: Any, folder: Path, data: bytes) -> object:
    path = folder / "saved"
    path.write_bytes(data)
    return engine.load(str(path))


def _loaded_attribute(engine: Any, _folder: Path) -> object:
    file = io.BytesIO()
    rules_of(engine).save(file=file)
    return engine.load(file=io.BytesIO(file.getvalue())).warnings


_SAVING: Final[Probes] = {
    "save and load": _saved,
    "save and load a file object": _streamed,
    "warnings of loaded rules": _loaded_attribute,
    "a file that is cut short": _cut_short,
    "save into a folder that is not there": lambda engine, folder: rules_of(engine).save(
        str(folder / "none" / "file")
    ),
    "save to what cannot be written to": lambda engine, _: rules_of(engine).save(file=_Deaf()),
    "save to what has no write": lambda engine, _: rules_of(engine).save(file=object()),
    "load what is not there": lambda engine, folder: engine.load(str(folder / "none")),
    "load a folder": lambda engine, folder: engine.load(str(folder)),
    "load an empty file": lambda engine, folder: _loaded(engine, folder, b""),
    "load something else": lambda engine, folder: _loaded(engine, folder, b"something" * 99),
    "load from an empty file object": lambda engine, _: _loaded_from(engine, io.BytesIO()),
    "load from something else": lambda engine, _: _loaded_from(engine, io.BytesIO(b"text" * 99)),
    "load from a file of texts": lambda engine, _: _loaded_from(engine, io.StringIO("text" * 99)),
}
