"""Limits that a child process sets itself before it reads what strangers wrote."""

import contextlib
import signal
from pathlib import Path

_STATUS = Path("/proc/self/status")
_KILO = 1_024

OUT_OF_TIME = -getattr(signal, "SIGPROF", 27)
"""The exit code of a process that used up its time."""


def limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it has now, where that can be set.

    What goes beyond it raises MemoryError. A crash leaves no dump behind.
    """
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on Windows

        room = memory_in_use("VmSize") + megabytes * _KILO * _KILO
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if _STATUS.exists() and (hard == resource.RLIM_INFINITY or room < hard):
            resource.setrlimit(resource.RLIMIT_AS, (room, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(seconds: float) -> None:
    """End this process after so many seconds of processor time from now on; 0 lifts the limit.

    Where that cannot be set, as on Windows, whoever started the process has to end it.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def memory_in_use(field: str) -> int:
    """Return a figure of `/proc/self/status` in bytes, 0 where the system does not tell."""
    try:
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * _KILO
    except OSError:
        return 0
    return 0
