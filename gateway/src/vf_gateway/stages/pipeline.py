"""A fitting's stages: which need what, and run as soon as it is there.

Every artifact of a run is a future. A stage is a task that waits for exactly its own inputs, so pose, parse, densepose
and cloth mask start together, agnostic starts with pose and parse, synthesis with all. When one stage fails, the others
are cancelled. What a stage gives is asked of the cache; a run only schedules.

The synthesis may have a precomputation: what depends on the person alone, made once for all garments. It runs when pose
and parse are there. A run does not need it: without it, the synthesis does the same work itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import DamagedError, Entry
from vf_gateway.stages.cache import StageCache, Work
from vf_gateway.stages.services import Deadline
from vfkit.contracts import CONTRACTS, Artifact, Clothes, GarmentDocument, Stage, StageContract
from vfkit.engines import AnswerWarning
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

PERSON_STAGES = (Stage.OPENPOSE, Stage.PARSE, Stage.DENSEPOSE, Stage.AGNOSTIC)
GARMENT_STAGES = (Stage.CLOTHMASK,)
ALL_STAGES = (*PERSON_STAGES, *GARMENT_STAGES, Stage.HRVITON)
STAGES_OF = {PictureKind.PERSON: PERSON_STAGES, PictureKind.GARMENT: GARMENT_STAGES}
"""The stages that need one photo alone."""


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


@dataclass
class Outcome:
    """What a finished run has."""

    entries: dict[Stage, Entry] = field(default_factory=dict)
    records: dict[Stage, StageRecord] = field(default_factory=dict)
    precomputed_bytes: int = 0

    @property
    def computed_bytes(self) -> int:
        """Sizes of the pictures that this run added to what is kept."""
        made = (entry for stage, entry in self.entries.items() if not self.records[stage].cached)
        return self.precomputed_bytes + sum(file.size for entry in made for file in entry.files.values())

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
    """Runs the stages of a photo, or of a fitting.

    Args:
        cache: has what a stage gives.
        seconds: how long a run may take.
        observe: told of every ended stage.
    """

    def __init__(self, cache: StageCache, seconds: float, observe: Observe = _ignore) -> None:
        self._cache = cache
        self._seconds = seconds
        self._observe = observe

    async def run(
        self, person: Source | None, cloth: Source | None, *, traceparent: str | None = None, report: Report = _ignore
    ) -> Outcome:
        """Run all stages that these photos are enough for.

        Args:
            person: the person, if there is one.
            cloth: the garment, if there is one.
            traceparent: passed to the services.
            report: told of every change of a stage.

        Raises:
            Problem: of the first stage that failed, with ``stage`` set.
        """
        headers = {"traceparent": traceparent} if traceparent else {}
        deadline = Deadline(self._seconds)
        for _ in range(_REPAIRS):
            try:
                return await _Run(self._cache, person, cloth, deadline, headers, report, self._observe).finish()
            except DamagedError:
                continue  # the damaged entry is forgotten: this time it is computed
        raise Problem(Code.INTERNAL, "Stored pictures are damaged again and again.")


_PRECOMPUTING_SECONDS, _ASKING_SECONDS = 20.0, 2.0
"""How long a run waits for the precomputation, which it can do without, and to hear whether there is any."""
_REPAIRS = 3
"""A run is begun anew at most this often because a kept file turned out damaged."""


@dataclass(frozen=True)
class _Run:
    """One pass over the stages."""

    cache: StageCache
    person: Source | None
    cloth: Source | None
    deadline: Deadline
    headers: Mapping[str, str]
    report: Report
    observe: Observe
    files: defaultdict[Artifact, asyncio.Future[Entry]] = field(default_factory=lambda: defaultdict(asyncio.Future))
    precomputed: asyncio.Future[Entry | None] = field(default_factory=asyncio.Future)
    outcome: Outcome = field(default_factory=Outcome)
    began: float = field(default_factory=time.perf_counter)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Those that these photos are enough for."""
        if self.person and self.cloth:
            return ALL_STAGES
        return PERSON_STAGES if self.person else GARMENT_STAGES

    def source(self, stage: Stage) -> Source:
        """What is made from a garment alone is the garment's; everything else is the person's."""
        source = self.cloth if stage in GARMENT_STAGES else self.person
        if source is None:
            raise ValueError(f"{stage} lacks its picture")
        return source

    async def finish(self) -> Outcome:
        """Run all stages; raise the first Problem."""
        for source in filter(None, (self.person, self.cloth)):
            self.files[source.artifact].set_result(source.entry)
        try:
            async with asyncio.timeout(self.deadline.remaining()), asyncio.TaskGroup() as group:
                for stage in self.stages:
                    group.create_task(self._stage(stage), name=stage.value)
                if self.person:
                    group.create_task(self._precompute(), name="precomputation")
        except TimeoutError:
            raise Problem(Code.DEADLINE_EXCEEDED) from None
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        return self.outcome

    async def _stage(self, stage: Stage) -> None:
        record = StageRecord()
        self.outcome.records[stage] = record
        began = 0.0

        def ended(state: StageState, code: str) -> None:
            record.state = state
            record.ms = round((time.perf_counter() - began) * 1000, 1) if began else None
            self.report(stage, record)
            self.observe(stage, record, code)

        try:
            inputs = await self._inputs(CONTRACTS[stage])
            began = time.perf_counter()
            entry = await self._obtain(stage, inputs, record, began)
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
        self.outcome.entries[stage] = entry
        ended(StageState.DONE, "ok")
        for artifact in CONTRACTS[stage].returns:
            self.files[artifact].set_result(entry)

    async def _inputs(self, contract: StageContract) -> dict[Artifact, Entry]:
        """What a call needs, as soon as it is there."""
        inputs = {artifact: await self.files[artifact] for artifact in contract.fields.values()}
        if contract.precomputation and (precomputed := await self.precomputed):
            inputs |= dict.fromkeys(contract.precomputation.returns, precomputed)
        return inputs

    async def _precompute(self) -> None:
        """Have the synthesis precompute, if its engine does that. A failure is logged, and the run goes on without."""
        entry = None
        contract = CONTRACTS[Stage.HRVITON].precomputation
        if contract is not None:
            inputs = await self._inputs(contract)
            if await self.cache.precomputes(Stage.HRVITON, self._within(_ASKING_SECONDS)):
                words = {"clothes": await self._replaced()}
                source, deadline = self.source(Stage.HRVITON), self._within(_PRECOMPUTING_SECONDS)
                work = Work(Stage.HRVITON, source, inputs, deadline, self.headers, words, precomputation=True)
                try:
                    entry = await self._precomputed(work)
                except Problem as problem:
                    log.warning("precomputation failed", code=problem.code)
        self.precomputed.set_result(entry)

    def _within(self, seconds: float) -> Deadline:
        """A deadline of so many seconds, or the run's."""
        return Deadline(min(self.deadline.remaining(), seconds))

    async def _replaced(self) -> Clothes:
        """The clothes that this run's garment replaces; without a garment those that a top does, as most are tops."""
        if self.cloth is None:
            return Clothes.UPPER
        read = await self.cache.read(await self.files[Artifact.GARMENT_JSON], Artifact.GARMENT_JSON)
        return GarmentDocument.model_validate_json(read).fitted_as.replaces

    async def _precomputed(self, work: Work) -> Entry:
        """What was precomputed, kept or computed."""
        key = await self.cache.key(work)
        if kept := await self.cache.find(work, key):
            return kept
        entry = await self.cache.compute(work, key)
        self.outcome.precomputed_bytes = sum(file.size for file in entry.files.values())
        return entry

    async def _obtain(self, stage: Stage, inputs: Mapping[Artifact, Entry], record: StageRecord, began: float) -> Entry:
        """What the stage gives, kept or computed; the record says which."""
        source = self.source(stage)
        words = {name: source.words[name] for name in CONTRACTS[stage].words}
        work = Work(stage, source, inputs, self.deadline, self.headers, words)
        key = await self.cache.key(work)
        kept = await self.cache.find(work, key)
        record.state, record.cached = StageState.RUNNING, kept is not None
        record.started_ms = round((began - self.began) * 1000, 1)
        if kept is not None:
            return kept
        self.report(stage, record)
        return await self.cache.compute(work, key)


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
