"""Webhooks: markets are told of ended fittings, signed as Standard Webhooks say, until they answer or a day is over.

A message is a row written in the transaction that it tells of, so it is neither lost nor made up. Receivers are
resolved first and called by address: only public addresses over https, unless the operator allows the host.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks.webhooks import Webhook as Signer

from vf_gateway.access.principal import Principal
from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import SECOND, Delivery, Fitting, Webhook, now_us
from vf_gateway.observability.metrics import Metrics
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

TYPES = ("fitting.succeeded", "fitting.failed", "fitting.cancelled", "fitting.selected")

_WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 28800)
"""Seconds before each further try: about a day in all."""

_JITTER = 0.1
_AT_ONCE = 16
_MOST_WEBHOOKS = 20
_LEASE_SECONDS = 60
_POLL_SECONDS = 2.0


class ForbiddenTargetError(Exception):
    """The receiver's address is not one that may be called."""


class Outbox:
    """Messages that wait to be sent.

    Args:
        database: where they are.
        settings: which hosts are allowed, how long a receiver may take.
        metrics: counts them.
    """

    def __init__(self, database: Database, settings: Settings, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._allowed = frozenset(filter(None, (h.strip().lower() for h in settings.webhook_hosts.split(","))))
        self._timeout = settings.webhook_timeout
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=settings.webhook_timeout)
        self.wake = asyncio.Event()

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    # --- receivers ---

    async def register(self, principal: Principal, url: str, types: Sequence[str]) -> Webhook:
        """A new receiver with its secret.

        Raises:
            Problem: ``invalid_request`` when it may not be called, ``conflict`` when there are too many.
        """
        try:
            parsed = self._parse(url)
            await self._resolve(parsed)
        except (ForbiddenTargetError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise Problem(Code.INVALID_REQUEST, f"This address cannot be a webhook: {error}.") from None
        async with self._database.write() as session:
            known = await session.scalars(select(Webhook.id).where(Webhook.market == principal.market))
            if len(known.all()) >= _MOST_WEBHOOKS:
                raise Problem(Code.CONFLICT, f"A market has at most {_MOST_WEBHOOKS} webhooks.")
            webhook = Webhook(
                id=new_id("whk"), market=principal.market, url=url, types=list(types or TYPES), created_at=now_us(),
                secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
            )  # fmt: skip
            session.add(webhook)
        return webhook

    async def all(self, principal: Principal) -> list[Webhook]:
        """The market's receivers."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(Webhook).where(Webhook.market == principal.market).order_by(Webhook.created_at)
            )
            return list(rows)

    async def remove(self, principal: Principal, webhook_id: str) -> None:
        """Forget a receiver and its messages. Raises Problem (``not_found``)."""
        await self._own(principal, webhook_id)
        async with self._database.write() as session:
            await session.execute(delete(Delivery).where(Delivery.webhook_id == webhook_id))
            await session.execute(delete(Webhook).where(Webhook.id == webhook_id))

    async def deliveries(self, principal: Principal, webhook_id: str, limit: int) -> list[Delivery]:
        """A receiver's messages, newest first. Raises Problem (``not_found``)."""
        await self._own(principal, webhook_id)
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
        await self._own(principal, webhook_id)
        async with self._database.write() as session:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or row.webhook_id != webhook_id:
                raise Problem(Code.NOT_FOUND, "There is no such delivery.")
            row.state, row.attempts, row.next_at = "waiting", 0, now_us()
        self.wake.set()
        return row

    async def _own(self, principal: Principal, webhook_id: str) -> None:
        async with self._database.read() as session:
            row = await session.get(Webhook, webhook_id)
        if row is None or row.market != principal.market:
            raise Problem(Code.NOT_FOUND, "There is no such webhook.")

    # --- messages ---

    async def add(self, session: AsyncSession, fitting: Fitting, event: str, problem: Mapping[str, Any] | None) -> bool:
        """Tell the market of a fitting, in the caller's transaction; True: set `wake` after it."""
        kind = f"fitting.{event}"
        known = await session.scalars(_OF_MARKET, {"market": fitting.market})
        webhooks = [webhook for webhook in known if kind in webhook.types]
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

    async def run(self) -> None:
        """Send for ever."""
        while True:
            self.wake.clear()
            try:
                due = await self._claim()
                await asyncio.gather(*(self._deliver(delivery, webhook) for delivery, webhook in due))
            except Exception:
                log.exception("webhooks could not be sent")
                due = []
            if not due:
                try:
                    await asyncio.wait_for(self.wake.wait(), _POLL_SECONDS)
                except TimeoutError:
                    continue

    async def _claim(self) -> list[tuple[Delivery, Webhook]]:
        """Messages that are due, hidden from other gateways while this one sends them."""
        due = (Delivery.state == "waiting", Delivery.next_at <= now_us())
        async with self._database.read() as session:
            if await session.scalar(select(Delivery.id).where(*due).limit(1)) is None:
                return []
        async with self._database.write() as session:
            rows = await session.execute(
                select(Delivery, Webhook)
                .join(Webhook, Webhook.id == Delivery.webhook_id)
                .where(*due)
                .order_by(Delivery.next_at)
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True, of=Delivery)
            )
            claimed = [(row[0], row[1]) for row in rows]
            for delivery, _ in claimed:
                delivery.attempts += 1
                delivery.next_at = now_us() + _LEASE_SECONDS * SECOND
        return claimed

    async def _deliver(self, delivery: Delivery, webhook: Webhook) -> None:
        status, error = await self._call(delivery, webhook)
        ok = status is not None and 200 <= status < 300
        if ok:
            values: dict[str, Any] = {"state": "delivered", "delivered_at": now_us()}
        elif status == _GONE or delivery.attempts > len(_WAITS):
            values = {"state": "failed"}
        else:
            wait = _WAITS[delivery.attempts - 1] * (1 + _JITTER * secrets.randbelow(1000) / 1000)
            values = {"next_at": now_us() + int(wait * SECOND)}
        self._metrics.deliveries.labels("ok" if ok else "failed").inc()
        async with self._database.write() as session:
            await session.execute(
                update(Delivery).where(Delivery.id == delivery.id).values(status=status, error=error, **values)
            )

    async def _call(self, delivery: Delivery, webhook: Webhook) -> tuple[int | None, str | None]:
        """One try: the receiver's status, or why there is none."""
        try:
            async with asyncio.timeout(self._timeout):
                url = self._parse(webhook.url)
                # The address that was checked is the one that is called: a name that resolves anew cannot slip by.
                address = await self._resolve(url)
                when = datetime.now(UTC)
                request = self._client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    content=delivery.body.encode(),
                    headers={
                        "host": url.netloc.decode(),
                        "content-type": "application/json",
                        "webhook-id": delivery.message_id,
                        "webhook-timestamp": str(int(when.timestamp())),
                        "webhook-signature": Signer(webhook.secret).sign(delivery.message_id, when, delivery.body),
                    },
                    extensions={"sni_hostname": url.host},
                )
                response = await self._client.send(request, stream=True)
                await response.aclose()
                return response.status_code, None
        except ForbiddenTargetError as error:
            return None, str(error)
        except TimeoutError:
            return None, "no answer in time"
        except (httpx.HTTPError, OSError) as error:
            return None, type(error).__name__

    # --- where may be called ---

    def _parse(self, url: str) -> httpx.URL:
        parsed = httpx.URL(url)
        allowed = parsed.host.lower() in self._allowed
        if parsed.scheme != "https" and not (allowed and parsed.scheme == "http"):
            raise ForbiddenTargetError("it must be https")
        if not parsed.host or parsed.userinfo:
            raise ForbiddenTargetError("it must have a host and no password")
        return parsed

    async def _resolve(self, url: httpx.URL) -> str:
        """An address of the host, all of whose addresses must be public."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if url.host.lower() not in self._allowed and not all(map(is_public, addresses)):
            raise ForbiddenTargetError("its address is not public")
        return addresses[0]


_GONE = 410

_OF_MARKET = select(Webhook).where(Webhook.market == bindparam("market"))
"""Built once: it is asked for every fitting."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # Teredo hides an address of its own; a mapped or 6to4 address is judged by what it leads to.
        if ip.teredo is not None:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or _nat64(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside NAT64's well-known prefix (RFC 6052)."""
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in ipaddress.ip_network("64:ff9b::/96") else None
