"""The cuckoo module answers from the report that the caller hands over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara

if TYPE_CHECKING:
    from types import ModuleType

REPORT = {
    "network": {
        "hosts": ["192.168.1.1", "nul\0host", ""],
        "domains": [
            {"ip": "10.0.0.1", "domain": "evil.example"},
            {"ip": 1, "domain": "no.address"},
            {"ip": "10.0.0.2"},
            "no object",
        ],
        "dns": [{"ip": "10.0.0.3", "hostname": "old.example"}],
        "http": [
            {"uri": "http://a.example/in", "method": "GET", "user-agent": "Mozilla/5.0"},
            {"uri": "http://a.example/out", "method": "Post"},
            {"uri": "http://a.example/other", "method": "PUT"},
            {"user-agent": "curl"},
            {"uri": "http://a.example/wrong", "method": 1},
        ],
        "tcp": [
            {"dst": "192.168.1.1", "dport": 443},
            {"dst": "192.168.1.2", "dport": 2**32 + 80},
            {"dst": "192.168.1.3", "dport": "80"},
            {"dst": "192.168.1.4", "dport": True},
            {"dst": "192.168.1.5", "dport": -1},
            {"dport": 81},
        ],
        "udp": [{"dst": "192.168.1.9", "dport": 53}],
    },
    "behavior": {
        "summary": {
            "keys": ["HKEY_LOCAL_MACHINE\\Software\\K\u00e4se"],
            "files": ["C:\\temp\\dropped.exe"],
            "mutexes": ["Global\\only-one"],
        }
    },
}

ANSWERS = {
    "network.host(/192\\.168/)": 1,
    "network.host(/^168/)": 0,
    "network.host(/nul$/)": 1,
    "network.host(/host/)": 0,
    "network.host(/x*/)": 1,
    "network.host(/^$/)": 0,
    "network.host(/.*/)": 1,
    "network.dns_lookup(/evil/)": 1,
    "network.dns_lookup(/old|address/)": 0,
    "network.http_get(/in$/)": 1,
    "network.http_get(/out/)": 0,
    "network.http_post(/out$/)": 1,
    "network.http_post(/in$/)": 0,
    "network.http_request(/in$/)": 1,
    "network.http_request(/out$/)": 1,
    "network.http_request(/other|wrong/)": 0,
    "network.http_user_agent(/mozilla/i)": 1,
    "network.http_user_agent(/curl/)": 1,
    "network.http_user_agent(/wget/)": 0,
    "network.tcp(/192/, 443)": 1,
    "network.tcp(/192/, 80)": 1,
    "network.tcp(/192/, 4294967376)": 0,
    "network.tcp(/192/, -1)": 1,
    "network.tcp(/192/, 1)": 0,
    "network.tcp(/192/, 81)": 0,
    "network.tcp(/192/, 53)": 0,
    "network.udp(/9$/, 53)": 1,
    "network.udp(/8$/, 53)": 0,
    "registry.key_access(/K\\xc3\\xa4se/)": 1,
    "registry.key_access(/dropped/)": 0,
    "filesystem.file_access(/dropped\\.exe/)": 1,
    "filesystem.file_access(/Software/)": 0,
    "sync.mutex(/only-one/)": 1,
    "sync.mutex(/Software/)": 0,
}

ENGINES = [miniyara, *([yara] if "cuckoo" in yara.modules else [])]


def ask(engine: ModuleType, report: bytes | None) -> dict[str, int]:
    rules = "".join(
        f'rule r{index} {{ condition: console.log("{index}=", cuckoo.{call}) }}'
        for index, call in enumerate(ANSWERS)
    )
    logged: list[str] = []
    engine.compile(source=f'import "console" import "cuckoo" {rules}').match(
        data=b"",
        modules_data={} if report is None else {"cuckoo": report},
        console_callback=logged.append,
    )
    calls = list(ANSWERS)
    return {
        calls[int(number)]: int(value)
        for number, _, value in (line.partition("=") for line in logged)
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_answers(engine: ModuleType) -> None:
    assert ask(engine, json.dumps(REPORT).encode()) == ANSWERS


@pytest.mark.parametrize("engine", ENGINES)
def test_names_from_old_reports(engine: ModuleType) -> None:
    report: dict[str, Any] = {"network": {"dns": [{"ip": "", "hostname": "evil"}]}}
    assert ask(engine, json.dumps(report).encode())["network.dns_lookup(/evil/)"] == 1
    report["network"]["domains"] = None
    assert ask(engine, json.dumps(report).encode())["network.dns_lookup(/evil/)"] == 0


EMPTY = [
    None,
    b"{}",
    b" [] ",
    b'{"network": 1, "behavior": {"summary": []}}',
    b'{"network": {"hosts": {}, "http": 1.5e3, "tcp": "x"}, "behavior": null}',
    b'{"a": -9223372036854775808, "b": "\\u0000\\ud83d\\ude00"}',
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("report", EMPTY)
def test_nothing_has_happened(engine: ModuleType, report: bytes | None) -> None:
    assert ask(engine, report) == dict.fromkeys(ANSWERS, 0)


REFUSED = [
    b"",
    b"{",
    b"1",
    b'"text"',
    b"{} x",
    b"{}\0",
    b"\xef\xbb\xbf{}",
    b"[NaN]",
    b"[-Infinity]",
    b"[01]",
    b"[9223372036854775808]",
    b"[1e999]",
    b'["\\ud800"]',
    b'["\xff"]',
    b'["\x01"]',
    b'{"\\u0000": 1}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("report", REFUSED)
def test_reports_that_are_not_json(engine: ModuleType, report: bytes) -> None:
    # No condition asks: a module looks at what it is handed at once.
    rules = engine.compile(source='import "cuckoo" rule r { condition: false }')
    with pytest.raises(engine.Error, match="internal error: 57"):
        rules.match(data=b"", modules_data={"cuckoo": report})


def test_values_that_are_no_texts() -> None:
    # libyara crashes.
    report = {"network": {"hosts": [1, None, "192.168.1.1"]}}
    assert ask(miniyara, json.dumps(report).encode())["network.host(/192\\.168/)"] == 1
