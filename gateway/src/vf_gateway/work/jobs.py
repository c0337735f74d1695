"""Accepted work that survives: a queue in the database, with leases.

A job is a row beside the thing it is for, written in the same transaction, so what was accepted is never lost. A
gateway *leases* a job, renews the lease while it works, and removes the row in the transaction that stores the
outcome. A gateway that dies stops renewing, and another (or itself, restarted) takes the job over; whoever lost the
lease finds at the end that the row is no longer theirs, and changes nothing.

Waiting jobs are taken in turns: an owner's second job waits behind every other owner's first.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import SECOND, Job, now_us, table_of
from vf_gateway.observability.metrics import Metrics
from vf_gateway.observability.tracing import Tracing
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)


class JobKind(StrEnum):
    """What a job is for."""

    PHOTO = "photo"
    FITTING = "fitting"


@dataclass(frozen=True)
class QueueState:
    """The jobs of all gateways.

    Attributes:
        length: unfinished ones.
        waiting: of those, taken by no gateway.
        oldest_seconds: age of the oldest waiting one, 0 when none waits.
    """

    length: int
    waiting: int
    oldest_seconds: float


class Queue:
    """The jobs in the database, as one gateway sees them.

    Args:
        database: where they are.
        settings: the bounds.
        metrics: how long jobs waited.
    """

    def __init__(self, database: Database, settings: Settings, metrics: Metrics) -> None:
        self._database = database
        self._settings = settings
        self._metrics = metrics
        self.lease = uuid.uuid4().hex
        self.wake = asyncio.Event()

    async def enqueue(
        self, session: AsyncSession, kind: JobKind, subjects: list[str], owner: str, traceparent: str | None
    ) -> None:
        """Add jobs in the caller's transaction; `wake` is to be set after it.

        Raises:
            Problem: ``rate_limited`` when the owner, ``overloaded`` when everybody has too many unfinished.
        """
        own = await self.require_room(session, owner, len(subjects))
        now = now_us()
        rows = [
            {
                "id": subject, "kind": kind.value, "owner": owner, "turn": own + n, "traceparent": traceparent,
                "created_at": now, "attempts": 0,
            }
            for n, subject in enumerate(subjects)
        ]  # fmt: skip
        await session.execute(_ADD, rows)

    async def require_room(self, session: AsyncSession, owner: str, jobs: int = 1) -> int:
        """How many unfinished jobs an owner has. Raises Problem as `enqueue`."""
        total, own = (await session.execute(_COUNT, {"of": owner})).one()
        if own + jobs > self._settings.queue_limit_buyer:
            raise Problem(Code.RATE_LIMITED, "Too many fittings are still unfinished.", retry_after=_RETRY_SECONDS)
        if total + jobs > self._settings.queue_limit:
            raise Problem(Code.OVERLOADED, retry_after=_RETRY_SECONDS)
        return int(own)

    async def length(self) -> int:
        """Unfinished jobs."""
        async with self._database.read() as session:
            return await session.scalar(select(func.count()).select_from(Job)) or 0

    async def state(self) -> QueueState:
        """How long the queue is."""
        async with self._database.read() as session:
            length, waiting, oldest = (await session.execute(_STATE, self._times(now_us()))).one()
        age = (now_us() - oldest) / SECOND if oldest is not None else 0.0
        return QueueState(length, waiting, max(0.0, age))

    async def claim(self, most: int) -> list[Job]:
        """Lease up to this many jobs."""
        now = now_us()
        times = self._times(now)
        leased = {"most": most, "to_lease": self.lease, "to_until": self._until(now)}
        async with self._database.write() as session:
            jobs = list(await session.scalars(_CLAIM, times | leased))
        for job in jobs:
            self._metrics.queue_seconds.observe((now - job.created_at) / SECOND)
        return jobs

    async def renew(self, ids: list[str]) -> set[str]:
        """Prolong the leases of these jobs; returns those that are still ours."""
        async with self._database.write() as session:
            kept = await session.scalars(
                update(Job)
                .where(Job.id.in_(ids), Job.lease == self.lease)
                .values(lease_until=self._until(now_us()))
                .returning(Job.id)
            )
            return set(kept)

    async def release(self, ids: list[str]) -> None:
        """Give jobs back unfinished, for another gateway to take at once."""
        async with self._database.write() as session:
            await session.execute(
                update(Job)
                .where(Job.id.in_(ids), Job.lease == self.lease)
                .values(lease=None, lease_until=None, attempts=Job.attempts - 1)
            )

    async def finish(self, session: AsyncSession, job: Job) -> bool:
        """Remove a job in the transaction that stores its outcome; False: it is ours no more, change nothing."""
        return await session.scalar(_FINISH, {"subject": job.id, "our": self.lease}) is not None

    async def drop(self, session: AsyncSession, ids: list[str]) -> int:
        """Remove jobs, whoever works on them; returns how many there were."""
        return len((await session.scalars(_DROP, {"subjects": ids})).all())

    def held(self, job: Job) -> ColumnElement[bool]:
        """A condition: this job is still ours."""
        return select(Job.id).where(Job.id == job.id, Job.lease == self.lease).exists()

    def _times(self, now: int) -> dict[str, int]:
        """What `_FREE` asks for."""
        return {"now": now, "far": self._until(now) + SECOND}

    def _until(self, now: int) -> int:
        return now + int(self._settings.lease_seconds * SECOND)


_RETRY_SECONDS = 5.0

# What every fitting asks, built once: SQLAlchemy takes longer to build a statement than a database to run it.

_JOBS = table_of(Job)

_COUNT = select(func.count(), func.count(case((_JOBS.c.owner == bindparam("of"), 1)))).select_from(_JOBS)

_ADD = insert(_JOBS)

_FREE = or_(
    _JOBS.c.lease_until.is_(None),
    _JOBS.c.lease_until < bindparam("now"),
    _JOBS.c.lease_until > bindparam("far"),
)
"""Not leased, or its lease ran out, or ends so late that a clock must have jumped since."""

_STATE = select(func.count(), func.count(case((_FREE, 1))), func.min(case((_FREE, _JOBS.c.created_at))))

_CLAIM = (
    update(Job)
    .where(
        Job.id.in_(
            select(_JOBS.c.id)
            .where(_FREE)
            .order_by(_JOBS.c.turn, _JOBS.c.created_at)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(lease=bindparam("to_lease"), lease_until=bindparam("to_until"), attempts=Job.attempts + 1)
    .returning(Job)
    .execution_options(synchronize_session=False)
)

_FINISH = (
    delete(_JOBS).where(_JOBS.c.id == bindparam("subject"), _JOBS.c.lease == bindparam("our")).returning(_JOBS.c.id)
)

_DROP = delete(_JOBS).where(_JOBS.c.id.in_(bindparam("subjects", expanding=True))).returning(_JOBS.c.id)

_GATHER_SECONDS = 0.005
"""Jobs that come, and slots that become free, within this time are matched by one claim."""

T = TypeVar("T")

Handler = Callable[[Job], Awaitable[None]]


class Worker:
    """Runs jobs of the queue in this process, a bounded number at a time.

    Args:
        queue: where they come from.
        handlers: what runs each kind; a handler finishes its job.
        settings: concurrency and intervals.
        tracing: told of each job.
    """

    def __init__(self, queue: Queue, handlers: Mapping[JobKind, Handler], settings: Settings, tracing: Tracing) -> None:
        self._queue = queue
        self._handlers = handlers
        self._settings = settings
        self._tracing = tracing
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def running(self) -> int:
        """Jobs that are worked on here."""
        return len(self._running)

    def start(self) -> None:
        """Begin to take jobs."""
        self._loops = [asyncio.create_task(self._take()), asyncio.create_task(self._renew())]

    async def stop(self) -> None:
        """Stop taking jobs and give the unfinished back."""
        self._stopping = True
        for task in self._loops:
            task.cancel()
        unfinished = dict(self._running)
        for task in unfinished.values():
            task.cancel()
        await asyncio.gather(*self._loops, *unfinished.values(), return_exceptions=True)
        if unfinished:
            await self._queue.release(list(unfinished))

    def cancel(self, subject: str) -> None:
        """Stop working on something whose job has been dropped; elsewhere, renewing finds out."""
        if task := self._running.get(subject):
            task.cancel()

    async def _take(self) -> None:
        while True:
            self._queue.wake.clear()
            free = self._settings.concurrency - len(self._running)
            taken = await _patiently(self._queue.claim(free)) if free > 0 else []
            # A job whose lease ran out here (the clock jumped, the machine slept) is still being worked on.
            for job in (job for job in taken or [] if job.id not in self._running):
                task = asyncio.create_task(self._run(job), name=job.id)
                self._running[job.id] = task
                task.add_done_callback(partial(self._ended, job.id))
            if taken:
                await asyncio.sleep(_GATHER_SECONDS)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._queue.wake.wait(), self._settings.poll_seconds)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            running = list(self._running)
            if running:
                kept = await _patiently(self._queue.renew(running))
                for subject in running if kept is not None else ():
                    if subject not in (kept or ()):
                        self.cancel(subject)

    def _ended(self, subject: str, _task: asyncio.Task[None]) -> None:
        self._running.pop(subject, None)
        self._queue.wake.set()

    async def _run(self, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job=job.id, trace=job.traceparent)  # of this task alone
        try:
            with self._tracing.job(job.kind, job.id, job.traceparent):
                await self._handlers[JobKind(job.kind)](job)
        except asyncio.CancelledError:
            raise
        except Exception:
            # Even storing the outcome failed: the lease runs out and the job is taken up again, so many times.
            log.exception("a job could not be finished", job=job.id)


async def _patiently(work: Awaitable[T]) -> T | None:
    """The result, or None when the database could not answer: the loops outlive its absence."""
    try:
        return await work
    except Exception:
        log.exception("the queue's database does not answer")
        await asyncio.sleep(1)
        return None
