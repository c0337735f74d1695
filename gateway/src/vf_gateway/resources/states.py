"""Where a person, a garment or a fitting is, from being accepted to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from typing import TypeVar

from vf_gateway.database.tables import Fitting, Photo
from vf_gateway.work.notifications import Notifications

RowT = TypeVar("RowT", Photo, Fitting)


class State(StrEnum):
    """Where a person, a garment or a fitting is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing changes any more."""
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


async def wait_for_end(
    notifications: Notifications, subject: str, seconds: float, look: Callable[[], Awaitable[RowT]]
) -> RowT:
    """The row when it has ended, or as it is after this time; `look` reads it."""
    until = time.monotonic() + seconds
    with notifications.watch(subject) as changed:
        while True:
            changed.clear()
            row = await look()
            left = until - time.monotonic()
            if State(row.state).final or left <= 0:
                return row
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), left)
