"""The ``crx`` module: extensions of Chrome.

YARA has no such module; it is YARA-X's, with the same names, fields and values (see its
``modules/crx`` and ``crx.proto``). Truth is the number 1. ``file`` reads the header,
``archive`` the ZIP archive behind it, ``manifest`` what the extension says of itself, and
``keys`` verifies signatures.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from miniyara.modules.crx.file import CrxFile, crx_file
from miniyara.modules.interface import Array, Function, LazyArray, LazyStructure, Structure, Type
from miniyara.modules.plain import EMPTY_ARRAY, PlainArray
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from miniyara.modules.interface import ModuleScan, Value


class _View:
    """The value of ``crx``."""

    def __init__(self, scan: ModuleScan) -> None:
        self._scan = scan

    @cached_property
    def file(self) -> CrxFile | None:
        """The scanned data as an extension."""
        return crx_file(self._scan.data, self._scan.deadline)

    def member(self, name: str) -> Value | Undefined:
        """Compute the value of a field."""
        if self.file is not None:
            return _FILE[name](self.file)
        if name == "is_crx":
            return 0
        return EMPTY_ARRAY if isinstance(_DECLARATION.members[name], Array) else UNDEFINED


def _text(name: str) -> Callable[[CrxFile], bytes | Undefined]:
    """Return what reads a text of the manifest."""

    def read(file: CrxFile) -> bytes | Undefined:
        found = file.manifest
        return UNDEFINED if found is None else found.texts.get(name, UNDEFINED)

    return read


def _resolved(name: str) -> Callable[[CrxFile], bytes | Undefined]:
    """Return what reads a text of the manifest that may be a reference."""

    def read(file: CrxFile) -> bytes | Undefined:
        text = None if file.manifest is None else file.manifest.resolved(name)
        return UNDEFINED if text is None else text

    return read


def _raw(name: str) -> Callable[[CrxFile], bytes | Undefined]:
    """Return what reads a text that may be a reference as it is written.

    YARA-X has it only if there are texts that it could refer to.
    """

    def read(file: CrxFile) -> bytes | Undefined:
        found = file.manifest
        if found is None or found.messages is None:
            return UNDEFINED
        return found.texts.get(name, UNDEFINED)

    return read


def _list(name: str) -> Callable[[CrxFile], PlainArray]:
    """Return what reads a list of the manifest."""

    def read(file: CrxFile) -> PlainArray:
        return EMPTY_ARRAY if file.manifest is None else PlainArray(file.manifest.lists[name])

    return read


def _signatures(file: CrxFile) -> LazyArray:
    def signature(index: int) -> LazyStructure:
        return LazyStructure(
            {
                "key": lambda: file.header.proofs[index].encoded_key,
                "verified": lambda: int(file.is_verified(index)),
            }
        )

    return LazyArray(len(file.header.proofs), signature)


_FILE: Final[Mapping[str, Callable[[CrxFile], Value | Undefined]]] = {
    "is_crx": lambda _: 1,
    "crx_version": lambda file: file.header.version,
    "header_size": lambda file: file.header.size,
    "id": lambda file: file.id,
    "version": _text("version"),
    "name": _resolved("name"),
    "description": _resolved("description"),
    "raw_name": _raw("name"),
    "raw_description": _raw("description"),
    "minimum_chrome_version": _text("minimum_chrome_version"),
    "homepage_url": _text("homepage_url"),
    "permissions": _list("permissions"),
    "host_permissions": _list("host_permissions"),
    "optional_permissions": _list("optional_permissions"),
    "optional_host_permissions": _list("optional_host_permissions"),
    "signatures": _signatures,
}


def _permhash(_scan: ModuleScan, view: _View) -> bytes | Undefined:
    return UNDEFINED if view.file is None else view.file.permhash


_DECLARATION: Final = Structure(
    {
        **dict.fromkeys(("is_crx", "crx_version", "header_size"), Type.INTEGER),
        **dict.fromkeys(("id", "version", "name", "description"), Type.STRING),
        **dict.fromkeys(("raw_name", "raw_description"), Type.STRING),
        **dict.fromkeys(("minimum_chrome_version", "homepage_url"), Type.STRING),
        "permissions": Array(Type.STRING),
        "host_permissions": Array(Type.STRING),
        "optional_permissions": Array(Type.STRING),
        "optional_host_permissions": Array(Type.STRING),
        "signatures": Array(Structure({"key": Type.STRING, "verified": Type.INTEGER})),
        "permhash": Function(Type.STRING, {"": _permhash}, is_method=True),
    }
)


class CrxModule:
    """The module ``crx``."""

    name = "crx"

    @property
    def declaration(self) -> Structure:
        """The fields and functions."""
        return _DECLARATION

    def load(self, scan: ModuleScan) -> _View:
        """Return the view of a scan, of which nothing is read yet."""
        return _View(scan)


MODULE: Final = CrxModule()
