"""The endpoint: one request to the Logs Ingestion API, and what its answer means.

The client of Azure is asked not to try again by itself, because what happens to the events
is for :mod:`miniyara.sentinel.sender` to decide.  Nothing that a service says in its own words
is passed on, but its error code: it could repeat what it was sent, the token included.
"""

from __future__ import annotations

import gzip
import io
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import Error
from miniyara.sentinel.events import DeliveryError, Event, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from azure.core.credentials import TokenCredential

    from miniyara.sentinel.config import Config

MAX_REQUEST: Final = 1_000_000
"""Bytes of JSON in a request, before it is compressed: the service takes 1 MB."""

CONNECT_TIMEOUT: Final = 10
READ_TIMEOUT: Final = 60
"""Seconds."""

_TRANSIENT: Final = {408, 429, 500, 502, 503, 504}
_TOO_LARGE: Final = 413
_BAD: Final = 400

_ERROR_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")


class TryAgain(Exception):  # noqa: N818 - what to do about it
    """The request failed, and may succeed later."""

    def __init__(self, why: str, after: float | None) -> None:
        super().__init__(why)
        self.after = after
        """Seconds to wait, if the service has said so."""


class Refused(Exception):  # noqa: N818 - not an error of ours
    """The service does not take these events: they are too large, or one of them is wrong."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are sent to."""

    _client: Any
    _rule_id: str
    _streams: Mapping[Stream, str]

    def send(self, stream: Stream, events: Iterable[Event]) -> None:
        """Send events, which together have at most :data:`MAX_REQUEST` bytes.

        Raises :class:`TryAgain`, :class:`Refused`, and :class:`DeliveryError` for what no
        repetition will mend: no credentials, no permission, no such rule.
        """
        body = b"[" + b",".join(event.body for event in events) + b"]"
        if len(body) > MAX_REQUEST:
            raise Refused("larger than the service takes")
        compressed = io.BytesIO(gzip.compress(body, compresslevel=6))
        errors = import_module("azure.core.exceptions")
        try:
            self._client.upload(self._rule_id, self._streams[stream], compressed)
        except errors.HttpResponseError as error:
            _explain(error)
        except errors.AzureError as error:  # there was no answer: it may have arrived, or not
            cause = type(error.inner_exception or error).__name__
            raise TryAgain(f"no answer ({cause})", None) from None


def connect(config: Config, credential: TokenCredential | None = None) -> Endpoint:
    """Make the client; nothing is sent yet.

    ``credential``: what gives tokens; without, ``azure.identity.DefaultAzureCredential``.
    Raises :class:`miniyara.Error` if a package of the extra ``sentinel`` is missing.
    """
    try:
        ingestion = import_module("azure.monitor.ingestion")
        if credential is None:
            credential = import_module("azure.identity").DefaultAzureCredential()
    except ImportError as error:
        raise Error(f"sending needs {error.name}: pip install 'miniyara[sentinel]'") from error
    client = ingestion.LogsIngestionClient(
        config.endpoint,
        credential,
        credential_scopes=[f"{config.audience.rstrip('/')}/.default"],
        retry_total=0,
        connection_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        connection_verify=str(config.ca_bundle) if config.ca_bundle else True,
    )
    streams = {Stream.ALERTS: config.alert_stream, Stream.SCANS: config.scan_stream}
    return Endpoint(client, config.rule_id, streams)


def _explain(error: Any) -> None:
    """Raise what an answer other than 204 means."""
    status = error.status_code
    if status is None:  # credentials were not to be had
        raise DeliveryError(f"could not sign in ({type(error).__name__})") from None
    code = str(getattr(error.error, "code", None) or "")
    known = f" {code}" if _ERROR_CODE.fullmatch(code) else ""
    why = f"HTTP {status}{known}"
    if status in _TRANSIENT:
        raise TryAgain(why, _seconds(error.response.headers.get("Retry-After"))) from None
    if status in {_TOO_LARGE, _BAD}:
        raise Refused(why) from None
    raise DeliveryError(f"the endpoint answers {why}") from None


def _seconds(retry_after: str | None) -> float | None:
    """Read the header, which has seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
