"""Bounds on requests: per key, per buyer, and per address for those who show neither."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from vf_gateway.access.principal import Principal
from vf_gateway.database.ids import owner_key
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

MOST_CALLERS = 10_000
"""Callers that are remembered here; past them the one that was not seen for the longest time is forgotten."""

_IPV6_NETWORK = 64
"""Bits that name one caller: the rest of an IPv6 address is theirs to choose."""

_MEMORY = "memory"


class Windows:
    """Counts requests in this process, in a bounded memory, in windows that begin at a caller's first request.

    Args:
        limit: how many in which time.
        clock: monotonic seconds.
    """

    def __init__(self, limit: RateLimitItem, clock: Callable[[], float] = time.monotonic) -> None:
        self._amount, self._seconds = limit.amount, float(limit.get_expiry())
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def hit(self, caller: str) -> float | None:
        """Count a request; seconds until the next one is welcome when it is one too many."""
        now = self._clock()
        began, count = self._seen.pop(caller, (now, 0))
        if now - began >= self._seconds:
            began, count = now, 0
        self._seen[caller] = (began, count + 1)  # the last one of the dictionary: the newest
        if len(self._seen) > MOST_CALLERS:
            del self._seen[next(iter(self._seen))]
        return None if count < self._amount else max(1.0, began + self._seconds - now)


class RateLimits:
    """Bounds on requests per key and per buyer.

    Args:
        settings: the bounds, and where requests are counted.
    """

    def __init__(self, settings: Settings) -> None:
        self._limits = {False: parse(settings.rate_key), True: parse(settings.rate_buyer)}
        self._own = {is_buyer: Windows(limit) for is_buyer, limit in self._limits.items()}
        self._shared: MovingWindowRateLimiter | None = None
        if settings.rate_storage != _MEMORY:
            storage = storage_from_string(settings.rate_storage)
            if not isinstance(storage, Storage):
                raise ValueError("VF_RATE_STORAGE must begin with async+")
            self._shared = MovingWindowRateLimiter(storage)

    async def check(self, principal: Principal) -> None:
        """Count a request. Raises Problem (``rate_limited``)."""
        is_buyer = principal.buyer is not None
        name = f"buyer:{owner_key(principal.market, principal.buyer)}" if is_buyer else f"key:{principal.key_id}"
        wait = await self._hit_shared(is_buyer, name) if self._shared else self._own[is_buyer].hit(name)
        if wait is not None:
            raise Problem(Code.RATE_LIMITED, retry_after=wait)

    async def _hit_shared(self, is_buyer: bool, name: str) -> float | None:
        limit = self._limits[is_buyer]
        if self._shared is None or await self._shared.hit(limit, name):
            return None
        return max(1.0, limit.get_expiry() / max(1, limit.amount))


class AddressLimits:
    """A bound on requests per address.

    Args:
        rate: such as ``600/minute``.
        clock: monotonic seconds.
    """

    def __init__(self, rate: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = Windows(parse(rate), clock)

    def __len__(self) -> int:
        return len(self._windows)

    def check(self, address: str) -> None:
        """Count a request. Raises Problem (``rate_limited``)."""
        if (wait := self._windows.hit(_caller(address))) is not None:
            raise Problem(Code.RATE_LIMITED, retry_after=wait)


def _caller(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip), _IPV6_NETWORK), strict=False))
    return address
