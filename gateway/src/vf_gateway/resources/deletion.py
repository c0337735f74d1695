"""Removing things with everything made from them: when asked, and when their time is over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy import ColumnElement, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.access.principal import Principal
from vf_gateway.access.visibility import is_leaving
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import (
    SECOND,
    Audit,
    Base,
    Comparison,
    Delivery,
    Fitting,
    IdempotencyKey,
    Photo,
    now_us,
    table_of,
)
from vf_gateway.observability.metrics import Metrics
from vf_gateway.resources.orphans import OrphanedPictures
from vf_gateway.resources.removal import Removals
from vf_gateway.settings import Settings
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

_RETENTION = Principal("", None, frozenset(), "retention")
_BATCH = 50
_FORGOTTEN_AT_ONCE = 500
_IDEMPOTENCY_SECONDS = 24 * 3600
_DELIVERIES_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Deletion:
    """Removes what callers delete and what is too old, and writes down who removed what."""

    database: Database
    removals: Removals
    pictures: OrphanedPictures
    metrics: Metrics
    settings: Settings
    _wake: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def delete_photo(self, principal: Principal, photo: Photo) -> None:
        """Remove a person or garment, its pictures, and every fitting with it.

        They are gone for every caller when this returns; what is more than one batch goes in the background.

        Raises:
            Problem: ``forbidden`` when a buyer deletes a garment of the market; ``not_found`` when another request
                was faster.
        """
        if principal.buyer is not None and photo.buyer != principal.buyer:
            raise Problem(Code.FORBIDDEN, "This garment belongs to the market.")
        named = Fitting.person_id if photo.kind == PictureKind.PERSON.value else Fitting.garment_id
        async with self.database.write() as session:
            row = await session.get(Photo, photo.id, with_for_update=True)
            if row is None or not await self.removals.begin(session, row, with_fittings=True):
                raise Problem(Code.NOT_FOUND, f"There is no such {photo.kind}.")
            count = await session.scalar(select(func.count()).select_from(Fitting).where(named == photo.id)) or 0
            self._note(session, principal, photo.market, f"{photo.kind}.delete", photo.id, {"fittings": count})
        if not await self.removals.step(photo.id):
            self._wake.set()

    async def delete_fitting(self, principal: Principal, fitting: Fitting) -> None:
        """Remove a fitting and its result."""
        async with self.removals.removing() as (session, removed):
            if await self.removals.remove_fittings(session, [fitting.id], removed):
                self._note(session, principal, fitting.market, "fitting.delete", fitting.id, {})

    async def delete_comparison(self, principal: Principal, comparison: Comparison, fittings: list[Fitting]) -> None:
        """Remove a comparison with its fittings."""
        async with self.removals.removing() as (session, removed):
            await self.removals.remove_fittings(session, [fitting.id for fitting in fittings], removed)
            await self.removals.remove_comparisons(session, [comparison.id])
            self._note(session, principal, comparison.market, "comparison.delete", comparison.id, {})

    # --- by time ---

    async def run(self) -> None:
        """Sweep for ever, and whenever a removal is left to be finished."""
        while True:
            self._wake.clear()
            try:
                await self.sweep()
            except Exception:
                log.exception("the retention sweep failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self.settings.sweep_seconds)

    async def sweep(self) -> None:
        """Finish what is being removed, remove everything whose time is over, and pictures that were left behind."""
        while await self._expire_photos():
            pass
        await self.removals.finish()
        while await self._expire_fittings():
            pass
        now = now_us()
        await self._forget(IdempotencyKey, IdempotencyKey.created_at < now - _IDEMPOTENCY_SECONDS * SECOND)
        old = Delivery.created_at < now - _DELIVERIES_SECONDS * SECOND
        await self._forget(Delivery, old, Delivery.state != "waiting")
        await self.pictures.sweep()

    async def _expire_photos(self) -> int:
        """A photo goes when its time is over, its fittings stay until their own is."""
        over = select(Photo).where(Photo.expires_at < now_us(), ~is_leaving(Photo.id)).limit(_BATCH)
        async with self.database.write() as session:
            rows = list(await session.scalars(over.with_for_update(skip_locked=True)))
            for row in rows:
                if await self.removals.begin(session, row, with_fittings=False):
                    self._note(session, _RETENTION, row.market, f"{row.kind}.expire", row.id, {})
        return len(rows)

    async def _expire_fittings(self) -> int:
        over = select(Fitting.id, Fitting.market).where(Fitting.expires_at < now_us()).limit(_BATCH)
        async with self.removals.removing() as (session, removed):
            markets = {row.id: row.market for row in await session.execute(over)}
            for subject in await self.removals.remove_fittings(session, list(markets), removed):
                self._note(session, _RETENTION, markets[subject], "fitting.expire", subject, {})
        return len(markets)

    async def _forget(self, entity: type[Base], *conditions: ColumnElement[bool]) -> None:
        """Delete rows that nothing else names, some at a time."""
        table = table_of(entity)
        keys = list(table.primary_key.columns)
        some = select(*keys).where(*conditions).limit(_FORGOTTEN_AT_ONCE)
        deleting = delete(table).where(tuple_(*keys).in_(some)).returning(keys[0])
        count = _FORGOTTEN_AT_ONCE
        while count == _FORGOTTEN_AT_ONCE:
            async with self.database.write() as session:
                count = len((await session.execute(deleting)).all())

    def _note(
        self,
        session: AsyncSession,
        principal: Principal,
        market: str,
        action: str,
        subject: str,
        detail: dict[str, int],
    ) -> None:
        """The audit's line of one deletion, in its transaction."""
        log.info("deleted", action=action, subject=subject, actor=principal.actor)
        self.metrics.deletions.labels(action).inc()
        session.add(
            Audit(
                id=new_id("aud"), at=now_us(), market=market, actor=principal.actor, action=action, subject=subject,
                detail=detail,
            )
        )  # fmt: skip
