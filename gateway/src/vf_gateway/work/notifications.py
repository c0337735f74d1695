"""Who waits for a fitting hears of its changes: at once from this gateway, soon from others."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import select

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Fitting, Photo

log = structlog.get_logger(__name__)

_AT_ONCE = 500
"""Ids in one query; databases bound the number of parameters."""


class Notifications:
    """Wakes those who watch.

    Args:
        database: asked for the versions of watched fittings.
        poll_seconds: how often.
    """

    def __init__(self, database: Database, poll_seconds: float) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._versions: dict[str, str] = {}

    @contextmanager
    def watch(self, subject: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change of a fitting; whoever waits clears it."""
        event = asyncio.Event()
        self._watchers[subject].add(event)
        try:
            yield event
        finally:
            self._watchers[subject].discard(event)
            if not self._watchers[subject]:
                del self._watchers[subject]
                self._versions.pop(subject, None)

    @property
    def watched(self) -> int:
        """How many wait."""
        return sum(map(len, self._watchers.values()))

    def tell(self, subject: str) -> None:
        """Something changed."""
        for event in self._watchers.get(subject, ()):
            event.set()

    async def follow(self) -> None:
        """Look for the changes that other gateways make, for ever."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                await self._look()
            except Exception:
                log.exception("the changes of other gateways could not be read")

    async def _look(self) -> None:
        watched = list(self._watchers)
        for start in range(0, len(watched), _AT_ONCE):
            chunk = watched[start : start + _AT_ONCE]
            async with self._database.read() as session:
                fittings = await session.execute(select(Fitting.id, Fitting.version).where(Fitting.id.in_(chunk)))
                photos = await session.execute(select(Photo.id, Photo.state).where(Photo.id.in_(chunk)))
                present = {row[0]: str(row[1]) for row in (*fittings, *photos)}
            for subject in chunk:
                version = present.get(subject, "deleted")
                if self._versions.get(subject) != version and subject in self._watchers:
                    self._versions[subject] = version
                    self.tell(subject)
