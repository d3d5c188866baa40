"""Many files scanned by several processes.

Each worker is a process with a pipe of its own, and is sent one file at a time.  So it is
known which file a worker that dies was at: that one is reported, another worker takes the
place, and nothing else is lost.  Nor can the two ends of a pipe wait for each other, since
a worker is only written to while it waits for work.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from miniyara.errors import (
    Error,
    TimeoutError,  # noqa: A004 - yara-python's name
)
from miniyara.scanning.arguments import Path, external_values, int_argument, path_argument
from miniyara.scanning.callbacks import CALLBACK_CONTINUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

    from miniyara.scanning.callbacks import RuleString
    from miniyara.scanning.match import Match
    from miniyara.scanning.rules import Rules

_Result = TypeVar("_Result")

StartMethod: TypeAlias = Literal["fork", "spawn", "forkserver"]

WINDOW: Final = 64
"""Files per worker that may be scanned ahead of one that takes long, because results are
given in order and wait for it."""

GRACE: Final = 30.0
"""Seconds behind the timeout of a file after which its worker is ended: scans end themselves,
but a worker may be stuck in the file system."""

TICK: Final = 0.2
"""Seconds after which a wait for workers is interrupted, to say that it goes on."""

_NO_ANSWER: Final = "the worker that scanned it does not answer"

_MAX_FAILED_STARTS: Final = 3
"""Workers in a row that die before they take work: then none will."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What came of one file."""

    target: str
    """The path of the file."""
    matches: list[Match]
    """What :meth:`miniyara.Rules.match` returned; empty if there is an error."""
    error: Exception | None = None
    """Why the file could not be scanned: what ``match`` raised, or a
    :class:`miniyara.Error` that says how the worker ended that was at it."""
    warnings: tuple[RuleString, ...] = ()
    """The strings that were found too often."""
    console: tuple[str, ...] = ()
    """What the ``console`` module was given to print."""


class _Options(NamedTuple):
    """The arguments of ``Rules.match`` that are the same for all files."""

    externals: dict[str, Any] | None
    fast: bool
    timeout: int


def scan_many(
    targets: Iterable[Path],
    rules: Rules,
    *,
    workers: int | None = None,
    externals: dict[str, Any] | None = None,
    fast: bool = False,
    timeout: int = 0,
    start_method: StartMethod | None = None,
) -> Iterator[ScanResult]:
    """Scan files in several processes, and yield a result for each, in their order.

    ``targets``: the paths of the files; read no further than need be.
    ``workers``: how many processes; without, one for each processor that this process may
    use.  With 0, files are scanned in this process.
    ``externals``, ``fast``, ``timeout``: as in :meth:`miniyara.Rules.match`; the timeout,
    in seconds, is one file's.
    ``start_method``: how :mod:`multiprocessing` starts processes; without, its default.
    With ``spawn`` and ``forkserver`` a program must guard its main module, as it must for
    ``multiprocessing``, and rules travel in their saved form.

    A file that cannot be read or scanned has its ``error`` in the result, also one at
    which a worker was killed, or, with a timeout, one at which it hangs: then it is ended
    :data:`GRACE` seconds later.  When the iterator is closed, or a Ctrl-C interrupts it, the
    workers are ended.  They are started when the first result is asked for.

    Raises ValueError for a negative number of workers or an unknown start method, TypeError,
    OverflowError and :class:`miniyara.Error` for what ``match`` would refuse, and, while
    iterating, :class:`miniyara.Error` if no worker can be started.
    """
    # What is wrong with the arguments is wrong for all files.
    rules._scanner.externals(external_values(externals))  # noqa: SLF001 - a friend
    options = _Options(externals, bool(fast), int_argument(timeout))
    return do_many(
        targets,
        partial(_scanned, rules, options),
        _lost,
        timeout=options.timeout,
        workers=workers,
        start_method=start_method,
    )


def do_many(
    targets: Iterable[Path],
    work: Callable[[str], _Result],
    lost: Callable[[str, Error], _Result],
    *,
    timeout: int,
    workers: int | None,
    start_method: StartMethod | None = None,
    waits: Callable[[], object] = lambda: None,
) -> Iterator[_Result]:
    """Call ``work`` for each path in several processes, and yield what it returns, in order.

    ``work``: sent to the workers, so that it can be pickled; raises nothing.
    ``lost``: says what the result is of a path at which a worker died or was ended.
    ``timeout``: seconds after which ``work`` ends by itself; 0 means that it need not.
    ``waits``: called each :data:`TICK` seconds at least while a result is waited for.

    For the rest see :func:`scan_many`.
    """
    count = _processors() if workers is None else int_argument(workers)
    if count < 0:
        raise ValueError("workers must not be negative")
    paths = (path_argument(target, 1) for target in targets)
    if not count:
        return map(work, paths)
    context = multiprocessing.get_context(start_method)
    return _results(paths, _Workers(context, count, work, lost, timeout), waits)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lost(path: str, error: Error) -> ScanResult:
    return ScanResult(path, [], error)


def _scanned(rules: Rules, options: _Options, path: str) -> ScanResult:
    """Scan a file; whatever happens is in the result."""
    warnings: list[RuleString] = []
    console: list[str] = []

    def warn(_kind: int, string: RuleString) -> int:
        warnings.append(string)
        return CALLBACK_CONTINUE

    matches: list[Match] = []
    error: Exception | None = None
    try:
        matches = rules.match(
            path,
            externals=options.externals,
            fast=options.fast,
            timeout=options.timeout,
            warnings_callback=warn,
            console_callback=console.append,
        )
    except Error as caught:
        error = caught
    except Exception as caught:  # noqa: BLE001 - one file must not end the others
        error = Error(f"{type(caught).__name__}: {caught}")
    return ScanResult(path, matches, error, tuple(warnings), tuple(console))


# -- in a worker -----------------------------------------------------------------


def _work(pipe: Connection, others: list[Connection], work: Callable[[str], object]) -> None:
    """Work on files until the other end of the pipe is closed."""
    # Ctrl-C goes to all processes of a terminal; the one that has started us decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            pipe.send(work(pipe.recv()))


# -- in the process that asks ----------------------------------------------------


class _Task(NamedTuple):
    number: int
    path: str


class _Worker:
    """A process, and the task that it is at."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.is_ready = False
        self.task: _Task | None = None
        self.ends_at = float("inf")
        """When the worker must have answered."""

    def end(self) -> None:
        """End the process, whatever it does."""
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class _Workers(Generic[_Result]):
    """The processes of one call, replaced when they die."""

    def __init__(
        self,
        context: BaseContext,
        count: int,
        work: Callable[[str], _Result],
        lost: Callable[[str, Error], _Result],
        timeout: int,
    ) -> None:
        self._context: Any = context
        self.count = count
        self._work = work
        self._lost = lost
        self._patience = timeout + GRACE if timeout > 0 else float("inf")
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    def start(self, count: int) -> None:
        """Start workers until there are so many, but no more than wanted."""
        while len(self._workers) < min(count, self.count):
            self._start_one()

    def _start_one(self) -> None:
        ours, theirs = self._context.Pipe()
        # A forked process has a copy of every pipe, and ours would never seem closed to it.
        is_forked = self._context.get_start_method() == "fork"
        others = [worker.pipe for worker in self._workers] + [ours] if is_forked else []
        process = self._context.Process(
            target=_work, args=(theirs, others, self._work), daemon=True
        )
        self._start_tracker()
        with no_interrupts():  # so that none is started and not known
            process.start()
            self._workers.append(_Worker(process, ours))
        theirs.close()

    def _start_tracker(self) -> None:
        """Start the process that multiprocessing may want besides; does nothing if it is there.

        To start it lets Ctrl-C through again, and must not come between.
        """
        if os.name == "posix" and self._context.get_start_method() != "fork":
            from multiprocessing import resource_tracker  # noqa: PLC0415 - not on all systems

            resource_tracker.ensure_running()

    def give(self, task: _Task) -> bool:
        """Give a task to a worker that has none; False if all are at work."""
        for worker in self._workers:
            if worker.is_ready and worker.task is None:
                try:
                    worker.pipe.send(task.path)
                except OSError:  # it has died; the next look at its pipe tells
                    continue
                worker.task = task
                worker.ends_at = time.monotonic() + self._patience
                return True
        return False

    def answers(self) -> Iterator[tuple[int, _Result]]:
        """Wait until something happens, but not long; yield the results that have come of it."""
        by_pipe: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        ends_at = min(worker.ends_at for worker in self._workers)
        ready = connection.wait(by_pipe, TICK)
        if not ready and time.monotonic() >= ends_at:
            late = [worker for worker in self._workers if worker.ends_at == ends_at]
            yield from self._buried(late[0], TimeoutError(_NO_ANSWER))
        for pipe in ready:
            worker = by_pipe[pipe]
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._buried(worker)
                continue
            self._failed_starts = 0
            if not worker.is_ready:
                worker.is_ready = True
                continue
            assert worker.task is not None
            number, worker.task, worker.ends_at = worker.task.number, None, float("inf")
            yield number, result

    def _buried(self, worker: _Worker, error: Error | None = None) -> Iterator[tuple[int, _Result]]:
        """Replace a worker that has died, or is late and has to."""
        if error is not None:
            worker.process.kill()
        worker.process.join()
        status = worker.process.exitcode or 0
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        self._workers.remove(worker)
        worker.end()
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts == _MAX_FAILED_STARTS:
                raise Error(f"no worker could be started: the last one {how}")
        self._start_one()
        if worker.task is not None:
            number, path = worker.task
            error = error or Error(f"the worker that scanned it {how}")
            yield number, self._lost(path, error)

    def end(self) -> None:
        """End all workers."""
        while self._workers:
            self._workers.pop().end()


def _results(
    paths: Iterator[str], workers: _Workers[_Result], waits: Callable[[], object]
) -> Iterator[_Result]:
    done: dict[int, _Result] = {}
    waiting: deque[_Task] = deque()
    read = yielded = 0
    try:
        while True:
            while read - yielded < workers.count * WINDOW and len(waiting) < workers.count:
                path = next(paths, None)
                if path is None:
                    break
                waiting.append(_Task(read, path))
                read += 1
            if read == yielded:
                return
            workers.start(read - yielded)
            while waiting and workers.give(waiting[0]):
                waiting.popleft()
            if yielded not in done:
                done.update(workers.answers())
                waits()
            while waiting and workers.give(waiting[0]):
                waiting.popleft()
            if yielded in done:
                yielded += 1
                yield done.pop(yielded - 1)
    finally:
        workers.end()


@contextlib.contextmanager
def no_interrupts() -> Iterator[None]:
    """Hold back Ctrl-C, also in processes that are started meanwhile, until they ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
