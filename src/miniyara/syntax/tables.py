"""From a grammar file to the tables that drive a parser.

Lark reads the grammar (``grammar/*.lark``) and computes its LALR(1) automaton.
This file turns the automaton into the tables bison would make of it, because
YARA's messages show through bison's habits:

* conflicts are resolved by precedence (the priorities of the terminals), with
  left associativity, and by shifting where there is none;
* a state's most frequent reduction is its *default*: it is done whatever comes
  next, so an error is noticed later, where fewer tokens are expected;
* a state whose only action is its default does not look at the next token, so
  the line of a message is that of the token before.

See bison's manual, "Default Reductions", and its ``tables.c``.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lark import Lark
from lark.common import ParserConf
from lark.parsers.lalr_analysis import LALR_Analyzer

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark.grammar import Rule, Symbol
    from lark.parsers.grammar_analysis import LR0ItemSet

END: Final = "$END"
"""Lark's name of the terminal after the last one."""

ACCEPT: Final = 1 << 30
"""The action of having parsed everything."""

ERROR: Final = "ERROR"
"""The terminal that stands for a piece of text with an error in it."""


@dataclass(frozen=True, slots=True)
class Production:
    """A rule of the grammar: ``origin: symbols -> action``."""

    origin: str
    length: int
    action: str | None
    """The name of what is to be done, or None: the value is that of the first symbol."""


@dataclass(frozen=True, slots=True)
class Tables:
    """An LALR(1) automaton in bison's manner; its first state is 0.

    In ``actions``, by state and terminal, a number of 0 or more is the state to
    shift to; a negative number is ``~p`` for a reduction by production ``p``.
    """

    productions: tuple[Production, ...]
    actions: tuple[dict[str, int], ...]
    defaults: tuple[int | None, ...]
    """By state, the production to reduce by if ``actions`` has nothing."""
    gotos: tuple[dict[str, int], ...]
    """By state and name of a nonterminal, the next state."""
    patterns: dict[str, str]
    """By terminal, its regular expression, in the order of the grammar file."""
    literals: dict[str, str]
    """By terminal that is a fixed text, that text."""


@cache
def load_tables(name: str) -> Tables:
    """The tables of ``grammar/<name>.lark``, made once per process."""
    return build_tables(_read_grammar(name))


def _read_grammar(name: str) -> str:
    """The text of a grammar file, from a wheel, a zip, or a source tree."""
    packaged = resources.files("miniyara").joinpath("grammar").joinpath(f"{name}.lark")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    # In a source tree and an editable install the grammars stand beside src/.
    return (Path(__file__).parents[3] / "grammar" / f"{name}.lark").read_text(encoding="utf-8")


def build_tables(grammar: str) -> Tables:
    """Build the tables of a grammar in Lark's notation whose first rule is ``start``.

    Raises ``ValueError`` if two reductions are possible in one place.
    """
    lark = Lark(grammar, parser=None, lexer="basic", keep_all_tokens=True)
    analyzer = LALR_Analyzer(ParserConf(lark.rules, {}, ["start"]))
    steps: list[Callable[[], None]] = [
        analyzer.compute_lr0_states,
        analyzer.compute_reads_relations,
        analyzer.compute_includes_lookback,
        analyzer.compute_lookaheads,
    ]
    for step in steps:
        step()

    order = {terminal.name: place for place, terminal in enumerate(lark.terminals)}
    priorities = {terminal.name: terminal.priority for terminal in lark.terminals}
    numbers = {rule: number for number, rule in enumerate(lark.rules)}
    start = analyzer.lr0_start_states["start"]
    states = _reachable(start)
    index = {id(state): number for number, state in enumerate(states)}

    actions: list[dict[str, int]] = []
    defaults: list[int | None] = []
    gotos: list[dict[str, int]] = []
    for state in states:
        shifts = {_plain(s.name): index[id(t)] for s, t in state.transitions.items() if s.is_term}
        gotos.append(
            {_plain(s.name): index[id(t)] for s, t in state.transitions.items() if not s.is_term}
        )
        reductions = _resolve(state, shifts, numbers, priorities)
        default = _default(reductions) if ERROR not in shifts else None
        defaults.append(default)
        row = {name: ~rule for name, rule in reductions.items() if rule != default} | shifts
        if not row and default is None:
            row = {END: ACCEPT}  # Only the state behind `start` has nothing else to do.
        actions.append(dict(sorted(row.items(), key=lambda item: order.get(item[0], -1))))
    return Tables(
        productions=tuple(
            Production(_plain(rule.origin.name), len(rule.expansion), rule.alias)
            for rule in lark.rules
        ),
        actions=tuple(actions),
        defaults=tuple(defaults),
        gotos=tuple(gotos),
        patterns={t.name: t.pattern.to_regexp() for t in lark.terminals},
        literals={t.name: t.pattern.value for t in lark.terminals if t.pattern.type == "str"},
    )


def _plain(name: str) -> str:
    """A name as an interned ``str``; Lark's are of a subclass that compares slowly."""
    return sys.intern(str(name))


def _reachable(start: LR0ItemSet) -> list[LR0ItemSet]:
    """All states, the start first, in an order that is the same in every process."""
    states = [start]
    seen = {id(start)}
    for state in states:
        for symbol in sorted(state.transitions, key=lambda symbol: str(symbol.name)):
            following = state.transitions[symbol]
            if id(following) not in seen:
                seen.add(id(following))
                states.append(following)
    return states


_BINDS_LIKE: Final = {"negative": "TILDE"}
"""What bison's ``%prec`` says: by action, the terminal whose precedence counts."""


def _resolve(
    state: LR0ItemSet,
    shifts: dict[str, int],
    numbers: dict[Rule, int],
    priorities: dict[str, int],
) -> dict[str, int]:
    """The reductions of a state by terminal; takes from ``shifts`` those that lose."""
    reductions: dict[str, int] = {}
    for symbol, rules in state.lookaheads.items():
        if len(rules) > 1:
            raise ValueError(f"reduce/reduce conflict on {symbol.name}: {rules}")
        (rule,) = rules
        if symbol.name in shifts:
            ours, theirs = _precedence(rule, priorities), priorities.get(symbol.name, 0)
            if not ours or not theirs or theirs > ours:
                continue
            del shifts[symbol.name]
        reductions[_plain(symbol.name)] = numbers[rule]
    return reductions


def _precedence(rule: Rule, priorities: dict[str, int]) -> int:
    """The precedence of a rule: that of its last terminal, 0 for none."""
    if rule.alias in _BINDS_LIKE:
        return priorities[_BINDS_LIKE[rule.alias]]
    terminals: list[Symbol] = [symbol for symbol in rule.expansion if symbol.is_term]
    return priorities.get(terminals[-1].name, 0) if terminals else 0


def _default(reductions: dict[str, int]) -> int | None:
    """The reduction that most terminals ask for; of several, the first in the grammar."""
    if not reductions:
        return None
    counts = Counter(reductions.values())
    return min(counts, key=lambda rule: (-counts[rule], rule))
