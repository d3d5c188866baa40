"""Which paths a pattern means, and which folders it reaches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.exclusions.globs import Glob

SEGMENTS = st.lists(st.sampled_from(["**", "*", "a", "b", "a*", "*b", "?", "a?b", "ab", "aab"]))
PATTERNS = SEGMENTS.map(lambda segments: "/" + "/".join(segments))
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", ".a", "*"])).map(
    lambda s: "/" + "/".join(s)
)


def meant(pattern: str) -> re.Pattern[str]:
    """Say the same as a regular expression, which may take longer."""
    text = ""
    for segment in pattern.split("/"):
        if segment == "**":
            text += "(?:/[^/]*)*"
        else:
            letters = (re.escape(letter) for letter in segment)
            text += "/" + "".join(letters).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(text)


@given(PATTERNS, PATHS)
def test_a_pattern_means_what_its_regular_expression_means(pattern: str, path: str) -> None:
    assert Glob(pattern).matches(path) == (meant(pattern).fullmatch("/" + path) is not None)


@given(PATTERNS, PATHS, st.sampled_from(["a", "ab", "aab"]))
def test_a_pattern_reaches_the_folders_of_what_it_means(
    pattern: str, folder: str, name: str
) -> None:
    if Glob(pattern).matches(f"{folder}/{name}"):
        assert Glob(pattern).reaches(folder)


@pytest.mark.parametrize(
    ("pattern", "folder", "reaches"),
    [
        ("/opt/**", "/opt", True),
        ("/opt/**", "/opt/a/b", True),
        ("/opt/*", "/opt/a", False),
        ("/opt", "/opt", False),
        ("/opt/payload.py", "/opt", True),
        ("/opt/payload.py", "/temp", False),
        ("**/payload.py", "/temp", True),
        ("/*/payload.py", "/temp", True),
        ("/*/payload.py", "/var/temp", False),
        ("/**", "/home", True),
        ("/t?mp/x/y", "/temp", True),
    ],
)
def test_which_folders_are_reached(pattern: str, folder: str, reaches: bool) -> None:
    assert Glob(pattern).reaches(folder) is reaches


def test_capitals_count_unless_they_do_not() -> None:
    assert not Glob("/opt/Payload.py").matches("/opt/payload.py")
    assert Glob("C:/Tools/*.PY", ignore_case=True).matches("c:/tools/payload.py")


def test_many_stars_take_no_longer() -> None:
    assert not Glob("/" + "*a" * 2000).matches("/" + "a" * 2000 + "b")
    assert not Glob("/**/a" * 300).matches("/a" * 300 + "/b")
