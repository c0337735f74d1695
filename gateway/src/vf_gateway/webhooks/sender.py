"""Sends the messages of the outbox, signed as Standard Webhooks say.

Each call is a task of its own. The calls at the same time are bounded per webhook and per market, so a receiver that
does not answer delays its own market's messages at most.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import httpx
import structlog
from standardwebhooks.webhooks import Webhook as Signature

from vf_gateway.access.signing import SECRET_PREFIX, Secrets, secret_digest
from vf_gateway.database.tables import Delivery, Webhook
from vf_gateway.network.targets import RefusedTargetError, Targets
from vf_gateway.observability.metrics import Metrics
from vf_gateway.webhooks.outbox import Due, Outbox

log = structlog.get_logger(__name__)

_PER_WEBHOOK = 4
_PER_MARKET = 16
_AT_ONCE = 256
"""Calls at the same time, of one gateway. Each costs a connection."""

_POLL_SECONDS = 2.0
"""How often to look for messages of other gateways, and for those whose next try is due."""


TellOne = Callable[[str], Awaitable[str]]


class Sender:
    """Sends messages.

    Args:
        outbox: where they are.
        signer: knows the secrets of webhooks.
        targets: which addresses may be called.
        call_seconds: how long a receiver may take.
        metrics: counts messages.
        tell_one: the body for the receiver of one fitting's end, given the fitting's id.
    """

    def __init__(
        self, *, outbox: Outbox, signer: Secrets, targets: Targets, call_seconds: float, metrics: Metrics,
        tell_one: TellOne,
    ) -> None:  # fmt: skip
        self._tell_one = tell_one
        self._outbox = outbox
        self._signer = signer
        self._targets = targets
        self._call_seconds = call_seconds
        self._metrics = metrics
        # A kept connection was made in the name of another host. The bounds of calls are ours, not the pool's.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=call_seconds, limits=limits)
        self._of_webhook: Counter[str] = Counter()
        self._of_market: Counter[str] = Counter()

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def run(self) -> None:
        """Send for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._outbox.wake.clear()
                if not await self._begin(group):
                    try:
                        await asyncio.wait_for(self._outbox.wake.wait(), _POLL_SECONDS)
                    except TimeoutError:
                        continue

    async def _begin(self, group: asyncio.TaskGroup) -> bool:
        """Begin to send what is due and within the bounds; False when there is nothing."""
        try:
            busy = [webhook for webhook, calls in self._of_webhook.items() if calls >= _PER_WEBHOOK]
            chosen = self._choose(await self._outbox.due(busy))
            claimed = await self._outbox.claim([each.delivery_id for each in chosen]) if chosen else []
        except Exception:
            log.exception("webhooks could not be sent")
            return False
        for delivery, webhook in claimed:
            self._of_webhook[webhook.id] += 1
            self._of_market[webhook.market] += 1
            group.create_task(self._send(delivery, webhook))
        return bool(chosen)

    def _choose(self, due: Sequence[Due]) -> list[Due]:
        """What fits into the bounds, beginning with the market that has the fewest calls."""
        calls = Counter(self._of_market)
        chosen = []
        for each in sorted(due, key=lambda each: (self._of_market[each.market], each.next_at)):
            if calls[each.market] < _PER_MARKET and calls.total() < _AT_ONCE:
                calls[each.market] += 1
                chosen.append(each)
        return chosen

    async def _send(self, delivery: Delivery, webhook: Webhook) -> None:
        try:
            status, error = await self._call(delivery, webhook)
            delivered = await self._outbox.settle(delivery, status, error)
            self._metrics.deliveries.labels("ok" if delivered else "failed").inc()
        except Exception:
            log.exception("a webhook's result could not be kept", delivery=delivery.id)
        finally:
            self._of_webhook -= Counter([webhook.id])
            self._of_market -= Counter([webhook.market])
            self._outbox.wake.set()

    async def _call(self, delivery: Delivery, webhook: Webhook) -> tuple[int | None, str | None]:
        """One try: the receiver's status, or why there is none."""
        secret = self._secret(webhook)
        if secret is None:
            log.error("VF_SECRET is not that of a webhook's registration", webhook=webhook.id)
            return None, "the installation's secret has changed: register this webhook again"
        try:
            async with asyncio.timeout(self._call_seconds):
                target = await self._targets.check(webhook.url, webhook.market)
                body = delivery.body if webhook.fitting_id is None else await self._tell_one(webhook.fitting_id)
                when = datetime.now(UTC)
                headers = {
                    "content-type": "application/json",
                    "webhook-id": delivery.message_id,
                    "webhook-timestamp": str(int(when.timestamp())),
                    "webhook-signature": Signature(secret).sign(delivery.message_id, when, body),
                }
                request = target.build_request(self._client, "POST", headers, body.encode())
                response = await self._client.send(request, stream=True)
                await response.aclose()
                return response.status_code, None
        except RefusedTargetError as error:
            return None, str(error)
        except TimeoutError:
            return None, "no answer in time"
        except (httpx.HTTPError, OSError) as error:
            return None, type(error).__name__

    def _secret(self, webhook: Webhook) -> str | None:
        """What signs messages to this webhook; None when VF_SECRET is not the one of its registration."""
        if webhook.secret.startswith(SECRET_PREFIX):  # registered before secrets were derived
            return webhook.secret
        secret = self._signer.webhook_secret(webhook.id)
        return secret if secret_digest(secret) == webhook.secret else None
