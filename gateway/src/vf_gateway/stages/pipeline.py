"""A fitting's stages: which need what, run as soon as it is there, each computed once and kept.

The pipeline knows stages, artifacts and the store; it knows no HTTP server and no database. Every artifact of a run is
a future. A stage is a task that waits for exactly its own inputs, so pose, parse, densepose and cloth mask start
together, agnostic starts with pose and parse, synthesis with all. When one stage fails, the others are cancelled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from vf_gateway.pictures.sources import Source, read_placement
from vf_gateway.pictures.store import ArtifactStore, DamagedError, Entry, entry_key
from vf_gateway.stages.client import Deadline, StageAnswer, engine_identity
from vf_gateway.stages.fitness import require_fittable
from vf_gateway.stages.flight import SingleFlight
from vfkit.contracts import CONTRACTS, Artifact, PoseDocument, Stage
from vfkit.engines import AnswerWarning, EngineInfo
from vfkit.problems import Code, Problem

PERSON_STAGES = (Stage.OPENPOSE, Stage.PARSE, Stage.DENSEPOSE, Stage.AGNOSTIC)
GARMENT_STAGES = (Stage.CLOTHMASK,)
ALL_STAGES = (*PERSON_STAGES, *GARMENT_STAGES, Stage.HRVITON)


class StageState(StrEnum):
    """Where a stage of a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class StageRecord:
    """One stage of one run: its state and times, in milliseconds since the run began."""

    state: StageState = StageState.WAITING
    cached: bool = False
    started_ms: float | None = None
    ms: float | None = None


class Services(Protocol):
    """What the pipeline needs of the services."""

    async def engine(self, stage: Stage, deadline: Deadline) -> EngineInfo:
        """The engine behind a stage."""

    async def call(
        self,
        stage: Stage,
        inputs: Mapping[Artifact, bytes],
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
    ) -> StageAnswer:
        """Run one stage."""


@dataclass
class Outcome:
    """What a finished run has."""

    entries: dict[Stage, Entry] = field(default_factory=dict)
    records: dict[Stage, StageRecord] = field(default_factory=dict)

    @property
    def computed_bytes(self) -> int:
        """Sizes of the pictures that this run added to what is kept."""
        made = (entry for stage, entry in self.entries.items() if not self.records[stage].cached)
        return sum(file.size for entry in made for file in entry.files.values())

    @property
    def warnings(self) -> list[tuple[Stage, AnswerWarning]]:
        """Warnings of all stages, in the order of the stages."""
        return [
            (stage, warning) for stage in Stage if stage in self.entries for warning in self.entries[stage].warnings
        ]


Report = Callable[[Stage, StageRecord], None]
"""Called with every change of a stage; must not block."""

Observe = Callable[[Stage, StageRecord, str], None]
"""Called once for every stage that ended, with its result's code (``ok`` or a problem's); for metrics."""


def _ignore(*_: object) -> None:
    """Neither reports nor observes."""


class Pipeline:
    """Runs stages through the services and keeps what they give.

    Args:
        services: calls the stages.
        store: keeps the artifacts.
        observe: told of every ended stage.
    """

    def __init__(self, services: Services, store: ArtifactStore, observe: Observe = _ignore) -> None:
        self._services = services
        self._store = store
        self._observe = observe
        # Two runs that need the same picture at the same time (a person's preparation and the first fitting, or the
        # fittings of a comparison) compute it once.
        self._flights: SingleFlight[Entry] = SingleFlight()

    async def run(
        self,
        *,
        person: Source | None,
        cloth: Source | None,
        stages: Collection[Stage],
        deadline: Deadline,
        report: Report = _ignore,
        headers: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run these stages, or take what is kept of them.

        Args:
            person: the person, where a stage needs it.
            cloth: the cloth, where a stage needs it.
            stages: must contain every stage that another one of them needs.
            deadline: for all of it.
            report: told of every change of a stage.
            headers: passed to the services (trace context).

        Raises:
            Problem: of the first stage that failed, with ``stage`` set.
        """
        for _ in range(_REPAIRS):
            run = _Run(
                self, person=person, cloth=cloth, stages=stages, deadline=deadline, report=report, headers=headers or {}
            )
            try:
                return await run.finish()
            except DamagedError:
                continue  # the damaged entry is forgotten: this time it is computed
        raise Problem(Code.INTERNAL, "Stored pictures are damaged again and again.")

    async def entry(
        self, run: _Run, stage: Stage, inputs: Mapping[str, _File], started: Callable[[bool], None]
    ) -> Entry:
        """What a stage gives for these inputs, computed if it is not kept."""
        engine = await self._services.engine(stage, run.deadline)
        key = entry_key(stage, {name: file.sha256 for name, file in inputs.items()}, engine_identity(engine), {})
        scope = run.scope(stage)
        if kept := await self._store.find(scope, key):
            started(True)
            return kept
        started(False)

        async def compute() -> Entry:
            contents = await asyncio.gather(*(file.read() for file in inputs.values()))
            by_artifact = {
                CONTRACTS[stage].fields[name]: content for name, content in zip(inputs, contents, strict=True)
            }
            answer = await self._services.call(stage, by_artifact, run.deadline, run.headers)
            if stage is Stage.OPENPOSE:
                pose = PoseDocument.model_validate_json(answer.artifacts[Artifact.POSE_JSON])
                require_fittable(pose, await read_placement(self._store, run.source(stage)))
            return await self._store.save(
                scope, key, {str(name): content for name, content in answer.artifacts.items()}, answer.warnings
            )

        return await self._flights.run(f"{scope}/{key}", compute)

    def file(self, entry: Entry, artifact: Artifact) -> _File:
        """A file of an entry, read when needed."""
        return _File(entry.files[artifact].sha256, lambda: self._store.read(entry, artifact))

    def observe(self, stage: Stage, record: StageRecord, code: str) -> None:
        """Tell the observer."""
        self._observe(stage, record, code)


_REPAIRS = 3
"""A run is begun anew at most this often because a kept file turned out damaged."""


@dataclass(frozen=True)
class _File:
    sha256: str
    read: Callable[[], Awaitable[bytes]]


class _Run:
    """One pass over the stages."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        person: Source | None,
        cloth: Source | None,
        stages: Collection[Stage],
        deadline: Deadline,
        report: Report,
        headers: Mapping[str, str],
    ) -> None:
        self.deadline = deadline
        self.headers = headers
        self._pipeline = pipeline
        self._person, self._cloth = person, cloth
        self._stages = stages
        self._report = report
        self._began = time.perf_counter()
        self._outcome = Outcome()
        loop = asyncio.get_running_loop()
        self._files: dict[Artifact, asyncio.Future[_File]] = {
            artifact: loop.create_future() for stage in stages for artifact in CONTRACTS[stage].returns
        }
        for source in filter(None, (person, cloth)):
            self._files[source.artifact] = loop.create_future()
            self._files[source.artifact].set_result(pipeline.file(source.entry, source.artifact))

    def source(self, stage: Stage) -> Source:
        """What is made from a garment alone is the garment's; everything else is the person's."""
        source = self._cloth if stage in GARMENT_STAGES else self._person
        if source is None:
            raise ValueError(f"{stage} lacks its picture")
        return source

    def scope(self, stage: Stage) -> str:
        """Where a stage's pictures are kept: a result outlives the photo."""
        source = self.source(stage)
        return source.results if stage is Stage.HRVITON else source.scope

    async def finish(self) -> Outcome:
        """Run all stages; raise the first Problem."""
        try:
            async with asyncio.timeout(self.deadline.remaining()), asyncio.TaskGroup() as group:
                for stage in self._stages:
                    group.create_task(self._stage(stage), name=stage.value)
        except TimeoutError:
            raise Problem(Code.DEADLINE_EXCEEDED) from None
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        return self._outcome

    async def _stage(self, stage: Stage) -> None:
        record = StageRecord()
        self._outcome.records[stage] = record
        contract = CONTRACTS[stage]
        began = 0.0

        def started(cached: bool) -> None:
            record.state, record.cached = StageState.RUNNING, cached
            record.started_ms = round((began - self._began) * 1000, 1)
            if not cached:
                self._report(stage, record)

        def ended(state: StageState, code: str) -> None:
            record.state = state
            record.ms = round((time.perf_counter() - began) * 1000, 1) if began else None
            self._report(stage, record)
            self._pipeline.observe(stage, record, code)

        try:
            inputs = {name: await self._files[artifact] for name, artifact in contract.fields.items()}
            began = time.perf_counter()
            entry = await self._pipeline.entry(self, stage, inputs, started)
        except asyncio.CancelledError:
            ended(StageState.CANCELLED, Code.CANCELLED)
            raise
        except Problem as problem:
            problem.stage = problem.stage or stage.value
            ended(StageState.FAILED, problem.code)
            raise
        except Exception:
            ended(StageState.FAILED, Code.INTERNAL)
            raise
        self._outcome.entries[stage] = entry
        ended(StageState.DONE, "ok")
        for artifact in contract.returns:
            self._files[artifact].set_result(self._pipeline.file(entry, artifact))


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the run: a Problem before damage before anything else."""
    leaves: list[BaseException] = []
    for error in errors.exceptions:
        leaves += [_first(error)] if isinstance(error, BaseExceptionGroup) else [error]
    for kind in (Problem, DamagedError):
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]
