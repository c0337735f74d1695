"""Messages to markets: rows that wait until they are delivered, or until a day is over.

A message is written in the transaction that it tells of, so it is neither lost nor made up. Gateways that share a
database share the messages: who sends one has a lease of it, and only the holder of the lease writes the result.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import SECOND, Delivery, Fitting, Webhook, now_us

_ENDS = ("succeeded", "failed", "cancelled")
TYPES = (*(f"fitting.{end}" for end in _ENDS), "fitting.selected")

_WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 28800)
"""Seconds before each further try: about a day in all."""

_JITTER = 0.1
_MARGIN_SECONDS = 30
"""A lease lasts this much longer than a call may."""

_GONE = 410


@dataclass(frozen=True)
class Due:
    """A message whose time has come."""

    delivery_id: str
    webhook_id: str
    market: str
    next_at: int


class Outbox:
    """Messages that wait to be sent.

    Args:
        database: where they are.
        call_seconds: how long a call may take.

    Attributes:
        wake: set when there is a message to send; the sender clears it.
    """

    def __init__(self, database: Database, call_seconds: float) -> None:
        self._database = database
        self._lease = int((call_seconds + _MARGIN_SECONDS) * SECOND)
        self.wake = asyncio.Event()

    async def add(self, session: AsyncSession, fitting: Fitting, event: str, problem: Mapping[str, Any] | None) -> bool:
        """Tell the market of a fitting, in the caller's transaction; True: set `wake` after it."""
        kind = f"fitting.{event}"
        known = await session.scalars(_TOLD, {"market": fitting.market, "fitting": fitting.id})
        is_end = event in _ENDS
        webhooks = [webhook for webhook in known if kind in webhook.types or (webhook.fitting_id and is_end)]
        if not webhooks:
            return False
        now = now_us()
        message = new_id("msg")
        body = {
            "type": kind,
            "timestamp": datetime.fromtimestamp(now / SECOND, UTC).isoformat(),
            "data": {
                "fitting_id": fitting.id, "person_id": fitting.person_id, "garment_id": fitting.garment_id,
                "comparison_id": fitting.comparison_id, "buyer": fitting.buyer, "problem": problem,
            },
        }  # fmt: skip
        session.add_all(
            Delivery(
                id=new_id("dlv"), webhook_id=webhook.id, message_id=message, subject=fitting.id, type=kind,
                body=json.dumps(body, separators=(",", ":")), state="waiting", attempts=0, next_at=now, created_at=now,
            )
            for webhook in webhooks
        )  # fmt: skip
        return True

    async def waiting(self) -> int:
        """Messages that are not delivered yet."""
        query = select(func.count()).select_from(Delivery).where(Delivery.state == "waiting")
        async with self._database.read() as session:
            return await session.scalar(query) or 0

    async def due(self, busy: Collection[str]) -> list[Due]:
        """The oldest message that is due of each webhook, but for the busy ones: as many rows as webhooks, however
        long one's queue is."""
        oldest = (
            select(Delivery.id)
            .where(Delivery.webhook_id == Webhook.id, Delivery.state == "waiting", Delivery.next_at <= now_us())
            .order_by(Delivery.next_at)
            .limit(1)
            .correlate(Webhook)
            .scalar_subquery()
        )
        query = (
            select(Delivery.id, Webhook.id, Webhook.market, Delivery.next_at)
            .join_from(Webhook, Delivery, Delivery.id == oldest)
            .where(Webhook.id.not_in(busy))
        )
        async with self._database.read() as session:
            return [Due(*row) for row in await session.execute(query)]

    async def claim(self, ids: Collection[str]) -> list[tuple[Delivery, Webhook]]:
        """Take messages, unless another gateway was faster; they come back when the lease ends without a result."""
        async with self._database.write() as session:
            rows = await session.execute(
                select(Delivery, Webhook)
                .join(Webhook, Webhook.id == Delivery.webhook_id)
                .where(Delivery.id.in_(ids), Delivery.state == "waiting", Delivery.next_at <= now_us())
                .with_for_update(skip_locked=True, of=Delivery)
            )
            claimed = [(row[0], row[1]) for row in rows]
            for delivery, _ in claimed:
                delivery.attempts += 1
                delivery.next_at = now_us() + self._lease
        return claimed

    async def settle(self, claimed: Delivery, status: int | None, error: str | None) -> bool:
        """Write what came of a try; True: it is delivered. A message that was replayed meanwhile stays due.

        Args:
            claimed: the message as `claim` gave it.
            status: the receiver's answer, if there was one.
            error: why there was none.
        """
        delivered = status is not None and 200 <= status < 300
        if delivered:
            values: dict[str, Any] = {"state": "delivered", "delivered_at": now_us()}
        elif status == _GONE or claimed.attempts > len(_WAITS):
            values = {"state": "failed"}
        else:
            wait = _WAITS[claimed.attempts - 1] * (1 + _JITTER * secrets.randbelow(1000) / 1000)
            values = {"next_at": now_us() + int(wait * SECOND)}
        held = (Delivery.id == claimed.id, Delivery.attempts == claimed.attempts, Delivery.next_at == claimed.next_at)
        async with self._database.write() as session:
            await session.execute(update(Delivery).where(*held).values(status=status, error=error, **values))
        return delivered


_TOLD = select(Webhook).where(
    Webhook.market == bindparam("market"),
    or_(Webhook.fitting_id.is_(None), Webhook.fitting_id == bindparam("fitting")),
)
"""Built once: it is asked for every fitting."""
