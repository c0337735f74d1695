"""Removing people, garments and fittings from the database, with everything that names them.

A person or garment may be in thousands of fittings. Its removal is a row of its own: from the moment that it is
written, neither the photo nor its fittings are there for anybody. The rest goes in batches, each a transaction of its
own, so that nobody waits long for any of them; and a gateway that dies leaves the row, by which the next one goes on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database, insert_into
from vf_gateway.database.tables import Comparison, Delivery, Fitting, IdempotencyKey, Photo, Removal, Webhook, now_us
from vf_gateway.resources.orphans import OrphanedPictures
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.resources.results import grid_key
from vf_gateway.work.jobs import Queue, Worker
from vf_gateway.work.notifications import Notifications
from vfkit.contracts import Stage
from vfkit.pictures import PictureKind

log = structlog.get_logger(__name__)

_BATCH = 50
"""Fittings in one transaction: it takes some tens of milliseconds, in which nobody else can write to SQLite."""


@dataclass
class Removed:
    """What a transaction has removed: what is to be done after it.

    Attributes:
        subjects: their jobs are stopped, and those who wait for them are told.
        paths: their pictures.
        freed: what counts no more, by market and buyer.
    """

    subjects: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    freed: dict[tuple[str, str | None], Amount] = field(default_factory=dict)

    def free(self, market: str, buyer: str | None, amount: Amount) -> None:
        """Count less of a buyer."""
        self.freed[market, buyer] = self.freed.get((market, buyer), Amount()) + amount


@dataclass(frozen=True)
class Removals:
    """Removes rows, then pictures."""

    database: Database
    pictures: OrphanedPictures
    quotas: Quotas
    queue: Queue
    worker: Worker
    notifications: Notifications

    @staticmethod
    async def begin(session: AsyncSession, photo: Photo, *, with_fittings: bool) -> bool:
        """From this transaction on, a person or garment is there for nobody; False: that was so already."""
        adding = insert_into(session, Removal).values(
            subject=photo.id, kind=photo.kind, with_fittings=with_fittings, begun_at=now_us()
        )
        added = adding.on_conflict_do_nothing(index_elements=["subject"]).returning(Removal.subject)
        await session.execute(delete(IdempotencyKey).where(IdempotencyKey.subject == photo.id))
        return await session.scalar(added) is not None

    async def finish(self) -> None:
        """Bring all removals to their end, a batch of each in turn."""
        async with self.database.read() as session:
            left = list(await session.scalars(select(Removal.subject).order_by(Removal.begun_at)))
        while left:
            left = [subject for subject in left if not await self.step(subject)]

    async def step(self, subject: str) -> bool:
        """Remove one batch; True: there is no more to do here.

        One that fails is logged, and begun again by the next sweep.
        """
        try:
            async with self.removing() as (session, removed):
                removal = await session.scalar(_MINE, {"subject": subject})
                # None: it is done, or another gateway is at it.
                is_done = removal is None or await self._remove_batch(session, removal, removed)
        except Exception:
            log.exception("a removal did not get on", subject=subject)
            return True
        return is_done

    @asynccontextmanager
    async def removing(self) -> AsyncIterator[tuple[AsyncSession, Removed]]:
        """A transaction that removes rows; after it their work ends and their pictures go."""
        removed = Removed()
        async with self.database.write() as session:
            yield session, removed
            # Last in the transaction: everybody's counters are in these rows.
            await self.pictures.add(session, removed.paths)
            await self.quotas.give_back(session, removed.freed)
        for subject in removed.subjects:
            self.worker.cancel(subject)
            self.notifications.tell(subject)
        await self.pictures.delete(removed.paths)

    async def remove_fittings(self, session: AsyncSession, ids: Sequence[str], removed: Removed) -> list[str]:
        """Remove fittings with what names them, at most some hundred; returns those that were there."""
        if not ids:
            return []
        # Jobs first, as whoever stores an outcome does: two transactions that wait for each other would both fail.
        await self.queue.drop(session, list(ids))
        for column in (IdempotencyKey.subject, Delivery.subject, Webhook.fitting_id):
            await session.execute(delete(column.class_).where(column.in_(ids)))
        rows = (await session.execute(delete(Fitting).where(Fitting.id.in_(ids)).returning(*_LEFT_BY_FITTING))).all()
        for row in rows:
            removed.free(row.market, row.buyer, Amount(stored_bytes=row.stored_bytes))
            if row.result_entry is None:
                continue
            removed.paths.append(row.result_entry)
            if person := row.entries.get(Stage.OPENPOSE.value):
                removed.paths.append(f"{person[0]}/{grid_key(row.entries[Stage.HRVITON.value][1])}")
        gone = [row.id for row in rows]
        removed.subjects += gone
        return gone

    @staticmethod
    async def remove_comparisons(session: AsyncSession, ids: Sequence[str]) -> None:
        """Remove comparisons; their fittings have been removed."""
        await session.execute(delete(IdempotencyKey).where(IdempotencyKey.subject.in_(ids)))
        await session.execute(delete(Comparison).where(Comparison.id.in_(ids)))

    async def _remove_batch(self, session: AsyncSession, removal: Removal, removed: Removed) -> bool:
        """One transaction's part of a removal; True: it was the last."""
        named = Fitting.person_id if removal.kind == PictureKind.PERSON.value else Fitting.garment_id
        of_fittings = select(Fitting.id).where(named == removal.subject)
        fittings = list(await session.scalars(of_fittings.limit(_BATCH)))
        if removal.with_fittings:
            await self.remove_fittings(session, fittings, removed)
        elif fittings:
            await session.execute(update(Fitting).where(Fitting.id.in_(fittings)).values({named: None}))
        if len(fittings) == _BATCH:
            return False
        of_comparisons = select(Comparison.id).where(Comparison.person_id == removal.subject)
        comparisons = list(await session.scalars(of_comparisons.limit(_BATCH)))
        if comparisons and removal.with_fittings:
            await self.remove_comparisons(session, comparisons)
        elif comparisons:
            await session.execute(update(Comparison).where(Comparison.id.in_(comparisons)).values(person_id=None))
        await self.queue.drop(session, [removal.subject])
        photo = await session.get(Photo, removal.subject, with_for_update=True)
        # Looked for again under the lock: what was accepted in between has come before it, or finds no photo.
        if len(comparisons) == _BATCH or await session.scalar(of_fittings.limit(1)):
            return False
        if photo is not None:
            await self._remove_photo(session, photo, removed)
        await session.delete(removal)
        return True

    @staticmethod
    async def _remove_photo(session: AsyncSession, photo: Photo, removed: Removed) -> None:
        await session.delete(photo)
        await session.flush()
        removed.subjects.append(photo.id)
        removed.paths.append(photo.scope)
        removed.free(photo.market, photo.buyer, Amount(1, photo.stored_bytes))


_MINE = select(Removal).where(Removal.subject == bindparam("subject")).with_for_update(skip_locked=True)

_LEFT_BY_FITTING = (
    Fitting.id, Fitting.market, Fitting.buyer, Fitting.result_entry, Fitting.entries, Fitting.stored_bytes
)  # fmt: skip
