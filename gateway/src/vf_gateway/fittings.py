"""Fittings of this process: accepted, run, remembered until the process ends."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from vf_gateway.documents import FittingDocument, FittingLinks, StageDocument, State, WarningDocument
from vf_gateway.pipeline import ALL_STAGES, Outcome, Pipeline, Source, StageRecord
from vf_gateway.results import Pictures
from vf_gateway.services import Deadline
from vf_gateway.store import ArtifactStore
from vfkit.contracts import Artifact, Stage
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)


@dataclass
class Fitting:
    """One fitting and where it is."""

    id: str
    person: Source
    cloth: Source
    created_at: datetime
    state: State = State.QUEUED
    finished_at: datetime | None = None
    wall_ms: float | None = None
    stages: dict[Stage, StageRecord] = field(default_factory=lambda: {stage: StageRecord() for stage in Stage})
    outcome: Outcome = field(default_factory=Outcome)
    problem: Problem | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Fittings:
    """Starts fittings and knows them by id."""

    def __init__(self, pipeline: Pipeline, store: ArtifactStore, seconds: float) -> None:
        self._pipeline = pipeline
        self._store = store
        self._seconds = seconds
        self._fittings: dict[str, Fitting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, person: Source, cloth: Source) -> Fitting:
        """Accept a fitting and run it."""
        fitting = Fitting(f"fit_{uuid.uuid4().hex}", person, cloth, datetime.now(UTC))
        self._fittings[fitting.id] = fitting
        task = asyncio.create_task(self._run(fitting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return fitting

    def get(self, fitting_id: str) -> Fitting:
        """The fitting of this id. Raises Problem (``not_found``)."""
        fitting = self._fittings.get(fitting_id)
        if fitting is None:
            raise Problem(Code.NOT_FOUND, "There is no such fitting.")
        return fitting

    def pictures(self, fitting: Fitting) -> Pictures:
        """Its pictures."""
        return Pictures(self._store, fitting.person, fitting.cloth, fitting.outcome)

    async def repair(self, fitting: Fitting) -> None:
        """Compute again what turned out damaged."""
        fitting.outcome = await self._pipeline.run(
            person=fitting.person, cloth=fitting.cloth, stages=ALL_STAGES, deadline=Deadline(self._seconds)
        )

    async def close(self) -> None:
        """Cancel what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, fitting: Fitting) -> None:
        fitting.state = State.RUNNING
        began = time.perf_counter()

        def report(stage: Stage, record: StageRecord) -> None:
            fitting.stages[stage] = record

        try:
            fitting.outcome = await self._pipeline.run(
                person=fitting.person,
                cloth=fitting.cloth,
                stages=ALL_STAGES,
                deadline=Deadline(self._seconds),
                report=report,
            )
            fitting.state = State.SUCCEEDED
        except asyncio.CancelledError:
            fitting.state, fitting.problem = State.CANCELLED, Problem(Code.CANCELLED)
            raise
        except Problem as problem:
            fitting.state, fitting.problem = State.FAILED, problem
        except Exception:
            log.exception("fitting failed unexpectedly", fitting=fitting.id)
            fitting.state, fitting.problem = State.FAILED, Problem(Code.INTERNAL)
        finally:
            fitting.wall_ms = round((time.perf_counter() - began) * 1000, 1)
            fitting.finished_at = datetime.now(UTC)
            fitting.ended.set()


def fitting_document(fitting: Fitting, pictures: Pictures) -> FittingDocument:
    """A fitting as the API tells it."""
    home = f"/v1/fittings/{fitting.id}"
    names = pictures.names
    artifacts = {name: f"{home}/artifacts/{name}" for name in names}
    finished = Artifact.RESULT in names
    return FittingDocument(
        id=fitting.id,
        state=fitting.state,
        created_at=fitting.created_at,
        finished_at=fitting.finished_at,
        wall_ms=fitting.wall_ms,
        stages={
            stage: StageDocument(state=r.state, cached=r.cached, started_ms=r.started_ms, ms=r.ms)
            for stage, r in fitting.stages.items()
        },
        warnings=[WarningDocument(stage=stage, code=w.code, detail=w.detail) for stage, w in fitting.outcome.warnings],
        problem=fitting.problem.document() if fitting.problem else None,
        artifacts=artifacts,
        links=FittingLinks(
            self=home,
            result=f"{home}/result" if finished else None,
            result_full=artifacts.get(Artifact.RESULT_FULL),
            grid=f"{home}/grid" if finished else None,
        ),
    )
