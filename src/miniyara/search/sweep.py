"""Sweeps: where many short texts are in the data, in one pass.

A backend is a file of its own with a class that takes the texts and answers
:meth:`Sweep.places`; to add one, name it in ``_BACKENDS``.  All give the same
answers; the first that is available is used unless another is asked for, by
argument or by the environment variable ``MINIYARA_BACKEND``.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.haystack import Places

ENVIRONMENT_VARIABLE: Final = "MINIYARA_BACKEND"


class Sweep(Protocol):
    """Looks for a set of texts; immutable, shared by threads."""

    def places(self, data: Data, deadline: Deadline) -> Places:
        """Where the texts that are in the data end, in ascending order."""
        ...


_BACKENDS: Final = {
    "ahocorasick": ("miniyara.search.sweep_ahocorasick", "AhoCorasickSweep"),
    "grams": ("miniyara.search.sweep_grams", "GramsSweep"),
}
"""By name, module and class, the fastest first; the last needs nothing but Python."""


def backends() -> list[str]:
    """The names of the backends that are available here, the fastest first."""
    return [name for name in _BACKENDS if _load(name) is not None]


def find(name: str | None = None) -> Callable[[Sequence[bytes]], Sweep]:
    """The backend of that name; without one that of the environment, or the fastest.

    Raises :class:`miniyara.Error` if it is unknown or not available here.
    """
    name = name or os.environ.get(ENVIRONMENT_VARIABLE) or backends()[0]
    backend = _load(name) if name in _BACKENDS else None
    if backend is None:
        reason = "not installed" if name in _BACKENDS else "unknown"
        raise Error(f"search backend {name!r} is {reason}; available: {', '.join(backends())}")
    return backend


def _load(name: str) -> Callable[[Sequence[bytes]], Sweep] | None:
    module, attribute = _BACKENDS[name]
    try:
        backend: Callable[[Sequence[bytes]], Sweep] = getattr(import_module(module), attribute)
    except ImportError:
        return None
    return backend
