"""Where markets want to be told: their webhooks, what was sent to them, what is sent once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, delete, select

from vf_gateway.access.principal import Principal, Scope
from vf_gateway.access.signing import Secrets, secret_digest
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import Delivery, Webhook, now_us
from vf_gateway.network.targets import RefusedTargetError, Targets
from vf_gateway.webhooks.outbox import TYPES, Outbox
from vfkit.problems import Code, Problem

MOST_WEBHOOKS = 20
"""Of one market."""


class Receivers:
    """The webhooks of all markets.

    Args:
        database: where they are.
        signer: makes their secrets.
        targets: which addresses may be called.
        outbox: messages to them.
    """

    def __init__(self, database: Database, signer: Secrets, targets: Targets, outbox: Outbox) -> None:
        self._database = database
        self._signer = signer
        self._targets = targets
        self._outbox = outbox

    async def register(self, principal: Principal, url: str, types: Sequence[str]) -> tuple[Webhook, str]:
        """A new receiver, and the secret that its messages are signed with.

        Raises:
            Problem: ``invalid_request`` when it may not be called, ``conflict`` when there are too many.
        """
        await self._admit(principal, url)
        webhook, secret = self._new(principal.market, url, list(types or TYPES), None)
        async with self._database.write() as session:
            known = await session.scalars(select(Webhook.id).where(*_listed(principal)))
            if len(known.all()) >= MOST_WEBHOOKS:
                raise Problem(Code.CONFLICT, f"A market has at most {MOST_WEBHOOKS} webhooks.")
            session.add(webhook)
        return webhook, secret

    async def of_one(self, principal: Principal, url: str) -> Callable[[str], Webhook]:
        """A receiver of one fitting's end alone, given the id of the fitting; whoever makes the fitting writes it.

        Raises:
            Problem: ``forbidden``; ``invalid_request`` when it may not be called.
        """
        principal.require(Scope.WEBHOOKS)
        await self._admit(principal, url)
        # Without types: a gateway of the version before this one tells it of nothing.
        return lambda fitting_id: self._new(principal.market, url, [], fitting_id)[0]

    async def _admit(self, principal: Principal, url: str) -> None:
        try:
            await self._targets.admit(url, principal.market)
        except RefusedTargetError as error:
            raise Problem(Code.INVALID_REQUEST, f"This address cannot be a webhook: {error}.") from None

    def _new(self, market: str, url: str, types: list[str], fitting_id: str | None) -> tuple[Webhook, str]:
        webhook_id = new_id("whk")
        secret = self._signer.webhook_secret(webhook_id)
        webhook = Webhook(
            id=webhook_id, market=market, url=url, types=types, fitting_id=fitting_id, created_at=now_us(),
            secret=secret_digest(secret),
        )  # fmt: skip
        return webhook, secret

    async def all(self, principal: Principal) -> list[Webhook]:
        """The market's receivers."""
        async with self._database.read() as session:
            rows = await session.scalars(select(Webhook).where(*_listed(principal)).order_by(Webhook.created_at))
            return list(rows)

    async def remove(self, principal: Principal, webhook_id: str) -> None:
        """Forget a receiver and its messages. Raises Problem (``not_found``)."""
        await self._require_own(principal, webhook_id)
        async with self._database.write() as session:
            await session.execute(delete(Delivery).where(Delivery.webhook_id == webhook_id))
            await session.execute(delete(Webhook).where(Webhook.id == webhook_id))

    async def deliveries(self, principal: Principal, webhook_id: str, limit: int) -> list[Delivery]:
        """A receiver's messages, newest first. Raises Problem (``not_found``)."""
        await self._require_own(principal, webhook_id)
        async with self._database.read() as session:
            rows = await session.scalars(
                select(Delivery)
                .where(Delivery.webhook_id == webhook_id)
                .order_by(Delivery.created_at.desc())
                .limit(limit)
            )
            return list(rows)

    async def replay(self, principal: Principal, webhook_id: str, delivery_id: str) -> Delivery:
        """Send a message again, under its old id. Raises Problem (``not_found``)."""
        await self._require_own(principal, webhook_id)
        async with self._database.write() as session:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or row.webhook_id != webhook_id:
                raise Problem(Code.NOT_FOUND, "There is no such delivery.")
            row.state, row.attempts, row.next_at = "waiting", 0, now_us()
        self._outbox.wake.set()
        return row

    async def _require_own(self, principal: Principal, webhook_id: str) -> None:
        async with self._database.read() as session:
            row = await session.get(Webhook, webhook_id)
        if row is None or row.market != principal.market or row.fitting_id is not None:
            raise Problem(Code.NOT_FOUND, "There is no such webhook.")


def _listed(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    """The market's receivers, but for those of single fittings."""
    return Webhook.market == principal.market, Webhook.fitting_id.is_(None)
