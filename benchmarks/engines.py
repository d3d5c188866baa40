"""The engines, each behind the same two calls: compile rules, scan bytes.

An engine does the whole work by its ordinary API: every match of every string,
none left out because the rule is decided (boreal would, by default).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

EXTERNALS: Final = dict.fromkeys(("filename", "filepath", "extension", "filetype", "owner"), "")
"""What rules in the wild expect to be defined."""


def _compile_as_yara_python(module: Any, source: str) -> Callable[[bytes], list[str]]:
    rules = module.compile(source=source, externals=EXTERNALS)
    return lambda data: [match.rule for match in rules.match(data=data)]


def _compile_with_cache(module: Any, source: str, folder: str) -> object:
    return module.compile(source=source, externals=EXTERNALS, cache=folder)


def _compile_boreal(module: Any, source: str) -> Callable[[bytes], list[str]]:
    scanner = module.compile(source=source, externals=EXTERNALS)
    return lambda data: [match.rule for match in scanner.match(data=data, fast=False)]


def _compile_yara_x(module: Any, source: str) -> Callable[[bytes], list[str]]:
    compiler = module.Compiler(relaxed_re_syntax=True)
    for name, value in EXTERNALS.items():
        compiler.define_global(name, value)
    compiler.add_source(source)
    scanner = module.Scanner(compiler.build())
    return lambda data: [rule.identifier for rule in scanner.scan(data).matching_rules]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that may or may not be installed."""

    name: str
    distribution: str
    module: str
    compile: Callable[[Any, str], Callable[[bytes], list[str]]]
    """From the module and rule text to a function that gives the names of the
    rules that match; raises what the engine raises for bad rules."""
    compile_with_cache: Callable[[Any, str, str], object] | None = None
    """From the module, rule text and a folder to rules, where the engine keeps what it has
    compiled."""

    def load(self) -> Any:
        """Import the engine; raises ImportError where it is missing."""
        return import_module(self.module)

    def version(self) -> str:
        """Return the version of the distribution; what is not installed is this tree's."""
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return "(this tree)"


REFERENCE: Final = "libyara"
SUBJECT: Final = "miniyara"

ENGINES: Final = {
    engine.name: engine
    for engine in (
        Engine(REFERENCE, "yara-python", "yara", _compile_as_yara_python),
        Engine("yara-x", "yara-x", "yara_x", _compile_yara_x),
        Engine("boreal", "boreal-python", "boreal", _compile_boreal),
        Engine(SUBJECT, "miniyara", "miniyara", _compile_as_yara_python, _compile_with_cache),
    )
}
