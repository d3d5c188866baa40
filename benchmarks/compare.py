"""The comparison: chooses rules and corpora, runs every engine on them in turn, reports."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import corpora, machine, report, rulesets
from benchmarks.engines import ENGINES
from benchmarks.process import run, run_all
from benchmarks.results import Results, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

DRAWN: Final = (1, 100, 1000)
"""How many rules the sets have that are drawn from all packs."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much a comparison does."""

    runs: int
    minutes: float
    """What the whole comparison may take; what does not fit is not run."""
    limit: float
    """Seconds that one phase of one engine may take."""
    candidates: int | None
    """Rules looked at for the sets that are drawn; None looks at all, and compares
    each pack as well."""
    every: int
    """Takes each n-th sample."""
    big: int
    """Bytes of the big file."""
    tiny: int
    """Number of tiny files."""


FULL: Final = Scale(3, 40, 60, None, 1, 100_000_000, 10_000)
QUICK: Final = Scale(1, 5, 15, 1_500, 4, 20_000_000, 1_000)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _find_engines(names: Sequence[str], limit: float) -> dict[str, dict[str, str]]:
    """Import each engine once, for its version or the reason to leave it out."""
    engines = {}
    for name in names:
        figures = run({"engine": name}, ["import"], limit).get("import", {"error": "no answer"})
        kept = ("version",) if "version" in figures else ("error",)
        engines[name] = {key: figures[key] for key in kept}
        _say(f"{name}: {engines[name]}")
    return engines


def _select(results: Results, rules: list[str], folder: Path, limit: float) -> list[str]:
    """Return the rules that every engine compiles, in their order.

    An engine that compiles none, or does not finish, has no say.
    """
    for name, engine in results.engines.items():
        if "error" in engine or not rules:
            continue
        file = folder / "candidates.json"
        file.write_text(json.dumps(rules), encoding="utf-8")
        job = {"engine": name, "prelude": rulesets.PRELUDE, "candidates": str(file)}
        figures = run(job, ["import", "select"], limit).get("select", {"error": "no answer"})
        accepted = figures.get("accepted")
        if accepted:
            results.selection[name] = f"refuses {len(rules) - len(accepted)} of {len(rules)} rules"
            rules = [rules[index] for index in accepted]
        else:
            reason = figures.get("error", "refuses them all")
            results.selection[name] = f"has no say in the choice of rules: {reason}"
        _say(f"{name} {results.selection[name]}")
    return rules


def _rule_sets(
    results: Results, folder: Path, rules: Path, scale: Scale, end: float
) -> dict[str, Path]:
    """Write the sets that are drawn and, unless only some rules are looked at, the packs."""
    packs = [path for path in sorted(rules.iterdir()) if path.is_dir()] or [rules]
    origin = {rule: pack.name for pack in packs for rule in rulesets.candidates(pack)}
    order = rulesets.shuffled(list(origin))[: scale.candidates]
    # Choosing must leave most of the time for measuring.
    limit = (end - time.monotonic()) / 2 / len(results.engines)
    accepted = _select(results, order, folder, limit)
    if accepted:
        results.settings["the single rule"] = accepted[0].split()[1].rstrip("{:")
    sets = {str(count): accepted[:count] for count in DRAWN if count <= len(accepted)}
    if scale.candidates is None:
        of_packs = {
            pack.name: [rule for rule in accepted if origin[rule] == pack.name] for pack in packs
        }
        sets |= dict(sorted(of_packs.items(), key=lambda item: len(item[1])))
    paths = {}
    for name, chosen in sets.items():
        if chosen:
            paths[name] = folder / f"{name}.yar"
            source = rulesets.with_imports(chosen)
            paths[name].write_text(source, encoding="utf-8")
            results.rule_sets[name] = {"rules": len(chosen), "bytes": len(source.encode())}
    return paths


def _corpora(results: Results, folder: Path, samples: Path, scale: Scale) -> dict[str, list[str]]:
    files = corpora.samples(samples)[:: scale.every]
    paths = {
        "samples": files,
        "tiny": corpora.tiny_files(folder / "tiny", scale.tiny),
        "big": [corpora.big_file(files, folder / "big", scale.big)],
    }
    for name, members in paths.items():
        size = sum(path.stat().st_size for path in members)
        results.corpora[name] = {"files": len(members), "bytes": size}
    return {name: list(map(str, members)) for name, members in paths.items()}


def _measure(
    results: Results,
    rule_sets: dict[str, Path],
    corpora_: dict[str, list[str]],
    scale: Scale,
    end: float,
) -> None:
    """Run every engine on every rule set, in alternation, as often as time allows.

    What failed once is not tried again.
    """
    engines = [name for name, engine in results.engines.items() if "error" not in engine]
    for number in range(scale.runs):
        for rule_set, rules in rule_sets.items():
            for engine in engines:
                if results.error(rule_set, engine, "compile") not in (None, "not run"):
                    continue
                left = {
                    name: files
                    for name, files in corpora_.items()
                    if results.error(rule_set, engine, name) in (None, "not run")
                }
                if not left or time.monotonic() > end:
                    continue
                phases = run_all({"engine": engine, "rules": str(rules)}, left, scale.limit, end)
                phases |= _compile_again(engine, rules, scale.limit, end)
                results.runs.append(Run(rule_set, engine, phases))
                _say(f"run {number + 1}, {rule_set} rules, {engine}: {_summary(phases)}")


def _compile_again(
    engine: str, rules: Path, limit: float, end: float
) -> dict[str, dict[str, object]]:
    """Compile in two processes with one cache, and return what the second measured."""
    if ENGINES[engine].compile_with_cache is None:
        return {}
    job = {"engine": engine, "rules": str(rules), "cache": str(rules.with_suffix(".cache"))}
    figures: dict[str, dict[str, object]] = {}
    for _ in range(2):
        figures = run(job, ["import", "again"], limit, end)
    return {name: measured for name, measured in figures.items() if name == "again"}


def _summary(phases: dict[str, dict[str, object]]) -> str:
    return ", ".join(
        f"{name} {figures['error']}" if "error" in figures else f"{name} {figures['seconds']:.2f} s"
        for name, figures in phases.items()
    )


def compare(arguments: argparse.Namespace, scale: Scale) -> Results:
    """Make the whole comparison."""
    end = time.monotonic() + scale.minutes * 60
    results = Results(
        machine.describe(),
        {"runs": scale.runs, "seconds a phase may take": scale.limit},
        _find_engines(arguments.engines, scale.limit),
    )
    with tempfile.TemporaryDirectory(prefix="miniyara-benchmark-") as name:
        folder = Path(name)
        corpora_ = _corpora(results, folder, arguments.samples, scale)
        rule_sets = _rule_sets(results, folder, arguments.rules, scale, end)
        _measure(results, rule_sets, corpora_, scale, end)
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Compare YARA engines side by side.")
    parser.add_argument(
        "--rules", type=Path, required=True, help="folder with a subfolder for each rule pack"
    )
    parser.add_argument("--samples", type=Path, required=True, help="folder of files to scan")
    parser.add_argument(
        "--quick", action="store_true", help="fewer and smaller inputs, one run: under 5 minutes"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="N",
        help="what the whole comparison may take; what does not fit is not run",
    )  # fmt: skip
    parser.add_argument(
        "--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES), metavar="ENGINE",
        help=f"some of {', '.join(ENGINES)}",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parent / "results",
        help="folder for the JSON and Markdown files",
    )  # fmt: skip
    return parser


def main() -> int:
    """Compare, print the tables, keep them and all figures; returns the exit status."""
    arguments = _parser().parse_args()
    scale = QUICK if arguments.quick else FULL
    if arguments.minutes is not None:
        scale = replace(scale, minutes=arguments.minutes)
    results = compare(arguments, scale)
    text = report.markdown(results)
    print(text)
    arguments.output.mkdir(parents=True, exist_ok=True)
    stem = arguments.output / time.strftime("%Y%m%d-%H%M%S")
    stem.with_suffix(".json").write_text(json.dumps(results.as_json(), indent=1), encoding="utf-8")
    stem.with_suffix(".md").write_text(text, encoding="utf-8")
    return 0
