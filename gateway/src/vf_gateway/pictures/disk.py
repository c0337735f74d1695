"""How much room the disks have on which this gateway keeps its database and its pictures."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection
from pathlib import Path

from vfkit.problems import Code, Problem

_BELIEVED_SECONDS = 2.0
_MEGABYTE = 1_000_000


class DiskRoom:
    """Tells when a disk is nearly full, so that new work is refused while there is room to finish and delete.

    Args:
        folders: on the disks to look at; none when database and pictures are elsewhere.
        reserve_mb: how many megabytes must be free on each.
    """

    def __init__(self, folders: Collection[Path], reserve_mb: int) -> None:
        self._folders = folders if reserve_mb else ()
        self._reserve = reserve_mb * _MEGABYTE
        self._looked_at = float("-inf")
        self._is_low = False
        self._looking = asyncio.Lock()

    async def is_low(self) -> bool:
        """Whether a disk has less than the reserve; believed for two seconds."""
        if self._folders and time.monotonic() - self._looked_at >= _BELIEVED_SECONDS:
            async with self._looking:
                if time.monotonic() - self._looked_at >= _BELIEVED_SECONDS:
                    free = await asyncio.to_thread(self._least_free)  # a network's file system may take its time
                    self._is_low, self._looked_at = free < self._reserve, time.monotonic()
        return self._is_low

    async def require(self) -> None:
        """Refuse new things when a disk has less than the reserve. Raises Problem (``storage_full``)."""
        if await self.is_low():
            raise Problem(Code.STORAGE_FULL)

    def _least_free(self) -> int:
        return min(_free_bytes(folder) for folder in self._folders)


def _free_bytes(folder: Path) -> int:
    """What a process without privileges may still write."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize
