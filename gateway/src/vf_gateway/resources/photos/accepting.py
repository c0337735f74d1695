"""Taking photos of people and garments in: files first, then their rows, or neither."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.access.visibility import is_leaving, stays
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id, owner_key
from vf_gateway.database.tables import SECOND, Photo, now_us
from vf_gateway.pictures.disk import DiskRoom
from vf_gateway.pictures.intake import Prepared, keep, new_scope
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.idempotency import Submission
from vf_gateway.resources.orphans import OrphanedPictures
from vf_gateway.resources.photos.reading import source_of
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.resources.records import stage_columns
from vf_gateway.resources.states import State
from vf_gateway.settings import Settings
from vf_gateway.stages.pipeline import STAGES_OF
from vf_gateway.work.jobs import JobKind, Queue
from vfkit.contracts import Category
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

_PREFIX = {PictureKind.PERSON: "per", PictureKind.GARMENT: "gar"}
_HOUR = 3600 * SECOND
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Upload:
    """A photo that a caller sends."""

    prepared: Prepared
    buyer: str | None
    reference: str | None = None
    category: Category = Category.AUTO
    """What the market says that it sells, of a garment."""

    @property
    def amount(self) -> Amount:
        """What it adds to what is stored."""
        return Amount(1, sum(map(len, self.prepared.files.values())))


@dataclass(frozen=True)
class Arrival:
    """A photo that was sent: its files are stored, its row is not.

    Attributes:
        photo: the new row.
        amount: what it adds to what is stored.
        known: the row of the same photo of the same owner; then no files have been stored.
    """

    photo: Photo
    amount: Amount
    known: Photo | None


@dataclass(frozen=True)
class PhotoIntake:
    """Takes photos in."""

    database: Database
    store: ArtifactStore
    queue: Queue
    quotas: Quotas
    disk: DiskRoom
    orphans: OrphanedPictures
    settings: Settings

    async def create(self, market: str, upload: Upload, by: Submission) -> Photo:
        """Store a photo and have it prepared.

        Raises:
            Problem: ``conflict``, ``rate_limited``, ``overloaded``, ``storage_full``, ``quota_exceeded``.
        """
        owner = owner_key(market, upload.buyer)
        async with self.arriving(market, upload) as arrival, self.database.write() as session:
            await self.queue.enqueue(session, JobKind.PHOTO, [arrival.photo.id], owner, by.traceparent)
            by.record(session, arrival.photo.id)
            photo = await self._enter(session, arrival)
        self.queue.wake.set()
        return photo

    @asynccontextmanager
    async def arriving(self, market: str, upload: Upload) -> AsyncIterator[Arrival]:
        """A photo whose row is written in the context; when that does not come to pass, its files go again.

        Raises:
            Problem: ``storage_full``, ``quota_exceeded``.
        """
        await self.disk.require()
        photo = self._new_row(market, upload)
        known = await self._find_equal(market, upload)
        if known is not None:
            yield Arrival(photo, upload.amount, known)
            return
        async with self.database.write() as session:
            await self.quotas.require_room(session, market, upload.buyer, upload.amount)
            await self.orphans.expect(session, photo.scope)
        try:
            await keep(upload.prepared, photo.scope, self.store)
            yield Arrival(photo, upload.amount, None)
        except BaseException:
            with suppress(Exception):  # they are found in an hour otherwise
                await asyncio.shield(self.orphans.delete([photo.scope]))
            raise

    async def join(self, session: AsyncSession, arrival: Arrival) -> Photo:
        """The row of a photo that comes with a fitting: that of the same photo if there is one, else a new one.

        It gets no job: the fitting prepares it. A garment that nobody listed is not kept for ever.

        Raises:
            Problem: as `create`.
        """
        expiry = self._expiry(PictureKind(arrival.photo.kind), arrival.photo.buyer, is_listed=False)
        if arrival.known is None:
            arrival.photo.expires_at = expiry
            return await self._enter(session, arrival)
        row = await self._lock(session, arrival.known)
        if row.expires_at is not None:
            row.expires_at = expiry
        return row

    async def _enter(self, session: AsyncSession, arrival: Arrival) -> Photo:
        """Write the row of a photo. Raises Problem (``quota_exceeded``, ``overloaded``)."""
        photo = arrival.photo
        if arrival.known is None:
            await self.orphans.adopt(session, photo.scope)
        else:
            photo.scope = (await self._lock(session, arrival.known)).scope
        session.add(photo)
        await session.flush()
        await self.quotas.take(session, photo.market, photo.buyer, arrival.amount)
        return photo

    @staticmethod
    async def _lock(session: AsyncSession, known: Photo) -> Photo:
        """A photo that cannot be removed, pictures and all, before this transaction ends."""
        row = await session.scalar(_STAYS, {"id": known.id})
        if row is None:
            raise Problem(Code.OVERLOADED, "The same photo is being removed at this moment.", retry_after=1)
        return row

    async def _find_equal(self, market: str, upload: Upload) -> Photo | None:
        """The newest row of the same photo of the same owner, if its files are there."""
        same = (
            Photo.market == market,
            Photo.buyer == upload.buyer if upload.buyer is not None else Photo.buyer.is_(None),
            Photo.kind == upload.prepared.kind.value,
            Photo.sha256 == upload.prepared.facts.sha256,
            Photo.category == upload.category.value,
            Photo.state != State.FAILED.value,  # a newer engine, or a service that is back, deserves another try
            ~is_leaving(Photo.id),
        )
        async with self.database.read() as session:
            known = await session.scalar(select(Photo).where(*same).order_by(Photo.created_at.desc()).limit(1))
        if known is None:
            return None
        try:
            await source_of(self.store, known)
        except Problem:
            return None
        return known

    def _new_row(self, market: str, upload: Upload) -> Photo:
        facts, kind = upload.prepared.facts, upload.prepared.kind
        return Photo(
            id=new_id(_PREFIX[kind]), kind=kind.value, market=market, buyer=upload.buyer, scope=new_scope(kind),
            sha256=facts.sha256, width=facts.width, height=facts.height, reference=upload.reference,
            category=upload.category.value, reading=None, state=State.QUEUED, stages=stage_columns(STAGES_OF[kind]),
            entries={}, warnings=[], problem=None,
            stored_bytes=upload.amount.stored_bytes, created_at=now_us(), expires_at=self._expiry(kind, upload.buyer)
        )  # fmt: skip

    def _expiry(self, kind: PictureKind, buyer: str | None, *, is_listed: bool = True) -> int | None:
        """When a new photo goes; None: a garment that its market lists stays."""
        if kind is PictureKind.PERSON:
            return now_us() + int(self.settings.people_hours * _HOUR)
        if buyer is None and is_listed:
            return None
        return now_us() + int(self.settings.garments_days * _DAY)


_STAYS = select(Photo).where(Photo.id == bindparam("id"), stays(Photo)).with_for_update()
