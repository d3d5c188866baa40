"""Recorded fields of modules that libyara as built for yara-python does not have.

``recorded/NAME.fields`` has for each made-up file of ``NAME_writer.py`` libyara's fields
and the values of expressions. Run this file with a yara-python that has the modules
(``setup.py build --enable-macho --enable-dex ...``) to write them anew.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yara

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

MODULES = ("dex", "macho")

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
    """Write libyara's answers."""
    parts = []
    files, questions = writer(module).FILES, writer(module).QUESTIONS
    for number, (name, data) in enumerate(files.items()):
        lines = answers(yara, module, data, questions)
        parts.append("\n".join([f"=== {name}", *(without_constants(lines) if number else lines)]))
    (_FOLDER / f"{module}.fields").write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    for each in MODULES:
        record(each)
