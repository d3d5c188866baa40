"""Every error and warning of the compiler that the catalogs know, in an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.analysis import catalog as analysis_catalog
from miniyara.diagnostics import Kind
from miniyara.syntax import catalog as syntax_catalog
from miniyara.testing.compatibility.check import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def checks() -> Iterator[Check]:
    """Yield the checks of this area."""
    for catalog in (syntax_catalog, analysis_catalog):
        for kind in vars(catalog).values():
            if isinstance(kind, Kind) and "..." not in kind.example:
                yield Check("messages", f"{kind.code}, as text", _as_text(kind.example))
                yield Check("messages", f"{kind.code}, in a file", _in_a_file(kind.example))
                if kind.is_warning:
                    yield Check("messages", f"{kind.code}, as an error", _as_error(kind.example))


def _as_text(example: str) -> Callable[[Any, Path], object]:
    def probe(engine: Any, _folder: Path) -> object:
        return engine.compile(source=example).warnings

    return probe


def _in_a_file(example: str) -> Callable[[Any, Path], object]:
    def probe(engine: Any, folder: Path) -> object:
        path = folder / "rules.yar"
        path.write_text(example)
        return engine.compile(filepaths={"space": str(path)}).warnings

    return probe


def _as_error(example: str) -> Callable[[Any, Path], object]:
    def probe(engine: Any, _folder: Path) -> object:
        try:
            engine.compile(source=example, error_on_warning=True)
        except engine.WarningError as error:
            return str(error), error.args, error.warnings
        return None

    return probe
