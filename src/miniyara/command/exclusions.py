"""``miniyara exclusions``: check, try and explain a file of exclusions."""

from __future__ import annotations

import argparse
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.command import ruleset
from miniyara.command.hunt_options import add_context_options
from miniyara.command.options import RuleOptions
from miniyara.errors import Error
from miniyara.exclusions import examples
from miniyara.exclusions.judging import Exclusions
from miniyara.exclusions.lint import lint
from miniyara.exclusions.loading import load_file
from miniyara.exclusions.schema import schema_text
from miniyara.hunting.facts import names_of
from miniyara.hunting.inspection import Inspection
from miniyara.hunting.record import HitRecord
from miniyara.printable import printable
from miniyara.reporting import ndjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from miniyara.exclusions import Opinion
    from miniyara.exclusions.loading import ExclusionFile
    from miniyara.scanning.rules import Rules
    from miniyara.terminal import Terminal

_USAGE = """\
miniyara exclusions lint [--rules RULES] EXCLUSIONS
       miniyara exclusions test [OPTION]... EXCLUSIONS
       miniyara exclusions explain [OPTION]... EXCLUSIONS FILE...
       miniyara exclusions schema"""

_DESCRIPTION = """\
Work on a file of exclusions, which says what is known good.

lint     look for exclusions that are too broad, evadable or of no use
test     try the examples that the file names, or the hits of --hit
explain  say for each hit, of FILEs that are scanned or of --hit, and for each exclusion
         that is about its rule, what was asked, what was found, and whether it holds
schema   print the JSON schema of such files"""

_EPILOG = """\
The exit status is 1 if the file has mistakes, if lint warns of something, if an example
comes out otherwise than the file says, or if a file cannot be read."""

_CONTEXT: Final = frozenset({"hit", "host", "processes", "host_root"})

_TAKES: Final[dict[str, frozenset[str]]] = {
    "lint": frozenset({"rules"}),
    "test": _CONTEXT,
    "explain": _CONTEXT | {"files", "rules", "exclusion"},
    "schema": frozenset(),
}
"""What each command takes beside the file of exclusions."""


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara exclusions`` with these arguments does."""
    reader = parser()
    given = reader.parse_intermixed_args(arguments)
    for name, value in vars(given).items():
        if value and name not in {"work", "exclusions", *_TAKES[given.work]}:
            reader.error(f"{given.work} takes no {name}")
    if (given.exclusions is None) != (given.work == "schema"):
        reader.error(f"{given.work} takes {'no' if given.exclusions else 'a'} file of exclusions")
    if given.work == "explain" and bool(given.hit) == bool(given.rules and given.files):
        reader.error("explain takes either --rules RULES and a FILE, or --hit")
    return partial(_reported, given)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``exclusions``."""
    made = argparse.ArgumentParser(
        prog="miniyara exclusions",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("work", metavar="COMMAND", choices=_TAKES, help="one of those above")
    made.add_argument(
        "exclusions", metavar="EXCLUSIONS", nargs="?", help="the file, .yaml, .json or .toml"
    )
    made.add_argument("files", metavar="FILE", nargs="*", help="a file to scan and explain")
    made.add_argument("-R", "--rules", metavar="RULES", help="a file or a folder of rules")
    made.add_argument("--exclusion", metavar="ID", help="explain this exclusion only")
    made.add_argument(
        "--hit",
        metavar="FILE",
        help='take the hits that "miniyara scan --format ndjson" wrote to FILE',
    )
    made.add_argument("--host", metavar="NAME", help="the name of the machine in the hits")
    add_context_options(made)
    return made


def _reported(given: argparse.Namespace, terminal: Terminal) -> None:
    try:
        _WORKS[given.work](given, terminal)
    except Error as error:
        for line in str(error).splitlines():
            terminal.fail(f"error: {printable(line)}")


def _schema(_given: argparse.Namespace, terminal: Terminal) -> None:
    terminal.write(schema_text().encode())


def _lint(given: argparse.Namespace, terminal: Terminal) -> None:
    file = load_file(given.exclusions)
    names = None
    if given.rules is not None:
        rules = _rules(given.rules, terminal)
        if rules is None:
            return
        names = {rule.identifier for rule in rules}
    doubts = lint(file.exclusions, Exclusions(()).today, names)
    for doubt in doubts:
        tell = terminal.fail if doubt.is_warning else terminal.note
        tell(printable(doubt.render(file.path)))
    terminal.say(f"{len(file.exclusions)} exclusions, {len(doubts)} findings")


def _test(given: argparse.Namespace, terminal: Terminal) -> None:
    file = load_file(given.exclusions)
    if given.hit is not None:
        judge = _judge(file, given)
        for hits in _hits_by_file(given.hit):
            for hit in judge.judge(hits):
                known = hit.suppression
                verdict = "reported" if known is None else f"suppressed by {known.exclusion}"
                terminal.say(printable(f"{hit.rule} {hit.file.path}: {verdict}"))
        for line in judge.summary().lines():
            terminal.note(printable(line))
        return
    if not file.examples:
        raise Error(f"{file.path} names no examples; try --hit FILE")
    rules = _rules(str(Path(file.path).parent / file.examples["rules"]), terminal)
    if rules is None:
        return
    right = count = 0
    for example in examples.run(file, rules):
        count += 1
        right += example.is_right
        text = f"{example.file}: {example.came}"
        if example.is_right:
            terminal.say(printable(f"ok    {text}"))
        else:
            terminal.status = 1
            terminal.say(printable(f"WRONG {text}, not {example.wanted}"))
    terminal.say(f"{right} of {count} examples are right")


def _explain(given: argparse.Namespace, terminal: Terminal) -> None:
    file = load_file(given.exclusions)
    judge = _judge(file, given)
    if given.exclusion is not None and given.exclusion not in {e.id for e in file.exclusions}:
        raise Error(f"{file.path} has no exclusion {given.exclusion}")
    if given.hit is not None:
        found = _hits_by_file(given.hit)
    else:
        rules = _rules(given.rules, terminal)
        if rules is None:
            return
        inspection = Inspection(rules, "", judge.host_name, names=names_of(given.host_root))
        found = _scanned(inspection, given.files, terminal)
    for hits in found:
        for hit, opinions in judge.explain(hits):
            for line in _explanation(hit, opinions, given.exclusion):
                terminal.say(printable(line))


def _explanation(hit: HitRecord, opinions: list[Opinion], only: str | None) -> Iterator[str]:
    holding = [opinion.exclusion for opinion in opinions if opinion.holds]
    verdict = f"suppressed by {holding[0].id}" if holding else "reported"
    yield f"{hit.rule} {hit.file.path}: {verdict}"
    others = 0
    for opinion in opinions:
        exclusion = opinion.exclusion
        if only not in (None, exclusion.id):
            continue
        if only is None and not opinion.is_about_the_rule:
            others += 1
            continue
        state = "holds" if opinion.holds else "does not hold"
        expired = f", expired on {exclusion.expires}" if opinion.is_expired else ""
        yield f"  {exclusion.id}: {state}{expired}"
        for finding in opinion.findings:
            answer = "yes" if finding.holds else "no "
            yield f"    {answer} {finding.key}: {finding.found}; wanted {finding.wanted}"
    if others:
        yield f"  exclusions for other rules: {others}"


def _judge(file: ExclusionFile, given: argparse.Namespace) -> Exclusions:
    return Exclusions(
        file.exclusions, context=given.processes, root=given.host_root, host=given.host
    )


def _rules(path: str, terminal: Terminal) -> Rules | None:
    options = RuleOptions(
        rules=(path,),
        externals={},
        no_warnings=True,
        fail_on_warnings=False,
        strict_escape=False,
        cache=None,
        compiled=False,
    )
    loaded = ruleset.load(options, terminal, folders=True)
    return None if loaded is None else loaded.rules


def _scanned(
    inspection: Inspection, paths: Sequence[str], terminal: Terminal
) -> Iterator[Sequence[HitRecord]]:
    for path in paths:
        inspected = inspection(path)
        if inspected.problem is not None:
            terminal.fail(f"error scanning {printable(path)}: {printable(inspected.problem)}")
        elif not inspected.hits:
            terminal.say(f"{printable(path)}: no rule matches")
        yield inspected.hits


def _hits_by_file(path: str) -> Iterator[Sequence[HitRecord]]:
    """Read hits; those of one file follow each other."""
    try:
        with Path(path).open("rb") as lines:
            hits = (event for event in ndjson.read(lines) if isinstance(event, HitRecord))
            for _, of_file in groupby(hits, lambda hit: (hit.scan_id, hit.host, hit.file.path)):
                yield list(of_file)
    except OSError as error:
        raise Error(f"{path}: {error.strerror}") from error
    except Error as error:
        raise Error(f"{path}: {error}") from error


_WORKS: Final[dict[str, Callable[[argparse.Namespace, Terminal], None]]] = {
    "lint": _lint,
    "test": _test,
    "explain": _explain,
    "schema": _schema,
}
