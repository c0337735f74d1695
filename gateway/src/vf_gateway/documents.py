"""What the gateway answers: the JSON documents of its API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from vf_gateway.pipeline import StageState
from vf_gateway.services import ServiceInfo
from vfkit.contracts import Stage
from vfkit.problems import ProblemDocument


class State(StrEnum):
    """Where a person, a garment or a fitting is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing changes any more."""
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class StageDocument(BaseModel):
    """One stage of a fitting."""

    state: StageState
    cached: bool = Field(default=False, description="the kept pictures were used; no model ran")
    started_ms: float | None = Field(default=None, description="milliseconds after the fitting began to run")
    ms: float | None = Field(default=None, description="milliseconds the stage took")


class WarningDocument(BaseModel):
    """Something to know about a result that is given all the same."""

    stage: Stage
    code: str
    detail: str


class FittingLinks(BaseModel):
    """Where to go from a fitting."""

    self: str
    result: str | None = None
    result_full: str | None = None
    grid: str | None = None


class FittingDocument(BaseModel):
    """One fitting."""

    id: str
    state: State
    created_at: datetime
    finished_at: datetime | None = None
    wall_ms: float | None = Field(default=None, description="from the start of the first stage to the end of the last")
    stages: dict[Stage, StageDocument]
    warnings: list[WarningDocument] = []
    problem: ProblemDocument | None = Field(default=None, description="why it failed")
    artifacts: dict[str, str] = Field(default={}, description="file name to URL, for the pictures that are there")
    links: FittingLinks


class SystemDocument(BaseModel):
    """What this installation runs: the six services with their engines, weights' digests and licences."""

    version: str
    ready: bool = Field(description="all six services answer")
    services: list[ServiceInfo]
