"""``miniyara exclusions`` and ``miniyara scan --exclusions``, on the examples."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from miniyara.command import main
from miniyara.exclusions.schema import schema_text

Run: TypeAlias = Callable[..., tuple[int, str, str]]
"""Gets the arguments; returns the status and what is printed, results and messages."""

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the examples are POSIX hosts")


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Give a function that runs the command beside a copy of the examples."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path / "examples")

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status: Any = main(arguments)
        except SystemExit as end:
            status = end.code
        captured = capfdbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    return run


FILE = "exclusions/exclusions.yaml"
HOSTS = "exclusions/hosts"
TEMPORARY = "/var/tmp/payload.py"  # noqa: S108 - on a made-up host


def test_the_examples_come_out_as_they_say(run: Run) -> None:
    status, out, _ = run("exclusions", "test", FILE)
    assert (status, out.splitlines()[-1]) == (0, "23 of 23 examples are right")
    for name in (
        "maintenance-script",
        "configuration-management",
        "compliance-report",
        "build-script",
        "threat-intelligence-feed",
    ):
        assert f": suppressed by {name}\n" in out
    assert run("exclusions", "lint", FILE) == (0, "5 exclusions, 0 findings\n", "")


def test_an_example_that_comes_out_otherwise(run: Run) -> None:
    path = Path(FILE)
    path.write_text(path.read_text().replace("referenced_by:", "process:"))
    Path(HOSTS, "salt/opt/configuration/payload.py").write_text("other")
    Path(HOSTS, "ansible/opt/configuration/payload.py").unlink()
    status, out, _ = run("exclusions", "test", FILE)
    wrong = [line for line in out.splitlines() if line.startswith("WRONG")]
    maintained = "mode 0755", "reported", "suppressed by maintenance-script"
    managed = "suppressed by configuration-management"
    gone = "cannot be read: No such file or directory"
    assert status == 1
    assert wrong == [
        "WRONG hosts/{}/payload.py ({}): {}, not {}".format(folder, *rest)
        for folder, *rest in (
            ("maintenance/opt/maintenance", *maintained),
            ("maintenance/etc/maintenance", *maintained),
            ("ansible/opt/configuration", "process ansible-playbook", gone, managed),
            ("salt/opt/configuration", "process salt-call", "no rule matches", managed),
            ("ansible/opt/configuration", "process bash", gone, "reported"),
        )
    ]


def test_a_skip_in_an_example(run: Run) -> None:
    said = {"id": "it", "reason": "R", "owner": "O", "created": "2026-01-01"}
    said |= {"expires": "2026-12-31", "action": "skip", "evidence": {"owner": "a"}}  # type: ignore[dict-item]
    case = {"file": "../found/payload.py", "owner": "a", "day": "2026-06-01", "skipped_by": "it"}
    late = {"file": "../found/payload.py", "owner": "a", "day": "2027-06-01", "reported": True}
    cases = {"rules": "../eqgrp_payload.yar", "cases": [case, late]}
    content = {"version": 1, "exclusions": [said], "examples": cases}
    Path("exclusions/e.json").write_text(json.dumps(content))
    status, out, _ = run("exclusions", "test", "exclusions/e.json")
    assert status == 0
    assert out.splitlines() == [
        "ok    ../found/payload.py (owner a, day 2026-06-01): skipped by it",
        "ok    ../found/payload.py (owner a, day 2027-06-01): reported",
        "2 of 2 examples are right",
    ]


def test_lint_tells_what_is_doubtful(run: Run) -> None:
    status, out, told = run("exclusions", "lint", "exclusions/doubtful.yaml")
    assert (status, out) == (1, "5 exclusions, 6 findings\n")
    assert [line.split(": ")[1:3] for line in told.splitlines()] == [
        ["whole-rule", "warning[broad]"],
        ["whole-folder", "warning[own-reviewer]"],
        ["whole-folder", "warning[broad]"],
        ["one-of-the-tools", "warning[shadowed]"],
        ["downloads", "warning[evadable]"],
        ["last-winter", "warning[expired]"],
    ]
    given = ("exclusions/doubtful.yaml", "-R", "eqgrp_payload.yar")
    assert (
        "[unreachable]: there is no rule EQGRP_payload_old" in run("exclusions", "lint", *given)[2]
    )


def scan(run: Run, host: str, *options: str, file: str = FILE) -> tuple[dict[str, str], str]:
    """Scan a made-up host; return by path what is said of the hits, and the summary."""
    status, out, told = run(
        *("scan", "-p", "0", "--format", "ndjson", "--exclusions", file),
        *("--host-root", f"{HOSTS}/{host}", *options, "eqgrp_payload.yar", f"{HOSTS}/{host}"),
    )
    assert status == 0
    hits = [event for event in map(json.loads, out.splitlines()) if "rule" in event]
    verdicts = {
        hit["file"]["path"].removeprefix(f"{HOSTS}/{host}"): (hit["suppression"] or {}).get(
            "exclusion", "reported"
        )
        for hit in hits
    }
    return verdicts, told


def test_maintenance_from_the_command_line(run: Run) -> None:
    verdicts, told = scan(run, "maintenance")
    assert verdicts == {
        "/opt/maintenance/payload.py": "maintenance-script",
        "/etc/maintenance/payload.py": "maintenance-script",
        "/opt/leftover/payload.py": "reported",
        TEMPORARY: "reported",
    }
    assert "\n  maintenance-script        2 hits suppressed\n" in told
    assert "\n  build-script              unused\n" in told


def test_configuration_management_from_the_command_line(run: Run) -> None:
    for host, process in (("ansible", "ansible-playbook"), ("salt", "salt-call")):
        verdicts, _ = scan(run, host, "--process-context", process)
        assert verdicts == {"/opt/configuration/payload.py": "configuration-management"}
        verdicts, _ = scan(run, host, "--process-context", "bash")
        assert verdicts == {"/opt/configuration/payload.py": "reported"}
    verdicts, _ = scan(run, "plain", "--process-context", "salt-call")
    assert set(verdicts.values()) == {"reported"}


def belongs_to(host: str, user: str, group: str) -> None:
    """Let the files of a made-up host belong to a user and a group of it."""
    tables = Path(HOSTS, host, "etc")
    tables.mkdir(exist_ok=True)
    root = "root:x:99999:99999::/:\n"
    Path(tables, "passwd").write_text(f"{root}{user}:x:{os.getuid()}:{os.getgid()}::/:\n")
    Path(tables, "group").write_text(f"root:x:99999:\n{group}:x:{os.getgid()}:\n")


def test_compliance_reports_from_the_command_line(run: Run) -> None:
    for path in Path(HOSTS, "reports").rglob("*.py"):
        path.chmod(0o755)
    Path(HOSTS, "reports/usr/local/bin/payload.py").chmod(0o775)
    Path(HOSTS, "reports/opt/reports/link.py").symlink_to("../../srv/reports/payload.py")
    for user, verdict in (("report-admin", "compliance-report"), ("www-data", "reported")):
        belongs_to("reports", user, "users")
        verdicts, _ = scan(run, "reports", "--follow-symlinks")
        assert verdicts == {
            "/opt/reports/payload.py": verdict,
            "/opt/reports/link.py": "reported",
            "/usr/local/bin/payload.py": "reported",
            "/srv/reports/payload.py": "reported",
        }


def test_builds_from_the_command_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    belongs_to("jenkins", "jenkins", "jenkins")
    for host, verdict in (("ci-01", "build-script"), ("web-01", "reported")):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        verdicts, _ = scan(run, "jenkins")
        assert verdicts == {
            "/var/lib/jenkins/workspace/app/payload.py": verdict,
            "/var/lib/jenkins/plugins/payload.py": "reported",
        }


def test_feeds_from_the_command_line(run: Run) -> None:
    feed = "/var/ossec/integrations/payload.py"
    for group, verdict in (("wazuh", "threat-intelligence-feed"), ("users", "reported")):
        belongs_to("intelligence", "root", group)
        verdicts, _ = scan(run, "intelligence")
        assert verdicts == {feed: verdict, "/var/ossec/tmp/payload.py": "reported"}
    belongs_to("plain", "root", "wazuh")
    assert scan(run, "plain")[0][feed] == "reported"


def test_an_expired_exclusion_from_the_command_line(run: Run) -> None:
    path = Path(FILE)
    path.write_text(path.read_text().replace("expires: 2035-12-31", "expires: 2026-02-28"))
    verdicts, told = scan(run, "maintenance")
    assert set(verdicts.values()) == {"reported"}
    assert "maintenance-script        expired on 2026-02-28; 2 hits would be suppressed\n" in told


def test_what_is_skipped_is_not_opened(run: Run) -> None:
    said = {"id": "it", "reason": "R", "owner": "O", "created": "2026-01-01"}
    said |= {"permanent": {"reviewer": "P"}, "action": "skip", "evidence": {"path": "/opt/**"}}  # type: ignore[dict-item]
    Path("e.json").write_text(json.dumps({"version": 1, "exclusions": [said]}))
    verdicts, told = scan(run, "maintenance", file="e.json")
    assert sorted(verdicts) == ["/etc/maintenance/payload.py", TEMPORARY]
    assert "exclusions: 0 hits suppressed, 2 files skipped\n  it  2 files skipped\n" in told


def test_hits_that_were_written_are_judged_and_explained(run: Run) -> None:
    root = f"{HOSTS}/maintenance"
    scanned = ("eqgrp_payload.yar", root, "--host-root", root)
    _, out, _ = run("scan", "-p", "0", "--format", "ndjson", *scanned)
    Path("hits").write_text(out)
    given = ("--hit", "hits", "--host-root", root)
    status, out, told = run("exclusions", "test", FILE, *given)
    assert status == 0
    assert f"EQGRP_payload {root}/opt/leftover/payload.py: reported\n" in out
    assert f"EQGRP_payload {root}/opt/maintenance/payload.py: suppressed by maint" in out
    assert told.startswith("exclusions: 2 hits suppressed, 0 files skipped\n")
    status, by_hits, _ = run("exclusions", "explain", FILE, *given)
    folders = ("/etc/maintenance", "/opt/leftover", "/opt/maintenance")
    files = [*(f"{root}{folder}/payload.py" for folder in folders), f"{root}{TEMPORARY}"]
    by_files = ("-R", "eqgrp_payload.yar", "--host-root", root, *files)
    assert run("exclusions", "explain", FILE, *by_files) == (status, by_hits, "")
    assert (
        run("exclusions", "test", FILE, "--hit", "hits", "--host", "other")[1].count("reported\n")
        == 4
    )


def test_explain_asks_evidence_by_evidence(run: Run) -> None:
    path = f"{HOSTS}/maintenance/opt/leftover/payload.py"
    options = ("--host-root", f"{HOSTS}/maintenance", "--exclusion", "maintenance-script")
    status, out, _ = run("exclusions", "explain", FILE, path, "-R", "eqgrp_payload.yar", *options)
    assert status == 0
    mode = f"{Path(path).stat().st_mode & 0o7777:04o}"
    assert out == (
        f"EQGRP_payload {path}: reported\n"
        "  maintenance-script: does not hold\n"
        "    yes rule.name: EQGRP_payload; wanted EQGRP_payload\n"
        "    yes evidence.path: /opt/leftover/payload.py; "
        "wanted /etc/**/payload.py or /opt/**/payload.py\n"
        "    no  evidence.referenced_by: none; wanted cron or systemd\n"
        f"    yes evidence.mode_without: {mode}; wanted no bit of 0002\n"
    )
    _, out, _ = run(
        "exclusions", "explain", "exclusions/doubtful.yaml", path, "-R", "eqgrp_payload.yar"
    )
    assert "  last-winter: does not hold, expired on 2026-02-28\n" in out
    assert out.endswith("  exclusions for other rules: 1\n")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["lint", "missing.yaml"],
            1,
            "error: missing.yaml: cannot be read: No such file or direct",
        ),
        (["lint", "eqgrp_payload.yar"], 1, "error: eqgrp_payload.yar: the name ends in none of"),
        (["test", "exclusions/doubtful.yaml"], 1, "error: exclusions/doubtful.yaml names no exam"),
        (["test", FILE, "--hit", "missing"], 1, "error: missing: No such file or directory"),
        (["test", FILE, "--hit", FILE], 1, f"error: {FILE}: line 1: "),
        (["explain", FILE, "x"], 2, "explain takes either --rules RULES and a FILE, or --hit"),
        (
            ["explain", FILE, "x", "-R", "missing"],
            1,
            "error: could not open file: missing: No such",
        ),
        (["explain", FILE, "x", "-R", "eqgrp_payload.yar"], 1, "error scanning x: could not open"),
        (["explain", FILE, "x", "-R", "x", "--exclusion", "two"], 1, "has no exclusion two"),
        (["lint", FILE, "--hit", "x"], 2, "lint takes no hit"),
        (["lint"], 2, "lint takes a file of exclusions"),
        (["schema", FILE], 2, "schema takes no file of exclusions"),
        (["other"], 2, "invalid choice: 'other'"),
        ([], 2, "usage: miniyara exclusions"),
    ],
)
def test_what_goes_wrong(run: Run, arguments: list[str], status: int, message: str) -> None:
    came, out, told = run("exclusions", *arguments)
    assert (came, out) == (status, "")
    assert message in told


def test_a_file_no_rule_finds_is_said_so(run: Run) -> None:
    given = ("explain", FILE, "near_misses/other_case.py", "-R", "eqgrp_payload.yar")
    assert run("exclusions", *given) == (0, "near_misses/other_case.py: no rule matches\n", "")


def test_the_schema_is_printed(run: Run) -> None:
    assert run("exclusions", "schema") == (0, schema_text(), "")
