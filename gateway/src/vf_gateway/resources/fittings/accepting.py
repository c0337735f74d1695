"""Accepting fittings and comparisons: their rows, their jobs and the photos sent with them, or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id, owner_key
from vf_gateway.database.tables import SECOND, Comparison, Fitting, Photo, now_us, table_of
from vf_gateway.pictures.disk import DiskRoom
from vf_gateway.resources.idempotency import Submission
from vf_gateway.resources.photos.accepting import Arrival, PhotoIntake, Upload
from vf_gateway.resources.progress import new_event
from vf_gateway.resources.quotas import Amount, Quotas
from vf_gateway.resources.records import sent_warnings, stage_columns
from vf_gateway.resources.states import State
from vf_gateway.settings import Settings
from vf_gateway.stages.pipeline import ALL_STAGES, StageState
from vf_gateway.webhooks.outbox import Outbox
from vf_gateway.work.jobs import JobKind, Queue
from vfkit.problems import OF_THE_PHOTO, Code, Problem

_DAY = 24 * 3600 * SECOND


@dataclass(frozen=True)
class FittingIntake:
    """Accepts fittings."""

    database: Database
    photos: PhotoIntake
    queue: Queue
    quotas: Quotas
    disk: DiskRoom
    outbox: Outbox
    settings: Settings

    async def create(self, market: str, person: Photo | Upload, garment: Photo | Upload, by: Submission) -> Fitting:
        """Accept a fitting; photos that are sent with it are stored in the same transaction, or not at all.

        Raises:
            Problem: what is wrong with one of the photos, if that is known; ``conflict``, ``rate_limited``,
                ``overloaded``, ``storage_full``, ``quota_exceeded``.
        """
        await self.disk.require()
        async with self._arriving(market, person) as one, self._arriving(market, garment) as other:
            row = self._new_row(one, other)
            arrivals = [photo for photo in (one, other) if isinstance(photo, Arrival)]
            await self._accept([row], by, arrivals=arrivals)
        return Fitting(**row)

    async def refuse(self, market: str, buyer: str | None, problem: Problem, by: Submission) -> Fitting:
        """Keep a fitting that failed before it began, for a caller who is to learn that as they learn of any end.

        Args:
            market: whose it is.
            buyer: whose it is.
            problem: of one of its photos, which are not kept.
            by: the request.

        Raises:
            Problem: ``storage_full``.
        """
        await self.disk.require()
        told, now = problem.document().model_dump(mode="json"), now_us()
        stages = {name: stage | {"state": StageState.CANCELLED} for name, stage in stage_columns(ALL_STAGES).items()}
        row = Fitting(
            id=new_id("fit"), market=market, buyer=buyer, position=0, state=State.FAILED.value, problem=told,
            stages=stages, events=[new_event(1, "queued", {}), new_event(2, "failed", {"problem": told})], version=2,
            entries={}, warnings=[], created_at=now, finished_at=now, expires_at=self._expiry(now),
        )  # fmt: skip
        async with self.database.write() as session:
            session.add(row)
            await session.flush()
            by.record(session, row.id)
            await session.flush()
            is_told = await self.outbox.add(session, row, State.FAILED.value, told)
        if is_told:
            self.outbox.wake.set()
        return row

    @asynccontextmanager
    async def _arriving(self, market: str, photo: Photo | Upload) -> AsyncIterator[Photo | Arrival]:
        if isinstance(photo, Photo):
            _require_usable(photo)
            yield photo
        else:
            async with self.photos.arriving(market, photo) as arrival:
                yield arrival

    async def compare(self, person: Photo, garments: Sequence[Photo], by: Submission) -> Comparison:
        """Accept one person in many garments; they run at the same time, so that synthesis can batch them.

        Raises:
            Problem: as `create`.
        """
        _require_usable(person)
        await self.disk.require()
        comparison = Comparison(
            id=new_id("cmp"), market=person.market, buyer=person.buyer, person_id=person.id, created_at=now_us()
        )
        rows = [
            self._new_row(person, garment) | {"comparison_id": comparison.id, "position": position}
            for position, garment in enumerate(garments)
        ]
        await self._accept(rows, by, comparison)
        return comparison

    async def _accept(
        self,
        rows: list[dict[str, Any]],
        by: Submission,
        comparison: Comparison | None = None,
        arrivals: Sequence[Arrival] = (),
    ) -> None:
        market, buyer = rows[0]["market"], rows[0]["buyer"]
        async with self.database.write() as session:
            await self.quotas.require_room(session, market, buyer, Amount())
            ids = [row["id"] for row in rows]
            await self.queue.enqueue(session, JobKind.FITTING, ids, owner_key(market, buyer), by.traceparent)
            for arrival in arrivals:
                await self.photos.join(session, arrival)
            if comparison is not None:
                session.add(comparison)
                await session.flush()
            await session.execute(_ADD, rows)
            by.record(session, comparison.id if comparison else rows[0]["id"])
        self.queue.wake.set()

    def _new_row(self, one: Photo | Arrival, other: Photo | Arrival) -> dict[str, Any]:
        person, garment, now = _photo_of(one), _photo_of(other), now_us()
        return {
            "id": new_id("fit"), "market": person.market, "buyer": person.buyer, "person_id": person.id,
            "garment_id": garment.id, "comparison_id": None, "position": 0, "state": State.QUEUED.value,
            "stages": stage_columns(ALL_STAGES), "events": [new_event(1, "queued", {})], "version": 1, "entries": {},
            "warnings": [warning for photo in (one, other) for warning in _warnings_of(photo)],
            "created_at": now, "expires_at": self._expiry(now),
        }  # fmt: skip

    def _expiry(self, now: int) -> int:
        return now + int(self.settings.fittings_days * _DAY)


_ADD = insert(table_of(Fitting))
"""Built once: SQLAlchemy takes longer to build a statement than a database to run it."""


def _photo_of(photo: Photo | Arrival) -> Photo:
    """The row that a fitting names."""
    return photo if isinstance(photo, Photo) else photo.known or photo.photo


def _warnings_of(photo: Photo | Arrival) -> list[dict[str, str]]:
    """Of this photo as it was sent, also when the same one is known; its stages warn when the fitting runs."""
    return sent_warnings(photo if isinstance(photo, Photo) else photo.photo)


def _require_usable(photo: Photo) -> None:
    """Refuse a photo that is known to be unusable. Raises its Problem."""
    if photo.state != State.FAILED or not photo.problem:
        return
    code = Code(photo.problem["code"])
    if code in OF_THE_PHOTO:
        raise Problem(code, photo.problem["detail"], stage=photo.problem["stage"])
