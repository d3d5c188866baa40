"""YARA's ``cuckoo`` module: what a program did in the sandbox Cuckoo.

Follows libyara's ``modules/cuckoo/cuckoo.c``, which reads JSON with the library jansson.
The report is not in the scanned data: the caller hands it over in ``modules_data``.
Without it nothing has happened. Truth is the number 1.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn

from miniyara.errors import Error
from miniyara.modules.interface import Function, Structure, Type
from miniyara.values import UNDEFINED, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.modules.interface import ModuleScan
    from miniyara.patterns import ConditionRegexp
    from miniyara.values import Undefined

_INVALID_MODULE_DATA: Final = "internal error: 57"
"""What yara-python says of libyara's ERROR_INVALID_MODULE_DATA."""

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


# -- reading the report ---------------------------------------------------------------------


def _integer(digits: str) -> int:
    number = int(digits)
    if wrap(number) != number:
        message = "the integer is too big"
        raise ValueError(message)
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        message = "the number is too big"
        raise ValueError(message)
    return number


def _constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if any("\0" in key for key, _ in pairs):
        message = "a key has a NUL"
        raise ValueError(message)
    return dict(pairs)


def _parse(report: bytes) -> Any:
    """Read JSON as strictly as jansson does; raises ValueError and RecursionError."""
    text = report.decode("utf-8")
    value = json.loads(
        text,
        parse_int=_integer,
        parse_float=_real,
        parse_constant=_constant,
        object_pairs_hook=_object,
    )
    if not isinstance(value, (dict, list)):
        message = "a report is an object or an array"
        raise ValueError(message)  # noqa: TRY004 - like all that is wrong with the data
    if _SURROGATE.search(text):
        # Halves of a character cannot be written as UTF-8.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _get(value: Any, key: str) -> Any:
    """Return what an object has under a key; None if it is no object or has none."""
    return value.get(key) if isinstance(value, dict) else None


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> bytes | None:
    """Return a string as C has it, up to a NUL; None for anything else."""
    return value.encode("utf-8").partition(b"\0")[0] if isinstance(value, str) else None


# -- values ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the report; it has functions, but no fields."""

    json: Any

    def member(self, name: str) -> Undefined:  # noqa: ARG002 - part of what a structure has
        return UNDEFINED


class _Report:
    """The value of ``cuckoo``."""

    def __init__(self, report: Any) -> None:
        self._report = report

    def member(self, name: str) -> _Part:
        """Return a part of the report, which may be empty."""
        if name == "network":
            return _Part(_get(self._report, "network"))
        return _Part(_get(self._summary, _LISTS[name]))

    @cached_property
    def _summary(self) -> Any:
        return _get(_get(self._report, "behavior"), "summary")


_LISTS: Final = {"registry": "keys", "filesystem": "files", "sync": "mutexes"}
"""Where the report has what the structures tell of."""


# -- functions ------------------------------------------------------------------------------


def _matches(scan: ModuleScan, regexp: ConditionRegexp, text: bytes | None) -> bool:
    # A match of nothing at the start of a text is no match here.
    return text is not None and regexp.reaches(text, 1, scan.deadline)


def _has(texts: Callable[[Any], Iterator[bytes | None]]) -> Function:
    """Declare a function that looks for a text of the report."""

    def call(scan: ModuleScan, part: _Part, regexp: ConditionRegexp) -> int:
        return int(any(_matches(scan, regexp, text) for text in texts(part.json)))

    return Function(Type.INTEGER, {"r": call}, is_method=True)


def _all_texts(values: Any) -> Iterator[bytes | None]:
    return map(_text, _items(values))


def _hosts(network: Any) -> Iterator[bytes | None]:
    return _all_texts(_get(network, "hosts"))


def _domains(network: Any) -> Iterator[bytes | None]:
    """Yield the names that were looked up; older reports have them elsewhere."""
    is_old = not isinstance(network, dict) or "domains" not in network
    lookups, key = ("dns", "hostname") if is_old else ("domains", "domain")
    for lookup in _items(_get(network, lookups)):
        if isinstance(_get(lookup, "ip"), str):
            yield _text(_get(lookup, key))


def _requests(*methods: bytes) -> Callable[[Any], Iterator[bytes | None]]:
    def uris(network: Any) -> Iterator[bytes | None]:
        for request in _items(_get(network, "http")):
            method = _text(_get(request, "method"))
            if method is not None and method.lower() in methods:
                yield _text(_get(request, "uri"))

    return uris


def _user_agents(network: Any) -> Iterator[bytes | None]:
    return (_text(_get(request, "user-agent")) for request in _items(_get(network, "http")))


def _connected(protocol: str) -> Function:
    """Declare a function that looks for a connection to a host and port."""

    def call(scan: ModuleScan, part: _Part, regexp: ConditionRegexp, port: int) -> int:
        return int(
            any(
                _port(_get(connection, "dport")) == port
                and _matches(scan, regexp, _text(_get(connection, "dst")))
                for connection in _items(_get(part.json, protocol))
            )
        )

    return Function(Type.INTEGER, {"ri": call}, is_method=True)


def _port(value: Any) -> int | None:
    """Return a number as C's ``int``, into which libyara reads it."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return (value + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000


_DECLARATION: Final = Structure(
    {
        "network": Structure(
            {
                "dns_lookup": _has(_domains),
                "http_get": _has(_requests(b"get")),
                "http_post": _has(_requests(b"post")),
                "http_request": _has(_requests(b"get", b"post")),
                "http_user_agent": _has(_user_agents),
                "host": _has(_hosts),
                "tcp": _connected("tcp"),
                "udp": _connected("udp"),
            }
        ),
        "registry": Structure({"key_access": _has(_all_texts)}),
        "filesystem": Structure({"file_access": _has(_all_texts)}),
        "sync": Structure({"mutex": _has(_all_texts)}),
    }
)


class CuckooModule:
    """The module ``cuckoo``."""

    name = "cuckoo"

    @property
    def declaration(self) -> Structure:
        """The functions, by what they tell of."""
        return _DECLARATION

    def load(self, scan: ModuleScan) -> _Report:
        """Return the view of a scan; raises :class:`miniyara.Error` if the report is no JSON."""
        if scan.module_data is None:
            return _Report(None)
        try:
            return _Report(_parse(scan.module_data))
        except (ValueError, RecursionError):
            raise Error(_INVALID_MODULE_DATA) from None


MODULE: Final = CuckooModule()
