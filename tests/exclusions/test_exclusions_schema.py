"""The published schema decides, here as in any validator of JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from miniyara.exclusions.schema import mistakes, schema_text

SCHEMA = json.loads(schema_text())
VALIDATOR = Draft202012Validator(SCHEMA)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["", "x", "a b", "2026-01-01", "0755", "a" * 64, "systemd", "skip", "/opt"]),
)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def values(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Make values that fit a schema, or nearly."""
    if "$ref" in schema:
        return values(SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], depth)
    fitting: list[st.SearchStrategy[Any]] = []
    if "properties" in schema:
        fields = {key: values(inner, depth + 1) for key, inner in schema["properties"].items()}
        needed = set(schema.get("required", ()))
        fitting.append(
            st.fixed_dictionaries(
                {key: value for key, value in fields.items() if key in needed},
                optional={key: value for key, value in fields.items() if key not in needed},
            )
        )
    if "items" in schema:
        fitting.append(st.lists(values(schema["items"], depth + 1), max_size=3))
    if "pattern" in schema:
        fitting.append(st.from_regex(schema["pattern"].replace("$", r"\Z"), fullmatch=True))
    if "enum" in schema or "const" in schema:
        fitting.append(st.sampled_from(schema.get("enum") or [schema["const"]]))
    likely = st.one_of(*fitting) if fitting else SCALARS
    other = st.dictionaries(st.sampled_from(["id", "x"]), SCALARS, max_size=2)
    # One in some values is of another kind, so that most documents have few mistakes.
    return st.integers(0, 15).flatmap(lambda n: likely if n else st.one_of(SCALARS, other))


@given(values(SCHEMA))
def test_it_is_checked_as_jsonschema_checks_it(document: Any) -> None:
    assert (not list(mistakes(document))) == VALIDATOR.is_valid(document)
