"""What the documents show is so: their examples are run, their links lead somewhere.

A ``pycon`` block is a doctest; the blocks of a document share one namespace.  A
``console`` block holds commands after ``$`` and what they print.  Everything runs
in the project's directory.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yara  # noqa: F401 - so that it is there

import miniyara

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(document.relative_to(ROOT)) for document in DOCUMENTS]

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)


def blocks(document: Path, language: str) -> list[tuple[int, str]]:
    """Return the line and the text of each block in a language."""
    text = document.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, block.start(1)), block[1])
        for block in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


@documents
def test_python_examples(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sys.modules, "yara", sys.modules["yara"])  # one example replaces it
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    names: dict[str, object] = {}
    for line, text in blocks(document, "pycon"):
        test = doctest.DocTestParser().get_doctest(text, names, document.name, str(document), line)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.summarize(verbose=False).failed == 0
    assert blocks(document, "python") == [], "write it as pycon: what is not run may be wrong"


CONSOLES = [
    pytest.param(text, id=f"{name}:{line}")
    for document, name in zip(DOCUMENTS, NAMES, strict=True)
    for line, text in blocks(document, "console")
]


@pytest.mark.parametrize("text", CONSOLES)
def test_console_examples(text: str) -> None:
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        program, *arguments = shlex.split(command)
        assert program == "miniyara"
        done = subprocess.run(  # noqa: S603 - the commands are ours
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            encoding="utf-8",
        )
        assert done.stdout == expected


def test_the_package_of_the_guide_for_modules(tmp_path: Path) -> None:
    document = ROOT / "docs" / "writing-modules.md"
    (_, code), *_ = blocks(document, "pycon")
    source = "".join(example.source for example in doctest.DocTestParser().get_examples(code))
    (tmp_path / "yara_gif.py").write_text(source, encoding="utf-8")
    ((_, project),) = blocks(document, "toml")
    ((group, name, place),) = re.findall(r'entry-points\."(.*)"\]\n(\w+) = "(.*)"\n', project)
    information = tmp_path / "yara_gif-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: yara-gif\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{group}]\n{name} = {place}\n")
    ((_, rules),) = blocks(document, "yara")
    (tmp_path / "rules.yar").write_text(rules, encoding="utf-8")
    header = b"GIF89a\1\0\1\0\x80\0\0"
    (tmp_path / "pixel.gif").write_bytes(header + b"\xff\xff\xff" + bytes(3))
    (tmp_path / "black.gif").write_bytes(header + bytes(6))
    ((_, shown),) = blocks(document, "text")
    steps = {
        "dump pixel.gif": shown.partition("\n")[2],
        "rules.yar pixel.gif black.gif": "tracking_pixel pixel.gif\n",
    }
    path = os.pathsep.join(map(str, (tmp_path, ROOT / "src", *sys.path)))
    for arguments, expected in steps.items():
        done = subprocess.run(  # noqa: S603 - the commands are ours
            [sys.executable, "-m", "miniyara", *arguments.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            check=True,
            encoding="utf-8",
        )
        assert done.stdout == expected


@documents
def test_links_between_documents(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


def test_every_document_is_listed() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    names = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {name for name in names if f"({name})" not in index} == set()


def test_every_public_name_is_in_the_api() -> None:
    api = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert {name for name in miniyara.__all__ if not re.search(rf"`{name}\b", api)} == set()
