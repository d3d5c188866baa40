"""From targets to files: what is found, what is left out, and going on behind a position."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from miniyara.hunting.events import SkipReason
from miniyara.hunting.mounts import _pseudo
from miniyara.hunting.walk import Found, Skipped, Step, Unreadable, Walk

posix = pytest.mark.skipif(os.name != "posix", reason="needs links and modes")

TREE = ("b.txt", "a.txt", "z/1", "z/y/2", "c/3", ".hidden/4")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in TREE:
        path = Path("tree", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return Path("tree")


def paths(steps: list[Step]) -> list[str]:
    assert all(isinstance(step, Found) for step in steps), steps
    return [step.path.replace(os.sep, "/") for step in steps]


WHOLE = [f"tree/{name}" for name in ("a.txt", "b.txt", ".hidden/4", "c/3", "z/1", "z/y/2")]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (["tree"], WHOLE),
        (["tree/z", "tree/a.txt"], ["tree/z/1", "tree/z/y/2", "tree/a.txt"]),
        (["tree/*.txt"], ["tree/a.txt", "tree/b.txt"]),
        (["tree/**/[12]"], ["tree/z/1", "tree/z/y/2"]),
        (["tree/[cz]"], ["tree/c/3", "tree/z/1", "tree/z/y/2"]),
        (["-"], ["-"]),
    ],
)
def test_targets(tree: Path, targets: list[str], expected: list[str]) -> None:
    assert tree.is_dir()
    assert paths(list(Walk().steps(targets))) == expected


def test_a_name_that_looks_like_a_pattern(tree: Path) -> None:
    (tree / "[ab].txt").write_text("")
    assert paths(list(Walk().steps(["tree/[ab].txt"]))) == ["tree/[ab].txt"]


@pytest.mark.usefixtures("tree")
def test_a_file_with_the_name_of_stdin() -> None:
    Path("-").write_text("")
    assert paths(list(Walk().steps(["?"]))) == ["./-"]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("targets", [["tree"], ["tree/c", "tree/*", "missing", "tree/z"]])
def test_a_walk_goes_on_behind_any_of_its_positions(targets: list[str]) -> None:
    whole = list(Walk().steps(targets))
    positions = [step.position for step in whole]
    assert positions == sorted(set(positions))
    for number, position in enumerate(positions):
        assert list(Walk().steps(targets, position)) == whole[number + 1 :]


def test_the_file_at_a_position_need_not_be_there_any_more(tree: Path) -> None:
    *before, last, one, two = Walk().steps(["tree"])
    assert last.path == str(tree / "c/3")
    (tree / "c/3").unlink()
    (tree / "c").rmdir()
    (tree / "aa.txt").write_text("too late")
    assert list(Walk().steps(["tree"], last.position)) == [one, two]
    assert len(before) == 3


@posix
def test_links_are_followed_if_wanted_and_never_for_ever(tree: Path) -> None:
    (tree / "c/up").symlink_to("..")
    (tree / "c/broken").symlink_to("nowhere")
    assert paths(list(Walk().steps(["tree"]))) == WHOLE
    steps = list(Walk(follow_symlinks=True).steps(["tree"]))
    assert [step.path for step in steps if isinstance(step, Unreadable)] == ["tree/c/broken"]
    assert paths([step for step in steps if isinstance(step, Found)]) == WHOLE
    # A target is followed in any case.
    Path("link").symlink_to("tree/z")
    assert paths(list(Walk().steps(["link"]))) == ["link/1", "link/y/2"]


@posix
def test_what_is_left_out_says_why(tree: Path) -> None:
    os.mkfifo(tree / "fifo")
    (tree / "large").write_bytes(bytes(1000))
    steps = [s for s in Walk(max_size=999).steps(["tree", "gone", "x*"]) if type(s) is not Found]
    assert [(type(step), step.path) for step in steps] == [
        (Skipped, "tree/fifo"),
        (Skipped, "tree/large"),
        (Unreadable, "gone"),
        (Unreadable, "x*"),
    ]
    assert [s.reason for s in steps if not isinstance(s, Found)] == [
        SkipReason.SPECIAL_FILE,
        SkipReason.TOO_LARGE,
        "No such file or directory",
        "nothing has a name like this",
    ]


@posix
def test_a_folder_that_cannot_be_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path == "tree/c":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    [refused] = [step for step in Walk().steps([str(tree)]) if not isinstance(step, Found)]
    assert (refused.path, refused.reason) == ("tree/c", "Permission denied")


def test_pseudo_file_systems_are_not_entered(tree: Path) -> None:
    [step] = Walk(pseudo={tree.stat().st_dev: "proc"}).steps(["tree"])
    assert isinstance(step, Skipped)
    assert step.reason is SkipReason.PSEUDO_FILE_SYSTEM
    assert "proc" in step.detail


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="Linux has it")
def test_the_mounts_of_this_machine() -> None:
    [step] = Walk().steps(["/proc"])
    assert isinstance(step, Skipped)
    assert step.reason is SkipReason.PSEUDO_FILE_SYSTEM


@posix
def test_mounts_are_read_as_the_kernel_writes_them() -> None:
    lines = [
        b"22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n",
        b"24 28 0:23 / /dev\\040x rw master:1 shared:2 - devtmpfs udev rw,size=1k\n",
        b"30 22 0:26 /a - /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",  # not as it writes them
        b"31 22 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
        b"32 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
        b"broken\n",
    ]
    assert _pseudo(lines) == {os.makedev(0, 21): "sysfs", os.makedev(0, 27): "cgroup2"}
