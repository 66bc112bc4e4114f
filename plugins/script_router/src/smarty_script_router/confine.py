"""Takes from this process what scripts have no use for: files, network, other processes, memory without end.

Called once, in the process of an operator's scripts, after everything it needs is imported. What still works after
it: computing, a bounded amount of memory, the clock, random bytes, and the one connection to the server.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Final

MEMORY: Final = 64 * 1024 * 1024
"""Bytes of address space beyond what the idle process has."""

CPU_SECONDS: Final = 600
"""Processor time of one process, all scripts together; the server replaces it long before."""

NOBODY: Final = 65_534

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2

_LOAD: Final = 0x20
"""BPF: load a word of the system call's description."""
_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF_0000
_REFUSE: Final = 0x0005_0000 | 1  # the call fails with EPERM

_CALLS: Final = {
    # read write exit exit_group brk mmap munmap mremap mprotect madvise futex rt_sigreturn rt_sigprocmask
    # setitimer getrandom clock_gettime gettimeofday sched_yield restart_syscall
    "x86_64": (0xC000003E, (0, 1, 60, 231, 12, 9, 11, 25, 10, 28, 202, 15, 14, 38, 318, 228, 96, 24, 219)),
    "aarch64": (
        0xC000_00B7,
        (63, 64, 93, 94, 214, 222, 215, 216, 226, 233, 98, 139, 135, 103, 278, 113, 169, 124, 128),
    ),
}
"""Machine -> its mark in the kernel, and the numbers of the calls that stay allowed."""


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def confine() -> bool:
    """Give everything up, for good. True when the kernel filters system calls as well (Linux on x86-64 or ARM64).

    Raises `OSError` when the limits cannot be set.
    """
    # With TZ set the C library does not look at the file of the time zone again.
    os.environ["TZ"] = ":/etc/localtime"
    time.tzset()
    memory = _address_space() + MEMORY
    _become_nobody()
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    return _filter_calls()


def _become_nobody() -> None:
    """Root is not bound by the limit of processes. Without the right to change it stays who it is."""
    if os.getuid() == 0:
        with contextlib.suppress(PermissionError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def _address_space() -> int:
    """Bytes this process has mapped; a guess where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except (OSError, ValueError):
        return 128 * 1024 * 1024
    return pages * resource.getpagesize()


def _filter_calls() -> bool:
    known = _CALLS.get(platform.machine())
    if sys.platform != "linux" or known is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    mark, numbers = known
    # Numbers of another ABI of the same processor mean other calls: only the known mark passes.
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, mark), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    for place, number in enumerate(numbers):
        program.append((_EQUAL, len(numbers) - place, 0, number))
    program += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    instructions = (_Instruction * len(program))(*(_Instruction(*line) for line in program))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    loaded = _Program(len(program), instructions)
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(loaded), 0, 0) == 0)
