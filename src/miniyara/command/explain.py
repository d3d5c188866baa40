"""``miniyara explain``: why rules match a file, or do not."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from miniyara.command import ruleset
from miniyara.command.options import RuleOptions, add_rule_options, natural, rule_options
from miniyara.errors import Error
from miniyara.explaining import Explainer
from miniyara.explaining.drawing import draw
from miniyara.printable import as_text, printable
from miniyara.scanning.files import open_target
from miniyara.terminal import wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from miniyara.analysis.program import Program
    from miniyara.explaining import Explanation
    from miniyara.terminal import Terminal

_USAGE = "miniyara explain [OPTION]... [NAMESPACE:]RULES FILE"

_DESCRIPTION = """\
Show why rules match a file, or do not: what is missing, the condition as a tree with the
value of every part, and the strings with the places where they were found."""

_EPILOG = """\
Without --rule, the rules that match are explained, or the only one that there is.  The
rules that a rule depends on are explained with it.

With --json there is one line for each rule; docs/explain.md describes it.

The exit status is 1 if the rules could not be compiled, the file not be read or a rule
not be explained; whether a rule matches does not change it."""


@dataclass(frozen=True, slots=True)
class ExplainOptions(RuleOptions):
    """What the user asked for; each field is described by the option that sets it."""

    file: str
    names: tuple[str, ...]
    timeout: int
    json: bool


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara explain`` with these arguments does."""
    return partial(explain, parse(arguments))


def parse(arguments: Sequence[str]) -> ExplainOptions:
    """Read the arguments behind ``explain``; raises ``SystemExit`` as argparse does."""
    given = vars(parser().parse_intermixed_args(arguments))
    return ExplainOptions(**rule_options(given), names=tuple(given.pop("names")), **given)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``explain``."""
    made = argparse.ArgumentParser(
        prog="miniyara explain",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "first_rules",
        metavar="[NAMESPACE:]RULES",
        help="a file with rules, or a folder with files of them; - is stdin",
    )
    made.add_argument("file", metavar="FILE", help="the file to look at")
    made.add_argument(
        "--rule",
        dest="names",
        action="append",
        default=[],
        metavar="[NAMESPACE:]NAME",
        help="explain this rule; may be repeated",
    )
    made.add_argument("--json", action="store_true", help="print JSON, one line for each rule")
    made.add_argument(
        "-a",
        "--timeout",
        type=natural,
        default=0,
        metavar="SECONDS",
        help="give up after SECONDS",
    )
    add_rule_options(made.add_argument_group("rules"))
    return made


def explain(options: ExplainOptions, terminal: Terminal) -> None:
    """Explain the rules; whatever goes wrong is reported to ``terminal``."""
    loaded = ruleset.load(options, terminal, folders=True)
    if loaded is None:
        return
    try:
        with open_target(options.file) as contents:
            explainer = Explainer(loaded.scanner, contents, loaded.externals, {}, options.timeout)
            chosen = _chosen(options.names, explainer, loaded.scanner.program)
            if not chosen:
                terminal.note("no rule matches; name one with --rule")
            for place, number in enumerate(chosen):
                if place and not options.json:
                    terminal.say("")
                terminal.say(_shown(explainer.explain(number), options))
    except Error as error:
        terminal.fail(f"error: {printable(str(error))}")


def _chosen(names: Iterable[str], explainer: Explainer, program: Program) -> Sequence[int]:
    """Return the numbers of the rules to explain."""
    if names:
        return [_number(name, explainer) for name in names]
    rules = program.rules
    matching = [number for number in explainer.matching() if not rules[number].is_private]
    return matching or ([0] if len(rules) == 1 else [])


def _number(name: str, explainer: Explainer) -> int:
    namespace, colon, identifier = name.rpartition(":")
    return explainer.number(identifier, namespace if colon else None)


def _shown(explanation: Explanation, options: ExplainOptions) -> str:
    if options.json:
        file = as_text(os.fsencode(options.file))
        return json.dumps({"file": file, **explanation.to_dict()}, allow_nan=False)
    return "\n".join(draw(explanation, colour=wants_colour()))
