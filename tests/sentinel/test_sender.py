"""Hits arrive, each once by its uid, whatever the endpoint does."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest

from miniyara.errors import Error
from miniyara.sentinel import Config, DeliveryError, Sender
from miniyara.sentinel.endpoint import TryAgain, connect
from miniyara.sentinel.events import Stream
from miniyara.sentinel.sender import INTERVAL, LONGEST_BACKOFF, RESPITE
from miniyara.testing.ingestion import TOKEN, Credential, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from miniyara.hunting import HitRecord
    from miniyara.hunting.events import ScanEnd
    from miniyara.testing.ingestion import IngestionServer


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sender(config: Config, clock: Clock) -> Iterator[Sender]:
    with Sender(config, Credential(), clock=clock, sleep=clock.sleep) as sender:
        yield sender


def uids(hits: Sequence[HitRecord]) -> set[str]:
    return {hit.event_id for hit in hits}


def test_a_scan_is_sent_in_requests_within_the_limits(
    server: IngestionServer, sender: Sender, hits: Sequence[HitRecord], end: ScanEnd
) -> None:
    sender.keep(hits)
    assert sender.close(end) == (len(hits) + 1, ())
    assert uids(hits) < server.arrived.keys()
    assert server.streams == {"Custom-MiniyaraAlert": len(hits), "Custom-MiniyaraScan": 1}
    assert set(server.arrived.values()) == {1}
    assert server.answers.keys() == {"204"}


@pytest.mark.parametrize("fault", Fault)
def test_a_request_that_fails_is_made_again(
    fault: Fault, server: IngestionServer, sender: Sender, hits: Sequence[HitRecord]
) -> None:
    server.faults = chain([fault, fault], repeat(None))
    sender.keep(hits)
    assert sender.close() == (len(hits), ())
    assert server.arrived.keys() == uids(hits)
    assert server.answers[fault.name] == 2
    # The endpoint cannot know that the answer did not arrive, nor can we: a receiver does.
    most = 3 if fault is Fault.CUT_AFTER else 1
    assert max(server.arrived.values()) == most


def test_what_is_too_large_is_halved(
    server: IngestionServer, sender: Sender, hits: Sequence[HitRecord]
) -> None:
    server.faults = chain([Fault.TOO_LARGE], repeat(None))
    sender.keep(hits[:100])
    assert sender.close() == (100, ())
    assert server.answers == {"TOO_LARGE": 1, "204": 2}


def test_the_wait_is_what_the_endpoint_asks_for(
    server: IngestionServer, sender: Sender, clock: Clock, hit: HitRecord
) -> None:
    server.retry_after = "17"
    server.faults = chain([Fault.THROTTLED], repeat(None))
    sender.add(hit)
    sender.close()
    (slept,) = clock.slept
    assert 17 <= slept <= 18


def test_the_wait_doubles_and_has_an_end(
    server: IngestionServer, config: Config, clock: Clock, hit: HitRecord
) -> None:
    server.faults = chain(repeat(Fault.UNAVAILABLE, 10), repeat(None))
    sender = Sender(replace(config, patience=1000), Credential(), clock=clock, sleep=clock.sleep)
    sender.add(hit)
    sender.close()
    assert len(clock.slept) == 10
    for number, slept in enumerate(clock.slept):
        most = min(2**number, LONGEST_BACKOFF)
        assert most / 2 <= slept <= most


def test_what_was_not_sent_in_time_is_sent_the_next_time(
    server: IngestionServer, config: Config, sender: Sender, hits: Sequence[HitRecord]
) -> None:
    server.faults = repeat(Fault.UNAVAILABLE)
    sender.keep(hits[:3])
    with pytest.raises(DeliveryError, match="HTTP 503 UNAVAILABLE; 3 events wait in "):
        sender.close()
    assert not server.arrived
    server.faults = repeat(None)
    assert Sender(config, Credential()).close() == (3, ())
    assert server.arrived.keys() == uids(hits[:3])


def test_an_event_that_is_refused_is_put_aside(
    server: IngestionServer, config: Config, sender: Sender, hits: Sequence[HitRecord]
) -> None:
    poison = hits[77]
    server.refuses = lambda event: event["EventUid"] == poison.event_id
    sender.keep(hits[:100])
    assert sender.close() == (99, ((poison.event_id, "HTTP 400 InvalidPayload"),))
    assert server.arrived.keys() == uids(hits[:100]) - {poison.event_id}
    server.refuses = lambda _event: False
    again = Sender(config, Credential())
    again.retry_refused()
    assert again.close() == (1, ())


def test_events_are_not_blamed_if_none_is_taken(
    server: IngestionServer, config: Config, sender: Sender, hits: Sequence[HitRecord]
) -> None:
    server.refuses = lambda _event: True
    sender.keep(hits[:4])
    with pytest.raises(
        DeliveryError, match="takes none of 4 events: HTTP 400 InvalidPayload; 4 events wait"
    ):
        sender.close()
    server.refuses = lambda _event: False
    assert Sender(config, Credential()).close() == (4, ())


def test_an_event_that_no_request_can_hold_is_put_aside(
    server: IngestionServer, sender: Sender, hit: HitRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miniyara.sentinel.endpoint.MAX_REQUEST", 100)
    sender.add(hit)
    assert sender.close() == (0, ((hit.event_id, "larger than the service takes"),))
    assert not server.answers


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rule_id": "dcr-another"}, "the endpoint answers HTTP 404 NotFound; 1 events wait"),
        ({"endpoint": "https://127.0.0.1:1"}, r"no answer \(NewConnectionError\); 1 events wait"),
        ({"ca_bundle": None}, r"no answer \(SSLError\); 1 events wait"),
    ],
)
def test_what_is_wrong_with_the_configuration_is_said(
    change: dict[str, str], says: str, config: Config, clock: Clock, hit: HitRecord
) -> None:
    sender = Sender(replace(config, **change), Credential(), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    sender.add(hit)
    with pytest.raises(DeliveryError, match=says):
        sender.close()


def test_the_same_record_is_sent_once(
    server: IngestionServer, config: Config, hits: Sequence[HitRecord]
) -> None:
    for _ in range(2):
        sender = Sender(config, Credential())
        sender.keep([*hits[:5], *hits[:5]])
        sender.close()
    assert server.arrived.total() == 5


def test_hits_are_sent_while_the_scan_goes_on(
    server: IngestionServer, sender: Sender, clock: Clock, hits: Sequence[HitRecord]
) -> None:
    sender.add(hits[0])
    assert not server.arrived
    clock.now += INTERVAL
    sender.add(hits[1])
    assert server.arrived.keys() == uids(hits[:2])
    sender.keep(hits[2:1000])  # more than a request holds
    sender.send_some()
    assert len(server.arrived) > 500


def test_a_scan_does_not_wait_for_an_endpoint_that_fails(
    server: IngestionServer, sender: Sender, clock: Clock, hits: Sequence[HitRecord]
) -> None:
    server.faults = repeat(Fault.UNAVAILABLE)
    for hit in hits[:300]:
        clock.now += 1
        sender.add(hit)
    assert server.answers.total() == 1 + (300 - INTERVAL) // RESPITE
    assert clock.slept == []
    server.faults = repeat(None)
    assert sender.close() == (300, ())


def test_a_full_spool_is_an_error(
    server: IngestionServer, config: Config, hits: Sequence[HitRecord]
) -> None:
    sender = Sender(replace(config, spool_limit=100_000), Credential())
    sender.keep(hits[:10])
    with pytest.raises(DeliveryError, match="is full: it may hold 100000 bytes"):
        sender.keep(hits)
    assert sender.close() == (10, ())  # those that had been kept are not lost
    assert server.arrived.keys() == uids(hits[:10])


def test_one_process_sends_at_a_time(
    server: IngestionServer, config: Config, sender: Sender, hit: HitRecord
) -> None:
    another = f"""
import pathlib, sys
from miniyara.sentinel.spool import Spool
with Spool(pathlib.Path({str(config.spool)!r}), 10**9).sending() as is_our_turn:
    print(is_our_turn, flush=True)
    sys.stdin.read()
"""
    sender.add(hit)
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", another], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        with pytest.raises(DeliveryError, match="another process is sending; 1 events wait"):
            sender.close()
        process.kill()
    assert not server.arrived
    assert Sender(config, Credential()).close() == (1, ())


def test_nothing_that_is_said_holds_the_token(
    server: IngestionServer,
    sender: Sender,
    hit: HitRecord,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults = repeat(Fault.UNAVAILABLE)  # the answer repeats the token
    sender.add(hit)
    with pytest.raises(DeliveryError) as caught:
        sender.close()
    assert TOKEN not in f"{caught.getrepr()}"
    assert TOKEN not in caplog.text
    for file in tmp_path.glob("spool*"):
        assert TOKEN.encode() not in file.read_bytes()


def test_credentials_that_cannot_be_had(config: Config, clock: Clock, hit: HitRecord) -> None:
    exceptions = pytest.importorskip("azure.core.exceptions")

    class Broken:
        def get_token(self, *_scopes: str, **_options: object) -> None:
            raise exceptions.ClientAuthenticationError(f"no {TOKEN}")

    sender = Sender(config, Broken(), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    sender.add(hit)
    with pytest.raises(DeliveryError, match=r"could not sign in \(ClientAuthenticationError\)"):
        sender.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("-1", None), ("soon", None), ("٣", None)],
)
def test_the_header_retry_after(
    header: str, seconds: float | None, server: IngestionServer, config: Config
) -> None:
    server.retry_after = header
    server.faults = repeat(Fault.THROTTLED)
    with pytest.raises(TryAgain) as caught:
        connect(config, Credential()).send(Stream.ALERTS, [])
    assert caught.value.after == seconds


def test_a_missing_package_is_named(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.monitor.ingestion", None)
    with pytest.raises(Error, match=r"sending needs azure.* pip install 'miniyara\[sentinel\]'"):
        Sender(config)
