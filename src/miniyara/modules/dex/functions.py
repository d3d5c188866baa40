"""The functions of the ``dex`` module, which look for methods by their names.

Follows the functions in libyara's ``modules/dex/dex.c``. Names are compared as C does:
they end at a NUL. The result is 0 or 1, or undefined without a count of methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara import limits
from miniyara.modules.interface import Function, Type
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.dex.file import DexFile
    from miniyara.modules.dex.view import View
    from miniyara.modules.interface import ModuleScan
    from miniyara.patterns import ConditionRegexp

_METHODS_BETWEEN_CHECKS: Final = 1024


class _Test:
    """Whether names are what is asked for; each string of the file is looked at once."""

    def __init__(self, file: DexFile, wanted: bytes | ConditionRegexp) -> None:
        self._file = file
        if isinstance(wanted, bytes):
            name = wanted.partition(b"\0")[0]
            self._longest = len(name) + 1
            self._is_wanted: Callable[[bytes], bool] = name.__eq__
        else:
            # Of a longer text a regular expression sees no more.
            self._longest = 2 * limits.RE_SCAN_LIMIT
            self._is_wanted = lambda text: wanted.reaches(text, 0, file.deadline)
        self._results: dict[int | None, bool | None] = {}

    def __call__(self, string: int | None) -> bool | None:
        """Return whether a string is wanted, or None if there is no such string."""
        if string not in self._results:
            text = self._file.text(string, self._longest)
            self._results[string] = (
                None if text is None else self._is_wanted(text.partition(b"\0")[0])
            )
        return self._results[string]


def _methods(file: DexFile, deadline: Deadline) -> Iterator[tuple[int | None, int]]:
    """Yield the strings with the class and the name of each method of the classes."""
    for number, index in enumerate(file.members.methods.names()):
        if number % _METHODS_BETWEEN_CHECKS == 0:
            deadline.check()
        row = file.method_ids.row(index)
        yield file.descriptor(row.class_idx), row.name_idx


def _has_method(file: DexFile, deadline: Deadline, wanted: Any) -> bool:
    is_wanted = _Test(file, wanted)
    return any(is_wanted(name) for _, name in _methods(file, deadline))


def _has_method_of_class(file: DexFile, deadline: Deadline, of: Any, wanted: Any) -> bool:
    # A method whose class has no name may be any one's.
    is_wanted_class, is_wanted = _Test(file, of), _Test(file, wanted)
    return any(
        is_wanted_class(class_name) is not False and is_wanted(name)
        for class_name, name in _methods(file, deadline)
    )


def _has_class(file: DexFile, deadline: Deadline, wanted: Any) -> bool:
    is_wanted = _Test(file, wanted)
    return any(is_wanted(class_name) for class_name, _ in _methods(file, deadline))


def _of_file(test: Callable[..., bool]) -> Callable[..., int | Undefined]:
    def call(scan: ModuleScan, view: View, *wanted: bytes | ConditionRegexp) -> int | Undefined:
        file = view.file
        if file is None or not file.members.are_complete:
            return UNDEFINED
        return int(test(file, scan.deadline, *wanted))

    return call


HAS_METHOD: Final = Function(
    Type.INTEGER,
    {
        "s": _of_file(_has_method),
        "ss": _of_file(_has_method_of_class),
        "r": _of_file(_has_method),
        "rr": _of_file(_has_method_of_class),
    },
    is_method=True,
)
HAS_CLASS: Final = Function(
    Type.INTEGER, {"s": _of_file(_has_class), "r": _of_file(_has_class)}, is_method=True
)
