"""What callers ask of fittings and comparisons: find, list, follow, select, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from vf_gateway.access.principal import Principal
from vf_gateway.access.visibility import stays, viewer, visible_to
from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Comparison, Fitting, Photo, now_us
from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.pages import read_page
from vf_gateway.resources.photos.reading import source_of
from vf_gateway.resources.progress import new_event
from vf_gateway.resources.results import Pictures
from vf_gateway.resources.states import State, wait_for_end
from vf_gateway.webhooks.outbox import Outbox
from vf_gateway.work.jobs import Queue, Worker
from vf_gateway.work.notifications import Notifications
from vfkit.problems import Code, Problem

_RECHECK_SECONDS = 1.0
"""How often a stream of events asks whether its credential still holds."""


@dataclass(frozen=True)
class Filter:
    """Which fittings to list; None: any."""

    person_id: str | None = None
    garment_id: str | None = None
    comparison_id: str | None = None
    buyer: str | None = None
    state: State | None = None
    selected: bool | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Fittings:
    """Finds fittings, and does with them what callers want."""

    database: Database
    store: ArtifactStore
    queue: Queue
    worker: Worker
    outbox: Outbox
    notifications: Notifications

    async def get(self, principal: Principal, fitting_id: str) -> Fitting:
        """A fitting that the principal may see. Raises Problem (``not_found``)."""
        async with self.database.read() as session:
            fitting: Fitting | None = await session.scalar(
                _one(Fitting, principal.buyer is not None), {"id": fitting_id, **viewer(principal)}
            )
        if fitting is None:
            raise Problem(Code.NOT_FOUND, "There is no such fitting.")
        return fitting

    async def find(self, fitting_id: str) -> Fitting:
        """A fitting whoever asks: for signed links. Raises Problem (``not_found``)."""
        async with self.database.read() as session:
            fitting: Fitting | None = await session.scalar(_ANY, {"id": fitting_id})
        if fitting is None:
            raise Problem(Code.NOT_FOUND, "There is no such fitting.")
        return fitting

    async def page(
        self, principal: Principal, wanted: Filter, *, limit: int, cursor: str | None
    ) -> tuple[list[Fitting], str | None]:
        """Fittings that the principal may see, newest first, and the cursor of the next page.

        Raises:
            Problem: ``invalid_request`` for a cursor that is none.
        """
        query = select(Fitting).where(*visible_to(Fitting, principal.buyer is not None)).params(viewer(principal))
        for name in ("person_id", "garment_id", "comparison_id", "buyer", "state"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(Fitting, name) == value)
        if wanted.selected is not None:
            chosen = Fitting.selected_at.is_not(None)
            query = query.where(chosen if wanted.selected else ~chosen)
        if wanted.since is not None:
            query = query.where(Fitting.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(Fitting.created_at < wanted.until)
        return await read_page(self.database, Fitting, query, limit, cursor)

    async def comparison(self, principal: Principal, comparison_id: str) -> tuple[Comparison, list[Fitting]]:
        """A comparison and its fittings in order. Raises Problem (``not_found``)."""
        async with self.database.read() as session:
            row = await session.scalar(
                _one(Comparison, principal.buyer is not None), {"id": comparison_id, **viewer(principal)}
            )
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such comparison.")
            theirs = select(Fitting).where(Fitting.comparison_id == row.id, stays(Fitting))
            fittings = await session.scalars(theirs.order_by(Fitting.position))
            return row, list(fittings)

    async def pictures(self, fitting: Fitting) -> Pictures:
        """Its pictures, with those of its person and garment as far as they are still kept."""
        _, *photos = await with_photos(self.database, fitting.id)
        person, garment = [await self._source(photo) if photo else None for photo in photos]
        return Pictures(self.store, fitting.entries, person, garment)

    async def _source(self, photo: Photo) -> Source | None:
        try:
            return await source_of(self.store, photo)
        except Problem:
            return None

    async def wait(self, principal: Principal, fitting: Fitting, seconds: float) -> Fitting:
        """The fitting when it has ended, or as it is after this time."""
        return await wait_for_end(self.notifications, fitting.id, seconds, lambda: self.get(principal, fitting.id))

    async def events(
        self, principal: Principal, fitting_id: str, after: int, may_go_on: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[dict[str, Any]]:
        """Its events behind this one, as they come, until it has ended or is deleted.

        Args:
            principal: who follows it.
            fitting_id: the fitting.
            after: number of the last event that the caller has.
            may_go_on: whether the caller's credential still holds; asked again and again.
        """
        with self.notifications.watch(fitting_id) as changed:
            while await may_go_on():
                changed.clear()
                try:
                    fitting = await self.get(principal, fitting_id)
                except Problem:
                    return
                for event in fitting.events:
                    if event["seq"] > after:
                        after = event["seq"]
                        yield event
                if State(fitting.state).final:
                    return
                while not changed.is_set() and await may_go_on():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), _RECHECK_SECONDS)

    async def select(self, principal: Principal, fitting_id: str, *, selected: bool) -> Fitting:
        """The buyer picks the product, or takes that back.

        Raises:
            Problem: ``not_found``; ``conflict`` when the fitting did not succeed.
        """
        fitting = await self.get(principal, fitting_id)
        if selected and fitting.state != State.SUCCEEDED:
            raise Problem(Code.CONFLICT, "Only a finished fitting can be selected.")
        is_told = False
        async with self.database.write() as session:
            row = await session.get(Fitting, fitting_id, with_for_update=True)
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such fitting.")
            if selected != (row.selected_at is not None):
                row.selected_at = now_us() if selected else None
                if selected:
                    is_told = await self.outbox.add(session, row, "selected", None)
        if is_told:
            self.outbox.wake.set()
        return row

    async def cancel(self, principal: Principal, fitting_id: str) -> Fitting:
        """End a fitting that has not ended.

        Raises:
            Problem: ``not_found``; ``conflict`` when it has ended otherwise.
        """
        await self.get(principal, fitting_id)
        problem = Problem(Code.CANCELLED).document().model_dump(mode="json")
        async with self.database.write() as session:
            # The job first, as whoever stores an outcome does: else both could wait for each other.
            dropped = await self.queue.drop(session, [fitting_id])
            row = await session.get(Fitting, fitting_id, with_for_update=True)
            if row is None:
                raise Problem(Code.NOT_FOUND, "There is no such fitting.")
            if row.state == State.CANCELLED:
                return row
            if not dropped:
                raise Problem(Code.CONFLICT, "The fitting has already ended.")
            row.state, row.problem, row.finished_at = State.CANCELLED.value, problem, now_us()
            row.stages = {
                name: {**stage, "state": "cancelled"} if stage["state"] in ("waiting", "running") else stage
                for name, stage in row.stages.items()
            }
            row.events = [*row.events, new_event(row.version + 1, "cancelled", {"problem": problem})]
            row.version += 1
            is_told = await self.outbox.add(session, row, State.CANCELLED.value, problem)
        self.worker.cancel(fitting_id)
        self.notifications.tell(fitting_id)
        if is_told:
            self.outbox.wake.set()
        return row


async def with_photos(database: Database, fitting_id: str) -> tuple[Fitting | None, Photo | None, Photo | None]:
    """A fitting with its person and garment, as far as they are still there."""
    async with database.read() as session:
        row = (await session.execute(_WITH_PHOTOS, {"id": fitting_id})).one_or_none()
    return (row[0], row[1], row[2]) if row else (None, None, None)


# What every fitting asks, built once: SQLAlchemy takes longer to build a statement than a database to run it.

_person, _garment = aliased(Photo), aliased(Photo)

_WITH_PHOTOS = (
    select(Fitting, _person, _garment)
    .outerjoin(_person, _person.id == Fitting.person_id)
    .outerjoin(_garment, _garment.id == Fitting.garment_id)
    .where(Fitting.id == bindparam("id"), stays(Fitting))
)

_ANY = select(Fitting).where(Fitting.id == bindparam("id"), stays(Fitting))


@cache
def _one(table: type[Fitting | Comparison], of_buyer: bool) -> Select[Any]:
    return select(table).where(table.id == bindparam("id"), *visible_to(table, of_buyer))
