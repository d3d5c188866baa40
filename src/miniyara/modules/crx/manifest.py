"""The manifest of an extension, and the texts that it names in a language.

Both are JSON, and are taken as strictly as YARA-X does with the library serde_json: where
a field that is needed has another type, there is no manifest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miniyara.modules.crx.archive import Archive

_TEXTS: Final = (
    "version",
    "name",
    "description",
    "minimum_chrome_version",
    "homepage_url",
    "default_locale",
)
_LISTS: Final = (
    "permissions",
    "host_permissions",
    "optional_permissions",
    "optional_host_permissions",
)

_DEFAULT_LANGUAGE: Final = "en"
_REFERENCE: Final = ("__MSG_", "__")


class _Wrong(Exception):  # noqa: N818 - of data, not an error of ours
    """The JSON is not what it should be."""


class _Object(tuple[tuple[str, Any], ...]):
    """The members of an object, of which several may have the same name."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says."""

    texts: Mapping[str, bytes]
    lists: Mapping[str, Sequence[bytes]]
    messages: Mapping[bytes, bytes] | None
    """Texts in the language of the manifest, by name; None if there are none."""

    def resolved(self, name: str) -> bytes | None:
        """Return a text, or the one that it refers to."""
        text = self.texts.get(name)
        start, end = (part.encode() for part in _REFERENCE)
        if text is None or self.messages is None or not text.startswith(start):
            return text
        rest = text[len(start) :]
        key = rest[: -len(end)] if rest.endswith(end) else None
        return text if key is None else self.messages.get(key, text)


def manifest(archive: Archive) -> Manifest | None:
    """Read the manifest; None if there is none or it is not sound."""
    content = archive.read("manifest.json")
    if content is None:
        return None
    try:
        members = _members(_parse(content), (*_TEXTS, *_LISTS))
        texts = {name: _text(members[name]) for name in _TEXTS if members.get(name) is not None}
        lists = {name: _texts(members.get(name, [])) for name in _LISTS}
    except _Wrong:
        return None
    language = texts.get("default_locale", _DEFAULT_LANGUAGE.encode()).decode()
    return Manifest(texts, lists, _messages(archive, language))


def _messages(archive: Archive, language: str) -> dict[bytes, bytes] | None:
    content = archive.read(_normal(f"_locales/{language}/messages.json"))
    if content is None:
        return None
    try:
        return {_text(name): _message(entry) for name, entry in _object(_parse(content))}
    except _Wrong:
        return None


def _message(entry: Any) -> bytes:
    return _text(_members(entry, ("message",)).get("message"))


def _normal(path: str) -> str:
    """Return a path without steps that stay or go back."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


# -- JSON -----------------------------------------------------------------------------------


def _constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _parse(content: bytes) -> Any:
    # Text that is no UTF-8 may stand where it is not needed.
    text = content.decode("utf-8", "surrogateescape")
    try:
        return json.loads(
            text,
            parse_int=float,
            parse_constant=_constant,
            object_pairs_hook=_Object,
        )
    except (ValueError, RecursionError):
        raise _Wrong from None


def _members(value: Any, wanted: Sequence[str]) -> dict[str, Any]:
    """Return the members of an object that are wanted; two of one name are wrong."""
    members: dict[str, Any] = {}
    for name, item in _object(value):
        _text(name)
        if name in wanted:
            if name in members:
                raise _Wrong
            members[name] = item
    return members


def _object(value: Any) -> _Object:
    if not isinstance(value, _Object):
        raise _Wrong
    return value


def _text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _Wrong
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        raise _Wrong from None


def _texts(value: Any) -> list[bytes]:
    if not isinstance(value, list):
        raise _Wrong
    return [_text(item) for item in value]
