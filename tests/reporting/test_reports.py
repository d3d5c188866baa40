"""The forms of output: what they say, that programs can read it, and that it does no harm."""

from __future__ import annotations

import csv
import io
import json
import operator
import os
import re
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.hunting import FileFacts, HitRecord
from miniyara.printable import printable
from miniyara.reporting import CsvReport, JsonReport, NdjsonReport, SarifReport, ndjson
from miniyara.reporting.sarif import uri
from miniyara.reporting.table import harmless
from miniyara.reporting.text import TextReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.hunting.events import Event
    from miniyara.reporting.report import Report, Write


def written(make: Callable[[Write], Report], events: list[Event]) -> bytes:
    out = io.BytesIO()
    report = make(out.write)
    for event in events:
        report.add(event)
    return out.getvalue()


FORMS: list[Callable[[Write], Report]] = [
    CsvReport,
    JsonReport,
    NdjsonReport,
    SarifReport,
    TextReport,
]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_name_reaches_a_terminal(
    form: Callable[[Write], Report], events: list[Event]
) -> None:
    text = written(form, events).decode()
    strange = {one for one in text if not one.isprintable()}
    assert strange <= {"\n", "\r"}


# -- JSON ------------------------------------------------------------------------


def test_ndjson_is_as_its_schema_says_and_is_read_back(events: list[Event]) -> None:
    lines = written(NdjsonReport, events).splitlines(keepends=True)
    assert len(lines) == len(events)
    schema = ndjson.schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for line in lines:
        validator.validate(json.loads(line))
    assert list(ndjson.read([*lines, b"\n"])) == events
    assert json.loads(written(JsonReport, events)) == list(map(json.loads, lines))


def test_the_schema_knows_all_members(events: list[Event]) -> None:
    schema = ndjson.schema()
    kinds = schema["$defs"]

    def members(name: str) -> set[str]:
        part = kinds[name]
        inherited = {one["$ref"].rpartition("/")[2] for one in part.get("allOf", ())}
        return set(part.get("properties", ())).union(*map(members, inherited))

    for line in written(NdjsonReport, events).splitlines():
        values = json.loads(line)
        assert set(values) <= members(values["kind"])
        if values["kind"] == "hit":
            assert set(values["file"]) <= members("file")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "line 2: "),
        (b"[]", "line 2: this is no record"),
        (b"7", "line 2: this is no record"),
        (b'{"schema": 2}', "line 2: the record is of schema 2, not 1"),
        (b'{"schema": 1, "kind": "hit"}', "line 2: this is no record"),
        (b'{"schema":1,"kind":"x","scan_id":"","time":"2026-01-02T00:00:00.0Z","host":""}', "'x'"),
        (b'{"schema":1,"kind":"hit","scan_id":"","time":7,"host":""}', "line 2"),
        (b"\xff", "line 2"),
    ],
)
def test_what_is_no_record(line: bytes, complaint: str, events: list[Event]) -> None:
    first = written(NdjsonReport, events[:1])
    with pytest.raises(miniyara.Error, match=re.escape(complaint)):
        list(ndjson.read([first, line]))


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ((), "scan_id", None),
        ((), "host", "\ud800"),
        ((), "rule", 5),
        ((), "namespace", ["a"]),
        ((), "tags", [1]),
        ((), "meta", {"a": {}}),
        (("file",), "path", "\ud800"),
        (("file",), "size", "1"),
        (("file",), "sha256", 1),
        (("file",), "modified", "now"),
        (("strings", 0), "offset", "0"),
        (("strings", 0), "data", "x"),
    ],
)
def test_a_hit_with_a_wrong_value_is_no_record(
    part: tuple[str | int, ...], name: str, value: object, events: list[Event]
) -> None:
    hit = json.loads(written(NdjsonReport, events[1:2]))
    del hit["file"]["path_hex"]
    reduce(operator.getitem, part, hit)[name] = value
    with pytest.raises(miniyara.Error, match="line 1: this is no record"):
        list(ndjson.read([json.dumps(hit).encode()]))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes")
@given(name=st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_any_name_of_a_file_comes_back(events: list[Event], name: bytes) -> None:
    hit = events[1]
    assert isinstance(hit, HitRecord)
    hit = replace(hit, file=FileFacts(os.fsdecode(name)))
    line = written(NdjsonReport, [hit])
    line.decode("ascii")
    assert list(ndjson.read([line])) == [hit]


# -- CSV -------------------------------------------------------------------------


def test_csv_has_a_row_for_each_hit_and_each_file_left_out(events: list[Event]) -> None:
    rows = list(csv.DictReader(io.StringIO(written(CsvReport, events).decode())))
    assert [row["kind"] for row in rows] == ["hit", "hit", "unreadable", "skipped", "skipped"]
    first, good, gone, _, cache = rows
    assert first["sha256"] == "ab" * 32
    assert (first["owner"], first["group"], first["mode"]) == ("root", "wheel", "4755")
    assert (first["strings"], first["tags"]) == ("$a@0x7 $@0x0", "one two")
    assert (good["exclusion"], good["reason"]) == ("E1", "'=known good")
    assert (gone["path"], gone["reason"]) == (r"\tgone", "no such file")
    assert cache["exclusion"] == "E1"
    for cell in [cell for row in rows for cell in row.values()]:
        assert not cell.startswith(tuple("=+-@\t\r")) or cell == "-1"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "'=1", "\uff1d1", "\uff0d1"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1", "a=1", "/x", "x\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_other_cells_are_left_alone(text: str) -> None:
    assert harmless(text) == text


@given(st.text(st.sampled_from("=+-@'\t\r\n a\uff1d\udcff\x1b")))
def test_any_cell_is_harmless(text: str) -> None:
    cell = harmless(text)
    assert cell.isprintable()
    assert not cell.lstrip().startswith(tuple("=+-@"))
    assert cell.removeprefix("'") == printable(text)


# -- SARIF -----------------------------------------------------------------------

SARIF = Path(os.environ.get("SARIF_SCHEMA") or Path(__file__).with_name("sarif-part.schema.json"))
"""The part of SARIF 2.1.0 that is used; or the schema of OASIS, if somebody has it."""


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_sarif_is_as_its_schema_says(count: int, events: list[Event]) -> None:
    schema = json.loads(SARIF.read_text(encoding="utf-8"))
    log = json.loads(written(SarifReport, [*events[: count - 1], events[-1]]))
    jsonschema.validators.validator_for(schema)(schema).validate(log)


def test_sarif(events: list[Event]) -> None:
    [run] = json.loads(written(SarifReport, events))["runs"]
    first, good = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in (first, good)] == [
        "@SUM(A1)/a_rule",
        "default/other",
    ]
    assert first["fingerprints"] == {"sha256/v1": "ab" * 32}
    assert first["properties"]["file"]["owner"] == "root"
    assert first["locations"][0]["physicalLocation"]["region"] == {
        "byteOffset": 7,
        "byteLength": 100,
    }
    assert "suppressions" not in first
    [suppression] = good["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("external", "=known good")
    assert suppression["properties"]["exclusion"] == "E1"
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 3


@pytest.mark.parametrize(
    ("severity", "level"), [("low", "note"), ("Medium", "warning"), ("critical", "error")]
)
def test_sarif_levels(severity: str, level: str, events: list[Event]) -> None:
    hit = events[1]
    assert isinstance(hit, HitRecord)
    log = written(SarifReport, [replace(hit, meta={"severity": severity}), events[-1]])
    assert json.loads(log)["runs"][0]["results"][0]["level"] == level


@pytest.mark.skipif(os.name != "posix", reason="names are bytes")
def test_the_uri_of_a_path() -> None:
    assert uri("/a b/\udcff#") == "file:///a%20b/%FF%23"
    assert uri("a/b?") == "a/b%3F"
    assert uri("c:d") == "./c%3Ad"


# -- text ------------------------------------------------------------------------


def text(events: list[Event], **options: Any) -> str:
    return written(lambda write: TextReport(write, **options), events).decode()


def test_text(events: list[Event]) -> None:
    assert text(events, strings=True) == (
        r"@SUM(A1):a_rule /srv/=cmd|' /C calc'!A0\x1b]0;owned\x07\n\xff\u202e.é"
        "\n"
        "    1,234,567 bytes  owner root:wheel  mode 4755  changed 1999-12-31 00:00:00 UTC\n"
        f"    sha256 {'ab' * 32}\n"
        r"    0x7:$a: \x1b[31mred ..."
        "\n"
        "    0x0:$: abc\n"
        "other -\n"
        "    known good by E1: =known good\n"
    )
    assert "$a" not in text(events)


def test_text_in_colour_says_the_same(events: list[Event]) -> None:
    coloured = text(events, strings=True, colour=True)
    assert "\x1b[1;31m@SUM(A1):a_rule\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(events, strings=True)


def test_facts_that_are_not_known(events: list[Event]) -> None:
    hit = events[1]
    assert isinstance(hit, HitRecord)
    bare = replace(hit, namespace="default", file=FileFacts("x", size=1))
    assert text([bare]) == "a_rule x\n    1 bytes\n"
