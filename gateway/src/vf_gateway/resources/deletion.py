"""Removing things with everything made from them: when asked, and when their time is over."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.access.principal import Principal
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import (
    SECOND,
    Audit,
    Comparison,
    Delivery,
    Doomed,
    Fitting,
    IdempotencyKey,
    Photo,
    now_us,
)
from vf_gateway.observability.metrics import Metrics
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.pictures import grid_key
from vf_gateway.settings import Settings
from vf_gateway.work.jobs import Queue, Worker
from vf_gateway.work.notifications import News
from vfkit.contracts import Stage
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

_RETENTION = Principal("", None, frozenset(), "retention")
_BATCH = 100
_IDEMPOTENCY_SECONDS = 24 * 3600
_DELIVERIES_SECONDS = 30 * 24 * 3600
_MARGIN_SECONDS = 60


class Deletion:
    """Deletes rows at once and pictures right after; what a crash leaves is found by the next sweep.

    Args:
        database: rows, and the list of doomed pictures.
        store: pictures.
        queue: jobs of what is deleted are dropped.
        worker: and stopped.
        news: those who wait are told.
        metrics: counts them.
        settings: retention and deadlines.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ArtifactStore,
        queue: Queue,
        worker: Worker,
        news: News,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._database = database
        self._store = store
        self._queue = queue
        self._worker = worker
        self._news = news
        self._metrics = metrics
        self._settings = settings

    async def delete_photo(self, principal: Principal, photo: Photo) -> None:
        """Remove a person or garment, its pictures, and every fitting with it.

        Raises:
            Problem: ``forbidden`` when a buyer deletes a garment of the market.
        """
        if principal.buyer is not None and photo.buyer != principal.buyer:
            raise Problem(Code.FORBIDDEN, "This garment belongs to the market.")
        async with self._database.write() as session:
            row = await session.get(Photo, photo.id, with_for_update=True)
            if row is None:
                return
            fittings = list(
                await session.scalars(
                    select(Fitting).where(or_(Fitting.person_id == photo.id, Fitting.garment_id == photo.id))
                )
            )
            paths = await self._remove_fittings(session, fittings)
            await session.execute(delete(Comparison).where(Comparison.person_id == photo.id))
            paths += await self._remove_photo(session, row)
            action = f"{photo.kind}.delete"
            self._note(session, principal, photo.market, action, photo.id, {"fittings": len(fittings)})
            await self._doom(session, paths)
        await self._after([photo.id, *(f.id for f in fittings)], paths)

    async def delete_fitting(self, principal: Principal, fitting: Fitting) -> None:
        """Remove a fitting and its result."""
        async with self._database.write() as session:
            paths = await self._remove_fittings(session, [fitting])
            self._note(session, principal, fitting.market, "fitting.delete", fitting.id, {})
            await self._doom(session, paths)
        await self._after([fitting.id], paths)

    async def delete_comparison(self, principal: Principal, comparison: Comparison, fittings: list[Fitting]) -> None:
        """Remove a comparison with its fittings."""
        async with self._database.write() as session:
            paths = await self._remove_fittings(session, fittings)
            await session.execute(delete(Comparison).where(Comparison.id == comparison.id))
            await session.execute(delete(IdempotencyKey).where(IdempotencyKey.subject == comparison.id))
            self._note(session, principal, comparison.market, "comparison.delete", comparison.id, {})
            await self._doom(session, paths)
        await self._after([f.id for f in fittings], paths)

    # --- by time ---

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("the retention sweep failed")
            await asyncio.sleep(self._settings.sweep_seconds)

    async def sweep(self) -> None:
        """Remove everything whose time is over, and pictures that were doomed."""
        while await self._expire_photos():
            pass
        while await self._expire_fittings():
            pass
        now = now_us()
        async with self._database.write() as session:
            old = now - _IDEMPOTENCY_SECONDS * SECOND
            await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < old))
            old = now - _DELIVERIES_SECONDS * SECOND
            await session.execute(delete(Delivery).where(Delivery.created_at < old, Delivery.state != "waiting"))
        async with self._database.read() as session:
            due = list(await session.scalars(select(Doomed.path).where(Doomed.due_at < now)))
        for path in due:
            await self._destroy(path)
            async with self._database.write() as session:
                await session.execute(delete(Doomed).where(Doomed.path == path))

    async def _expire_photos(self) -> int:
        """A person's photo goes, their fittings stay until their own time is over."""
        async with self._database.write() as session:
            rows = list(
                await session.scalars(
                    select(Photo).where(Photo.expires_at < now_us()).limit(_BATCH).with_for_update(skip_locked=True)
                )
            )
            paths: list[str] = []
            for row in rows:
                paths += await self._remove_photo(session, row)
                self._note(session, _RETENTION, row.market, f"{row.kind}.expire", row.id, {})
            await self._doom(session, paths)
        await self._after([row.id for row in rows], paths)
        return len(rows)

    async def _expire_fittings(self) -> int:
        async with self._database.write() as session:
            rows = list(
                await session.scalars(
                    select(Fitting).where(Fitting.expires_at < now_us()).limit(_BATCH).with_for_update(skip_locked=True)
                )
            )
            paths = await self._remove_fittings(session, rows)
            for row in rows:
                self._note(session, _RETENTION, row.market, "fitting.expire", row.id, {})
            await self._doom(session, paths)
        await self._after([row.id for row in rows], paths)
        return len(rows)

    # --- parts ---

    async def _remove_photo(self, session: AsyncSession, row: Photo) -> list[str]:
        await self._queue.drop(session, [row.id])
        await session.execute(delete(IdempotencyKey).where(IdempotencyKey.subject == row.id))
        await session.delete(row)
        await session.flush()
        shared = await session.scalar(select(Photo.id).where(Photo.scope == row.scope).limit(1))
        return [] if shared else [row.scope]

    async def _remove_fittings(self, session: AsyncSession, fittings: list[Fitting]) -> list[str]:
        """Remove rows; returns where the pictures are that no other fitting has."""
        ids = [fitting.id for fitting in fittings]
        await self._queue.drop(session, ids)
        for table, column in ((IdempotencyKey, IdempotencyKey.subject), (Delivery, Delivery.subject)):
            await session.execute(delete(table).where(column.in_(ids)))
        await session.execute(delete(Fitting).where(Fitting.id.in_(ids)))
        paths: dict[str, None] = {}
        for fitting in fittings:
            if fitting.result_entry is None:
                continue
            same = Fitting.result_entry == fitting.result_entry
            if await session.scalar(select(Fitting.id).where(same).limit(1)) is None:
                paths[fitting.result_entry] = None
                if person := fitting.entries.get(Stage.OPENPOSE.value):
                    paths[f"{person[0]}/{grid_key(fitting.entries[Stage.HRVITON.value][1])}"] = None
        return list(paths)

    async def _doom(self, session: AsyncSession, paths: list[str]) -> None:
        """A job that is being stopped may still write for a while: the pictures are removed again after that."""
        due = now_us() + int((self._settings.deadline + _MARGIN_SECONDS) * SECOND)
        for path in paths:
            await session.merge(Doomed(path=path, due_at=due))

    def _note(
        self,
        session: AsyncSession,
        principal: Principal,
        market: str,
        action: str,
        subject: str,
        detail: dict[str, int],
    ) -> None:
        """The audit's line of one deletion, in its transaction."""
        log.info("deleted", action=action, subject=subject, actor=principal.actor)
        self._metrics.deletions.labels(action).inc()
        session.add(
            Audit(
                id=new_id("aud"),
                at=now_us(),
                market=market,
                actor=principal.actor,
                action=action,
                subject=subject,
                detail=detail,
            )
        )

    async def _after(self, subjects: list[str], paths: list[str]) -> None:
        for subject in subjects:
            self._worker.cancel(subject)
            self._news.tell(subject)
        for path in paths:
            await self._destroy(path)

    async def _destroy(self, path: str) -> None:
        """Delete pictures, unless something has come to need them since."""
        async with self._database.read() as session:
            needed = await session.scalar(select(Photo.id).where(Photo.scope == path).limit(1)) or await session.scalar(
                select(Fitting.id).where(Fitting.result_entry == path).limit(1)
            )
        if needed is None:
            await self._store.delete_scope(path)
