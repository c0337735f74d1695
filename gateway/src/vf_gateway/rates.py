"""Bounds on requests: per key, per buyer, and per address for those who show neither."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable

from limits import parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from vf_gateway.access import Principal
from vf_gateway.ids import owner_key
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

MOST_ADDRESSES = 10_000
"""Addresses that are remembered; past them the one that was not seen for the longest time is forgotten."""

_IPV6_NETWORK = 64
"""Bits that name one caller: the rest of an IPv6 address is theirs to choose."""


class RateLimits:
    """Bounds on requests per key and per buyer.

    Args:
        settings: the bounds, and where requests are counted.
    """

    def __init__(self, settings: Settings) -> None:
        storage = storage_from_string(settings.rate_storage)
        if not isinstance(storage, Storage):
            raise ValueError("VF_RATE_STORAGE must begin with async+")
        self._limiter = MovingWindowRateLimiter(storage)
        self._key = parse(settings.rate_key)
        self._buyer = parse(settings.rate_buyer)

    async def check(self, principal: Principal) -> None:
        """Count a request. Raises Problem (``rate_limited``)."""
        limit, name = (
            (self._key, f"key:{principal.key_id}")
            if principal.buyer is None
            else (self._buyer, f"buyer:{owner_key(principal.market, principal.buyer)}")
        )
        if not await self._limiter.hit(limit, name):
            raise Problem(Code.RATE_LIMITED, retry_after=max(1.0, limit.get_expiry() / max(1, limit.amount)))


class AddressLimits:
    """A bound on requests per address, counted here, in a bounded memory, in windows that begin at a first request.

    Args:
        rate: such as ``600/minute``.
        clock: monotonic seconds.
    """

    def __init__(self, rate: str, clock: Callable[[], float] = time.monotonic) -> None:
        limit = parse(rate)
        self._amount, self._window = limit.amount, float(limit.get_expiry())
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def check(self, address: str) -> None:
        """Count a request. Raises Problem (``rate_limited``)."""
        now, name = self._clock(), _caller(address)
        began, count = self._seen.pop(name, (now, 0))
        if now - began >= self._window:
            began, count = now, 0
        self._seen[name] = (began, count + 1)  # the last one of the dictionary: the newest
        if len(self._seen) > MOST_ADDRESSES:
            del self._seen[next(iter(self._seen))]
        if count >= self._amount:
            raise Problem(Code.RATE_LIMITED, retry_after=max(1.0, began + self._window - now))


def _caller(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip), _IPV6_NETWORK), strict=False))
    return address
