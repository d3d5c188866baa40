"""Strategies for programs, which the modules that rules import can read.

They are made up, and most have a little damage.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.testing.mutations import mutated
from miniyara.testing.programs import dotnet, elf, pe
from miniyara.testing.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.testing.strategies.drawing import Draw

PROGRAM_MODULES: Final = ("dotnet", "elf", "pe")
"""The modules for which there are programs."""

_SUBJECTS: Final = {subject.module: subject for subject in SUBJECTS}


@cache
def _samples(module: str) -> Sequence[tuple[bytes, Sequence[int]]]:
    """Return programs of every width and byte order, each with the offsets of its tables."""
    match module:
        case "dotnet":
            samples = [dotnet.rich_file(is_64_bit) for is_64_bit in (False, True)]
        case "elf":
            layouts = itertools.product((32, 64), "<>")
            samples = [elf.Writer(bits, order).file() for bits, order in layouts]
        case _:
            samples = [pe.sample(bits) for bits in (32, 64)]
    return [(sample, _SUBJECTS[module].places(sample)) for sample in samples]


@st.composite
def programs(draw: Draw, modules: Sequence[str] = PROGRAM_MODULES) -> bytes:
    """Draw a program for one of some modules."""
    sample, places = draw(st.sampled_from(_samples(draw(st.sampled_from(modules)))))
    if draw(st.integers(0, 3)) == 0:
        return sample
    return mutated(sample, places, draw(st.randoms(use_true_random=False)))
