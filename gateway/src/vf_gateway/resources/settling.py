"""The end of a job: what came of it is stored in the transaction that removes the job."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Fitting, Job, Photo
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.resources.records import outcome_columns, problem_columns
from vf_gateway.stages.pipeline import Outcome
from vf_gateway.work.jobs import Queue
from vf_gateway.work.notifications import Notifications
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ending:
    """What came of a job.

    Attributes:
        columns: of the row that it was about.
        code: ``ok`` or the problem's, for metrics.
        computed_bytes: sizes of the pictures that were added to what is kept.
    """

    columns: dict[str, Any]
    code: str = "ok"
    computed_bytes: int = 0


async def attempt(work: Awaitable[Outcome], subject: str) -> Ending:
    """Do the work; whatever goes wrong with it is its end."""
    try:
        outcome = await work
    except Problem as problem:
        return Ending(problem_columns(problem), problem.code.value)
    except Exception:
        log.exception("a job failed unexpectedly", subject=subject)
        return Ending(problem_columns(Problem(Code.INTERNAL)), Code.INTERNAL.value)
    return Ending(outcome_columns(outcome), computed_bytes=outcome.computed_bytes)


@dataclass(frozen=True)
class Settlement:
    """Ends jobs, all or nothing."""

    database: Database
    queue: Queue
    quotas: Quotas
    notifications: Notifications

    @asynccontextmanager
    async def end(self, job: Job, row: Photo | Fitting, ending: Ending) -> AsyncIterator[AsyncSession | None]:
        """The transaction that removes the job and stores its end; None: it is ours no more, change nothing."""
        async with self.database.write() as session:
            is_ours = await self.queue.finish(session, job)
            yield session if is_ours else None
            if is_ours:
                await self.quotas.count(session, row.market, row.buyer, Amount(stored_bytes=ending.computed_bytes))
        if is_ours:
            self.notifications.tell(job.id)

    async def save_progress(self, job: Job, columns: Mapping[str, Any]) -> None:
        """Store how far a running fitting is, if it is still ours."""
        async with self.database.write() as session:
            held = self.queue.held(job)
            await session.execute(update(Fitting).where(Fitting.id == job.id, held).values(**columns))
        self.notifications.tell(job.id)

    async def drop(self, job: Job) -> None:
        """End a job whose subject is not there any more."""
        async with self.database.write() as session:
            await self.queue.finish(session, job)
