"""All addresses of one service name: the one with the fewest calls in flight is used, failing ones are set aside."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx


@dataclass
class Replica:
    """One address of a service."""

    address: str
    in_flight: int = 0
    aside_until: float = 0.0


class Replicas:
    """The addresses that a service's host name resolves to.

    Args:
        base_url: the service, ``http://densepose:8000``.
        resolve_seconds: how long a resolution is believed.
        aside_seconds: how long an address that failed is not used while others are there; the first call after
            that time probes it.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        resolve_seconds: float,
        aside_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = httpx.URL(base_url)
        self._resolve_seconds = resolve_seconds
        self._aside_seconds = aside_seconds
        self._clock = clock
        self._known: dict[str, Replica] = {}
        self._resolved_at = float("-inf")

    @contextmanager
    def lease(self, addresses: list[str]) -> Iterator[Replica]:
        """The best of these addresses, counted as in flight while the context lasts."""
        now = self._clock()
        replicas = [self._known.setdefault(address, Replica(address)) for address in addresses]
        usable = [replica for replica in replicas if replica.aside_until <= now]
        # When all are set aside, the one that failed longest ago is the best guess.
        best = min(usable, key=lambda r: r.in_flight) if usable else min(replicas, key=lambda r: r.aside_until)
        best.in_flight += 1
        try:
            yield best
        finally:
            best.in_flight -= 1

    def set_aside(self, replica: Replica) -> None:
        """Leave an address alone for a while."""
        replica.aside_until = self._clock() + self._aside_seconds

    async def addresses(self) -> list[str]:
        """What the name resolves to now.

        Raises:
            OSError: the name does not resolve and never did.
        """
        host = self.base_url.host
        if _is_address(host):
            return [host]
        if self._clock() - self._resolved_at < self._resolve_seconds and self._known:
            return list(self._known)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, self.base_url.port, type=socket.SOCK_STREAM)
        except OSError:
            if self._known:
                return list(self._known)
            raise
        names = sorted({str(entry[4][0]) for entry in found})
        self._known = {name: self._known.get(name, Replica(name)) for name in names}
        self._resolved_at = self._clock()
        return names

    def request_url(self, replica: Replica, path: str) -> httpx.URL:
        """The URL that reaches one address."""
        return self.base_url.copy_with(host=replica.address, path=self.base_url.path.rstrip("/") + path)

    def request_headers(self) -> dict[str, str]:
        """The Host header of the name, since the URL carries an address."""
        port = self.base_url.port
        host = self.base_url.host
        bracketed = f"[{host}]" if ":" in host else host
        return {"host": f"{bracketed}:{port}" if port else bracketed}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
