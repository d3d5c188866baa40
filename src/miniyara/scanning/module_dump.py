"""What modules see in data, without a rule that asks for it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from miniyara.errors import Error
from miniyara.modules import find, names_with_fields
from miniyara.modules.interface import ModuleScan
from miniyara.scanning.arguments import ABSENT, data_argument, modules_data_argument
from miniyara.scanning.module_dictionary import module_dictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from miniyara.modules.interface import Module, Structure
    from miniyara.scanning.arguments import Data, ScannedBytes


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """What a module says of data."""

    name: str
    declaration: Structure
    values: dict[str, Any]
    """What ``modules_callback`` is given."""
    found: dict[str, Any]
    """The fields among them that are not the same of no data, as constants are."""

    @property
    def has_found(self) -> bool:
        """Whether the module sees something: a field that is neither zero nor empty."""
        return any(self.found.values())


def reports(
    data: ScannedBytes,
    modules_data: Mapping[str, bytes],
    names: Iterable[str] | None,
    on_failure: Callable[[Error], object],
) -> Iterator[ModuleReport]:
    """Yield what the modules of these names say, or all modules that see something.

    ``on_failure`` is told of each module that fails, or is named and not here.
    """
    for name in names_with_fields() if names is None else dict.fromkeys(names):
        try:
            told = _report(name, data, modules_data.get(name))
        except Error as error:
            on_failure(error)
            continue
        if told is not None and (names is not None or told.has_found):
            yield told
        elif told is None and names is not None:
            on_failure(Error(f'unknown module "{name}"'))


def dump(
    data: Data, modules_data: dict[str, Any] | None, names: Iterable[str] | None
) -> dict[str, dict[str, Any]]:
    """Return the values of modules by their names; see ``miniyara.modules.dump``."""
    if isinstance(names, str):
        raise TypeError("'names' must be several names, not a str")
    handed = modules_data_argument(ABSENT if modules_data is None else modules_data)
    # A list, because the warnings count the calls above them, and since Python 3.12 what
    # consumes a generator in a comprehension is none.
    told = list(reports(data_argument(data), handed, names, _warn if names is None else _fail))
    return {report.name: report.values for report in told}


def _report(name: str, data: ScannedBytes, module_data: bytes | None) -> ModuleReport | None:
    """Ask a module for everything; None if it is not here.

    Raises :class:`miniyara.Error` if the module fails.
    """
    module = find(name)
    if module is None:
        return None
    try:
        values = _values(module, ModuleScan(data, module_data))
        of_no_data = _values(module, ModuleScan(b""))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise Error(f'module "{name}" failed: {reason}') from error
    found = {
        name: value
        for name, value in values.items()
        if name not in of_no_data or of_no_data[name] != value
    }
    return ModuleReport(name, module.declaration, values, found)


def _values(module: Module, scan: ModuleScan) -> dict[str, Any]:
    return module_dictionary(module.name, module.declaration, module.load(scan))


def _warn(error: Error) -> None:
    # Up to the caller of miniyara.modules.dump.
    warnings.warn(str(error), RuntimeWarning, stacklevel=5)


def _fail(error: Error) -> None:
    raise error
