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

The tables are kept beside the grammars; ``python -m miniyara.syntax.automaton``
writes them anew.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lark import Lark
from lark.common import ParserConf
from lark.parsers.lalr_analysis import LALR_Analyzer

from miniyara.syntax.tables import ACCEPT, END, ERROR, Production, Tables, checksum

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark.grammar import Rule, Symbol
    from lark.parsers.grammar_analysis import LR0ItemSet


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
        targets = sorted(
            (str(symbol.name), symbol.is_term, index[id(target)])
            for symbol, target in state.transitions.items()
        )
        shifts = {name: target for name, is_terminal, target in targets if is_terminal}
        gotos.append({name: target for name, is_terminal, target in targets if not is_terminal})
        reductions = _resolve(state, shifts, numbers, priorities)
        default = _default(reductions) if ERROR not in shifts else None
        defaults.append(default)
        row = {name: ~rule for name, rule in reductions.items() if rule != default} | shifts
        if not row and default is None:
            row = {END: ACCEPT}  # Only the state behind `start` has nothing else to do.
        actions.append(
            dict(sorted(row.items(), key=lambda item: (order.get(item[0], -1), item[0])))
        )
    return Tables(
        productions=tuple(
            Production(str(rule.origin.name), len(rule.expansion), rule.alias)
            for rule in lark.rules
        ),
        actions=tuple(actions),
        defaults=tuple(defaults),
        gotos=tuple(gotos),
        patterns={t.name: t.pattern.to_regexp() for t in lark.terminals},
        literals={t.name: t.pattern.value for t in lark.terminals if t.pattern.type == "str"},
    )


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
        reductions[str(symbol.name)] = numbers[rule]
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


# -- the file ------------------------------------------------------------------


def file_text(grammar: str) -> str:
    """What stands in the file with the tables of a grammar: JSON, a state a line."""
    tables = build_tables(grammar)
    content: dict[str, Any] = {
        "checksum": checksum(grammar),
        "productions": [[p.origin, p.length, p.action] for p in tables.productions],
        "actions": tables.actions,
        "defaults": tables.defaults,
        "gotos": tables.gotos,
        "patterns": tables.patterns,
        "literals": tables.literals,
    }
    by_line = {"productions", "actions", "gotos"}
    parts = [
        f"{json.dumps(key)}: " + (_lines(value) if key in by_line else json.dumps(value))
        for key, value in content.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(rows: Any) -> str:
    return "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]"


def main() -> None:
    """Write the tables of all grammars of the source tree."""
    for path in (Path(__file__).parents[3] / "grammar").glob("*.lark"):
        text = file_text(path.read_text(encoding="utf-8"))
        path.with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
