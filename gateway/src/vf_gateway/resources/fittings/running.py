"""Running a fitting: from its photos to its outcome, which is stored as its job ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import SECOND, Fitting, Job, Photo, now_us, table_of
from vf_gateway.observability.metrics import Metrics
from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.fittings.asking import with_photos
from vf_gateway.resources.photos.reading import read_garment, source_of
from vf_gateway.resources.progress import Progress
from vf_gateway.resources.records import outcome_columns, photo_columns
from vf_gateway.resources.settling import Ending, Settlement, attempt
from vf_gateway.resources.states import State
from vf_gateway.settings import Settings
from vf_gateway.stages.pipeline import Outcome, Pipeline
from vf_gateway.webhooks.outbox import Outbox
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class FittingRuns:
    """Runs fittings."""

    database: Database
    store: ArtifactStore
    pipeline: Pipeline
    settlement: Settlement
    outbox: Outbox
    metrics: Metrics
    settings: Settings

    async def run(self, job: Job) -> None:
        """The handler of `JobKind.FITTING`."""
        fitting, person, garment = await with_photos(self.database, job.id)
        if fitting is None:
            await self.settlement.drop(job)
            return
        progress = Progress(fitting, partial(self.settlement.save_progress, job))
        began = time.perf_counter()
        try:
            ending = await attempt(self._compute(job, person, garment, progress), fitting.id)
        finally:
            await progress.stop()
        times = {"wall_ms": round((time.perf_counter() - began) * 1000, 1), "finished_at": now_us()}
        told = progress.columns(ending.columns["state"], ending.columns["problem"])
        ending = replace(ending, columns=ending.columns | times | told)
        unprepared = [photo for photo in (person, garment) if photo and photo.state == State.QUEUED]
        await asyncio.shield(self._settle(fitting, job, ending, unprepared))
        self.metrics.fittings.labels(ending.code).inc()
        self.metrics.fitting_seconds.observe((now_us() - job.created_at) / SECOND)

    async def _compute(self, job: Job, person: Photo | None, garment: Photo | None, progress: Progress) -> Outcome:
        if job.attempts > self.settings.job_attempts:
            raise Problem(Code.INTERNAL, "The fitting was begun again and again without coming to an end.")
        if now_us() - job.created_at > self.settings.queue_seconds * SECOND:
            raise Problem(Code.DEADLINE_EXCEEDED, "The fitting waited too long to begin.")
        if person is None or garment is None:
            raise Problem(Code.NOT_FOUND, "The person or the garment has been deleted.")
        sources = await self._sources(person, garment)
        progress.start()
        return await self.pipeline.run(*sources, traceparent=job.traceparent, report=progress.report)

    async def _sources(self, person: Photo, garment: Photo) -> tuple[Source, Source]:
        return await asyncio.gather(source_of(self.store, person), source_of(self.store, garment))

    async def _settle(self, fitting: Fitting, job: Job, ending: Ending, unprepared: list[Photo]) -> None:
        """Store the outcome and tell the market, as the job ends."""
        columns = ending.columns
        prepared = {photo.id: await self._photo_columns(photo, columns) for photo in unprepared}
        async with self.settlement.end(job, fitting, ending) as session:
            if session is None:
                return
            await session.execute(_UPDATE, {"this": fitting.id, "stored_bytes": ending.computed_bytes, **columns})
            for photo_id, values in prepared.items():
                await self._settle_photo(session, photo_id, values)
            is_told = await self.outbox.add(session, fitting, columns["state"], columns["problem"])
        if is_told:
            self.outbox.wake.set()

    async def _photo_columns(self, photo: Photo, fitting: Mapping[str, Any]) -> dict[str, Any]:
        """What is known now of a photo that came with the fitting; empty: nothing."""
        kind = PictureKind(photo.kind)
        columns = photo_columns(kind, fitting)
        if columns and kind is PictureKind.GARMENT:
            columns["reading"] = await read_garment(self.store, columns.get("entries", {}))
        return columns

    @staticmethod
    async def _settle_photo(session: AsyncSession, photo_id: str, values: Mapping[str, Any]) -> None:
        """A photo that came with the fitting has no job of its own: it is prepared now, or known to be bad."""
        if values:
            no_job = ~select(Job.id).where(Job.id == photo_id).exists()
            still_queued = (Photo.id == photo_id, Photo.state == State.QUEUED.value, no_job)
            await session.execute(update(Photo).where(*still_queued).values(**values))

    async def repair(self, fitting: Fitting) -> Fitting:
        """Compute again what turned out damaged or missing.

        Raises:
            Problem: ``not_found`` when its photos are gone.
        """
        _, person, garment = await with_photos(self.database, fitting.id)
        if person is None or garment is None:
            raise Problem(Code.NOT_FOUND, "The picture is not there any more.")
        columns = outcome_columns(await self.pipeline.run(*await self._sources(person, garment)))
        values = {name: columns[name] for name in ("entries", "result_entry")}
        async with self.database.write() as session:
            await session.execute(update(Fitting).where(Fitting.id == fitting.id).values(**values))
        for name, value in values.items():
            setattr(fitting, name, value)
        return fitting


_FITTINGS = table_of(Fitting)

_UPDATE = update(_FITTINGS).where(_FITTINGS.c.id == bindparam("this"))
"""Built once: SQLAlchemy takes longer to build a statement than a database to run it."""
