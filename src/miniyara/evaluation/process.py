"""Which rules match the memory of a process.

Offsets are addresses, ``filesize`` is undefined, and what lies at an address is read from
the process when a condition asks for it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from miniyara.analysis import condition as steps
from miniyara.evaluation.entry_point import entry_point_address
from miniyara.evaluation.evaluator import Evaluation, Evaluator
from miniyara.evaluation.interpreter import Interpreter
from miniyara.modules.interface import ModuleScan
from miniyara.search.blocks import BlockSearch
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from miniyara.deadline import Deadline
    from miniyara.values import Scalar, Undefined


class Memory(Protocol):
    """The memory of a process."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """The address and the bytes of each block that can be read, by address."""
        ...

    def read(self, address: int, size: int, *, across: bool) -> bytes | None:
        """Bytes at an address; None unless all can be read.

        ``across`` says whether they may be in several blocks without a gap.
        """
        ...


class NotMapped(Exception):  # noqa: N818 - becomes an undefined value
    """A function of a module has asked for memory that there is not."""


class _Slices:
    """Memory as functions of modules see it: bytes to be sliced, by address."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def __len__(self) -> int:
        return 0x7FFF_FFFF_FFFF_FFFF

    def __getitem__(self, place: slice) -> bytes:
        if place.start is None or place.stop is None:  # all there is, of a file
            raise NotMapped
        data = self._memory.read(place.start, place.stop - place.start, across=True)
        if data is None:
            raise NotMapped
        return data


class ProcessEvaluation(Evaluation):
    """The evaluation of all rules on a process."""

    def __init__(
        self,
        evaluator: Evaluator,
        memory: Memory,
        *,
        externals: Mapping[str, Scalar],
        modules_data: Mapping[str, bytes],
        log: Callable[[str], object] | None,
        deadline: Deadline,
        fast: bool = False,
        max_match_data: int,
    ) -> None:
        """``max_match_data`` is how many bytes of each match :meth:`matched_data` has."""
        self.entry_point: int | Undefined = UNDEFINED
        self._max_match_data = max_match_data
        super().__init__(
            evaluator,
            memory,
            externals=externals,
            modules_data=modules_data,
            log=log,
            deadline=deadline,
            fast=fast,
        )

    def matched_data(self, string: int) -> list[bytes]:
        """What was found at the hits of a string."""
        data: list[bytes] = self._search.matched_data(string)
        return data

    def _begun(self, *, fast: bool) -> BlockSearch:
        return BlockSearch(
            self._evaluator.searcher,
            _Watched(self),
            self.deadline,
            fast=fast,
            most=self._max_match_data,
        )

    @cached_property
    def module_scan(self) -> ModuleScan:
        """What functions of modules get to see of the scan."""
        return ModuleScan(_Slices(self.data), None, self._log, self.deadline)

    @property
    def _file(self) -> bytes:
        """What modules that read files read: nothing, since memory is no file."""
        return b""

    def _evaluate(self) -> None:
        program = self._evaluator.program
        self._matched = set()
        for number, rule in enumerate(program.rules):
            self.deadline.check()
            if rule.has_effect and rule.needs_hit and not self._has_any(rule.strings):
                continue
            if _ProcessInterpreter(self).is_true(program.conditions[number]):
                self._matched.add(number)


class _Watched:
    """The blocks of a process; tells its evaluation of the first entry point in them."""

    def __init__(self, evaluation: ProcessEvaluation) -> None:
        self._evaluation = evaluation

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        evaluation = self._evaluation
        for base, data in evaluation.data:
            if evaluation.entry_point is UNDEFINED:
                evaluation.entry_point = entry_point_address(data, base)
            yield base, data


class _ProcessInterpreter(Interpreter):
    """Evaluates conditions on a process."""

    _context: Any

    def _no_file_size(self, _step: steps.FileSize) -> Undefined:
        return UNDEFINED

    def _entry_address(self, _step: steps.EntryPoint) -> Any:
        return self._context.entry_point

    def _read_at_address(self, step: steps.ReadInteger) -> Any:
        address = self.value(step.offset)
        if address is UNDEFINED:
            return UNDEFINED
        data = self._context.data.read(address, step.size, across=False)
        if data is None:
            return UNDEFINED
        order: Any = "big" if step.is_big_endian else "little"
        return int.from_bytes(data, order, signed=step.is_signed)

    def _guarded_call(self, step: steps.CallOf) -> Any:
        try:
            return self._call_of(step)
        except NotMapped:
            return UNDEFINED

    _methods: ClassVar[dict[type, Callable[[Any, Any], Any]]] = {
        **Interpreter._methods,  # noqa: SLF001 - its own
        steps.FileSize: _no_file_size,
        steps.EntryPoint: _entry_address,
        steps.ReadInteger: _read_at_address,
        steps.CallOf: _guarded_call,
    }
