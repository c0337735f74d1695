"""All addresses of one service name: the one with the fewest calls in flight is used, failing ones are set aside."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

Resolve = Callable[[str, int | None], Awaitable[list[str]]]
"""Addresses of a host name; raises OSError when it has none."""


async def resolve_host(host: str, port: int | None) -> list[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


_PATIENCE_SECONDS = 1.0
"""How long a slow resolver is waited for while the addresses of before are known."""


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
        resolve: asks for the addresses.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        resolve_seconds: float,
        aside_seconds: float,
        resolve: Resolve = resolve_host,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url = httpx.URL(base_url)
        self._resolve_seconds = resolve_seconds
        self._aside_seconds = aside_seconds
        self._resolve_host = resolve
        self._clock = clock
        self._resolving: asyncio.Task[None] | None = None
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
        """Leave an address alone for a while, and ask for the addresses anew: it may have moved."""
        replica.aside_until = self._clock() + self._aside_seconds
        self._resolved_at = float("-inf")

    def count(self) -> tuple[int, int]:
        """Known addresses, and how many of them are set aside now."""
        now = self._clock()
        return len(self._known), sum(replica.aside_until > now for replica in self._known.values())

    async def addresses(self) -> list[str]:
        """What the name resolves to; while it does not resolve, what it resolved to before.

        Raises:
            OSError: the name does not resolve and never did.
        """
        host = self.base_url.host
        if _is_address(host):
            return [host]
        if self._clock() - self._resolved_at < self._resolve_seconds and self._known:
            return list(self._known)
        if self._resolving is None:  # all callers wait for one question
            self._resolving = asyncio.create_task(self._resolve())
            self._resolving.add_done_callback(self._resolved)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS if self._known else None):
                await asyncio.shield(self._resolving)
        except OSError:  # TimeoutError is one
            if not self._known:
                raise
        return list(self._known)

    async def _resolve(self) -> None:
        try:
            names = sorted(set(await self._resolve_host(self.base_url.host, self.base_url.port)))
            self._known = {name: self._known.get(name, Replica(name)) for name in names}
        finally:
            self._resolved_at = self._clock()

    def _resolved(self, task: asyncio.Task[None]) -> None:
        self._resolving = None
        if not task.cancelled():
            task.exception()  # those who wait have it, if anybody still does

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
