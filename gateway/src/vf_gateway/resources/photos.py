"""People and garments: photos that are uploaded once and prepared at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.access.principal import Principal
from vf_gateway.api.documents import State
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id, owner_key
from vf_gateway.database.tables import SECOND, Comparison, Fitting, Job, Photo, now_us
from vf_gateway.observability.metrics import Metrics
from vf_gateway.pictures.disk import DiskRoom
from vf_gateway.pictures.intake import Prepared, keep, new_scope, open_source
from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.columns import outcome_columns, problem_columns, stage_columns
from vf_gateway.resources.doomed import DoomedPictures
from vf_gateway.resources.idempotency import Once
from vf_gateway.resources.pages import Cursor
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.resources.removal import is_leaving, leaves_with
from vf_gateway.settings import Settings
from vf_gateway.stages.client import Deadline
from vf_gateway.stages.pipeline import GARMENT_STAGES, PERSON_STAGES, Outcome, Pipeline
from vf_gateway.work.jobs import JobKind, Queue
from vf_gateway.work.notifications import News
from vfkit.engines import AnswerWarning
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

_PREFIX = {PictureKind.PERSON: "per", PictureKind.GARMENT: "gar"}
_STAGES = {PictureKind.PERSON: PERSON_STAGES, PictureKind.GARMENT: GARMENT_STAGES}
_HOUR = 3600 * SECOND
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Upload:
    """A photo that a caller sends."""

    prepared: Prepared
    buyer: str | None
    reference: str | None = None
    warnings: Sequence[AnswerWarning] = ()

    @property
    def amount(self) -> Amount:
        """What it adds to what is stored."""
        return Amount(1, sum(map(len, self.prepared.files.values())))

    @property
    def warning_columns(self) -> list[dict[str, str]]:
        """What to know about the photo as it was sent; the warnings of its stages come behind these."""
        warnings = (*self.warnings, *self.prepared.warnings)
        return [{"stage": self.prepared.kind.value, **warning.model_dump()} for warning in warnings]


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


class Photos:
    """Stores, prepares and finds people and garments.

    Args:
        database: their rows.
        store: their pictures.
        pipeline: prepares them.
        queue: where preparation waits.
        news: tells those who wait for it.
        metrics: counts them.
        settings: how long photos are kept, deadlines.
        quotas: how many there may be.
        disk: whether there is room for them.
        doomed: removes the files of those that were not accepted.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ArtifactStore,
        pipeline: Pipeline,
        queue: Queue,
        news: News,
        metrics: Metrics,
        settings: Settings,
        quotas: Quotas,
        disk: DiskRoom,
        doomed: DoomedPictures,
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._disk = disk
        self._doomed = doomed
        self._store = store
        self._pipeline = pipeline
        self._queue = queue
        self._news = news
        self._metrics = metrics
        self._settings = settings

    # --- accepting ---

    async def require_room(self, market: str, buyer: str | None, photos: int) -> None:
        """Refuse an upload before its picture is read, if it would be refused after that too.

        Args:
            market: whose it is.
            buyer: whose it is.
            photos: how many are new for sure.

        Raises:
            Problem: ``rate_limited``, ``overloaded``, ``storage_full``, ``quota_exceeded``.
        """
        await self._disk.require()
        async with self._database.read() as session:
            await self._queue.require_room(session, owner_key(market, buyer))
            await self._quotas.require_room(session, market, buyer, Amount(photos))

    async def create(
        self, principal: Principal, upload: Upload, *, once: Once | None = None, traceparent: str | None = None
    ) -> Photo:
        """Store a photo and have it prepared.

        Raises:
            Problem: ``conflict``, ``rate_limited``, ``overloaded``, ``storage_full``, ``quota_exceeded``.
        """
        if once and (earlier := await self._earlier(once)):
            return earlier
        try:
            photo = await self._accept(principal.market, upload, once, traceparent)
        except (IntegrityError, Problem):
            # The same request at the same time was faster: its photo is the answer to this one too.
            if once and (earlier := await self._earlier(once)):
                return earlier
            raise
        self._queue.wake.set()
        return photo

    async def _accept(self, market: str, upload: Upload, once: Once | None, traceparent: str | None) -> Photo:
        owner = owner_key(market, upload.buyer)
        async with self.arriving(market, upload) as arrival, self._database.write() as session:
            await self._queue.enqueue(session, JobKind.PHOTO, [arrival.photo.id], owner, traceparent)
            if once:
                once.record(session, arrival.photo.id)
            return await self._enter(session, arrival)

    @asynccontextmanager
    async def arriving(self, market: str, upload: Upload) -> AsyncIterator[Arrival]:
        """A photo whose row is written in the context; when that does not come to pass, its files go again.

        Raises:
            Problem: ``storage_full``, ``quota_exceeded``.
        """
        await self._disk.require()
        photo = self._new_row(market, upload)
        known = await self._find_equal(market, upload)
        if known is not None:
            yield Arrival(photo, upload.amount, known)
            return
        async with self._database.write() as session:
            await self._quotas.require_room(session, market, upload.buyer, upload.amount)
            await self._doomed.expect(session, photo.scope)
        try:
            await keep(upload.prepared, photo.scope, self._store)
            yield Arrival(photo, upload.amount, None)
        except BaseException:
            with suppress(Exception):  # they are found in an hour otherwise
                await asyncio.shield(self._doomed.destroy([photo.scope]))
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
            await self._doomed.keep(session, photo.scope)
        else:
            photo.scope = (await self._lock(session, arrival.known)).scope
        session.add(photo)
        await session.flush()
        await self._quotas.take(session, photo.market, photo.buyer, arrival.amount)
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
            Photo.state != State.FAILED.value,  # a newer engine, or a service that is back, deserves another try
            ~is_leaving(Photo.id),
        )
        async with self._database.read() as session:
            known = await session.scalar(select(Photo).where(*same).order_by(Photo.created_at.desc()).limit(1))
        if known is None:
            return None
        try:
            await self.source(known)
        except Problem:
            return None
        return known

    def _new_row(self, market: str, upload: Upload) -> Photo:
        facts, kind = upload.prepared.facts, upload.prepared.kind
        return Photo(
            id=new_id(_PREFIX[kind]), kind=kind.value, market=market, buyer=upload.buyer, scope=new_scope(kind),
            sha256=facts.sha256, width=facts.width, height=facts.height, reference=upload.reference,
            state=State.QUEUED, stages=stage_columns(_STAGES[kind]), entries={},
            warnings=upload.warning_columns, problem=None, stored_bytes=upload.amount.stored_bytes,
            created_at=now_us(), expires_at=self._expiry(kind, upload.buyer),
        )  # fmt: skip

    def _expiry(self, kind: PictureKind, buyer: str | None, *, is_listed: bool = True) -> int | None:
        """When a new photo goes; None: a garment that its market lists stays."""
        if kind is PictureKind.PERSON:
            return now_us() + int(self._settings.people_hours * _HOUR)
        if buyer is None and is_listed:
            return None
        return now_us() + int(self._settings.garments_days * _DAY)

    async def _earlier(self, once: Once) -> Photo | None:
        async with self._database.read() as session:
            subject = await once.earlier(session)
            return await session.scalar(select(Photo).where(Photo.id == subject, stays(Photo))) if subject else None

    # --- finding ---

    async def get(self, principal: Principal, photo_id: str, kind: PictureKind) -> Photo:
        """A photo that the principal may see. Raises Problem (``not_found``)."""
        async with self._database.read() as session:
            photo = await session.scalar(_one(kind, principal.buyer is not None), {"id": photo_id, **asker(principal)})
        if photo is None:
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return photo

    async def get_both(self, principal: Principal, person_id: str, garment_id: str) -> tuple[Photo, Photo]:
        """A person and a garment that the principal may see. Raises Problem (``not_found``)."""
        ids = {"person_id": person_id, "garment_id": garment_id}
        async with self._database.read() as session:
            rows = await session.scalars(_both(principal.buyer is not None), ids | asker(principal))
            found = {(photo.kind, photo.id): photo for photo in rows}
        person = found.get((PictureKind.PERSON.value, person_id))
        garment = found.get((PictureKind.GARMENT.value, garment_id))
        if person is None or garment is None:
            kind = PictureKind.PERSON if person is None else PictureKind.GARMENT
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return person, garment

    async def get_all(self, principal: Principal, ids: Sequence[str], kind: PictureKind) -> list[Photo]:
        """Photos that the principal may see, in this order. Raises Problem (``not_found``) when one is missing."""
        query = select(Photo).where(Photo.id.in_(ids), *_visible(kind, principal.buyer is not None))
        async with self._database.read() as session:
            found = {photo.id: photo for photo in await session.scalars(query, asker(principal))}
        if not found.keys() >= set(ids):
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return [found[photo_id] for photo_id in ids]

    async def wait(self, principal: Principal, photo: Photo, seconds: float) -> Photo:
        """The photo when it is prepared, or as it is after this time."""
        until = time.monotonic() + seconds
        with self._news.watch(photo.id) as changed:
            while True:
                changed.clear()
                photo = await self.get(principal, photo.id, PictureKind(photo.kind))
                left = until - time.monotonic()
                if State(photo.state).final or left <= 0:
                    return photo
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), left)

    async def page(
        self, principal: Principal, kind: PictureKind, *, limit: int, cursor: Cursor | None, reference: str | None
    ) -> list[Photo]:
        """Photos that the principal may see, newest first."""
        query = select(Photo).where(*_visible(kind, principal.buyer is not None)).params(asker(principal))
        if reference is not None:
            query = query.where(Photo.reference == reference)
        if cursor is not None:
            query = query.where(cursor.after(Photo))
        async with self._database.read() as session:
            return list(await session.scalars(query.order_by(Photo.created_at.desc(), Photo.id.desc()).limit(limit)))

    async def source(self, photo: Photo) -> Source:
        """Its picture in the store. Raises Problem (``not_found``)."""
        return await open_source(self._store, photo.scope, PictureKind(photo.kind))

    # --- preparing ---

    async def prepare(self, job: Job) -> None:
        """Compute everything that needs this photo alone: the handler of `JobKind.PHOTO`."""
        async with self._database.read() as session:
            photo = await session.get(Photo, job.id)
        if photo is None:
            async with self._database.write() as session:
                await self._queue.finish(session, job)
            return
        code, made = "ok", 0
        try:
            outcome = await self.run(photo, traceparent=job.traceparent)
            columns, made = outcome_columns(outcome), outcome.computed_bytes
            columns["warnings"] = [*photo.warnings, *columns["warnings"]]
        except Problem as problem:
            columns, code = problem_columns(problem), problem.code.value
        except Exception:
            log.exception("a preparation failed unexpectedly", photo=photo.id)
            columns, code = problem_columns(Problem(Code.INTERNAL)), Code.INTERNAL.value
        await asyncio.shield(self._settle(job, photo, columns, made))
        self._metrics.photos.labels(photo.kind, code).inc()

    async def run(self, photo: Photo, *, traceparent: str | None = None) -> Outcome:
        """Its own stages, from what is kept or computed."""
        kind = PictureKind(photo.kind)
        source = await self.source(photo)
        return await self._pipeline.run(
            person=source if kind is PictureKind.PERSON else None,
            cloth=source if kind is PictureKind.GARMENT else None,
            stages=_STAGES[kind],
            deadline=Deadline(self._settings.deadline),
            headers={"traceparent": traceparent} if traceparent else {},
        )

    async def _settle(self, job: Job, photo: Photo, columns: dict[str, Any], made: int) -> None:
        values = columns | {"stored_bytes": Photo.stored_bytes + made}
        async with self._database.write() as session:
            if await self._queue.finish(session, job):
                await session.execute(update(Photo).where(Photo.id == job.id).values(**values))
                await self._quotas.count(session, photo.market, photo.buyer, Amount(stored_bytes=made))
        self._news.tell(job.id)


def asker(principal: Principal) -> dict[str, str | None]:
    """The parameters of conditions on what a principal may see."""
    return {"asking_market": principal.market, "asking_buyer": principal.buyer}


def visible_to(table: type[Photo | Fitting | Comparison], of_buyer: bool) -> tuple[ColumnElement[bool], ...]:
    """A buyer sees what is theirs; a market's backend sees all of its market. See `asker`."""
    theirs = [table.market == bindparam("asking_market")]
    if of_buyer:
        theirs.append(table.buyer == bindparam("asking_buyer"))
    return (*theirs, stays(table))


def stays(table: type[Photo | Fitting | Comparison]) -> ColumnElement[bool]:
    """A condition: it is not being removed."""
    if issubclass(table, Photo):
        return ~is_leaving(table.id)
    return ~(
        leaves_with(table.person_id, table.garment_id) if issubclass(table, Fitting) else leaves_with(table.person_id)
    )


def _visible(kind: PictureKind, of_buyer: bool) -> tuple[ColumnElement[bool], ...]:
    """As `visible_to`, but that a buyer sees the market's own garments too."""
    is_kind = Photo.kind == kind.value
    if kind is PictureKind.PERSON or not of_buyer:
        return (is_kind, *visible_to(Photo, of_buyer))
    market, own, there = visible_to(Photo, of_buyer)
    return (is_kind, market, or_(own, Photo.buyer.is_(None)), there)


_STAYS = select(Photo).where(Photo.id == bindparam("id"), stays(Photo)).with_for_update()


@cache
def _one(kind: PictureKind, of_buyer: bool) -> Select[Photo]:
    """Built once: SQLAlchemy takes longer to build a statement than a database to run it."""
    return select(Photo).where(Photo.id == bindparam("id"), *_visible(kind, of_buyer))


@cache
def _both(of_buyer: bool) -> Select[Photo]:
    """As `_one`, for a person and a garment."""
    return select(Photo).where(
        or_(
            and_(Photo.id == bindparam("person_id"), *_visible(PictureKind.PERSON, of_buyer)),
            and_(Photo.id == bindparam("garment_id"), *_visible(PictureKind.GARMENT, of_buyer)),
        )
    )
