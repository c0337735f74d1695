"""How much each buyer and each market may store: counted in the transactions that store and remove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import insert_into
from vf_gateway.database.tables import Usage
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

_WHOLE_MARKET = ""
"""Stands where a buyer's name does; no buyer has an empty one."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Amount:
    """What is stored, or a change of it.

    Attributes:
        photos: people and garments.
        stored_bytes: of their files and of everything that was computed.
    """

    photos: int = 0
    stored_bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.photos + other.photos, self.stored_bytes + other.stored_bytes)


class Quotas:
    """Counts what is stored, and refuses more than is allowed.

    Args:
        settings: the bounds; 0: none.
    """

    def __init__(self, settings: Settings) -> None:
        self._of_buyer = Amount(settings.quota_photos_buyer, settings.quota_mb_buyer * _MEGABYTE)
        self._of_market = Amount(settings.quota_photos, settings.quota_mb * _MEGABYTE)

    async def require_room(self, session: AsyncSession, market: str, buyer: str | None, more: Amount) -> None:
        """Refuse what would not fit, before any work is done for it. Raises Problem (``quota_exceeded``)."""
        if not any(map(_is_bounded, (self._of_market, self._of_buyer) if buyer else (self._of_market,))):
            return
        rows = await session.execute(_USED, {"of": market, "named": buyer or _WHOLE_MARKET})
        for row in rows:
            self._check(row.buyer, Amount(row.photos, row.stored_bytes) + more)

    async def take(self, session: AsyncSession, market: str, buyer: str | None, more: Amount) -> None:
        """Count what this transaction stores. Raises Problem (``quota_exceeded``)."""
        for (_, name), used in (await self._change(session, {(market, buyer): more})).items():
            self._check(name, used)

    async def count(self, session: AsyncSession, market: str, buyer: str | None, more: Amount) -> None:
        """Count what this transaction stores; it is done, and not refused any more."""
        await self._change(session, {(market, buyer): more})

    async def give_back(self, session: AsyncSession, freed: Mapping[tuple[str, str | None], Amount]) -> None:
        """Count what this transaction removes, by market and buyer; a buyer who has nothing left is forgotten."""
        left = await self._change(session, {key: Amount(-a.photos, -a.stored_bytes) for key, a in freed.items()})
        empty = [key for key, used in left.items() if used.photos <= 0 and used.stored_bytes <= 0]
        if empty:
            await session.execute(delete(Usage).where(tuple_(Usage.market, Usage.buyer).in_(empty)))

    @staticmethod
    async def _change(
        session: AsyncSession, changes: Mapping[tuple[str, str | None], Amount]
    ) -> dict[tuple[str, str], Amount]:
        """Add to the rows of these buyers and their markets; returns what they are then."""
        totals: dict[tuple[str, str], Amount] = {}
        for (market, buyer), amount in changes.items():
            for name in {_WHOLE_MARKET, buyer or _WHOLE_MARKET}:
                totals[market, name] = totals.get((market, name), Amount()) + amount
        totals = {key: amount for key, amount in totals.items() if amount != Amount()}
        if not totals:
            return {}
        adding = insert_into(session, Usage).values(
            [  # in one order everywhere, so that two transactions never wait for each other's rows
                {"market": market, "buyer": buyer, "photos": amount.photos, "stored_bytes": amount.stored_bytes}
                for (market, buyer), amount in sorted(totals.items(), key=lambda item: item[0])
            ]
        )
        more = {name: Usage.__table__.c[name] + adding.excluded[name] for name in ("photos", "stored_bytes")}
        returning = (Usage.market, Usage.buyer, Usage.photos, Usage.stored_bytes)
        rows = await session.execute(
            adding.on_conflict_do_update(index_elements=["market", "buyer"], set_=more).returning(*returning)
        )
        return {(row.market, row.buyer): Amount(row.photos, row.stored_bytes) for row in rows}

    def _check(self, buyer: str, used: Amount) -> None:
        bound, whose = (self._of_buyer, "buyer") if buyer else (self._of_market, "market")
        if bound.photos and used.photos > bound.photos:
            raise Problem(Code.QUOTA_EXCEEDED, f"The {whose} has {bound.photos} photos already: delete some first.")
        if bound.stored_bytes and used.stored_bytes > bound.stored_bytes:
            size = bound.stored_bytes // _MEGABYTE
            raise Problem(Code.QUOTA_EXCEEDED, f"The {whose}'s {size} MB of pictures are used up: delete some first.")


def _is_bounded(bound: Amount) -> bool:
    return bound != Amount()


_USED = select(Usage.buyer, Usage.photos, Usage.stored_bytes).where(
    Usage.market == bindparam("of"), Usage.buyer.in_([_WHOLE_MARKET, bindparam("named")])
)
"""Built once: every upload asks."""
