"""From compiled rules to a file and back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.patterns.rarity import fingerprint
from miniyara.search.sweep import ENVIRONMENT_VARIABLE
from miniyara.storage.container import pack, unpack
from miniyara.storage.declared import declared
from miniyara.storage.origin import Texts, origin_sections, read_origin
from miniyara.storage.preparation import preparation_sections, read_preparation
from miniyara.storage.program import SavedRules, program_sections
from miniyara.storage.sections import read_record, record, section

if TYPE_CHECKING:
    from miniyara.analysis.program import Program
    from miniyara.evaluation import Preparation
    from miniyara.storage.origin import SavedOrigin
    from miniyara.storage.sections import Sections

VERSION: Final = 2
"""Of what is worked out of rules.  A test says when it has to be raised."""

_VERSION: Final = "version"
_MODULES: Final = "modules"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file has."""

    origin: SavedOrigin
    ready: tuple[Program, Preparation] | None
    """The rules, ready to scan; None if they have to be compiled from their sources."""


def dump(program: Program, preparation: Preparation) -> bytes:
    """The file of a program that was compiled here."""
    origin = program.origin
    assert origin is not None, "it was compiled here"
    texts = Texts()
    sections = {}
    if program.texts is not None:
        sections[_VERSION] = version()
        sections[_MODULES] = record(declared(program.modules))
        sections |= program_sections(program, program.texts, texts)
        sections |= preparation_sections(preparation)
    return pack(sections | origin_sections(origin, program.externals, texts))


def load(data: bytes) -> Saved:
    """Read a file; raises :class:`FormatError`."""
    sections = unpack(data)
    origin = read_origin(sections)
    if bytes(sections.get(_VERSION, b"")) != version() or not _has_its_modules(sections):
        return Saved(origin, None)
    rules = SavedRules(sections, origin)
    preparation = read_preparation(
        sections, len(rules.names), rules.string_count, origin.request.externals
    )
    if not preparation.index.is_swept and os.environ.get(ENVIRONMENT_VARIABLE):
        return Saved(origin, None)  # a way to search is asked for, which needs anchors
    return Saved(origin, (rules.program(preparation.index), preparation))


def _has_its_modules(sections: Sections) -> bool:
    """Whether the modules that were imported are there and declare what they did."""
    modules = read_record(section(sections, _MODULES))
    return isinstance(modules, dict) and declared(modules) == modules


def version() -> bytes:
    """What has to be the same for a file to be used as it is."""
    return b"%d %08x" % (VERSION, fingerprint())
