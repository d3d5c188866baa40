"""Asking an engine for the fields of a module, and what expressions about it are.

libyara crashes on some broken files, and takes hours for others, so it is asked in a
process of its own.
"""

from __future__ import annotations

import importlib
import multiprocessing
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules import find as find_module
from miniyara.modules.interface import Dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

PATIENCE: Final = 60.0
"""Seconds that the reference is given for one question."""


class NoAnswer(Exception):  # noqa: N818 - of an engine, not an error of ours
    """The engine has crashed, or takes too long."""


def fields_of(engine: str, module: str, data: bytes) -> tuple[dict[str, Any], bool]:
    """Return the dictionary of ``modules_callback``, and whether fields are missing in it."""
    found: dict[str, Any] = {}

    def collect(fields: dict[str, Any]) -> int:
        nonlocal found
        found = fields
        return 0  # CALLBACK_CONTINUE, which is not looked up: see below

    rules = importlib.import_module(engine).compile(
        source=f'import "{module}" rule a {{ condition: true }}'
    )
    try:
        rules.match(data=data, modules_callback=collect)
    except SystemError:
        # yara-python trips over keys of a dictionary that are not UTF-8: it leaves them out
        # and an exception behind, which the first call of a function trips over.
        return found, True
    return found, False


def dictionary_fields(name: str) -> list[str]:
    """Return the fields of a module that are dictionaries."""
    module = find_module(name)
    assert module is not None, "there is no question about a module that is not there"
    members = module.declaration.members
    return [field for field in members if isinstance(members[field], Dictionary)]


def answers_of(engine: str, module: str, questions: Sequence[str], data: bytes) -> dict[str, str]:
    """Return what the console prints for each expression that is not undefined."""
    source = f'import "{module}" import "console"\n' + "\n".join(
        f'rule r{number} {{ condition: console.log("{number}: ", {question}) }}'
        for number, question in enumerate(questions)
    )
    lines: list[str] = []
    rules = importlib.import_module(engine).compile(source=source)
    rules.match(data=data, console_callback=lines.append)
    logged = (line.partition(": ") for line in lines)
    return {questions[int(number)]: value for number, _, value in logged}


class Reference:
    """libyara in a process of its own, which is started again when it is gone."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call one of the functions above with ``"yara"`` and the arguments.

        Raises NoAnswer.
        """
        if self._process is None or self._pipe is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        try:
            self._pipe.send((function, ("yara", *arguments)))
            if self._pipe.poll(PATIENCE):
                return self._pipe.recv()
        except (EOFError, OSError):
            pass
        self.close()
        raise NoAnswer

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection) -> None:
    while True:
        function, arguments = pipe.recv()
        pipe.send(function(*arguments))
