"""Fittings and comparisons: accepted, run, followed, listed, selected, cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import structlog
from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from vf_gateway.access.principal import Principal
from vf_gateway.api.documents import State
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id, owner_key
from vf_gateway.database.tables import SECOND, Comparison, Fitting, Job, Photo, now_us, table_of
from vf_gateway.observability.metrics import Metrics
from vf_gateway.pictures.disk import DiskRoom
from vf_gateway.pictures.sources import Source
from vf_gateway.resources.columns import outcome_columns, problem_columns, stage_columns
from vf_gateway.resources.idempotency import Once
from vf_gateway.resources.pages import Cursor
from vf_gateway.resources.photos import Arrival, Photos, Upload, asker, stays, visible_to
from vf_gateway.resources.progress import Progress, new_event
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.settings import Settings
from vf_gateway.stages.client import Deadline
from vf_gateway.stages.pipeline import ALL_STAGES, GARMENT_STAGES, PERSON_STAGES, Outcome, Pipeline
from vf_gateway.webhooks.outbox import Outbox
from vf_gateway.work.jobs import JobKind, Queue, Worker
from vf_gateway.work.notifications import News
from vfkit.contracts import Stage
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

_DAY = 24 * 3600 * SECOND

_RECHECK_SECONDS = 1.0
"""How often a stream of events asks whether its credential still holds."""

_OF_THE_PICTURE = frozenset(
    {
        Code.NO_PERSON_FOUND,
        Code.SEVERAL_PEOPLE,
        Code.BODY_NOT_VISIBLE,
        Code.PERSON_TOO_SMALL,
        Code.PERSON_NOT_UPRIGHT,
        Code.NO_GARMENT_FOUND,
        Code.UNSUPPORTED_GARMENT,
    }
)
"""Problems that the same photo will have again: a fitting with it need not be tried."""


@dataclass(frozen=True)
class Filter:
    """Which fittings to list; None: any."""

    person_id: str | None = None
    garment_id: str | None = None
    comparison_id: str | None = None
    buyer: str | None = None
    state: State | None = None
    selected: bool | None = None
    since: int | None = None
    until: int | None = None


class Fittings:
    """The life of fittings.

    Args:
        database: their rows.
        photos: people and garments.
        pipeline: computes them.
        queue: where they wait.
        news: tells those who wait for them.
        outbox: tells the market.
        metrics: counts them.
        settings: deadlines, retention.
        quotas: how much may be stored.
        disk: whether there is room.
    """

    def __init__(
        self,
        *,
        database: Database,
        photos: Photos,
        pipeline: Pipeline,
        queue: Queue,
        news: News,
        outbox: Outbox,
        metrics: Metrics,
        settings: Settings,
        quotas: Quotas,
        disk: DiskRoom,
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._disk = disk
        self._photos = photos
        self._pipeline = pipeline
        self._queue = queue
        self._news = news
        self._outbox = outbox
        self._metrics = metrics
        self._settings = settings

    # --- accepting ---

    async def create(
        self,
        market: str,
        person: Photo | Upload,
        garment: Photo | Upload,
        *,
        once: Once | None = None,
        traceparent: str | None = None,
    ) -> Fitting:
        """Accept a fitting; photos that are sent with it are stored in the same transaction, or not at all.

        Raises:
            Problem: what is wrong with one of the photos, if that is known; ``conflict``, ``rate_limited``,
                ``overloaded``, ``storage_full``, ``quota_exceeded``.
        """
        await self._disk.require()
        try:
            async with self._arriving(market, person) as one, self._arriving(market, garment) as other:
                row = self._new_row(one, other)
                arrivals = [photo for photo in (one, other) if isinstance(photo, Arrival)]
                await self._accept([row], None, once, traceparent, arrivals)
        except (IntegrityError, Problem) as error:
            made: Fitting = await self._after_race(once, Fitting, error)
            return made
        return Fitting(**row)

    @asynccontextmanager
    async def _arriving(self, market: str, photo: Photo | Upload) -> AsyncIterator[Photo | Arrival]:
        if isinstance(photo, Photo):
            _require_usable(photo)
            yield photo
        else:
            async with self._photos.arriving(market, photo) as arrival:
                yield arrival

    async def compare(
        self, person: Photo, garments: Sequence[Photo], *, once: Once | None = None, traceparent: str | None = None
    ) -> Comparison:
        """Accept one person in many garments; they run at the same time, so that synthesis can batch them.

        Raises:
            Problem: as `create`.
        """
        _require_usable(person)
        await self._disk.require()
        comparison = Comparison(
            id=new_id("cmp"), market=person.market, buyer=person.buyer, person_id=person.id, created_at=now_us()
        )
        rows = [
            self._new_row(person, garment) | {"comparison_id": comparison.id, "position": position}
            for position, garment in enumerate(garments)
        ]
        try:
            await self._accept(rows, comparison, once, traceparent)
        except (IntegrityError, Problem) as error:
            made: Comparison = await self._after_race(once, Comparison, error)
            return made
        return comparison

    async def earlier(self, once: Once | None, table: type[Any]) -> Any:
        """What a keyed request made before, None when it is new. Raises Problem (``conflict``)."""
        if once is None:
            return None
        async with self._database.read() as session:
            subject = await once.earlier(session)
            return await session.scalar(select(table).where(table.id == subject, stays(table))) if subject else None

    async def _after_race(self, once: Once | None, table: type[Any], error: IntegrityError | Problem) -> Any:
        """Two equal requests at the same time: the slower one answers what the faster one made."""
        if (made := await self.earlier(once, table)) is not None:
            return made
        if isinstance(error, Problem):
            raise error
        # Without a key, the only thing that can be missing is a photo that has just been deleted.
        raise Problem(Code.NOT_FOUND, "The person or a garment has just been deleted.") from error

    async def _accept(
        self,
        rows: list[dict[str, Any]],
        comparison: Comparison | None,
        once: Once | None,
        traceparent: str | None,
        arrivals: Sequence[Arrival] = (),
    ) -> None:
        market, buyer = rows[0]["market"], rows[0]["buyer"]
        async with self._database.write() as session:
            await self._quotas.require_room(session, market, buyer, Amount())
            ids = [row["id"] for row in rows]
            await self._queue.enqueue(session, JobKind.FITTING, ids, owner_key(market, buyer), traceparent)
            for arrival in arrivals:
                await self._photos.join(session, arrival)
            if comparison is not None:
                session.add(comparison)
                await session.flush()
            await session.execute(_ADD, rows)
            if once is not None:
                once.record(session, comparison.id if comparison else rows[0]["id"])
        self._queue.wake.set()

    def _new_row(self, sent_person: Photo | Arrival, sent_garment: Photo | Arrival) -> dict[str, Any]:
        person, garment, now = _photo_of(sent_person), _photo_of(sent_garment), now_us()
        return {
            "id": new_id("fit"),
            "market": person.market,
            "buyer": person.buyer,
            "person_id": person.id,
            "garment_id": garment.id,
            "comparison_id": None,
            "position": 0,
            "state": State.QUEUED.value,
            "stages": stage_columns(ALL_STAGES),
            "events": [new_event(1, "queued", {})],
            "version": 1,
            "entries": {},
            "warnings": [*_own_warnings(sent_person), *_own_warnings(sent_garment)],
            "created_at": now,
            "expires_at": now + int(self._settings.fittings_days * _DAY),
        }

    # --- running ---

    async def run(self, job: Job) -> None:
        """The handler of `JobKind.FITTING`."""
        found = await self._with_photos(job.id)
        if found is None:
            async with self._database.write() as session:
                await self._queue.finish(session, job)
            return
        fitting, person, garment = found
        progress = Progress(fitting, partial(self._save, job))
        began = time.perf_counter()
        code = "ok"
        try:
            self._require_timely(job)
            if person is None or garment is None:
                raise Problem(Code.NOT_FOUND, "The person or the garment has been deleted.")
            outcome = await self._compute(person, garment, progress, job.traceparent)
            columns = outcome_columns(outcome)
            columns["warnings"] = [*fitting.warnings, *columns["warnings"]]
            synthesis = outcome.entries[Stage.HRVITON]
            columns["result_entry"] = f"{synthesis.scope}/{synthesis.key}"
            columns["stored_bytes"] = outcome.computed_bytes
        except Problem as problem:
            columns, code = problem_columns(problem), problem.code.value
        except Exception:
            log.exception("a fitting failed unexpectedly", fitting=fitting.id)
            columns, code = problem_columns(Problem(Code.INTERNAL)), Code.INTERNAL.value
        finally:
            await progress.stop()
        columns |= {"wall_ms": round((time.perf_counter() - began) * 1000, 1), "finished_at": now_us()}
        unsettled = [photo for photo in (person, garment) if photo and photo.state == State.QUEUED]
        await asyncio.shield(self._settle(fitting, job, progress, columns, unsettled))
        self._metrics.fittings.labels(code).inc()
        self._metrics.fitting_seconds.observe((now_us() - job.created_at) / SECOND)

    def _require_timely(self, job: Job) -> None:
        if job.attempts > self._settings.job_attempts:
            raise Problem(Code.INTERNAL, "The fitting was begun again and again without coming to an end.")
        if now_us() - job.created_at > self._settings.queue_seconds * SECOND:
            raise Problem(Code.DEADLINE_EXCEEDED, "The fitting waited too long to begin.")

    async def _compute(self, person: Photo, garment: Photo, progress: Progress, traceparent: str | None) -> Outcome:
        sources = await asyncio.gather(self._photos.source(person), self._photos.source(garment))
        progress.start()
        return await self._pipeline.run(
            person=sources[0],
            cloth=sources[1],
            stages=ALL_STAGES,
            deadline=Deadline(self._settings.deadline),
            report=progress.report,
            headers={"traceparent": traceparent} if traceparent else {},
        )

    async def _settle(
        self, fitting: Fitting, job: Job, progress: Progress, columns: dict[str, Any], unsettled: list[Photo]
    ) -> None:
        """Store the outcome, remove the job and tell the market, all or nothing."""
        columns |= progress.columns(columns["state"], columns["problem"])
        async with self._database.write() as session:
            if not await self._queue.finish(session, job):
                return
            await session.execute(_UPDATE, {"this": fitting.id, **columns})
            for photo in unsettled:
                await self._settle_photo(session, photo, columns)
            is_told = await self._outbox.add(session, fitting, columns["state"], columns["problem"])
            made = Amount(stored_bytes=columns.get("stored_bytes", 0))
            await self._quotas.count(session, fitting.market, fitting.buyer, made)
        self._news.tell(fitting.id)
        if is_told:
            self._outbox.wake.set()

    @staticmethod
    async def _settle_photo(session: AsyncSession, photo: Photo, columns: Mapping[str, Any]) -> None:
        """A photo that came with the fitting has no job of its own: it is prepared now, or known to be bad."""
        names = {stage.value for stage in (PERSON_STAGES if photo.kind == PictureKind.PERSON.value else GARMENT_STAGES)}
        problem = columns.get("problem")
        if columns["state"] == State.SUCCEEDED:
            entries = {name: entry for name, entry in columns["entries"].items() if name in names}
            of_stages = (warning for warning in columns["warnings"] if warning["stage"] in names)
            warnings = [*photo.warnings, *of_stages]
            values: dict[str, Any] = {"state": State.SUCCEEDED.value, "entries": entries, "warnings": warnings}
        elif problem and problem["stage"] in names and problem["code"] in _OF_THE_PICTURE:
            values = {"state": State.FAILED.value, "problem": dict(problem)}
        else:
            return
        values["stages"] = {name: stage for name, stage in columns["stages"].items() if name in names}
        waits = ~select(Job.id).where(Job.id == photo.id).exists()
        await session.execute(
            update(Photo).where(Photo.id == photo.id, Photo.state == State.QUEUED.value, waits).values(**values)
        )

    async def _with_photos(self, fitting_id: str) -> tuple[Fitting, Photo | None, Photo | None] | None:
        """A fitting with its person and garment, as far as they are still there."""
        async with self._database.read() as session:
            row = (await session.execute(_WITH_PHOTOS, {"id": fitting_id})).one_or_none()
        return (row[0], row[1], row[2]) if row else None

    async def _save(self, job: Job, columns: Mapping[str, Any]) -> None:
        """Store how far a running fitting is, if it is still ours."""
        async with self._database.write() as session:
            await session.execute(update(Fitting).where(Fitting.id == job.id, self._queue.held(job)).values(**columns))
        self._news.tell(job.id)

    async def repair(self, fitting: Fitting) -> Fitting:
        """Compute again what turned out damaged or missing.

        Raises:
            Problem: ``not_found`` when its photos are gone.
        """
        found = await self._with_photos(fitting.id)
        person, garment = (found[1], found[2]) if found else (None, None)
        if person is None or garment is None:
            raise Problem(Code.NOT_FOUND, "The picture is not there any more.")
        sources = await asyncio.gather(self._photos.source(person), self._photos.source(garment))
        outcome = await self._pipeline.run(
            person=sources[0], cloth=sources[1], stages=ALL_STAGES, deadline=Deadline(self._settings.deadline)
        )
        columns = outcome_columns(outcome)
        synthesis = outcome.entries[Stage.HRVITON]
        values = {"entries": columns["entries"], "result_entry": f"{synthesis.scope}/{synthesis.key}"}
        async with self._database.write() as session:
            await session.execute(update(Fitting).where(Fitting.id == fitting.id).values(**values))
        for name, value in values.items():
            setattr(fitting, name, value)
        return fitting

    async def sources(self, fitting: Fitting) -> tuple[Source | None, Source | None]:
        """Its person and garment, as far as they are still kept."""
        row = await self._with_photos(fitting.id)
        found: list[Source | None] = []
        photos: tuple[Photo | None, Photo | None] = (row[1], row[2]) if row else (None, None)
        for photo in photos:
            try:
                found.append(await self._photos.source(photo) if photo else None)
            except Problem:
                found.append(None)
        return found[0], found[1]

    # --- finding ---

    async def get(self, principal: Principal, fitting_id: str) -> Fitting:
        """A fitting that the principal may see. Raises Problem (``not_found``)."""
        async with self._database.read() as session:
            fitting: Fitting | None = await session.scalar(
                _one(Fitting, principal.buyer is not None), {"id": fitting_id, **asker(principal)}
            )
        if fitting is None:
            raise Problem(Code.NOT_FOUND, "There is no such fitting.")
        return fitting

    async def find(self, fitting_id: str) -> Fitting:
        """A fitting whoever asks: for signed links. Raises Problem (``not_found``)."""
        async with self._database.read() as session:
            fitting: Fitting | None = await session.scalar(_ANY, {"id": fitting_id})
        if fitting is None:
            raise Problem(Code.NOT_FOUND, "There is no such fitting.")
        return fitting

    async def page(self, principal: Principal, wanted: Filter, *, limit: int, cursor: Cursor | None) -> list[Fitting]:
        """Fittings that the principal may see, newest first."""
        query = select(Fitting).where(*visible_to(Fitting, principal.buyer is not None)).params(asker(principal))
        for name in ("person_id", "garment_id", "comparison_id", "buyer", "state"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(Fitting, name) == value)
        if wanted.selected is not None:
            chosen = Fitting.selected_at.is_not(None)
            query = query.where(chosen if wanted.selected else ~chosen)
        if wanted.since is not None:
            query = query.where(Fitting.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(Fitting.created_at < wanted.until)
        if cursor is not None:
            query = query.where(cursor.after(Fitting))
        async with self._database.read() as session:
            return list(
                await session.scalars(query.order_by(Fitting.created_at.desc(), Fitting.id.desc()).limit(limit))
            )

    async def comparison(self, principal: Principal, comparison_id: str) -> tuple[Comparison, list[Fitting]]:
        """A comparison and its fittings in order. Raises Problem (``not_found``)."""
        async with self._database.read() as session:
            row = await session.scalar(
                _one(Comparison, principal.buyer is not None), {"id": comparison_id, **asker(principal)}
            )
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such comparison.")
            theirs = select(Fitting).where(Fitting.comparison_id == row.id, stays(Fitting))
            fittings = await session.scalars(theirs.order_by(Fitting.position))
            return row, list(fittings)

    # --- following ---

    async def wait(self, principal: Principal, fitting_id: str, seconds: float) -> Fitting:
        """The fitting when it has ended, or as it is after this time."""
        until = time.monotonic() + seconds
        with self._news.watch(fitting_id) as changed:
            while True:
                changed.clear()
                fitting = await self.get(principal, fitting_id)
                left = until - time.monotonic()
                if State(fitting.state).final or left <= 0:
                    return fitting
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), left)

    async def events(
        self, principal: Principal, fitting_id: str, after: int, may_go_on: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[dict[str, Any]]:
        """Its events behind this one, as they come, until it has ended or is deleted.

        Args:
            principal: who follows it.
            fitting_id: the fitting.
            after: number of the last event that the caller has.
            may_go_on: whether the caller's credential still holds; asked again and again.
        """
        with self._news.watch(fitting_id) as changed:
            while await may_go_on():
                changed.clear()
                try:
                    fitting = await self.get(principal, fitting_id)
                except Problem:
                    return
                for event in fitting.events:
                    if event["seq"] > after:
                        after = event["seq"]
                        yield event
                if State(fitting.state).final:
                    return
                while not changed.is_set() and await may_go_on():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), _RECHECK_SECONDS)

    # --- changing ---

    async def select(self, principal: Principal, fitting_id: str, *, selected: bool) -> Fitting:
        """The buyer picks the product, or takes that back.

        Raises:
            Problem: ``not_found``; ``conflict`` when the fitting did not succeed.
        """
        fitting = await self.get(principal, fitting_id)
        if selected and fitting.state != State.SUCCEEDED:
            raise Problem(Code.CONFLICT, "Only a finished fitting can be selected.")
        is_told = False
        async with self._database.write() as session:
            row = await session.get(Fitting, fitting_id, with_for_update=True)
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such fitting.")
            if selected != (row.selected_at is not None):
                row.selected_at = now_us() if selected else None
                if selected:
                    is_told = await self._outbox.add(session, row, "selected", None)
        if is_told:
            self._outbox.wake.set()
        return row

    async def cancel(self, principal: Principal, fitting_id: str, worker: Worker) -> Fitting:
        """End a fitting that has not ended.

        Raises:
            Problem: ``not_found``; ``conflict`` when it has ended otherwise.
        """
        await self.get(principal, fitting_id)
        problem = Problem(Code.CANCELLED).document().model_dump(mode="json")
        async with self._database.write() as session:
            # The job first, as whoever stores an outcome does: else both could wait for each other.
            dropped = await self._queue.drop(session, [fitting_id])
            row = await session.get(Fitting, fitting_id, with_for_update=True)
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such fitting.")
            if row.state == State.CANCELLED:
                return row
            if not dropped:
                raise Problem(Code.CONFLICT, "The fitting has already ended.")
            row.state, row.problem, row.finished_at = State.CANCELLED.value, problem, now_us()
            row.stages = {
                name: {**stage, "state": "cancelled"} if stage["state"] in ("waiting", "running") else stage
                for name, stage in row.stages.items()
            }
            row.events = [*row.events, new_event(row.version + 1, "cancelled", {"problem": problem})]
            row.version += 1
            is_told = await self._outbox.add(session, row, State.CANCELLED.value, problem)
        worker.cancel(fitting_id)
        self._news.tell(fitting_id)
        if is_told:
            self._outbox.wake.set()
        return row


# What every fitting asks, built once: SQLAlchemy takes longer to build a statement than a database to run it.

_FITTINGS = table_of(Fitting)

_ADD = insert(_FITTINGS)

_UPDATE = update(_FITTINGS).where(_FITTINGS.c.id == bindparam("this"))

_person, _garment = aliased(Photo), aliased(Photo)

_WITH_PHOTOS = (
    select(Fitting, _person, _garment)
    .outerjoin(_person, _person.id == Fitting.person_id)
    .outerjoin(_garment, _garment.id == Fitting.garment_id)
    .where(Fitting.id == bindparam("id"), stays(Fitting))
)

_ANY = select(Fitting).where(Fitting.id == bindparam("id"), stays(Fitting))


@cache
def _one(table: type[Fitting | Comparison], of_buyer: bool) -> Select[Any]:
    return select(table).where(table.id == bindparam("id"), *visible_to(table, of_buyer))


def _photo_of(photo: Photo | Arrival) -> Photo:
    """The row that a fitting names."""
    return photo if isinstance(photo, Photo) else photo.known or photo.photo


def _own_warnings(sent: Photo | Arrival) -> list[dict[str, str]]:
    """What is said of a photo as it was sent; its stages warn again when the fitting runs."""
    photo = sent if isinstance(sent, Photo) else sent.photo
    return [warning for warning in photo.warnings if warning["stage"] == photo.kind]


def _require_usable(photo: Photo) -> None:
    """Refuse a photo that is known to be unusable. Raises its Problem."""
    if photo.state != State.FAILED or not photo.problem:
        return
    code = Code(photo.problem["code"])
    if code in _OF_THE_PICTURE:
        raise Problem(code, photo.problem["detail"], stage=photo.problem["stage"])
