"""Which hits are known good, which files are skipped, and what the summary says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.exclusions import Exclusions
from miniyara.exclusions.exclusion import Exclusion, exclusion, mistakes
from miniyara.hunting.record import FileFacts, HitRecord

if TYPE_CHECKING:
    from miniyara.hunting.judge import Judge

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
FILE = FileFacts("/opt/a/payload.py", 10, "a" * 64, "root", "adm", 0o755)


def hit(file: FileFacts = FILE, rule: str = "one", **fields: Any) -> HitRecord:
    meta = {"author": "A", "score": 75, "draft": True}
    given: dict[str, Any] = {"host": "web-1", "namespace": "apt", "tags": ("x", "y"), "meta": meta}
    return HitRecord("scan", NOW, rule=rule, file=file, **given | fields)


def entry(name: str = "it", **fields: Any) -> Exclusion:
    said = {"id": name, "reason": "R", "owner": "O", "created": "2026-01-01"}
    said |= {"expires": "2026-12-31", **fields}
    assert list(mistakes(said)) == []
    return exclusion(said, None)


def judge(*exclusions: Exclusion, **context: Any) -> Exclusions:
    return Exclusions(exclusions, **{"now": NOW, "host": "web-1", **context})


def verdicts(judged: Judge, *hits: HitRecord) -> list[str | None]:
    return [h.suppression.exclusion if h.suppression else None for h in judged.judge(hits)]


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({"rule": {"name": "one"}}, True),
        ({"rule": {"name": ["two", "one"]}}, True),
        ({"rule": {"name": "ONE"}}, False),
        ({"rule": {"name": "one", "namespace": "other"}}, False),
        ({"rule": {"tag": "y"}}, True),
        ({"rule": {"tag": "z"}}, False),
        ({"rule": {"meta": {"author": ["B", "A"], "score": 75}}}, True),
        ({"rule": {"meta": {"score": "75"}}}, False),
        ({"rule": {"meta": {"draft": 1}}}, False),
        ({"rule": {"meta": {"missing": "A"}}}, False),
        ({"evidence": {"path": "/opt/**"}}, True),
        ({"evidence": {"path": "/OPT/**"}}, False),
        ({"evidence": {"sha256": "A" * 64}}, True),
        ({"evidence": {"sha256": ["b" * 64, "c" * 64]}}, False),
        ({"evidence": {"size": {"min": 10, "max": 10}}}, True),
        ({"evidence": {"size": {"min": 11}}}, False),
        ({"evidence": {"size": {"max": 9}}}, False),
        ({"evidence": {"owner": ["root", "admin"], "group": "adm"}}, True),
        ({"evidence": {"owner": "root", "group": "users"}}, False),
        ({"evidence": {"mode": ["755", "0700"]}}, True),
        ({"evidence": {"mode": "0750"}}, False),
        ({"evidence": {"mode_without": "0022"}}, True),
        ({"evidence": {"mode_without": "0111"}}, False),
        ({"evidence": {"host": "WEB-?"}}, True),
        ({"evidence": {"host": "web"}}, False),
        ({"evidence": {"process": ["salt-call", "ansible-playbook"]}}, True),
        ({"evidence": {"process": "bash"}}, False),
        ({"evidence": {"companion": "two"}}, True),
        ({"evidence": {"companion": ["one", "three"]}}, False),
        ({"rule": {"name": "one"}, "evidence": {"path": "/opt/*"}}, False),
    ],
)
def test_what_holds(fields: dict[str, Any], holds: bool) -> None:
    judged = judge(entry(**fields), context=["ansible-playbook"])
    first, *_ = verdicts(judged, hit(), hit(rule="two", namespace="b", tags=(), meta={}))
    assert first == ("it" if holds else None)


def test_nothing_is_excluded_by_default() -> None:
    assert verdicts(judge(), hit()) == [None]
    assert judge().skips(FILE) is None


def test_what_is_not_known_does_not_hold() -> None:
    unknown = hit(FileFacts("/opt/a/payload.py"))
    for evidence in (
        {"sha256": "a" * 64},
        {"size": {"min": 0}},
        {"owner": "root"},
        {"mode": "0755"},
        {"mode_without": "0002"},
        {"referenced_by": "cron"},
        {"process": "bash"},
        {"companion": "two"},
    ):
        assert verdicts(judge(entry(evidence=evidence)), unknown) == [None]


def test_what_is_not_there_is_shown_as_none() -> None:
    judged = judge(entry(rule={"tag": "x", "meta": {"missing": "None"}}))
    ((_, (opinion,)),) = judged.explain([hit(tags=())])
    assert [finding.found for finding in opinion.findings] == ["none", "none"]


def test_data_on_stdin_lie_nowhere() -> None:
    said = {"path": "/**", "owner": "root"}
    assert verdicts(judge(entry(evidence=said)), hit(replace(FILE, path="./-"))) == ["it"]
    assert verdicts(judge(entry(evidence=said)), hit(replace(FILE, path="-"))) == [None]


def test_the_last_day_is_the_last_in_utc() -> None:
    exclusion = entry(rule={"name": "one"}, expires="2026-06-01")
    east = timezone(timedelta(hours=9))
    assert verdicts(judge(exclusion, now=NOW + timedelta(hours=23)), hit()) == ["it"]
    assert verdicts(judge(exclusion, now=datetime(2026, 6, 2, 8, tzinfo=east)), hit()) == ["it"]
    assert verdicts(judge(exclusion, now=NOW + timedelta(hours=24)), hit()) == [None]


def test_a_permanent_one_has_no_last_day() -> None:
    said = {"id": "it", "reason": "R", "owner": "O", "created": "2026-01-01"}
    said |= {"permanent": {"reviewer": "P"}, "rule": {"name": "one"}}  # type: ignore[dict-item]
    later = datetime(2999, 1, 1, tzinfo=timezone.utc)
    assert verdicts(judge(exclusion(said, None), now=later), hit()) == ["it"]


def test_the_hit_is_kept_and_says_why() -> None:
    (judged,) = judge(entry(reason="Known\n  good.", rule={"name": "one"})).judge([hit()])
    assert judged.suppression is not None
    assert replace(judged, suppression=None) == hit()
    assert (judged.suppression.reason, judged.suppression.owner) == ("Known good.", "O")


def test_files_are_skipped_by_what_is_known_before() -> None:
    said = {"path": "/opt/**", "owner": "root", "size": {"max": 10}, "process": "dpkg"}
    judged = judge(entry(action="skip", evidence=said), context=["dpkg"])
    known = judged.skips(replace(FILE, sha256=None))
    assert known is not None
    assert known.exclusion == "it"
    assert judged.skips(replace(FILE, owner="other")) is None
    assert judge(entry(evidence=said), context=["dpkg"]).skips(FILE) is None


def test_a_hit_of_another_host_is_judged_by_what_it_says_itself() -> None:
    here, there = hit(), hit(host="db-1")
    root = entry(evidence={"present": "/"})
    assert verdicts(judge(root), here, there) == ["it", None]
    path = entry(evidence={"path": "/opt/**"})
    assert verdicts(judge(path), there) == ["it"]
    for text in ("/opt/../tmp/x", "opt/x", "/opt//x", "/opt/./x"):
        elsewhere = hit(FileFacts(text), host="db-1")
        assert verdicts(judge(path, root="/nowhere"), elsewhere) == [None]


def test_the_summary() -> None:
    judged = judge(
        entry("first", rule={"name": "one"}, evidence={"owner": "root"}),
        entry("second", rule={"name": "one"}),
        entry("over", rule={"name": "two"}, expires="2026-01-31"),
        entry("over-and-unused", rule={"name": "three"}, expires="2026-01-31"),
        entry("unused", rule={"name": "three"}),
        entry("skipping", action="skip", evidence={"path": "/srv/**"}),
        entry("shadowed", rule={"name": "one", "namespace": "apt"}, evidence={"group": "adm"}),
    )
    judged.judge([hit(), hit(rule="two")])
    judged.judge([hit(replace(FILE, owner="other", group=None))])
    judged.skips(FileFacts("/srv/x"))
    assert list(judged.summary().lines()) == [
        "exclusions: 2 hits suppressed, 1 file skipped",
        "  first            1 hit suppressed",
        "  second           1 hit suppressed, 1 hit shadowed by exclusions before it",
        "  over             expired on 2026-01-31; 1 hit would be suppressed",
        "  over-and-unused  expired on 2026-01-31",
        "  unused           unused",
        "  skipping         1 file skipped",
        "  shadowed         1 hit shadowed by exclusions before it",
    ]


NAMES = st.sampled_from(["root", "adm", "one", "two"])
LISTS = st.lists(NAMES, min_size=1, max_size=3)
PATHS = st.sampled_from(["/opt/a/payload.py", "/opt/*/*", "/opt/**", "**/payload.py", "/srv/**"])
EVIDENCE = st.fixed_dictionaries(
    {},
    optional={
        "path": st.lists(PATHS, min_size=1, max_size=2),
        "size": st.fixed_dictionaries({"min": st.integers(8, 12), "max": st.integers(8, 12)}),
        "owner": LISTS,
        "group": LISTS,
        "mode": st.lists(st.sampled_from(["0755", "0644"]), min_size=1, max_size=2),
        "mode_without": st.sampled_from(["0002", "0022", "0111"]),
        "companion": LISTS,
        "sha256": st.sampled_from(["a" * 64, "b" * 64]),
        "process": LISTS,
        "present": st.lists(st.sampled_from(["/", "/nowhere"]), min_size=1, max_size=2),
    },
)
RULES = st.fixed_dictionaries(
    {"name": LISTS}, optional={"tag": LISTS, "meta": st.dictionaries(NAMES, LISTS, min_size=1)}
)
FILES = st.builds(
    FileFacts,
    st.sampled_from(["/opt/a/payload.py", "/opt/b", "/srv/payload.py"]),
    st.integers(8, 12) | st.none(),
    st.sampled_from(["a" * 64, "b" * 64]) | st.none(),
    NAMES | st.none(),
    NAMES | st.none(),
    st.sampled_from([0o755, 0o644, 0o777]) | st.none(),
)
HITS = st.lists(st.builds(hit, FILES, NAMES), min_size=1, max_size=3)


@given(RULES, EVIDENCE, EVIDENCE, HITS, st.lists(NAMES))
def test_more_evidence_never_suppresses_more(
    rule: dict[str, Any],
    less: dict[str, Any],
    more: dict[str, Any],
    hits: list[HitRecord],
    context: list[str],
) -> None:
    narrow = entry(rule=rule, evidence={**more, **less})
    wide = entry(rule=rule, evidence=less)
    by_narrow = verdicts(judge(narrow, context=context), *hits)
    by_wide = verdicts(judge(wide, context=context), *hits)
    assert all(wide or not narrow for wide, narrow in zip(by_wide, by_narrow, strict=True))


@given(RULES, EVIDENCE, RULES, EVIDENCE, HITS)
def test_what_an_exclusion_covers_it_holds_for(
    rule: dict[str, Any],
    evidence: dict[str, Any],
    other_rule: dict[str, Any],
    other_evidence: dict[str, Any],
    hits: list[HitRecord],
) -> None:
    covering = entry(rule=rule, evidence=evidence)
    # Often the other one is the same and a little more.
    for other in (
        entry(rule=other_rule, evidence=other_evidence),
        entry(rule=rule, evidence={**other_evidence, **evidence}),
        entry(rule={**rule, **other_rule}, evidence={**evidence, **other_evidence}),
    ):
        if covering.covers(other):
            both = zip(verdicts(judge(covering), *hits), verdicts(judge(other), *hits), strict=True)
            assert all(by_covering or not by_other for by_covering, by_other in both)


@given(RULES, EVIDENCE, HITS, st.integers(1, 10_000))
def test_an_expired_one_never_suppresses_nor_skips(
    rule: dict[str, Any], evidence: dict[str, Any], hits: list[HitRecord], days: int
) -> None:
    later = datetime(2026, 12, 31, tzinfo=timezone.utc) + timedelta(days)
    assert set(verdicts(judge(entry(rule=rule, evidence=evidence), now=later), *hits)) == {None}
    known_before = {k: v for k, v in evidence.items() if k not in ("companion", "sha256")}
    skipping = judge(entry(action="skip", evidence=known_before or {"size": {}}), now=later)
    assert all(skipping.skips(each.file) is None for each in hits)


@given(RULES, EVIDENCE, HITS)
def test_a_hit_is_suppressed_exactly_if_all_findings_hold(
    rule: dict[str, Any], evidence: dict[str, Any], hits: list[HitRecord]
) -> None:
    judged = judge(entry(rule=rule, evidence=evidence))
    for (_, (opinion,)), verdict in zip(judged.explain(hits), verdicts(judged, *hits), strict=True):
        assert opinion.holds == (verdict is not None)
        assert len(opinion.findings) == len(rule) + len(evidence) + len(rule.get("meta", "x")) - 1
