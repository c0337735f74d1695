"""What this machine is, and how much memory processes take on it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable
from pathlib import Path


def describe() -> str:
    """The machine in one line: processor, cores that this process may use, memory, system."""
    return f"{_processor()}, {cores()} cores, {memory_gib():.0f} GiB, {platform.system()} {platform.machine()}"


def cores() -> int:
    """Processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def memory_gib() -> float:
    """Memory of the machine in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def free_disk_gib(folder: Path) -> float:
    """Room on the disk of a folder in GiB."""
    return shutil.disk_usage(folder).free / 2**30


def proportional_mib(pids: Iterable[int]) -> float | None:
    """Memory of processes in MiB, pages that they share counted once (proportional set size); None without /proc."""
    total = 0
    try:
        for pid in pids:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return None
    return total / 1024


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
