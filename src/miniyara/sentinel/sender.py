"""The sender: what it is given goes to the spool, and from there to the endpoint.

An event is in the spool until the endpoint has answered that it took it.  So none is lost,
and one can arrive twice, if the answer gets lost or the machine stops before it is noted: the
receiver knows it by its ``EventUid``.
"""

from __future__ import annotations

import contextlib
import random
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.sentinel.endpoint import MAX_REQUEST, Refused, TryAgain, connect
from miniyara.sentinel.events import DeliveryError, Event, Stream
from miniyara.sentinel.outgoing import outgoing
from miniyara.sentinel.spool import Refusal, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from azure.core.credentials import TokenCredential
    from typing_extensions import Self

    from miniyara.hunting.events import ScanEnd
    from miniyara.hunting.record import HitRecord
    from miniyara.sentinel.config import Config

INTERVAL: Final = 10
"""Seconds between two requests while records are kept, unless a request is full."""

RESPITE: Final = 300
"""Seconds without a request after one has failed: a scan must not wait for an endpoint that
does not answer."""

FIRST_BACKOFF: Final = 1
LONGEST_BACKOFF: Final = 60
"""Seconds to wait at most after the first failure, and after any."""


class Delivered(NamedTuple):
    """What came of the events in the end."""

    sent: int
    """How many the endpoint took."""
    refused: tuple[Refusal, ...]
    """All that it would not take and that are still in the spool."""


class _LaterError(Exception):
    """There is no time to wait for the endpoint."""


class Sender:
    """Sends hits; one for each scan.

    Nothing of what is added is lost if the process ends at any moment, or the endpoint cannot
    be reached: it is sent by the next sender that uses the spool.
    """

    def __init__(
        self,
        config: Config,
        credential: TokenCredential | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open the spool of ``config``.

        ``credential`` gives the tokens; without, ``azure.identity.DefaultAzureCredential``.
        Raises :class:`miniyara.Error` if a package or the spool is missing or broken.
        """
        self._config = config
        self._endpoint = connect(config, credential)
        self._spool = Spool(config.spool, config.spool_limit)
        self._clock = clock
        self._sleep = sleep
        self._sent = 0
        self._unsent = 0
        self._next_request = clock() + INTERVAL
        self._resting_until = clock()
        self._failures = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the spool; what was not sent by :meth:`close` stays in it."""
        self._spool.close()

    def add(self, record: HitRecord | ScanEnd) -> None:
        """Keep a record to be sent, and send some of what is kept if it is time to.

        That a request fails is no error yet.  Raises as :meth:`keep` does.
        """
        self.keep((record,))
        self.send_some()

    def keep(self, records: Iterable[HitRecord | ScanEnd]) -> None:
        """Keep records to be sent, all or none: when this returns, they are on the disk.

        Many together are less work than one by one.  Raises :class:`DeliveryError` if the
        spool is full or cannot be written.
        """
        events = [outgoing(record) for record in records]
        self._spool.put(events)
        self._unsent += sum(len(event.body) for event in events)

    def send_some(self) -> None:
        """Make one request if a request is full, or the last one was a while ago.

        This is for whoever has other things to do: it never waits to try again.
        """
        now = self._clock()
        is_due = now >= self._next_request or self._unsent >= MAX_REQUEST
        if not is_due or now < self._resting_until:
            return
        self._unsent = 0
        try:
            self._deliver(now, requests=1)
        except (_LaterError, DeliveryError):  # :meth:`close` tries again, and says so
            self._resting_until = self._clock() + RESPITE
        self._next_request = self._clock() + INTERVAL

    def retry_refused(self) -> None:
        """Try those again that the endpoint has refused."""
        self._spool.retry_refused()

    def close(self, end: ScanEnd | None = None, patience: float | None = None) -> Delivered:
        """Send what waits, and the end of the scan as its heartbeat, and close the spool.

        Raises :class:`DeliveryError` if that does not succeed within ``patience`` seconds,
        by default those of the configuration, or cannot; what was not sent stays in the spool.
        """
        patience = self._config.patience if patience is None else patience
        with contextlib.closing(self._spool):
            if end is not None:
                self._spool.put([outgoing(end)])
            try:
                self._deliver(self._clock() + patience)
            except (_LaterError, DeliveryError) as error:
                raise DeliveryError(
                    f"{error}; {self._spool.counts().waiting} events wait in {self._config.spool}"
                ) from None
            return Delivered(self._sent, tuple(self._spool.refused()))

    def _deliver(self, deadline: float, requests: int | None = None) -> None:
        """Send what waits, or as much as goes into some requests."""
        with self._turn(deadline):
            for stream in Stream:
                while requests != 0 and (batch := self._spool.batch(stream, MAX_REQUEST - 2)):
                    self._send(stream, list(batch.items()), deadline)
                    requests = None if requests is None else requests - 1

    @contextlib.contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        """Wait until no other process sends from this spool."""
        while True:
            with self._spool.sending() as is_our_turn:
                if is_our_turn:
                    yield
                    return
            self._wait(1, deadline, "another process is sending")

    def _send(self, stream: Stream, batch: list[tuple[int, Event]], deadline: float) -> None:
        """Send a batch, in parts if need be, and put aside what is refused by itself."""
        refused: list[tuple[int, str]] = []
        parts = [batch]
        while parts:
            part = parts.pop()
            try:
                self._request(stream, [event for _, event in part], deadline)
            except Refused as why:
                if len(part) == 1:
                    refused.append((part[0][0], str(why)))
                else:
                    middle = len(part) // 2
                    parts += part[middle:], part[:middle]
            else:
                self._spool.set_sent(number for number, _ in part)
                self._sent += len(part)
        if len(refused) == len(batch) > 1:  # then it is not the events that are wrong
            raise DeliveryError(f"the endpoint takes none of {len(batch)} events: {refused[0][1]}")
        self._spool.set_refused(refused)

    def _request(self, stream: Stream, events: list[Event], deadline: float) -> None:
        """Make a request, and again until it succeeds or the time is over."""
        while (failure := self._failure(stream, events)) is not None:
            self._failures += 1
            self._wait(self._backoff(failure.after), deadline, str(failure))
        self._failures = 0

    def _failure(self, stream: Stream, events: list[Event]) -> TryAgain | None:
        try:
            self._endpoint.send(stream, events)
        except TryAgain as failure:
            return failure
        return None

    def _backoff(self, after: float | None) -> float:
        """Return the seconds until the next try: never before the service wants it.

        Chance keeps many hosts that failed together from coming back together.
        """
        if after is not None:
            return after + random.uniform(0, 1)  # noqa: S311 - no secret
        most = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(self._failures - 1, 16))
        return random.uniform(most / 2, most)  # noqa: S311 - no secret

    def _wait(self, seconds: float, deadline: float, why: str) -> None:
        if self._clock() + seconds > deadline:
            raise _LaterError(why)
        self._sleep(seconds)
