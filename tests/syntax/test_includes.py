"""Includes: how files are found, and what goes wrong with them, on both engines."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara
from miniyara import limits
from miniyara.syntax.source import Included, KeptIncludes

if TYPE_CHECKING:
    from pathlib import Path

TRUE = "rule {name} {{ condition: true }}\n"


def outcome(engine: Any, **arguments: Any) -> list[str] | str:
    """The names of the rules that match empty data, or the text of the error."""
    try:
        return [match.rule for match in engine.compile(**arguments).match(data=b"")]
    except engine.Error as error:
        return str(error)


def write(folder: Path, files: dict[str, str]) -> str:
    """Write files and return the path of the first."""
    paths = [folder / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1"))
    return str(paths[0])


CASES = {
    "beside": {
        "a.yar": 'include "b.yar"\n' + TRUE.format(name="a"),
        "b.yar": TRUE.format(name="b"),
    },
    "below": {
        "a.yar": 'include "sub/b.yar"',
        "sub/b.yar": 'include "c.yar"',
        "sub/c.yar": TRUE.format(name="c"),
    },
    "missing": {"a.yar": 'include "b.yar"\n' + TRUE.format(name="a")},
    "a folder": {"a.yar": 'include "sub"', "sub/b.yar": ""},
    "circle": {"a.yar": 'include "b.yar"', "b.yar": 'include "a.yar"'},
    "itself": {"a.yar": 'include "a.yar"'},
    "depth": {f"{number}.yar": f'include "{number + 1}.yar"' for number in range(20)},
    "error inside": {"a.yar": 'include "b.yar"\n', "b.yar": "rule b {\n condition:\n x }"},
    "error behind": {"a.yar": '\ninclude "b.yar"\n\nrule a { condition: x }', "b.yar": "\n\n\n"},
    "in the middle of a rule": {
        "a.yar": 'rule a { include "b.yar" condition: true }',
        "b.yar": "strings: $a = {01}",
    },
    "the rest of a rule": {"a.yar": 'rule a { include "b.yar"', "b.yar": "condition: true }"},
    "a comment that goes on": {
        "a.yar": 'include "b.yar"\n rule a { condition: x } */ rule c { condition: true }',
        "b.yar": "rule b { condition: true } /* no end",
    },
    "an unfinished path": {"a.yar": 'rule a { condition: true } include "b.yar'},
    "zero bytes": {"a.yar": 'include "b.yar"', "b.yar": "rule b { condition: true }\0 }"},
    "a zero byte in an expression": {"a.yar": "rule a { strings: $a = /a\\\0/ condition: $a }"},
    "zero bytes in strings": {
        "a.yar": 'rule a { strings: $a = "a\0b\\tc\0" $b = /x\0y/ condition: any of them }'
    },
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES.keys())
def test_files(files: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path, files)
    assert outcome(miniyara, filepath=path) == outcome(yara, filepath=path)


def test_disabled() -> None:
    arguments: dict[str, Any] = {
        "source": 'include "b"\nrule a { condition: true }',
        "includes": False,
    }
    assert outcome(miniyara, **arguments) == outcome(yara, **arguments)
    assert outcome(miniyara, **arguments) == "line 1: includes are disabled"


@pytest.mark.parametrize(
    "answer", [TRUE.format(name="b"), None, "rule b { condition: x }", 'include "b"', ""]
)
def test_callback(answer: str | None) -> None:
    calls: dict[str, list[Any]] = {}

    def run(engine: Any) -> list[str] | str:
        def callback(*arguments: Any) -> str | None:
            calls.setdefault(engine.__name__, []).append(arguments)
            return answer

        source = 'include "some/b"\nrule a { condition: true }'
        return outcome(engine, sources={"space": source}, include_callback=callback)

    assert run(miniyara) == run(yara)
    assert calls["miniyara"] == calls["yara"]


def twice(path: str, _including: str | None, _namespace: str) -> str:
    """Text that includes two more: 65,534 in all, before the depth is exceeded."""
    return "\n".join(f'include "{path}{letter}"' for letter in "ab" if len(path) < 15)


def test_very_many_includes(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments: dict[str, Any] = {"source": 'include "a"\ninclude "b"', "include_callback": twice}
    assert list(miniyara.compile(**arguments)) == []
    monkeypatch.setattr(limits, "MAX_INCLUDES", 1_000)
    with pytest.raises(miniyara.SyntaxError, match="too many includes"):
        miniyara.compile(**arguments)


def test_very_much_included_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_INCLUDED_TEXT", 1 << 20)
    (tmp_path / "half").write_bytes(b" " * (1 << 19))
    (tmp_path / "endless").touch()
    os.truncate(tmp_path / "endless", 1 << 40)  # with no block on the disk
    files = {"three": ["half"] * 3, "sparse": ["endless"], "two": ["half"] * 2}
    for name, included in files.items():
        (tmp_path / name).write_text("".join(f'include "{path}"' for path in included))
    assert list(miniyara.compile(filepath=str(tmp_path / "two"))) == []
    for name in ("three", "sparse"):
        with pytest.raises(miniyara.SyntaxError, match="too many includes"):
            miniyara.compile(filepath=str(tmp_path / name))


def test_a_text_that_is_included_very_often() -> None:
    texts = [b"%d" % number for number in range(200_000)]
    kept = KeptIncludes((Included("a", None, "b", text) for text in texts), reads_files=False)
    begun = time.process_time()
    assert [kept("a", None, "b") for _ in texts] == texts
    assert time.process_time() - begun < 1
    assert kept("a", None, "b") is None
