"""Results as Markdown: a table for each measure, a row for each rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.engines import ENGINES, REFERENCE, SUBJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.results import Results

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A table: which phase it shows, and how its figures come about."""

    title: str
    phase: str
    figure: Callable[[Results, str, str], float | None]
    """From results, rule set and engine to the value."""


def _compile_seconds(results: Results, rule_set: str, engine: str) -> float | None:
    return results.median(rule_set, engine, "compile", "seconds")


def _cached_seconds(results: Results, rule_set: str, engine: str) -> float | None:
    phase = "again" if ENGINES[engine].compile_with_cache else "compile"
    return results.median(rule_set, engine, phase, "seconds")


def _throughput(corpus: str, unit: str, size: int) -> Callable[[Results, str, str], float | None]:
    def figure(results: Results, rule_set: str, engine: str) -> float | None:
        seconds = results.median(rule_set, engine, corpus, "seconds")
        amount = results.median(rule_set, engine, corpus, unit)
        return amount / size / seconds if seconds and amount else None

    return figure


def _memory(phase: str) -> Callable[[Results, str, str], float | None]:
    def figure(results: Results, rule_set: str, engine: str) -> float | None:
        peak = results.median(rule_set, engine, phase, "peak")
        idle = results.median(rule_set, engine, "import", "idle")
        return None if peak is None or idle is None else (peak - idle) / MEGABYTE

    return figure


MEASURES: Final = (
    Measure("Compiling, seconds (less is better)", "compile", _compile_seconds),
    Measure(
        f"Compiling what is in the cache of {SUBJECT}, seconds (less is better)",
        "compile",
        _cached_seconds,
    ),
    Measure(
        "Samples file by file, MB/s (more is better)",
        "samples",
        _throughput("samples", "bytes", MEGABYTE),
    ),
    Measure(
        "Tiny files, files per second (more is better)", "tiny", _throughput("tiny", "files", 1)
    ),
    Measure("One big file, MB/s (more is better)", "big", _throughput("big", "bytes", MEGABYTE)),
    Measure(
        "Peak memory over idle after compiling, MB (less is better)", "compile", _memory("compile")
    ),
    Measure(
        "Peak memory over idle after the samples, MB (less is better)",
        "samples",
        _memory("samples"),
    ),
    Measure(
        "Peak memory over idle after the big file, which is in it, MB (less is better)",
        "big",
        _memory("big"),
    ),
)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield _row(header)
    yield _row(["---"] + ["---:"] * (len(header) - 1))
    yield from map(_row, rows)
    yield ""


def _ratio(values: dict[str, float | None]) -> str:
    subject, reference = values.get(SUBJECT), values.get(REFERENCE)
    return f"{_number(subject / reference)}x" if subject and reference else "-"


def _cell(results: Results, measure: Measure, rule_set: str, engine: str) -> str:
    error = results.error(rule_set, engine, measure.phase)
    if error:
        return error[:60]
    value = measure.figure(results, rule_set, engine)
    mark = "" if results.agrees(rule_set, engine, measure.phase) else " (!)"
    return "-" if value is None else _number(value) + mark


def _measure_rows(results: Results, measure: Measure) -> Iterator[list[str]]:
    for rule_set, size in results.rule_sets.items():
        values = {engine: measure.figure(results, rule_set, engine) for engine in results.engines}
        yield [
            f"{rule_set} ({size['rules']:,})" if not rule_set.isdecimal() else rule_set,
            *(_cell(results, measure, rule_set, engine) for engine in results.engines),
            _ratio(values),
        ]


def _import_row(results: Results) -> list[str]:
    seconds = {
        engine: results.median(None, engine, "import", "seconds") for engine in results.engines
    }
    return [
        "import",
        *("-" if value is None else _number(value * 1000) for value in seconds.values()),
        _ratio(seconds),
    ]


def _preface(results: Results) -> Iterator[str]:
    for name, value in results.machine.items():
        yield f"* {name}: {value}"
    for name, engine in results.engines.items():
        state = engine.get("version") or engine["error"]
        yield f"* {name} {state}" + (
            f", {results.selection[name]}" if name in results.selection else ""
        )
    for name, size in results.corpora.items():
        yield f"* {name}: {size['files']:,} files, {size['bytes'] / MEGABYTE:,.1f} MB"
    for name, value in results.settings.items():
        yield f"* {name}: {value}"
    yield ""


def markdown(results: Results) -> str:
    """Return the whole report."""
    header = [*results.engines, f"{SUBJECT} / {REFERENCE}"]
    lines = ["# YARA engines side by side", "", *_preface(results)]
    lines += ["## Import, milliseconds (less is better)", ""]
    lines += _table(["", *header], [_import_row(results)])
    for measure in MEASURES:
        lines += [f"## {measure.title}", ""]
        lines += _table(["rules", *header], _measure_rows(results, measure))
    lines.append(f"(!) not the answers of {REFERENCE}: other rules matched, or in other files.")
    return "\n".join(lines) + "\n"
