"""Draws curves of several engines with both axes logarithmic."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

Curves: TypeAlias = "dict[str, dict[int, float]]"
"""By engine, the points of its curve."""


def draw(curves: Curves, along: str, up: str, path: Path) -> None:
    """Draw the curves into an SVG file."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for engine, points in curves.items():
        axes.plot(list(points), list(points.values()), marker="o", markersize=3, label=engine)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(along)
    axes.set_ylabel(up)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    # Nothing in the file may depend on when it was made.
    figure.savefig(path, metadata={"Date": None})
