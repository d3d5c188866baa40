"""The strings of a rule, and where they were found."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from miniyara.explaining.explanation import ExplainedString, Place
from miniyara.explaining.near_misses import near_miss
from miniyara.explaining.texts import shortened
from miniyara.syntax.printer import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.analysis.program import Program
    from miniyara.evaluation import Evaluation
    from miniyara.explaining.patience import Patience
    from miniyara.search.hits import Hit

MOST_PLACES: Final = 20
"""Places of one string that are shown."""

ROW: Final = 16
"""Bytes of a row of the hex view."""

MOST_ROWS: Final = 4
"""Rows of the hex view of one place."""


def explained_strings(
    evaluation: Evaluation, program: Program, strings: Iterable[int], patience: Patience
) -> Iterator[ExplainedString]:
    """Say of strings where they were found, and of texts that were not, where they nearly are."""
    for number in strings:
        string, hits = program.strings[number], evaluation.hits(number)
        count, data = hits.count(), evaluation.data
        yield ExplainedString(
            identifier=string.name,
            text=shortened(render(string.declaration)),
            count=count,
            places=tuple(_place(data, hit) for hit in islice(hits, MOST_PLACES)),
            near_miss=None if count else near_miss(string.declaration, data, patience),
        )


def _place(data: Any, hit: Hit) -> Place:
    start = hit.offset - hit.offset % ROW
    end = hit.offset + max(hit.length, 1)
    rows = min(-(-(end - start) // ROW), MOST_ROWS)
    return Place(
        offset=hit.offset,
        length=hit.length,
        xor_key=hit.xor_key,
        view_start=start,
        view=data[start : start + rows * ROW],
    )
