"""The spool: events that wait to be sent, in a file that survives a crash.

It is an SQLite database in WAL mode with ``synchronous=FULL``: what ``put`` has returned
from is on the disk, also after a loss of power, and a write that a crash cuts at any byte is
undone when the file is next opened.  That is one ``fsync`` for each call of ``put`` and for
each batch that was sent, so whoever has many events puts them together.

The uid of an event is kept for a month after it was sent, if there is room, so that it is not
sent anew when the same record is put again, by a scan that was resumed or a file of records
that is sent twice.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara.sentinel.events import DeliveryError, Event, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_WAITING, _SENT, _REFUSED = range(3)

_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    stream INTEGER NOT NULL,
    state INTEGER NOT NULL,
    body BLOB,      -- NULL once it was sent
    reason TEXT,    -- why it was refused
    changed REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting ON events (stream, number) WHERE state = {_WAITING};
"""

PATIENCE: Final = 30
"""Seconds to wait for another process that writes to the same spool."""

MEMORY: Final = 30 * 24 * 3600
"""Seconds for which the uid of an event is kept after it was sent."""


class Counts(NamedTuple):
    """How many events the spool holds."""

    waiting: int
    refused: int
    sent: int
    """Those whose uid is still known."""
    bytes: int
    """The size of what waits or was refused, bookkeeping included."""


class Refusal(NamedTuple):
    """An event that the endpoint will not take, and why."""

    uid: str
    reason: str


class Spool:
    """The events in a file.  Any number of processes may put; one of them sends.

    Whatever goes wrong with the file is raised as :class:`DeliveryError`.
    """

    def __init__(self, path: Path, limit: int) -> None:
        """Open the spool, or make it; ``limit`` is how many bytes it may hold."""
        self._path = path
        self._limit = limit
        with self._naming_the_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            with contextlib.ExitStack() as on_failure:
                on_failure.callback(self.close)
                self._prepare()
                on_failure.pop_all()

    def _prepare(self) -> None:
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)
        self._database.execute(
            "DELETE FROM events WHERE state = ? AND changed < ?",
            (_SENT, time.time() - MEMORY),
        )

    def close(self) -> None:
        """Close the file, if it is open; what waits stays in it."""
        self._database.close()

    def put(self, events: Iterable[Event]) -> None:
        """Keep events to be sent, all or none; those whose uid is known are left out.

        Raises :class:`DeliveryError` if the spool would hold more than its limit.
        """
        now = time.time()
        with self._transaction():
            self._database.executemany(
                "INSERT INTO events (uid, stream, state, body, changed) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (uid) DO NOTHING",
                ((each.uid, each.stream, _WAITING, each.body, now) for each in events),
            )
            if self._held() > self._limit:
                self._database.execute("DELETE FROM events WHERE state = ?", (_SENT,))
            if self._held() > self._limit:
                raise DeliveryError(
                    f"the spool {self._path} is full: it may hold {self._limit} bytes"
                )

    def batch(self, stream: Stream, size: int) -> dict[int, Event]:
        """Return events that wait the longest, by their number.

        They have ``size`` bytes with a byte behind each; a single one may have more.
        """
        found: dict[int, Event] = {}
        with self._naming_the_file():
            rows = self._database.execute(
                "SELECT number, uid, body FROM events WHERE state = ? AND stream = ?"
                " ORDER BY number",
                (_WAITING, stream),
            )
            for number, uid, body in rows:
                size -= len(body) + 1
                if found and size < 0:
                    break
                found[number] = Event(uid, stream, body)
            rows.close()
        return found

    def set_sent(self, numbers: Iterable[int]) -> None:
        """Note that events were taken by the endpoint."""
        now = time.time()
        with self._transaction():
            self._database.executemany(
                "UPDATE events SET state = ?, body = NULL, changed = ? WHERE number = ?",
                ((_SENT, now, number) for number in numbers),
            )

    def set_refused(self, reasons: Iterable[tuple[int, str]]) -> None:
        """Put events aside, by number, with the reason why they will not be taken."""
        now = time.time()
        with self._transaction():
            self._database.executemany(
                "UPDATE events SET state = ?, reason = ?, changed = ? WHERE number = ?",
                ((_REFUSED, reason, now, number) for number, reason in reasons),
            )

    def retry_refused(self) -> None:
        """Let the events that were refused wait to be sent again."""
        with self._transaction():
            self._database.execute(
                "UPDATE events SET state = ?, reason = NULL WHERE state = ?", (_WAITING, _REFUSED)
            )

    def refused(self) -> list[Refusal]:
        """Return the events that were refused, the oldest first."""
        with self._naming_the_file():
            rows = self._database.execute(
                "SELECT uid, reason FROM events WHERE state = ? ORDER BY number", (_REFUSED,)
            )
            return [Refusal(*row) for row in rows]

    def counts(self) -> Counts:
        """Count what is here."""
        with self._naming_the_file():
            rows = self._database.execute("SELECT state, count(*) FROM events GROUP BY state")
            by_state: dict[int, int] = dict(rows.fetchall())
            held = self._held()
        waiting, sent, refused = (by_state.get(each, 0) for each in range(3))
        return Counts(waiting, refused, sent, held)

    @contextlib.contextmanager
    def sending(self) -> Iterator[bool]:
        """Hold the right to send, of which there is one; give False if another process has it.

        It is a lock on a file beside the spool, which the system drops when its process ends.
        """
        lock = sqlite3.connect(f"{self._path}.sending", timeout=0, isolation_level=None)
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True
        finally:
            lock.close()

    def _held(self) -> int:
        """Return how many bytes are in use, those of this transaction included."""
        pages, free, size = (
            self._database.execute(f"PRAGMA {each}").fetchone()[0]
            for each in ("page_count", "freelist_count", "page_size")
        )
        held: int = (pages - free) * size
        return held

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._naming_the_file():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _naming_the_file(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DeliveryError(f"the spool {self._path}: {error}") from error
