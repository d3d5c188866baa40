"""Recorded fields of the modules that read files.

``recorded/NAME.fields`` has for each made-up file of ``NAME_writer.py`` the fields and the
values of expressions, in libyara or, of modules that only YARA-X has, in YARA-X. Run this
file with a yara-python that has all modules (``setup.py build --enable-macho
--enable-dex``; its wheels lack them) and with yara-x to write them anew.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yara

from miniyara.modules import find
from miniyara.modules.interface import ModuleScan

try:
    from yara_x import Module as YaraXModule
except ImportError:  # only needed to record, and to ask it about broken files
    HAS_YARA_X = False
else:
    HAS_YARA_X = True

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

MODULES = ("dex", "dotnet", "elf", "macho", "pe")
"""Modules of libyara."""

MODULES_OF_YARA_X = ("crx", "lnk")
"""Modules of YARA-X; what it leaves out if it is empty does not count, nor does the order."""

_ENUMERATIONS = {
    "show_command": "ShowCommand",
    "drive_type": "DriveType",
    "item_type": "ShellItemType",
}
"""Fields of which YARA-X gives the name of the constant."""

_FOLDER = Path(__file__).parent / "recorded"


def answers(engine: ModuleType, module: str, data: bytes, questions: list[str]) -> list[str]:
    """Return a line for each field of a module and for each question."""
    rules = (
        f'rule r{index} {{ condition: console.log("{index}=", {question}) }}'
        for index, question in enumerate(questions)
    )
    fields: dict[str, Any] = {}
    logged: list[str] = []

    def collect(values: dict[str, Any]) -> int:
        fields.update(values if values["module"] == module else {})
        return 0  # CALLBACK_CONTINUE

    engine.compile(
        source=f'import "console" import "{module}" {" ".join(rules)} rule r {{ condition: true }}'
    ).match(data=data, modules_callback=collect, console_callback=logged.append)
    values = (line.partition("=") for line in logged)
    found = [f"{questions[int(index)]} = {value}" for index, _, value in values]
    return [*_lines(fields, module), *found]


def _lines(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _lines(member, f"{path}.{name}")
    elif isinstance(value, list):
        yield f"{path} has {len(value)}"
        for index, item in enumerate(value):
            yield from _lines(item, f"{path}[{index}]")
    else:
        yield f"{path} = {value!r}"


def yara_x_answers(module: str, data: bytes) -> list[str]:
    """Return a line for each field that YARA-X has, sorted."""
    invoke: Callable[[Any], Any] = YaraXModule(module).invoke  # its stub says str
    return sorted(_lines(_converted(invoke(data), module), module))


def _converted(value: Any, module: str, name: str = "") -> Any:
    """Return what a value of YARA-X is in a module of libyara."""
    if isinstance(value, dict):
        return {key: _converted(item, module, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_converted(item, module) for item in value]
    if isinstance(value, str) and name in _ENUMERATIONS:
        declared = find(module)
        assert declared is not None
        group = declared.load(ModuleScan(b"")).member(_ENUMERATIONS[name])
        return group.member(value)  # type: ignore[union-attr]
    if isinstance(value, str):
        return value.encode()
    return int(value) if isinstance(value, bool) else value


def like_yara_x(lines: list[str]) -> list[str]:
    """Leave out what YARA-X leaves out, and sort."""
    more = ".module = ", *(f".{group}." for group in _ENUMERATIONS.values())
    return sorted(
        line
        for line in without_constants(lines)
        if not line.endswith(" has 0") and not any(field in line for field in more)
    )


def without_constants(lines: list[str]) -> list[str]:
    """Leave out what every file has, for it is recorded once."""
    return [line for line in lines if not line.split(".")[1][:2].isupper()]


def writer(module: str) -> Any:
    """Return the test module with ``FILES`` and ``QUESTIONS``."""
    return import_module(f"{module}_writer")


def recorded(module: str) -> dict[str, list[str]]:
    """Return the recorded lines of each file."""
    files: dict[str, list[str]] = {}
    for line in (_FOLDER / f"{module}.fields").read_text("utf-8").splitlines():
        if line.startswith("=== "):
            lines = files[line[4:]] = []
        elif line:
            lines.append(line)
    return files


def record(module: str) -> None:
    """Write the answers of libyara or YARA-X."""
    parts = []
    files, questions = writer(module).FILES, writer(module).QUESTIONS
    for number, (name, data) in enumerate(files.items()):
        if module in MODULES_OF_YARA_X:
            lines = yara_x_answers(module, data)
        else:
            lines = answers(yara, module, data, questions)
            lines = without_constants(lines) if number else lines
        parts.append("\n".join([f"=== {name}", *lines]))
    (_FOLDER / f"{module}.fields").write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    for each in MODULES + MODULES_OF_YARA_X:
        record(each)
