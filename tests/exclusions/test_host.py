"""Where files of a machine really are, and what starts them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from miniyara.exclusions.host import Host
from miniyara.exclusions.schedules import paths_in

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="about links of POSIX systems")


def write(root: Path, path: str, text: str = "") -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


def test_links_and_dots_do_not_hide_where_a_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "/srv/upload/payload.py")
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/reports").symlink_to("../srv/upload")
    host = Host(str(tmp_path))
    for path in ("srv/upload/payload.py", "opt/reports/payload.py", "opt/../srv/upload/payload.py"):
        assert host.path_of(f"{tmp_path}/{path}") == "/srv/upload/payload.py"
    # After a link, .. leads to where its target is: to /srv, and not to /opt.
    assert host.path_of(f"{tmp_path}/opt/reports/../x") == "/srv/x"
    monkeypatch.chdir(tmp_path / "opt")
    assert host.path_of("reports/payload.py") == "/srv/upload/payload.py"
    assert Host().path_of("reports/payload.py") == os.path.realpath("reports/payload.py")


def test_what_is_outside_is_not_on_the_machine(tmp_path: Path) -> None:
    write(tmp_path, "/machine/opt/x")
    write(tmp_path, "/machine2/opt/x")
    (tmp_path / "machine/opt/out").symlink_to(tmp_path / "machine2")
    host = Host(str(tmp_path / "machine"))
    assert host.path_of(f"{tmp_path}/machine2/opt/x") is None
    assert host.path_of(f"{tmp_path}/machine/opt/out/opt/x") is None
    assert host.path_of(f"{tmp_path}/machine/../machine2/opt/x") is None
    assert host.path_of("a\0b") is None


def test_links_of_the_machine_stay_on_it(tmp_path: Path) -> None:
    write(tmp_path, "/outside/ansible/x")
    write(tmp_path, "/machine/srv/ansible/x")
    root = tmp_path / "machine"
    write(root, "/etc/x")
    links = {
        "whole": "/srv/ansible",
        "up": "../../../srv/ansible",
        "out": str(tmp_path / "outside"),
    }
    links |= {"loop": "loop", "here": "."}
    for name, target in links.items():
        (root / "etc" / name).symlink_to(target)
    host = Host(str(root))
    assert [name for name in links if host.has(f"/etc/{name}")] == ["whole", "up", "here"]
    assert host.has("/etc/here/whole/x")
    assert host.has("/")
    assert not host.has("/etc/missing")
    assert not host.has("/etc/x/y")
    assert not host.has("/etc/" + "x" * 300)
    assert not host.has("/etc/x\0")
    assert Host().has(str(root / "etc/x"))


PAYLOAD = "/opt/payload.py"
SERVICE = "/etc/systemd/system/a.service"
UNIT = f"[Service]\nExecStart={PAYLOAD}\n"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (SERVICE, UNIT, "systemd"),
        ("/usr/lib/systemd/user/a.service", UNIT, "systemd"),
        ("/etc/systemd/system/a@.service", UNIT, "systemd"),
        (SERVICE, UNIT.replace("Start", "StopPost"), "systemd"),
        (SERVICE, UNIT.replace("=", " = -@"), "systemd"),
        (SERVICE, UNIT.replace("=", "=/usr/bin/python3 \\\n# x\n"), "systemd"),
        (SERVICE, UNIT.replace("=", "=/bin/sh -c 'cd /;") + "'", "systemd"),
        (SERVICE, UNIT.replace("Service", "Unit"), None),
        (SERVICE, UNIT.replace("Start", "SearchPath"), None),
        (SERVICE, UNIT.replace("Exec", "#Exec"), None),
        (SERVICE, UNIT + "ExecStart=\n", None),
        (SERVICE, UNIT.replace(".py", ".pyc"), None),
        ("/etc/systemd/system/a.timer", UNIT, None),
        ("/home/user/.config/systemd/user/a.service", UNIT, None),
        ("/etc/crontab", f"1 2 * * * root {PAYLOAD}\n", "cron"),
        ("/etc/crontab", f"@daily root python3 {PAYLOAD} --x\n", "cron"),
        ("/etc/crontab", f"# 1 2 * * * root {PAYLOAD}\n", None),
        ("/etc/crontab", f"# the form feed is in a comment\f1 2 * * * root {PAYLOAD}\n", None),
        ("/etc/crontab", f"MAILTO={PAYLOAD}\n", None),
        ("/etc/crontab", f"1 2 * * * root cat % {PAYLOAD}\n", None),
        ("/etc/cron.d/a", f"*/5 * * * * root test -x {PAYLOAD} && {PAYLOAD}\n", "cron"),
        ("/etc/cron.d/a.bak", f"1 2 * * * root {PAYLOAD}\n", None),
        ("/etc/cron.daily/a", f"#!/bin/sh\nexec {PAYLOAD}\n", "cron"),
        ("/etc/cron.daily/a", f"#!{PAYLOAD}\n", None),
        ("/etc/cron.daily/a", f"\0 {PAYLOAD}\n", None),
        ("/var/spool/cron/crontabs/root", f"1 2 * * * {PAYLOAD}\n", "cron"),
        ("/var/spool/cron/root", f"1 2 * * * {PAYLOAD}\n", "cron"),
        ("/var/spool/cron/crontabs/www", f"1 2 * * * {PAYLOAD}\n", "user-crontab"),
        ("/etc/crontab", "x" * (1 << 20) + f"\n1 2 * * * root {PAYLOAD}\n", None),
    ],
)  # fmt: skip
def test_what_starts_a_file(tmp_path: Path, path: str, text: str, kind: str | None) -> None:
    write(tmp_path, PAYLOAD)
    write(tmp_path, path, text)
    found = Host(str(tmp_path)).references.get(PAYLOAD, {})
    assert found == ({} if kind is None else {kind: path})


def test_units_are_overridden_extended_and_masked(tmp_path: Path) -> None:
    def started() -> bool:
        return PAYLOAD in Host(str(tmp_path)).references

    write(tmp_path, "/usr/lib/systemd/system/a.service", UNIT)
    assert started()
    write(tmp_path, "/etc/systemd/system/a.service", UNIT.replace("payload", "other"))
    assert not started()
    conf = write(tmp_path, "/usr/lib/systemd/system/a.service.d/9.conf", UNIT)
    assert started()
    conf.write_text("[Service]\nExecStart=\n" + UNIT)
    assert started()
    write(tmp_path, "/etc/systemd/system/a.service.d/9.conf", "[Service]\nExecStart=\n")
    assert not started()
    masked = tmp_path / "etc/systemd/system/a.service"
    masked.unlink()
    masked.symlink_to("/dev/null")
    assert not started()


def test_a_file_is_started_by_the_name_of_a_link_to_it(tmp_path: Path) -> None:
    write(tmp_path, PAYLOAD)
    (tmp_path / "usr/local/bin").mkdir(parents=True)
    (tmp_path / "usr/local/bin/clean").symlink_to(PAYLOAD)
    write(tmp_path, "/etc/crontab", "1 2 * * * root /usr/local/bin/clean\n")
    (tmp_path / "etc/cron.hourly").mkdir()
    (tmp_path / "etc/cron.hourly/link").symlink_to("../../opt/hourly.py")
    assert Host(str(tmp_path)).references == {
        PAYLOAD: {"cron": "/etc/crontab"},
        "/opt/hourly.py": {"cron": "/etc/cron.hourly/link"},
    }


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ("/a/b /c", {"/a/b", "/c"}),
        ("'/a b/c' x", {"/a b/c", "/a"}),
        ('sh -c "/a;/b|/c&&(/d)>/e"', {"/a", "/b", "/c", "/d", "/e"}),
        ("/a 'b", {"/a"}),
        ("--file=/a $(/b) `/c`", {"/a", "/b", "/c"}),
        ("a/b ./c ../d ~/e */5", set()),
    ],
)
def test_the_paths_in_a_command(command: str, paths: set[str]) -> None:
    assert paths_in(command) >= paths
    assert {path for path in paths_in(command) if path not in paths} <= {"/a;/b|/c&&(/d)>/e"}
