"""The modules that read files give the recorded fields of libyara or YARA-X."""

from __future__ import annotations

import pytest
import yara
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import (
    HAS_YARA_X,
    MODULES,
    MODULES_OF_YARA_X,
    answers,
    like_yara_x,
    recorded,
    without_constants,
    writer,
    yara_x_answers,
)

import miniyara

FILES = [(module, name) for module in MODULES for name in writer(module).FILES]


@pytest.mark.parametrize(("module", "name"), FILES)
def test_fields(module: str, name: str) -> None:
    data, questions = writer(module).FILES[name], writer(module).QUESTIONS
    lines = answers(miniyara, module, data, questions)
    is_first = name == next(iter(writer(module).FILES))
    assert (lines if is_first else without_constants(lines)) == recorded(module)[name]


FILES_OF_YARA_X = [(module, name) for module in MODULES_OF_YARA_X for name in writer(module).FILES]


@pytest.mark.parametrize(("module", "name"), FILES_OF_YARA_X)
def test_fields_of_yara_x(module: str, name: str) -> None:
    lines = answers(miniyara, module, writer(module).FILES[name], [])
    assert like_yara_x(lines) == recorded(module)[name]


@pytest.mark.parametrize("module", MODULES + MODULES_OF_YARA_X)
def test_all_is_recorded(module: str) -> None:
    assert list(recorded(module)) == list(writer(module).FILES)


EXTREMES = [0, 1, 2, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x1000, 0x7FFF, 0xFFFF]
EXTREMES += [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF]


@st.composite
def broken(draw: st.DrawFn, module: str) -> bytes:
    """A file with some of its numbers replaced, perhaps cut off."""
    files = writer(module).FILES
    data = bytearray(files[draw(st.sampled_from(sorted(files)))])
    for _ in range(draw(st.integers(1, 4)) if data else 0):
        place = draw(st.integers(0, len(data) - 1)) & draw(st.sampled_from([-1, -4]))
        number = draw(st.sampled_from(EXTREMES) | st.integers(0, len(data)))
        order = draw(st.sampled_from(["little", "big"]))
        size = draw(st.sampled_from([1, 2, 4]))
        data[place : place + size] = (number & 256**size - 1).to_bytes(size, order)
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


def check(module: str, data: bytes) -> None:
    """Compare with libyara if it has the module, or see that nothing is raised."""
    questions = writer(module).QUESTIONS
    if module == "macho" and int.from_bytes(data[4:8], "big") > 1000:
        questions = []  # libyara counts up to the number of files
    ours = answers(miniyara, module, data, questions)
    if module in MODULES_OF_YARA_X:
        assert not HAS_YARA_X or like_yara_x(ours) == yara_x_answers(module, data)
    elif module in yara.modules:
        assert ours == answers(yara, module, data, questions)


@given(broken("macho"))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_broken_macho_files(data: bytes) -> None:
    check("macho", data)


@given(broken("dex"))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_broken_dex_files(data: bytes) -> None:
    check("dex", data)


@given(broken("lnk"))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_broken_lnk_files(data: bytes) -> None:
    check("lnk", data)


@given(broken("crx"))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_broken_crx_files(data: bytes) -> None:
    check("crx", data)
