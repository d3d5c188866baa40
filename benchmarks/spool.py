"""Many events through the spool to a local endpoint that fails, with a sender that is killed.

The sender is a process of its own, and adds the same records from the start each time it is
started, as a scan does that is run again.  At the end every event must have arrived, each
once by its ``EventUid``: what arrived more often is counted, since the answer to a request
can be lost.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine

from miniyara.hunting import FileFacts, FoundString, HitRecord
from miniyara.hunting.events import Counts, ScanEnd
from miniyara.sentinel import Config, Sender
from miniyara.testing.ingestion import RULE_ID, Credential, Fault, IngestionServer

if TYPE_CHECKING:
    from collections.abc import Iterator

TOGETHER: Final = 500
"""Records that are put into the spool together."""

SEED: Final = 7

WEIGHTS: Final = {
    None: 78,
    Fault.THROTTLED: 5,
    Fault.TOO_LARGE: 3,
    Fault.INTERNAL: 3,
    Fault.UNAVAILABLE: 3,
    Fault.CUT_BEFORE: 4,
    Fault.CUT_AFTER: 4,
}
"""How many of a hundred requests end how."""

NOW: Final = datetime(2026, 1, 1, tzinfo=timezone.utc)


def records(count: int) -> Iterator[HitRecord]:
    """Yield hits that look as real ones do."""
    for number in range(count):
        name = f"/srv/data/{number % 1000:03}/file-{number}.bin"
        yield HitRecord(
            scan_id="benchmark",
            time=NOW,
            host="web01.contoso.example",
            rule=f"rule_{number % 250}",
            namespace="signature-base",
            tags=("apt",),
            meta={"description": "A rule of the benchmark", "author": "nobody", "score": 75},
            file=FileFacts(
                name, number, hashlib.sha256(name.encode()).hexdigest(), "root", "root", 0o644, NOW
            ),
            strings=(FoundString("$a", number, 14, b"class Payload:"),),
        )


def send(config: Config, count: int) -> None:
    """Be the sender."""
    sender = Sender(config, Credential())
    some: list[HitRecord] = []
    for record in records(count):
        some.append(record)
        if len(some) == TOGETHER:
            sender.keep(some)
            sender.send_some()
            some.clear()
    sender.keep(some)
    delivered = sender.close(
        ScanEnd("benchmark", NOW, "web01.contoso.example", True, Counts(hits=count))
    )
    if delivered.refused:
        sys.exit(f"refused: {delivered.refused}")


def run(count: int, kills: int, folder: Path) -> bool:
    """Send with faults and kills; print what came of it, and return whether all is well."""
    expected = {record.event_id for record in records(count)}
    with IngestionServer(folder) as server:
        chance = random.Random(SEED)  # noqa: S311 - no secret
        server.keeps_events = False
        server.faults = iter(lambda: chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0], "no end")
        command = [
            sys.executable,
            __file__,
            "--events",
            str(count),
            "--be-sender",
            server.url,
            str(folder),
        ]
        started = time.perf_counter()
        for kill in range(1, kills + 1):
            with subprocess.Popen(command) as sender:  # noqa: S603 - ourselves
                while sender.poll() is None and len(server.arrived) < count * kill // (kills + 1):
                    time.sleep(0.01)
                print(f"killed after {len(server.arrived):,} events had arrived")
                sender.kill()
        subprocess.run(command, check=True)  # noqa: S603 - ourselves
        seconds = time.perf_counter() - started
    unknown = len(server.arrived.keys() - expected) - 1  # the heartbeat is none of the hits
    missing = len(expected - server.arrived.keys())
    again = sum(times - 1 for times in server.arrived.values())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{count:,} events and a heartbeat in {seconds:.1f} s: {count / seconds:,.0f} a second")
    print(
        "requests: " + ", ".join(f"{name} {times}" for name, times in server.answers.most_common())
    )
    print(f"missing: {missing:,}; unknown: {unknown:,}")
    print(f"copies that a receiver drops by EventUid: {again:,}")
    spool = (folder / "spool").stat().st_size
    print(f"memory of the sender: {peak >> 10} MiB; the spool: {spool >> 20} MiB")
    return missing == unknown == 0


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--be-sender", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be_sender:
        url, folder = options.be_sender[0], Path(options.be_sender[1])
        config = Config(url, RULE_ID, folder / "spool", ca_bundle=folder / "endpoint.pem")
        send(config, options.events)
        return
    for name, value in machine.describe().items():
        print(f"{name}: {value}")
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(0 if run(options.events, options.kills, Path(scratch)) else 1)


if __name__ == "__main__":
    main()
