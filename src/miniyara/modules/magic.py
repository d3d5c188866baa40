"""YARA's ``magic`` module: what the command ``file`` says of the data.

Follows libyara's ``modules/magic/magic.c``. The answers are those of the library libmagic
on this machine and of its database, so they differ from machine to machine; without
libmagic there is no such module.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import Error
from miniyara.modules.interface import Function, Structure, Type
from miniyara.modules.static import StaticModule
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.modules.interface import Module, ModuleScan

_MAGIC_NONE: Final = 0x0
_MAGIC_MIME_TYPE: Final = 0x10

_MOST_COPIED: Final = 1 << 26
"""Bytes that libmagic gets to see of data that are not ``bytes``, such as a file that is
mapped because it is large. Most of what it knows stands at the start."""

_NO_DATABASE: Final = "internal error: 31"
"""What yara-python says of libyara's ERROR_INTERNAL_FATAL_ERROR."""


def _load_library() -> ctypes.CDLL | None:
    """Load libmagic; None if it is not there."""
    name = ctypes.util.find_library("magic") or ctypes.util.find_library("magic-1")
    try:
        if name is not None:
            return ctypes.CDLL(name)
        # The package python-magic knows more places.
        from magic.loader import load_lib  # noqa: PLC0415 - only where it is installed

        library: ctypes.CDLL = load_lib()
    except (ImportError, OSError):
        return None
    return library


class _Cookie:
    """A handle of libmagic."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.handle = library.magic_open(_MAGIC_NONE)
        if not self.handle:
            raise Error(_NO_DATABASE)
        weakref.finalize(self, library.magic_close, self.handle)
        if library.magic_load(self.handle, None) != 0:
            raise Error(_NO_DATABASE)


class LibMagic:
    """The functions of libmagic that are needed."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.magic_open.restype = ctypes.c_void_p
        library.magic_open.argtypes = [ctypes.c_int]
        library.magic_load.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        library.magic_close.argtypes = [ctypes.c_void_p]
        library.magic_setflags.argtypes = [ctypes.c_void_p, ctypes.c_int]
        library.magic_buffer.restype = ctypes.c_char_p
        library.magic_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        self._of_thread = threading.local()
        """Has a cookie for each thread, for threads cannot share one."""

    def describe(self, data: bytes, flags: int) -> bytes | None:
        """Return what libmagic says of the data.

        Raises :class:`miniyara.Error` if its database cannot be read.
        """
        if not hasattr(self._of_thread, "cookie"):
            self._of_thread.cookie = _Cookie(self._library)
        handle = self._of_thread.cookie.handle
        self._library.magic_setflags(handle, flags)
        answer: bytes | None = self._library.magic_buffer(handle, data, len(data))
        return answer


def _function(library: LibMagic, flags: int) -> Function:
    key = LibMagic, flags

    def call(scan: ModuleScan) -> bytes | Undefined:
        if key not in scan.memo:
            scan.memo[key] = library.describe(_bytes(scan.data), flags)
        answer: bytes | None = scan.memo[key]
        return UNDEFINED if answer is None else answer

    return Function(Type.STRING, {"": call})


def _bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else bytes(data[:_MOST_COPIED])


def module(load_library: Callable[[], ctypes.CDLL | None] = _load_library) -> Module | None:
    """Return the module, or None without libmagic."""
    found = load_library()
    if found is None:
        return None
    library = LibMagic(found)
    return StaticModule(
        "magic",
        Structure(
            {
                "mime_type": _function(library, _MAGIC_MIME_TYPE),
                "type": _function(library, _MAGIC_NONE),
            }
        ),
    )


MODULE: Final = module()
