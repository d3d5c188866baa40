"""``miniyara sentinel`` sends, replays and tells what is in the spool."""

from __future__ import annotations

import io
import json
import sys
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from miniyara.command import main
from miniyara.command.sentinel import command
from miniyara.reporting.ndjson import NdjsonReport
from miniyara.sentinel import Config, load
from miniyara.testing.ingestion import RULE_ID, Credential, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.hunting import HitRecord
    from miniyara.hunting.events import ScanEnd
    from miniyara.testing.ingestion import IngestionServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(server: IngestionServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration; whoever runs the tests may send to the server."""
    identity = pytest.importorskip("azure.identity")
    monkeypatch.setattr(identity, "DefaultAzureCredential", Credential)
    path = tmp_path / "sentinel.toml"
    path.write_text(
        f'endpoint = "{server.url}"\nrule_id = "{RULE_ID}"\n'
        'spool = "spool.db"\nca_bundle = "endpoint.pem"\npatience = 0\n'
    )
    return str(path)


@pytest.fixture
def records(tmp_path: Path, hits: Sequence[HitRecord], end: ScanEnd) -> str:
    path = tmp_path / "hits.ndjson"
    with path.open("wb") as file:
        report = NdjsonReport(file.write)
        for hit in hits[:3]:
            report.add(hit)
        report.add(end)
    return str(path)


def test_send(
    server: IngestionServer, settings: str, records: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["sentinel", "send", "--config", settings, records]) == 0
    assert server.arrived.total() == 4
    assert capfd.readouterr() == ("", "4 events sent\n")
    assert main(["sentinel", "send", "--config", settings, records]) == 0
    assert server.arrived.total() == 4
    assert capfd.readouterr().err == "0 events sent\n"


def test_replay_and_status(
    server: IngestionServer, settings: str, records: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults = repeat(Fault.UNAVAILABLE)
    assert main(["sentinel", "send", "--config", settings, records]) == 1
    spool = Path(settings).with_name("spool.db")
    assert capfd.readouterr().err == f"error: HTTP 503 UNAVAILABLE; 4 events wait in {spool}\n"
    server.faults = repeat(None)
    first = json.loads(Path(records).read_text().splitlines()[0])["event_id"]
    server.refuses = lambda event: event["EventUid"] == first
    assert main(["sentinel", "replay", "--config", settings]) == 1
    refused = f"{first}: HTTP 400 InvalidPayload"
    assert capfd.readouterr().err == f"3 events sent\nrefused: {refused}\n"
    assert main(["sentinel", "status", "--config", settings]) == 0
    said = capfd.readouterr().out
    assert said.startswith(
        f"waiting: 0\nrefused: 1\n    {refused}\nsent, and not forgotten: 3\nbytes: "
    )
    server.refuses = lambda _event: False
    assert main(["sentinel", "replay", "--refused", "--config", settings]) == 0
    assert server.arrived.total() == 4


def test_dry_run(
    records: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "azure.monitor.ingestion", None)  # not needed
    assert main(["sentinel", "dry-run", records]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [json.loads(line).get("FileName") for line in lines] == ["0", "1", "2", None]
    stdin = SimpleNamespace(buffer=io.BytesIO(Path(records).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["sentinel", "dry-run"]) == 0
    assert capfd.readouterr().out.splitlines() == lines


def test_a_file_that_is_no_records_is_named(
    server: IngestionServer, settings: str, records: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["sentinel", "send", "--config", settings, records, settings, "nowhere"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert said[0].startswith(f"error: {settings}: line 1: ")
    assert said[1:] == ["error: nowhere: No such file or directory", "4 events sent"]
    assert server.arrived.total() == 4


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["send"],
        ["status", "--config", "x", "file"],
        ["send", "--config", "x", "--refused"],
        ["dry-run", "--config", "x"],
        ["look"],
    ],
)
def test_arguments_that_make_no_sense(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command(arguments)
    assert "usage: miniyara sentinel" in capsys.readouterr().err


GOOD = {"endpoint": '"https://x"', "rule_id": '"dcr-1"', "spool": '"spool"'}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"spool": None, "rule_id": None}, "rule_id, spool: missing"),
        ({"endpoint": '"http://x"'}, "endpoint: must begin with https://"),
        ({"patience": '"long"'}, "patience: must be of type int"),
        ({"patience": "true"}, "patience: must be of type int"),
        ({"spool": "1"}, "spool: must be of type str"),
        ({"spool_limit": "0"}, "spool_limit must be positive"),
        ({"colour": "1"}, "colour: there is no such setting"),
        ({"client_secret": '"hush"'}, "client_secret: a configuration holds no secrets"),
        ({"spool": "="}, "Invalid value"),
        ({"spool": "[" * 5000}, "is nested too deeply"),
    ],
)
def test_a_configuration_that_is_wrong(
    change: dict[str, Any], says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sentinel.toml"
    lines = [f"{name} = {value}" for name, value in (GOOD | change).items() if value is not None]
    path.write_text("\n".join(lines))
    assert main(["sentinel", "status", "--config", str(path)]) == 1
    said = capfd.readouterr().err
    assert said.startswith(f"error: {path}: {says}")
    assert "hush" not in said


def test_the_example_of_a_configuration() -> None:
    config = load(ROOT / "examples/sentinel/sentinel.toml")
    assert config == Config(config.endpoint, config.rule_id, Path("/var/lib/miniyara/sentinel.db"))


SCAN = [
    "scan",
    "--workers=0",
    str(ROOT / "examples/eqgrp_payload.yar"),
    str(ROOT / "examples/found"),
]


def test_a_scan_sends_its_hits(
    server: IngestionServer, settings: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*SCAN, "--sentinel", settings]) == 0
    said = capfd.readouterr()
    assert said.out.startswith("EQGRP_payload ")
    assert said.err.endswith("\n2 events sent\n")
    assert server.streams == {"Custom-MiniyaraAlert": 1, "Custom-MiniyaraScan": 1}


def test_a_scan_ends_well_without_an_endpoint(
    server: IngestionServer, settings: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults = repeat(Fault.CUT_BEFORE)
    assert main([*SCAN, "--sentinel", settings]) == 1
    said = capfd.readouterr()
    assert said.out.startswith("EQGRP_payload ")
    assert "error: no answer (ConnectionError); 2 events wait in " in said.err


def test_a_scan_goes_on_if_the_spool_is_full(
    server: IngestionServer, settings: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Path(settings).open("a") as file:
        file.write("spool_limit = 1\n")
    assert main([*SCAN, "--sentinel", settings]) == 1
    said = capfd.readouterr()
    assert said.out.startswith("EQGRP_payload ")
    assert "is full: it may hold 1 bytes\n" in said.err
    assert "error: 1 hits could not be kept to be sent\n" in said.err
    assert not server.arrived


def test_a_dry_run_of_a_scan(settings: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*SCAN, "--sentinel", settings, "--dry-run"]) == 0
    hit, heartbeat = map(json.loads, capfd.readouterr().out.splitlines())
    assert hit["FileName"] == "payload.py"
    assert (heartbeat["Files"], heartbeat["Hits"]) == (1, 1)
    assert not Path(settings).with_name("spool.db").exists()


def test_a_scan_without_its_configuration(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*SCAN, "--sentinel", "nowhere"]) == 1
    assert capfd.readouterr() == (
        "",
        "error: nowhere: No such file or directory\n",
    )
    with pytest.raises(SystemExit, match="2"):
        main([*SCAN, "--dry-run"])
