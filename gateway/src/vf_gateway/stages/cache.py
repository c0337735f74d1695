"""What stages gave, kept under what it was made of: found again, or computed once however many want it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore, Entry, entry_key
from vf_gateway.stages.flight import SingleFlight
from vf_gateway.stages.services import Deadline, StageAnswer, StageServices, engine_identity
from vfkit.contracts import CONTRACTS, Artifact, Stage, StageContract
from vfkit.engines import AnswerWarning
from vfkit.problems import Problem

Check = Callable[[StageAnswer, Source, ArtifactStore], Awaitable[list[AnswerWarning]]]
"""Judges a stage's answer about a photo before it is kept; returns warnings to keep with it. Raises Problem when no
fitting can be made with it."""


@dataclass(frozen=True)
class Work:
    """What a stage is to do.

    Attributes:
        stage: which.
        source: the photo whose picture is made.
        inputs: the entries that have the stage's files.
        deadline: of the whole run.
        headers: passed to the service (trace context).
        words: form fields that take no file.
        precomputation: the contract's precomputation, not the stage itself.
    """

    stage: Stage
    source: Source
    inputs: Mapping[Artifact, Entry]
    deadline: Deadline
    headers: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    precomputation: bool = False

    @property
    def contract(self) -> StageContract:
        """Of the call that does it. Raises ValueError: there is no such call."""
        contract = CONTRACTS[self.stage].precomputation if self.precomputation else CONTRACTS[self.stage]
        if contract is None:
            raise ValueError(f"{self.stage} has no precomputation")
        return contract

    @property
    def scope(self) -> str:
        """Where its pictures are kept: a result outlives the photo."""
        is_result = self.stage is Stage.HRVITON and not self.precomputation
        return self.source.results if is_result else self.source.scope


class StageCache:
    """Finds what a stage gave before, or has it computed and keeps it.

    Args:
        services: compute.
        store: keeps.
        checks: what is judged, by stage.
    """

    def __init__(self, services: StageServices, store: ArtifactStore, checks: Mapping[Stage, Check]) -> None:
        self._services = services
        self._store = store
        self._checks = checks
        # Two runs that need the same picture at the same time (a person's preparation and the first fitting, or the
        # fittings of a comparison) compute it once.
        self._flights: SingleFlight[Entry] = SingleFlight()

    async def key(self, work: Work) -> str:
        """The name of what this work makes, with the engine that would do it now.

        What was precomputed changes no answer, so it is no part of the name.
        """
        engine = await self._services.engine(work.stage, work.deadline)
        fields = work.contract.fields
        digests = {name: work.inputs[artifact].files[artifact].sha256 for name, artifact in fields.items()}
        made = work.contract.path if work.precomputation else work.stage
        return entry_key(made, digests, engine_identity(engine), work.words)

    async def precomputes(self, stage: Stage, deadline: Deadline) -> bool:
        """Whether the stage's engine precomputes; no, where it cannot be asked."""
        try:
            return (await self._services.engine(stage, deadline)).precomputes
        except Problem:
            return False

    async def read(self, entry: Entry, artifact: Artifact) -> bytes:
        """One file of what a stage gave. Raises DamagedError."""
        return await self._store.read(entry, artifact)

    async def find(self, work: Work, key: str) -> Entry | None:
        """What is kept, None when nothing is."""
        return await self._store.find(work.scope, key)

    async def compute(self, work: Work, key: str) -> Entry:
        """Have it computed, or wait for the one that is at it.

        Raises:
            Problem: the service's, or the check's.
            DamagedError: a file that the stage needs is damaged; it has been forgotten.
        """
        return await self._flights.run(f"{work.scope}/{key}", partial(self._compute, work, key))

    async def _compute(self, work: Work, key: str) -> Entry:
        contents = await asyncio.gather(*(self._store.read(entry, artifact) for artifact, entry in work.inputs.items()))
        inputs = dict(zip(work.inputs, contents, strict=True))
        answer = await self._services.call(
            work.stage, inputs, work.deadline, work.headers, work.words, contract=work.contract
        )
        check = None if work.precomputation else self._checks.get(work.stage)
        more = await check(answer, work.source, self._store) if check else []
        files = {str(artifact): content for artifact, content in answer.artifacts.items()}
        return await self._store.save(work.scope, key, files, [*answer.warnings, *more])
