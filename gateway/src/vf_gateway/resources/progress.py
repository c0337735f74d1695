"""How far a running fitting is: its stages and events, on their way to its row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from vf_gateway.database.tables import Fitting, now_us
from vf_gateway.resources.records import record_column, record_columns
from vf_gateway.resources.states import State
from vf_gateway.stages.pipeline import ALL_STAGES, StageRecord
from vfkit.contracts import Stage

log = structlog.get_logger(__name__)

_SECONDS = 0.2
"""Changes within this time are one write; a fitting that is all kept mostly ends sooner, and needs none."""


class Progress:
    """Collects a run's changes and stores them, several at a time when they come fast.

    Args:
        fitting: what runs; its events so far are continued.
        save: stores columns of the fitting, if it is still ours.
    """

    def __init__(self, fitting: Fitting, save: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
        self._save = save
        self._fitting_id = fitting.id
        self._events: list[Any] = list(fitting.events)
        self._version = fitting.version
        self._records: dict[Stage, StageRecord] = {stage: StageRecord() for stage in ALL_STAGES}
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """The fitting runs now."""
        self._add("running", {})
        self._writer = asyncio.create_task(self._write())

    def report(self, stage: Stage, record: StageRecord) -> None:
        """See `vf_gateway.stages.pipeline.Report`."""
        self._records[stage] = record
        self._add("stage", {"stage": stage.value, **record_column(record)})

    async def stop(self) -> None:
        """Write no more."""
        self._stopping.set()
        self._changed.set()
        if self._writer is not None:
            await asyncio.shield(self._writer)

    def columns(self, state: str, problem: Mapping[str, Any] | None) -> dict[str, Any]:
        """Everything up to the end."""
        self._add(state, {"problem": problem} if problem else {})
        return {"events": self._events, "version": self._version, "stages": record_columns(self._records)}

    def _add(self, kind: str, data: dict[str, Any]) -> None:
        self._version += 1
        self._events = [*self._events, new_event(self._version, kind, data)]
        self._changed.set()

    async def _write(self) -> None:
        while not self._stopping.is_set():
            await self._changed.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _SECONDS)
                return  # the outcome is stored with everything up to the end
            self._changed.clear()
            columns = {
                "state": State.RUNNING.value, "events": self._events, "version": self._version,
                "stages": record_columns(self._records)
            }  # fmt: skip
            try:
                await self._save(columns)
            except Exception:
                log.warning("progress could not be stored", fitting=self._fitting_id)


def new_event(number: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """One entry of a fitting's `events`, numbered from 1."""
    return {"seq": number, "event": kind, "at": now_us(), "data": data}
