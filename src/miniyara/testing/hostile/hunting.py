"""What a hunt reads besides the files that it scans."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from miniyara import exclusions
from miniyara.exclusions.schedules import references
from miniyara.hunting.journal import Identity, Journal
from miniyara.testing.hostile.parser import Parser


def _exclusions(suffix: str, text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file" + suffix)
        path.write_bytes(text)
        exclusions.load(str(path))


_YAML: Final = b"""version: 1
exclusions:
  - id: a
    reason: because
    owner: a@example.org
    created: 2026-01-12
    expires: 2035-12-31
    rule: {name: A, tag: b}
    evidence: {path: [/etc/**/a.py], mode_without: "0002", size: {max: 9}}
"""

_TOML: Final = b"""version = 1
[[exclusions]]
id = "a"
reason = '''because'''
owner = "a@example.org"
created = 2026-01-12
expires = 2035-12-31
rule.name = "A"
[exclusions.evidence]
path = ["/etc/**/a.py"]
"""


def _schedules(text: bytes) -> None:
    """Read a text as every unit and every crontab of a machine."""
    names = ["a.service", "a.service.d", "b.conf", "root"]
    decoded = os.fsdecode(text)
    list(references(lambda _folder: names, lambda _path: decoded))


_UNIT: Final = b"""[Service]
ExecStart=
ExecStart=-/bin/sh -c "/opt/a \\
  --b=/c"
* 1 * * 2 root A=b /usr/bin/env '/x y' %in
"""

_IDENTITY: Final = Identity("rules", "targets")


def _journal(lines: bytes) -> None:
    """Read what stands behind the first line of a journal."""
    head = {"journal": 1, "rules": "rules", "targets": "targets", "scan_id": "id"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "journal")
        path.write_bytes(json.dumps(head).encode() + b"\n" + lines)
        with closing(Journal(str(path), _IDENTITY, "id")) as journal:
            list(journal.events())


_LINES: Final = b"""{"schema": 1, "scan_id": "a", "time": "2026-01-01T00:00:00.5Z", "host": "h", \
"kind": "unreadable", "path": "a", "reason": "r"}
{"mark": [1, [[true, "a"]]], "counts": {}}
""".replace(b"\\\n", b"")

PARSERS_OF_HUNTS: Final = (
    Parser("exclusions-yaml", partial(_exclusions, ".yaml"), lambda: [_YAML]),
    Parser("exclusions-toml", partial(_exclusions, ".toml"), lambda: [_TOML]),
    Parser("schedules", _schedules, lambda: [_UNIT]),
    Parser("journal", _journal, lambda: [_LINES]),
)
