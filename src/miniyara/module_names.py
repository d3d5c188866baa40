"""``miniyara.modules``: a list of names, as in yara-python, that can do one thing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.scanning.arguments import Data


class ModuleNames(list[str]):
    """The names of the built-in modules; in all that yara-python knows of it, a list."""

    def dump(
        self,
        data: Data,
        *,
        modules_data: dict[str, Any] | None = None,
        names: Iterable[str] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Return what modules see in data, without a rule.

        ``data``: a buffer, or a ``str``, which stands for its UTF-8.
        ``modules_data``: the ``bytes`` handed to each module, by its name.
        ``names``: the modules to ask; by default all, with those of other packages.

        The keys are the names of modules; each value is the dictionary that
        ``modules_callback`` is given of that module.  By default a module is left out that
        sees nothing: one that has functions only, that is not here (``magic`` without
        libmagic), or all of whose fields are zero, empty or what they are of no data.  A
        module that fails is left out, too, with a ``RuntimeWarning``.  Modules that are
        named are in the dictionary in any case, in the order of ``names``.

        Raises :class:`miniyara.Error` if a module that is named fails or is not here, and
        TypeError for wrong arguments.
        """
        from miniyara.scanning.module_dump import dump  # noqa: PLC0415 - rarely asked for

        return dump(data, modules_data, names)
