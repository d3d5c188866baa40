"""A local HTTPS server that behaves like the endpoint of Azure's Logs Ingestion API.

It has the documented limits and answers, keeps what it was sent, and fails when it is told
to.  Its certificate is made for the occasion and trusted by nobody.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import gzip
import json
import ssl
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from azure.core.credentials import AccessToken
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typing_extensions import Self

RULE_ID: Final = "dcr-00000000000000000000000000000000"
TOKEN: Final = "a-token-that-nobody-may-see"  # noqa: S105 - of this server only
MAX_CALL: Final = 1_000_000
"""Bytes of a call, compressed or not."""


class Fault(enum.Enum):
    """How a request fails."""

    THROTTLED = 429
    TOO_LARGE = 413
    INTERNAL = 500
    UNAVAILABLE = 503
    CUT_BEFORE = "the connection is cut before anything is kept"
    CUT_AFTER = "everything is kept, and the connection cut before the answer"


class Credential:
    """Gives the token of the server."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """Return the token."""
        return AccessToken(TOKEN, int(time.time()) + 3600)


class IngestionServer:
    """The server, in threads of this process; a context manager."""

    def __init__(
        self,
        folder: Path,
    ) -> None:
        """Start it; its certificate goes to ``folder``."""
        self.arrived: Counter[str] = Counter()
        """How often each ``EventUid`` was kept."""
        self.events: list[dict[str, Any]] = []
        """What was kept, if ``keeps_events``."""
        self.keeps_events = True
        self.streams: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        """How many requests had which answer: a status or the name of a fault."""
        self.faults: Iterator[Fault | None] = repeat(None)
        """What happens to one request after another, None if nothing does."""
        self.refuses: Callable[[dict[str, Any]], bool] = lambda _event: False
        """Whether an event is none that the rule takes."""
        self.retry_after = "0"
        """The header of answers 429."""
        self.lock = threading.Lock()
        self.certificate = folder / "endpoint.pem"
        _write_certificate(self.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate)
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"endpoint": self})
        )
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(
            self._server.socket,
            server_side=True,
            do_handshake_on_connect=False,  # it would hold up all others
        )
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    endpoint: IngestionServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        """Answer as the service would, but for the fault that is due."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.endpoint.lock:
            fault = next(self.endpoint.faults)
            if fault is Fault.CUT_BEFORE:
                status, code = 0, fault.name
            elif fault is None or fault is Fault.CUT_AFTER:
                status, code = self._take(body)
            else:
                status, code = fault.value, fault.name
            if fault is Fault.CUT_AFTER and status == 204:
                status, code = 0, fault.name
            self.endpoint.answers[code] += 1
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", self.endpoint.retry_after)
        # What a service says is hostile, too: it repeats what it must not.
        said = {"error": {"code": code, "message": self.headers.get("Authorization", "")}}
        answer = b"" if status == 204 else json.dumps(said).encode()
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _take(self, body: bytes) -> tuple[int, str]:
        """Keep the events of a request, all or none; return the status and its code."""
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, "AuthenticationFailed"
        path, _, query = self.path.partition("?")
        start, _, stream = path.partition("/streams/")
        if start != f"/dataCollectionRules/{RULE_ID}" or query != "api-version=2023-01-01":
            return 404, "NotFound"
        if self.headers.get("Content-Encoding") == "gzip":
            if len(body) > MAX_CALL:
                return 413, "ContentLengthLimitExceeded"
            body = gzip.decompress(body)
        if len(body) > MAX_CALL:
            return 413, "ContentLengthLimitExceeded"
        try:
            events = json.loads(body.decode())
        except ValueError:
            return 400, "InvalidPayload"
        if not isinstance(events, list) or any(map(self.endpoint.refuses, events)):
            return 400, "InvalidPayload"
        self.endpoint.streams[stream] += len(events)
        self.endpoint.arrived.update(event["EventUid"] for event in events)
        if self.endpoint.keeps_events:
            self.endpoint.events += events
        return 204, "204"

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: requests are counted."""

    def handle(self) -> None:
        """Handle requests until the client goes away, however it goes."""
        with contextlib.suppress(OSError):
            super().handle()


def _write_certificate(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "miniyara's tests")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
