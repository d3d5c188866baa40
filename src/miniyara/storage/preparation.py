"""The index of search and the plan as sections: what takes long to work out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara.columns import Lists, bounds, column, sizes
from miniyara.evaluation.evaluator import Preparation
from miniyara.planning import Plan
from miniyara.planning.admission import Equality, FixedText, Gates, SizeRange
from miniyara.planning.untriggered import Untriggered
from miniyara.search.index import NEVER_SWEPT, AnchorTable, SearchIndex
from miniyara.storage.container import FormatError
from miniyara.storage.sections import (
    all_below,
    characters,
    items,
    lists,
    numbers,
    octets,
    packed,
    packed_lists,
    plain,
    read_record,
    record,
    require,
    scalar,
    section,
    spread,
    text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from miniyara.storage.sections import Sections

_STRIDES: Final = {1, 2, 4}
_GRAM: Final = 4


def preparation_sections(made: Preparation) -> dict[str, bytes]:
    """The sections of a preparation."""
    settings = [made.index.is_swept, made.last_stage, list(made.global_rules)]
    return {
        "prepared": record(settings),
        **_index_sections(made.index),
        **_plan_sections(made.plan),
    }


def read_preparation(
    sections: Sections, rules: int, strings: int, externals: Collection[str]
) -> Preparation:
    """The preparation of a program with so many rules and strings, and these externals.

    Raises :class:`FormatError`.
    """
    is_swept, last_stage, global_rules = items(read_record(section(sections, "prepared")), 3)
    return Preparation(
        _read_index(sections, strings, bool(is_swept)),
        _read_plan(sections, rules, strings, externals),
        whole(last_stage, NEVER_SWEPT),
        [whole(rule, rules) for rule in items(global_rules)],
    )


# -- the index ----------------------------------------------------------------------------


def _index_sections(index: SearchIndex) -> dict[str, bytes]:
    anchors = index.anchors
    return {
        "a.text": anchors.texts,
        "a.mask": anchors.masks,
        "a.size": packed(sizes(anchors.starts)),
        "a.stage": anchors.stages,
        "a.rarest": packed(anchors.rarest),
        "a.rarity": packed(anchors.rarities),
        **packed_lists("a.stride", "a.gram", anchors.grams),
        **packed_lists("a.owners", "a.owner", index.owners),
        "s.stage": index.stage_of,
        "s.first": packed(index.representatives),
        "s.fixed": index.fixed,
        "s.parts": packed(index.parts.counts()),
        "s.main": packed(index.main),
        "p.stage": index.part_stages,
        **packed_lists("p.size", "p.anchor", index.part_anchors),
        "p.before": packed(index.befores),
    }


def _read_index(sections: Sections, strings: int, is_swept: bool) -> SearchIndex:
    anchors = _read_anchors(sections)
    count = len(anchors)
    stage_of = bytes(section(sections, "s.stage", strings))
    require(max(stage_of, default=0) <= NEVER_SWEPT, "s.stage")
    part_stages = bytes(section(sections, "p.stage"))
    require(max(part_stages, default=0) <= NEVER_SWEPT, "p.stage")
    part_counts = numbers(sections, "s.parts", strings)
    require(sum(part_counts) == len(part_stages), "s.parts")
    firsts = numbers(sections, "s.first", strings)
    # The first of all that are alike is not after them, and its own first.
    all_below(firsts, range(1, strings + 1), "s.first")
    require(all(firsts[first] == first for first in set(firsts)), "s.first")
    main = numbers(sections, "s.main", strings)
    all_below(main, (parts + 1 for parts in part_counts), "s.main")
    part_anchors = lists(sections, "p.size", "p.anchor", len(part_stages), count)
    return SearchIndex(
        is_swept,
        anchors,
        lists(sections, "a.owners", "a.owner", count, strings),
        stage_of,
        firsts,
        bytes(section(sections, "s.fixed", strings)),
        Lists(part_counts, column(range(len(part_stages)))),
        main,
        part_stages,
        part_anchors,
        numbers(sections, "p.before", len(part_anchors.values)),
    )


def _read_anchors(sections: Sections) -> AnchorTable:
    stages = bytes(section(sections, "a.stage"))
    count = len(stages)
    require(max(stages, default=0) < 1 << NEVER_SWEPT, "a.stage")
    texts = bytes(section(sections, "a.text"))
    lengths = numbers(sections, "a.size", count)
    require(sum(lengths) == len(texts), "a.size")
    strides = numbers(sections, "a.stride", count)
    require(_STRIDES.issuperset(strides), "a.stride")
    grams = lists(sections, "a.stride", "a.gram", count, 1 << 32)
    rarest = numbers(sections, "a.rarest", count)
    # Each gram ends before its anchor does.
    require(min(lengths, default=_GRAM) >= _GRAM, "a.size")
    behind = column(size - _GRAM + 1 for size in lengths)
    all_below(rarest, behind, "a.rarest")
    all_below(grams.values, spread(behind, strides), "a.gram")
    return AnchorTable(
        texts,
        bytes(section(sections, "a.mask", len(texts))),
        bounds(lengths),
        grams,
        rarest,
        numbers(sections, "a.rarity", count),
        stages,
    )


# -- the plan -----------------------------------------------------------------------------


def _plan_sections(plan: Plan) -> dict[str, bytes]:
    distinct: dict[Gates, int] = {}
    gates = {rule: distinct.setdefault(one, len(distinct)) for rule, one in plan.gates.items()}
    return {
        **packed_lists("t.size", "t.rule", plan.triggers),
        "u.rule": packed(plan.untriggered.numbers),
        "q.rule": packed(plan.asked),
        **packed_lists("q.size", "q.string", Lists.of(plan.asked.values())),
        "g.rule": packed(gates),
        "g.gates": packed(gates.values()),
        "gates": record([_plain_gates(one) for one in distinct]),
    }


def _read_plan(sections: Sections, rules: int, strings: int, externals: Collection[str]) -> Plan:
    distinct = [
        _read_gates(one, externals) for one in items(read_record(section(sections, "gates")))
    ]
    gated = numbers(sections, "g.rule", below=rules)
    of_rules = numbers(sections, "g.gates", len(gated), len(distinct))
    gates = dict(zip(gated, map(distinct.__getitem__, of_rules), strict=True))
    asking = numbers(sections, "q.rule", below=rules)
    asked = lists(sections, "q.size", "q.string", len(asking), strings)
    return Plan(
        lists(sections, "t.size", "t.rule", strings, rules),
        Untriggered(numbers(sections, "u.rule", below=rules), gates),
        dict(zip(asking, asked, strict=True)),
        gates,
    )


def _plain_gates(gates: Gates) -> list[Any]:
    """Gates as a record has them."""
    return [
        gates.sizes.low,
        gates.sizes.high,
        [[[at, characters(content)] for at, content in texts] for texts in gates.texts],
        [[name, plain(value)] for name, value in gates.externals],
    ]


def _read_gates(value: Any, externals: Collection[str]) -> Gates:
    low, high, texts, equalities = items(value, 4)
    return Gates(
        SizeRange(_size(low), _size(high)),
        tuple(tuple(_read_text(one) for one in items(choice)) for choice in items(texts)),
        tuple(_read_equality(one, externals) for one in items(equalities)),
    )


def _size(value: Any) -> int:
    if type(value) is not int:
        raise FormatError("a record has a number that it cannot have")
    return value


def _read_text(value: Any) -> FixedText:
    offset, content = items(value, 2)
    return FixedText(whole(offset), octets(content))


def _read_equality(value: Any, externals: Collection[str]) -> Equality:
    name, wanted = items(value, 2)
    if text(name) not in externals:
        raise FormatError("a gate asks for what is not defined")
    return Equality(name, scalar(wanted))
