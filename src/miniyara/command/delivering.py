"""The hits of ``miniyara scan`` on their way to Microsoft Sentinel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.errors import Error
from miniyara.hunting.events import ScanEnd
from miniyara.hunting.record import HitRecord
from miniyara.printable import printable
from miniyara.sentinel import Sender, load, outgoing

if TYPE_CHECKING:
    from miniyara.hunting.events import Event
    from miniyara.reporting.report import Write
    from miniyara.sentinel import Delivered
    from miniyara.terminal import Terminal


class Delivery:
    """Sends what a scan finds; what goes wrong with it does not end the scan."""

    def __init__(self, config: str, terminal: Terminal) -> None:
        """Raises :class:`miniyara.Error` as ``load`` and ``Sender`` do."""
        self._sender = Sender(load(config))
        self._terminal = terminal
        self._lost = 0

    def keep(self, event: Event) -> None:
        """Keep a hit to be sent; the scan may go on when it is on the disk."""
        if not isinstance(event, HitRecord):
            return
        try:
            self._sender.keep((event,))
        except Error as error:
            if not self._lost:
                self._terminal.fail(f"error: {printable(str(error))}")
            self._lost += 1

    def send_some(self) -> None:
        """Make a request if it is time to."""
        self._sender.send_some()

    def close(self, end: ScanEnd) -> None:
        """Send the rest; after an interruption, only if the endpoint takes it at once."""
        if self._lost:
            self._terminal.fail(f"error: {self._lost} hits could not be kept to be sent")
        try:
            delivered = self._sender.close(end, patience=None if end.is_complete else 0)
        except Error as error:
            self._terminal.fail(f"error: {printable(str(error))}")
        else:
            tell(delivered, self._terminal)


class DryRun:
    """A report that shows what would be sent, one JSON object a line."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def add(self, event: Event) -> None:
        """Write a line for what is sent."""
        if isinstance(event, (HitRecord, ScanEnd)):
            self._write(outgoing(event).body + b"\n")


def tell(delivered: Delivered, terminal: Terminal) -> None:
    """Say what has come of the events."""
    terminal.note(f"{delivered.sent} events sent")
    for refusal in delivered.refused:
        terminal.fail(f"refused: {refusal.uid}: {refusal.reason}")
