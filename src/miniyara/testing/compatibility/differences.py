"""Where miniyara answers otherwise than yara-python, and why it stays so."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

_IGNORED: Final = (
    "yara-python returns without looking at the exception that it has set, which Python turns "
    "into `SystemError`; here the exception itself comes"
)
_ITERATORS: Final = (
    "each `iter(rules)` is an iterator of its own, so that threads and loops inside loops do "
    "not disturb each other; `next(rules)` is as in yara-python"
)

REASONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("`modules` lists those that are here", ("names: modules",)),
    (
        "the classes cannot be made by programs, and say so in Python's words",
        ("attributes: *()",),
    ),
    (
        "paths may be `bytes` here",
        ("arguments: *(filepath=...) with bytes", "arguments: [lm]*, argument 1 with bytes"),
    ),
    (
        _IGNORED,
        (
            "arguments: set_config*",
            "wrong calls: set_config*",
            "callbacks: console_callback raises",
            "callbacks: *returns 2[*][*]80",
            "externals: match(externals=more than 64 bits)",
        ),
    ),
    (
        "yara-python raises `SystemError`, for want of an exception; here it is libyara's error",
        ("callbacks: *callback returns 2",),
    ),
    (
        "what Python says of a wrong call to a function in Python",
        ("wrong calls: *",),
    ),
    (
        "what Python says of a class in Python: it names `Match`, not `yara.Match`",
        (
            "results: * = 1",
            "results: del *",
            "results: *.other",
            "results: iter(*)",
            "results: < of strings",
            "results: len(rules)",
            "results: rules[[]0]",
        ),
    ),
    ("can be copied and pickled here", ("results: copy(*)", "results: pickle of *")),
    (
        "another module, and a `repr` that tells more",
        (
            "results: repr(rules)",
            "results: repr(rule)",
            "results: module of a class",
        ),
    ),
    ("objects of Python have a `__dict__`", ("results: vars(match)",)),
    (
        _ITERATORS,
        ("iteration: *",),
    ),
    ("any buffer can be scanned", ("targets: a strided memoryview",)),
    ("known here, because they are saved", ("saving: warnings of loaded rules",)),
    ("the files are not libyara's", ("saving: a file that is cut short",)),
)


def reason_for(area: str, name: str) -> str | None:
    """Why the answers to a check may differ; None if nobody has said."""
    for reason, patterns in REASONS:
        if any(fnmatchcase(f"{area}: {name}", pattern) for pattern in patterns):
            return reason
    return None
