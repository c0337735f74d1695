"""What a worker gives up before it sees a stranger's byte.

All of it works without privileges, also in a container without capabilities. Where the kernel lacks a part (seccomp on
other machines than x86-64 and ARM64, a sandbox that emulates Linux) the rest still holds, and
`Confinement.missing` says so.

- It dies with the process that forked it (PR_SET_PDEATHSIG), and no core dump is written of it.
- It may write no file (RLIMIT_FSIZE), open few (RLIMIT_NOFILE), and compute for a bounded time (RLIMIT_CPU).
- Its own memory is bounded (RLIMIT_DATA), more tightly once its picture's needs are known (`Confinement.allow`).
- It can make no system call but those of `_CALLS` (seccomp): it opens nothing, connects to nothing, starts no process
  and signals none.
- It is the first to go when the machine or the container runs out of memory (oom_score_adj).
"""

from __future__ import annotations

import ctypes
import math
import platform
import resource
import signal
import struct
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2

_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
"""BPF: load a word of the call's description; jump if equal, or if a bit is set; return (linux/bpf_common.h)."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Where struct seccomp_data has them, on little-endian machines."""
_CLONE_THREAD = 0x00010000

_CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
            "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "sendto": 44,
            "recvfrom": 45, "sendmsg": 46, "recvmsg": 47, "exit": 60, "fcntl": 72, "gettimeofday": 96,
            "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "sigaltstack": 131, "gettid": 186, "futex": 202,
            "sched_getaffinity": 204, "set_tid_address": 218, "clock_gettime": 228, "clock_getres": 229,
            "clock_nanosleep": 230, "exit_group": 231, "newfstatat": 262, "ppoll": 271, "set_robust_list": 273,
            "getcpu": 309, "getrandom": 318, "membarrier": 324, "rseq": 334,
        },
        {"clone": 56, "prlimit64": 302, "clone3": 435},
    ),
    "aarch64": (
        0xC00000B7,
        {
            "fcntl": 25, "close": 57, "lseek": 62, "read": 63, "write": 64, "pread64": 67, "ppoll": 73,
            "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94, "set_tid_address": 96, "futex": 98,
            "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114,
            "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "sigaltstack": 132,
            "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "getrlimit": 163, "getrusage": 165,
            "getcpu": 168, "gettimeofday": 169, "getpid": 172, "gettid": 178, "sysinfo": 179, "sendto": 206,
            "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222,
            "mprotect": 226, "madvise": 233, "getrandom": 278, "membarrier": 283, "rseq": 293,
        },
        {"clone": 220, "prlimit64": 261, "clone3": 435},
    ),
}  # fmt: skip
"""Of each machine: its name for seccomp (AUDIT_ARCH_*), calls that are allowed, calls that are looked into."""

_OPEN_FILES = 32
_MARGIN = 64_000_000
"""Bytes beside the picture itself: Python's own, and libraries' tables and thread stacks."""


class Confinement:
    """Gives it all up, for the rest of this process's life.

    Args:
        memory: bytes that this process may ever take on top of what it has now.

    Attributes:
        missing: what this machine does not have.
    """

    def __init__(self, memory: int) -> None:
        self.missing: list[str] = []
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
            self.missing.append("PR_SET_PDEATHSIG")
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails instead
        self._base = _data_bytes() + _MARGIN
        self._most = self._base + memory
        for limit, value in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, _OPEN_FILES),
            (resource.RLIMIT_DATA, self._most),
        ):
            resource.setrlimit(limit, (value, value))
        if not _filter_calls(libc):
            self.missing.append("seccomp")

    def allow(self, memory: int, seconds: float) -> None:
        """Bound the next steps more tightly.

        Args:
            memory: bytes on top of what this process began with.
            seconds: of computing, from now on.
        """
        resource.setrlimit(resource.RLIMIT_DATA, (min(self._most, self._base + memory), self._most))
        end = math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))


def volunteer_for_oom() -> None:
    """Let this process be the first to go when memory runs out; before it is confined, as this writes a file."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _data_bytes() -> int:
    """What RLIMIT_DATA counts: private memory that may be written to (proc(5), statm's sixth field)."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """Install the filter of system calls; whether this machine has one."""
    known = _CALLS.get(platform.machine())
    if known is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    instructions = _program(*known)
    program = _Program(len(instructions) // 8, instructions)
    return int(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)) == 0


def _program(architecture: int, allowed: dict[str, int], looked_into: dict[str, int]) -> bytes:
    """The filter in BPF; a call that is not allowed fails with EPERM, as if the permission were missing."""
    refuse = _return(_ERRNO | _EPERM)
    return b"".join(
        [
            _step(_LOAD, _ARCHITECTURE),
            _step(_EQUAL, architecture, then=1),
            _return(_KILL_PROCESS),
            _step(_LOAD, _NUMBER),
            # glibc makes threads by clone where clone3 is unknown; a filter cannot see clone3's flags.
            _step(_EQUAL, looked_into["clone3"], otherwise=1),
            _return(_ERRNO | _ENOSYS),
            # Threads (libde265 decodes in one), no processes.
            _step(_EQUAL, looked_into["clone"], otherwise=4),
            _step(_LOAD, _FIRST_ARGUMENT),
            _step(_ANY_BIT, _CLONE_THREAD, otherwise=1),
            _return(_ALLOW),
            refuse,
            # Its own limits, nobody else's.
            _step(_EQUAL, looked_into["prlimit64"], otherwise=4),
            _step(_LOAD, _FIRST_ARGUMENT),
            _step(_EQUAL, 0, otherwise=1),
            _return(_ALLOW),
            refuse,
            *(_step(_EQUAL, number, otherwise=1) + _return(_ALLOW) for number in allowed.values()),
            refuse,
        ]
    )


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; a jump skips that many of those behind it."""
    return struct.pack("=HBBI", code, then, otherwise, value)


def _return(value: int) -> bytes:
    return _step(_RETURN, value)
