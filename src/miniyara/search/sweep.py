"""Sweeps: where many anchors are in the data, in one pass.

A backend is a file of its own with a class that takes the anchors and answers
:meth:`Sweep.places`; to add one, name it in ``_BACKENDS``.  With all of them a scan
has the same result; the first that is available is used unless another is asked
for, by argument or by the environment variable ``MINIYARA_BACKEND``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.grams import Anchor, Grams
    from miniyara.search.index import AnchorTable
    from miniyara.search.places import Places

ENVIRONMENT_VARIABLE: Final = "MINIYARA_BACKEND"


class SweptAnchor(NamedTuple):
    """An anchor, its number among all anchors, and the grams by which it is found."""

    number: int
    anchor: Anchor
    grams: Grams


@dataclass(frozen=True, slots=True)
class SweptAnchors:
    """The anchors of a stage; of None all anchors, to be looked for at every byte."""

    table: AnchorTable
    stage: int | None

    def __iter__(self) -> Iterator[SweptAnchor]:
        table, stage = self.table, self.stage
        for number, stages in enumerate(table.stages):
            if stage is None:
                grams = table.grams_of(number).at_every_byte()
                yield SweptAnchor(number, table.anchor(number), grams)
            elif stages & 1 << stage:
                yield SweptAnchor(number, table.anchor(number), table.grams_of(number))


class Sweep(Protocol):
    """Looks for a set of anchors; immutable, shared by threads."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """Where the anchors are.

        May have places where an anchor is not, but leaves none out.
        """
        ...


class SweepFactory(Protocol):
    """Makes a sweep; the class of a backend."""

    most_at_once: float
    """Bytes of data up to which it pays to look for all anchors at once, at every byte."""

    def __call__(self, swept: SweptAnchors) -> Sweep:
        """Make the sweep for some anchors."""
        ...


_BACKENDS: Final = {
    "ngrams": ("miniyara.search.sweep_ngrams", "NgramsSweep"),
    "ahocorasick": ("miniyara.search.sweep_ahocorasick", "AhoCorasickSweep"),
    "grams": ("miniyara.search.sweep_grams", "GramsSweep"),
}
"""By name, module and class, the fastest first; the last needs nothing but Python."""


def backends() -> list[str]:
    """The names of the backends that are available here, the fastest first."""
    return [name for name in _BACKENDS if _load(name) is not None]


def find(name: str | None = None) -> SweepFactory:
    """The backend of that name, or the fastest.

    Raises :class:`miniyara.Error` if it is unknown or not available here.
    """
    names = [name] if name else _BACKENDS
    for candidate in names:
        backend = _load(candidate) if candidate in _BACKENDS else None
        if backend is not None:
            return backend
    reason = "not installed" if name in _BACKENDS else "unknown"
    raise Error(f"search backend {name!r} is {reason}; available: {', '.join(backends())}")


def _load(name: str) -> SweepFactory | None:
    module, attribute = _BACKENDS[name]
    try:
        backend: SweepFactory = getattr(import_module(module), attribute)
    except ImportError:
        return None
    return backend
