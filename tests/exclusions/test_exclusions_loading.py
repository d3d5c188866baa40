"""Files of exclusions: what is read, and the place of what is wrong."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara import Error, exclusions
from miniyara.exclusions.document import MAX_SIZE
from miniyara.exclusions.loading import load_file

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/exclusions.md"
EXAMPLE = ROOT / "examples/exclusions/exclusions.yaml"

Load: TypeAlias = Callable[..., str]
"""Gets a text and the ending of its name; returns what is wrong with it."""

ENTRY = """\
version: 1
exclusions:
  - id: one
    reason: R
    owner: O
    created: 2026-01-01
    expires: 2026-12-31
    evidence:
      path: /opt/**
"""


@pytest.fixture
def mistakes(tmp_path: Path) -> Load:
    """Give a function that loads a text and returns what is wrong with it."""

    def load(text: str | bytes, ending: str = ".yaml") -> str:
        path = tmp_path / f"e{ending}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load_file(str(path))
        except exclusions.ExclusionError as error:
            return str(error).replace(str(path), "e")
        return ""

    return load


def test_a_good_file_has_no_mistakes(mistakes: Load) -> None:
    assert mistakes(ENTRY) == ""


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("version: 1", "version: 2", "e:1: version: is 2; only 1 is possible"),
        ("version: 1\n", "", "e:1: has no version"),
        ("id: one", "id: a b", 'e:3: a b: id: is "a b"; letters, digits and ._-, at most'),
        ("id: one", 'id: "a\\n"', 'e:3: exclusion 1: id: is "a\\n"; letters'),
        ("- id: one\n    reason", "- reason", "e:3: exclusion 1: has no id"),
        ("owner: O", "owner: yes", "e:5: one: owner: is true; a text, in quotes if it could be"),
        ("owner: O", "owners: O", "e:3: one: has no owner\ne:5: one: owners: is no key; there are"),
        ("2026-01-01", "2026-02-30", "e:6: one: created: is 2026-02-30; there is no such day"),
        ("2026-12-31", "2025-12-31", "e:7: one: expires: lies before created"),
        ("2026-12-31", "soon", 'e:7: one: expires: is "soon"; a date such as 2026-12-31 is needed'),
        ("    expires: 2026-12-31\n", "", "e:3: one: needs one of expires, permanent"),
        ("expires:", "permanent: {reviewer: P}\n    expires:", "e:3: one: needs one of expires, p"),
        ("evidence:\n      path: /opt/**", "action: skip", "e:3: one: needs at least one of rule,"),
        ("path: /opt/**", "{}", "e:8: one: evidence: is empty"),
        ("/opt/**", "opt/**", "e:9: one: evidence.path: is 'opt/**'; a whole path is needed"),
        ("/opt/**", "/opt/../x", "e:9: one: evidence.path: is '/opt/../x'; no path has . or .."),
        ("/opt/**", "/opt/a**", "e:9: one: evidence.path: is '/opt/a**'; ** must be a segment"),
        ("/opt/**", "/opt/", "e:9: one: evidence.path: is '/opt/'; a segment is empty"),
        ("/opt/**", "[]", "e:9: one: evidence.path: has 0 items; 1 to 1000 are possible"),
        ("/opt/**", "[/a,\n 5]", "e:10: one: evidence.path.1: is 5; a pattern for whole paths"),
        ("path: /opt/**", "mode: 0755", "e:9: the number 0755: write it in decimal digits"),
        ("path: /opt/**", "mode: 755", "e:9: one: evidence.mode: is 755; three or four octal"),
        ("path: /opt/**", "size: {min: -1}", "e:9: one: evidence.size.min: is -1; at least 0"),
        ("path: /opt/**", "sha256: abc", 'e:9: one: evidence.sha256: is "abc"; 64 hexadecimal'),
        ("path: /opt/**", "sha256: " + "1" * 64, "e:9: the number 1111"),
        ("path: /opt/**", "referenced_by: [at]", 'e:9: one: evidence.referenced_by.0: is "at"; sy'),
        ("path: /opt/**", "present: /a/../b", "e:9: one: evidence.present: is '/a/../b'; . and .."),
        ("path: /opt/**", "path: /a\n      path: /b", "e:10: the key path comes twice"),
        ("path: /opt/**", "path: &a /a\n      host: *a", "e:10: an alias: write the value out"),
        ("path: /opt/**", "path: !!binary aGk=", "e:9: the tag tag:yaml.org,2002:binary: write"),
        ("path: /opt/**", "path: !!python/name:os.system x", "e:9: the tag tag:yaml.org,2002:pyt"),
        ("path: /opt/**", "path: " + "[" * 50 + "]" * 50, "e:9: nested too deeply"),
        ("path: /opt/**", "1: /opt", "e:9: a key that is no text: put it in quotes"),
        ("path: /opt/**", "path: [", "e:10: while parsing a flow node expected the node content"),
        ("path: /opt/**", "path: \x07", "e:9: character 0x07 cannot stand in YAML"),
        (
            "    evidence:\n      path: /opt/**",
            "    action: skip\n    rule: {name: r}\n    evidence: {companion: r}",
            "e:9: one: rule: cannot be known before a file is opened; action skip",
        ),
        (ENTRY, ENTRY + ENTRY.partition("exclusions:\n")[2], "e:10: one: id: another exclusion"),
        (ENTRY, "", "e: is null; a table is needed"),
        (ENTRY, "[]", "e:1: is a list; a table is needed"),
        (ENTRY, "a: 1\n---\nb: 1", "e:2: expected a single document in the stream but found anot"),
        (ENTRY, ENTRY + "examples: {rules: r, cases: [{file: f, reported: true, day: 2026-00-00}]}",
         "e:10: examples.cases.0.day: is 2026-00-00; there is no such day"),
        (ENTRY, ENTRY + "examples: {rules: r, cases: [{file: f, suppressed_by: two}]}",
         "e:10: examples.cases.0.suppressed_by: there is no exclusion with this id"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(mistakes: Load, old: str, new: str, wrong: str) -> None:
    assert old in ENTRY
    told = mistakes(ENTRY.replace(old, new))
    assert told.startswith(wrong)


def test_values_are_counted(mistakes: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miniyara.exclusions.yaml_document.MAX_VALUES", 10)
    assert mistakes(ENTRY) == "e:5: there are more than 10 values"


TOML = """\
version = 1

[[exclusions]]
id = "one"
reason = "R"
owner = "O"
created = 2026-01-01
expires = 2026-12-31
evidence.path = "/opt/**"
"""


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("", "", ""),
        ("evidence.path", "evidence.paths", "e:3: one: evidence.paths: is no key; there are path,"),
        ('"one"', '"one', "e:4: Illegal character "),
        ('owner = "O"', 'id = "two"', "e:6: Cannot overwrite a value"),
        ('"/opt/**"', "[" * 50 + "]" * 50, "e: is nested too deeply"),
        ('"/opt/**"', "[\n" * 2000 + "]\n" * 2000, "e: is nested too deeply"),
        ('"/opt/**"', "1" * 4090, "e:9: the line has more than 1024 characters"),
        ('"/opt/**"', "2026-01-01T00:00:00Z", "e:3: one: evidence.path: is '2026-01-01 00:00:00+"),
    ],
)
def test_toml(mistakes: Load, old: str, new: str, wrong: str) -> None:
    assert mistakes(TOML.replace(old, new), ".toml").startswith(wrong)


def test_toml_and_json_say_what_yaml_says(tmp_path: Path) -> None:
    yaml, toml, other = (tmp_path / f"e.{ending}" for ending in ("yaml", "toml", "json"))
    yaml.write_text(ENTRY)
    toml.write_text(TOML)
    fields = {"id": "one", "reason": "R", "owner": "O", "created": "2026-01-01"}
    fields |= {"expires": "2026-12-31", "evidence": {"path": "/opt/**"}}  # type: ignore[dict-item]
    other.write_text(json.dumps({"version": 1, "exclusions": [fields]}, indent=1))
    first, second, third = (load_file(str(path)).exclusions[0] for path in (yaml, toml, other))
    assert first.criteria == second.criteria == third.criteria
    assert (first.line, second.line, third.line) == (3, 3, 4)


def test_the_document_says_the_same_in_yaml_and_toml(tmp_path: Path) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    loaded = []
    for language in ("yaml", "toml"):
        path = tmp_path / f"e.{language}"
        path.write_text(document.partition(f"```{language}\n")[2].partition("```\n")[0])
        loaded += [replace(each, line=None) for each in load_file(str(path)).exclusions]
    assert loaded[0] == loaded[1]
    assert set(loaded[0].criteria) <= set(load_file(str(EXAMPLE)).exclusions[0].criteria)


@pytest.mark.parametrize(
    ("data", "ending", "wrong"),
    [
        (b"", ".txt", "e.txt: the name ends in none of .yaml, .yml, .json, .toml"),
        (b"a: 1\nb: \xff", ".yaml", "e.yaml:2: is not UTF-8"),
        (b"#" * (MAX_SIZE + 1), ".yaml", f"e.yaml: has more than {MAX_SIZE} bytes"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, data: bytes, ending: str, wrong: str) -> None:
    path = tmp_path / f"e{ending}"
    path.write_bytes(data)
    with pytest.raises(exclusions.ExclusionError) as caught:
        exclusions.load(str(path))
    assert str(caught.value) == f"{tmp_path}/{wrong}"
    with pytest.raises(exclusions.ExclusionError, match="cannot be read: "):
        exclusions.load(str(tmp_path / "missing.yaml"))


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniyara.exclusions.yaml_document", None)
    (tmp_path / "e.yaml").write_text(ENTRY)
    with pytest.raises(Error, match=r"YAML need PyYAML: pip install 'miniyara\[exclusions\]'"):
        exclusions.load(str(tmp_path / "e.yaml"))


PIECES = st.lists(
    st.sampled_from(
        [*ENTRY, *ENTRY.splitlines(keepends=True), "&a ", "*a ", "<<: ", "- ", "!!int "]
    )
).map("".join)


@given(st.one_of(PIECES, st.text()), st.sampled_from([".yaml", ".toml"]))
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, ending: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(exclusions.ExclusionError):
        load_file(str(path))
