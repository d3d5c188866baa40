"""Where a thread's registers have the address at which it begins.

Follows the thread states in libyara's ``include/yara/macho.h``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from miniyara.modules.macho.constants import CPU_TYPES

THREAD_COMMAND_SIZE: Final = 16
"""Bytes of the load command before the registers."""


class ThreadState(NamedTuple):
    """The registers of a machine."""

    size: int
    """Bytes of all registers."""
    offset: int
    """Where the instruction pointer is among them."""
    bits: int
    """Bits of the instruction pointer."""


THREAD_STATES: Final = {
    CPU_TYPES["CPU_TYPE_MC680X0"]: ThreadState(72, 68, 32),
    CPU_TYPES["CPU_TYPE_MC88000"]: ThreadState(136, 124, 32),
    CPU_TYPES["CPU_TYPE_SPARC"]: ThreadState(76, 4, 32),
    CPU_TYPES["CPU_TYPE_POWERPC"]: ThreadState(160, 0, 32),
    CPU_TYPES["CPU_TYPE_X86"]: ThreadState(64, 40, 32),
    CPU_TYPES["CPU_TYPE_ARM"]: ThreadState(68, 60, 32),
    CPU_TYPES["CPU_TYPE_X86_64"]: ThreadState(168, 128, 64),
    CPU_TYPES["CPU_TYPE_ARM64"]: ThreadState(268, 256, 64),
    CPU_TYPES["CPU_TYPE_POWERPC64"]: ThreadState(304, 0, 64),
}
"""By the type of the machine."""
