"""From sources to a scanner, by way of the compiler or of a file that it has filled before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from miniyara.scanning.scanner import Scanner
from miniyara.storage import Cache, FormatError, dump, load
from miniyara.syntax.source import KeptIncludes

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.storage import Request
    from miniyara.syntax.source import IncludeResolver


class Prepared(NamedTuple):
    """Rules that are ready to scan."""

    scanner: Scanner
    saved: bytes | None
    """Their file, if there is one."""


def compiled(request: Request, include: IncludeResolver | None) -> Prepared:
    """Compile sources; raises as :func:`miniyara.analysis.compile_program` does."""
    from miniyara.analysis import compile_program  # noqa: PLC0415 - slow to load

    program = compile_program(
        request.sources,
        externals=request.externals,
        include=include,
        strict_escape=request.strict_escape,
        max_strings_per_rule=request.max_strings_per_rule,
    )
    return Prepared(Scanner(program), None)


def compiled_once(
    request: Request,
    include: IncludeResolver | None,
    folder: str,
    complain: Callable[[str], object],
) -> Prepared:
    """The same, unless it has been done before and is kept in a folder.

    ``complain`` is told, and nothing else happens, if the folder cannot be written to.
    """
    cache = Cache(folder)
    found = cache.find(request, include)
    if found is not None:
        saved, data = found
        assert saved.ready is not None
        return Prepared(Scanner(*saved.ready), data)
    prepared = compiled(request, include)
    program = prepared.scanner.program
    if program.texts is None:  # a file of them saves no time
        return prepared
    data = dump(program, prepared.scanner.preparation)
    try:
        cache.keep(request, include, data)
    except OSError as error:
        complain(f'could not write to the cache "{folder}": {error.strerror or error}')
    return prepared._replace(saved=data)


def restored(data: bytes) -> Prepared:
    """The rules of a file; raises :class:`FormatError`.

    If another version has written it, they are compiled anew; that may raise
    :class:`miniyara.SyntaxError`.
    """
    saved = load(data)
    if saved.ready is not None:
        return Prepared(Scanner(*saved.ready), data)
    origin = saved.origin
    return compiled(origin.request, KeptIncludes(origin.includes, reads_files=origin.reads_files))


__all__ = ["FormatError", "Prepared", "compiled", "compiled_once", "restored"]
