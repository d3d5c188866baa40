"""Files that the command writes: there is the old one or the new one, whole."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from stat import S_IMODE
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


@contextmanager
def replaced(path: str) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of the one at ``path`` at the end.

    If the block ends with an exception, there is no new file.  A device, such as
    ``/dev/stdout``, is written to.  Raises OSError.
    """
    if os.path.lexists(path) and not os.path.isfile(path):  # noqa: PTH113 - paths are text here
        with open(path, "wb") as device:  # noqa: PTH123 - likewise
            yield device
        return
    place = os.path.realpath(path)  # a link stays, and what it leads to is replaced
    temporary = f"{place}.{secrets.token_hex(4)}.part"
    try:
        file = open(temporary, "xb")  # noqa: PTH123, SIM115 - likewise; closed below
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    try:
        with file:
            with suppress(FileNotFoundError):  # who must not read the old one, not the new one
                os.chmod(temporary, S_IMODE(os.stat(path).st_mode))  # noqa: PTH101, PTH116 - likewise
            yield file
        os.replace(temporary, place)  # noqa: PTH105 - likewise
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)  # noqa: PTH108 - likewise
        raise
