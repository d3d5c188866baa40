"""Checking a file of exclusions by its JSON schema.

The schema is published and is what editors and other programs check by; so it is also what
decides here.  The keywords that it uses are few, and are checked in this file: validators
of all of JSON Schema need compiled packages, and their messages are for programmers.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.exclusions.document import Place

Schema: TypeAlias = "dict[str, Any]"

_TYPES: Final[dict[str, tuple[type, str]]] = {
    "object": (dict, "a table"),
    "array": (list, "a list"),
    "string": (str, "a text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
}
"""The types of JSON: those of Python, and what people are told."""


def schema_text() -> str:
    """Return the schema as it is published: JSON Schema, draft 2020-12."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def mistakes(value: object) -> Iterator[tuple[Place, str]]:
    """Yield what the schema does not allow, and where."""
    whole = _schema()
    yield from _mistakes(value, whole, (), whole)


@lru_cache(maxsize=1)
def _schema() -> Schema:
    schema: Schema = json.loads(schema_text())
    return schema


def _mistakes(
    value: object, schema: Schema, place: Place, whole: Schema
) -> Iterator[tuple[Place, str]]:
    if "$ref" in schema:
        named = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        yield from _mistakes(value, named, place, whole)
    if not _has_type(value, schema):
        yield place, f"is {_shown(value)}; {_wanted(schema)} is needed"
    elif "const" in schema and not _same(value, schema["const"]):
        yield place, f"is {_shown(value)}; only {json.dumps(schema['const'])} is possible"
    elif "enum" in schema and value not in schema["enum"]:
        yield place, f"is {_shown(value)}; {' or '.join(schema['enum'])} is needed"
    elif isinstance(value, str):
        if not _is_fitting(value, schema):
            yield place, f"is {_shown(value)}; {_wanted(schema)} is needed"
    elif isinstance(value, list):
        yield from _mistakes_in_list(value, schema, place, whole)
    elif isinstance(value, dict):
        yield from _mistakes_in_object(value, schema, place, whole)
    elif isinstance(value, int) and value < schema.get("minimum", value):
        yield place, f"is {value}; at least {schema['minimum']} is needed"


def _mistakes_in_list(
    values: list[object], schema: Schema, place: Place, whole: Schema
) -> Iterator[tuple[Place, str]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(values))
    if not least <= len(values) <= most:
        yield place, f"has {len(values)} items; {least} to {most} are possible"
    elif "items" in schema:
        for index, each in enumerate(values):
            yield from _mistakes(each, schema["items"], (*place, index), whole)


def _mistakes_in_object(
    values: dict[str, object], schema: Schema, place: Place, whole: Schema
) -> Iterator[tuple[Place, str]]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    if len(values) < schema.get("minProperties", 0):
        yield place, "is empty"
    for key in schema.get("required", ()):
        if key not in values:
            yield place, f"has no {key}"
    for keyword, wanted in (("oneOf", "one of"), ("anyOf", "at least one of")):
        if keyword in schema:  # always about keys
            choices = [key for choice in schema[keyword] for key in choice["required"]]
            given = sum(key in values for key in choices)
            if given == 0 or (keyword == "oneOf" and given > 1):
                yield place, f"needs {wanted} {', '.join(choices)}"
    for key, value in values.items():
        if key in properties:
            yield from _mistakes(value, properties[key], (*place, key), whole)
        elif others is False:
            yield (*place, key), f"is no key; there are {', '.join(properties)}"
        else:
            yield from _mistakes(value, others, (*place, key), whole)


def _has_type(value: object, schema: Schema) -> bool:
    if "type" not in schema:
        return True
    return any(
        isinstance(value, _TYPES[name][0]) and (name == "boolean") == isinstance(value, bool)
        for name in _type_names(schema)
    )


def _is_fitting(text: str, schema: Schema) -> bool:
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return False
    # All patterns are anchored at both ends; Python's $ would let a line end pass.
    pattern = schema.get("pattern", "^.*$").removeprefix("^").removesuffix("$")
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _same(value: object, other: object) -> bool:
    return value == other and type(value) is type(other)  # True is not 1


def _wanted(schema: Schema) -> str:
    if "title" in schema:
        return str(schema["title"])
    return " or ".join(_TYPES[name][1] for name in _type_names(schema))


def _type_names(schema: Schema) -> list[str]:
    names: str | list[str] = schema["type"]
    return [names] if isinstance(names, str) else names


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    shown = json.dumps(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
