"""Preparing a person or a garment: everything is computed that needs its photo alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from sqlalchemy import update

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Job, Photo
from vf_gateway.observability.metrics import Metrics
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.photos.reading import read_garment, source_of
from vf_gateway.resources.records import outcome_columns
from vf_gateway.resources.settling import Ending, Settlement, attempt
from vf_gateway.stages.pipeline import Outcome, Pipeline
from vfkit.pictures import PictureKind


@dataclass(frozen=True)
class Preparation:
    """Prepares photos."""

    database: Database
    store: ArtifactStore
    pipeline: Pipeline
    settlement: Settlement
    metrics: Metrics

    async def run(self, job: Job) -> None:
        """The handler of `JobKind.PHOTO`."""
        async with self.database.read() as session:
            photo = await session.get(Photo, job.id)
        if photo is None:
            await self.settlement.drop(job)
            return
        ending = await attempt(self._compute(photo, traceparent=job.traceparent), photo.id)
        reading = await read_garment(self.store, ending.columns.get("entries", {}))
        ending = replace(ending, columns=ending.columns | {"reading": reading})
        await asyncio.shield(self._settle(job, photo, ending))
        self.metrics.photos.labels(photo.kind, ending.code).inc()

    async def repair(self, photo: Photo) -> Photo:
        """Compute again what turned out damaged or missing. Raises Problem."""
        columns = outcome_columns(await self._compute(photo))
        values = {name: columns[name] for name in ("entries", "warnings")}
        values["reading"] = await read_garment(self.store, values["entries"])
        async with self.database.write() as session:
            await session.execute(update(Photo).where(Photo.id == photo.id).values(**values))
        for name, value in values.items():
            setattr(photo, name, value)
        return photo

    async def _compute(self, photo: Photo, *, traceparent: str | None = None) -> Outcome:
        """Its own stages, from what is kept or computed. Raises Problem."""
        source = await source_of(self.store, photo)
        person, cloth = (source, None) if photo.kind == PictureKind.PERSON.value else (None, source)
        return await self.pipeline.run(person, cloth, traceparent=traceparent)

    async def _settle(self, job: Job, photo: Photo, ending: Ending) -> None:
        values = ending.columns | {"stored_bytes": Photo.stored_bytes + ending.computed_bytes}
        async with self.settlement.end(job, photo, ending) as session:
            if session is not None:
                await session.execute(update(Photo).where(Photo.id == photo.id).values(**values))
