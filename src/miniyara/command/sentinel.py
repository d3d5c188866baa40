"""``miniyara sentinel``: send what scans have found to Microsoft Sentinel, and look after it."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.command.delivering import DryRun, tell
from miniyara.errors import Error
from miniyara.hunting.events import ScanEnd
from miniyara.hunting.record import HitRecord
from miniyara.reporting import ndjson
from miniyara.sentinel import Sender, load
from miniyara.sentinel.spool import Spool
from miniyara.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from miniyara.terminal import Terminal

_USAGE = """\
miniyara sentinel send --config CONFIG [FILE]...
       miniyara sentinel replay --config CONFIG [--refused]
       miniyara sentinel status --config CONFIG
       miniyara sentinel dry-run [FILE]..."""

_DESCRIPTION = """\
Send hits to Microsoft Sentinel through the Logs Ingestion API.

send     send the records of FILEs, which "miniyara scan --format ndjson" has written
replay   send what is left in the spool, after a crash or while there was no network
status   say what is in the spool
dry-run  print what would be sent of FILEs, one JSON object a line, and send nothing

A FILE is stdin if it is - or none is given."""

_EPILOG = """\
Who sends is found as Azure's tools find it: in the environment (AZURE_CLIENT_ID, ...),
from a managed identity, or from "az login".  CONFIG holds no secrets.

The exit status is 1 if a file could not be read, if something was not sent, which then
is in the spool, or if the endpoint has refused something."""

_TAKES: Final = {
    "send": {"config", "files"},
    "replay": {"config", "refused"},
    "status": {"config"},
    "dry-run": {"files"},
}

_TOGETHER: Final = 500
"""Records that are written to the disk together."""


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara sentinel`` with these arguments does."""
    reader = parser()
    given = reader.parse_intermixed_args(arguments)
    takes = _TAKES[given.work]
    for name, value in vars(given).items():
        if value and name not in {"work", *takes}:
            reader.error(f"{given.work} takes no {name}")
    if "config" in takes and given.config is None:
        reader.error(f"{given.work} needs --config")
    return partial(_reported, given)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``sentinel``."""
    made = argparse.ArgumentParser(
        prog="miniyara sentinel",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("work", metavar="COMMAND", choices=_TAKES, help="one of those above")
    made.add_argument("files", metavar="FILE", nargs="*", help="records of a scan")
    made.add_argument("-c", "--config", metavar="CONFIG", help="where to send to, a TOML file")
    made.add_argument(
        "--refused", action="store_true", help="send what the endpoint has refused once more"
    )
    return made


def _reported(given: argparse.Namespace, terminal: Terminal) -> None:
    try:
        _WORKS[given.work](given, terminal)
    except Error as error:
        terminal.fail(f"error: {printable(str(error))}")


def _send(given: argparse.Namespace, terminal: Terminal) -> None:
    with Sender(load(given.config)) as sender:
        records = _records(given.files, terminal)
        while some := list(islice(records, _TOGETHER)):
            sender.keep(some)
            sender.send_some()
        tell(sender.close(), terminal)


def _replay(given: argparse.Namespace, terminal: Terminal) -> None:
    with Sender(load(given.config)) as sender:
        if given.refused:
            sender.retry_refused()
        tell(sender.close(), terminal)


def _status(given: argparse.Namespace, terminal: Terminal) -> None:
    config = load(given.config)
    with closing(Spool(config.spool, config.spool_limit)) as spool:
        counts = spool.counts()
        refused = spool.refused()
    terminal.say(f"waiting: {counts.waiting}")
    terminal.say(f"refused: {counts.refused}")
    for refusal in refused:
        terminal.say(f"    {refusal.uid}: {refusal.reason}")
    terminal.say(f"sent, and not forgotten: {counts.sent}")
    terminal.say(f"bytes: {counts.bytes} of {config.spool_limit}")


def _dry_run(given: argparse.Namespace, terminal: Terminal) -> None:
    report = DryRun(terminal.write)
    for record in _records(given.files, terminal):
        report.add(record)


def _records(paths: Iterable[str], terminal: Terminal) -> Iterator[HitRecord | ScanEnd]:
    """Yield what is sent of the records in files."""
    for path in paths or ("-",):
        yield from _records_of(path, terminal)


def _records_of(path: str, terminal: Terminal) -> Iterator[HitRecord | ScanEnd]:
    """Yield what is sent of a file; of a broken one, what comes before the fault."""
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as lines:
            for event in ndjson.read(lines):
                if isinstance(event, (HitRecord, ScanEnd)):
                    yield event
    except OSError as error:
        terminal.fail(f"error: {printable(path)}: {error.strerror}")
    except Error as error:
        terminal.fail(f"error: {printable(f'{path}: {error}')}")


_WORKS: Final = {"send": _send, "replay": _replay, "status": _status, "dry-run": _dry_run}
