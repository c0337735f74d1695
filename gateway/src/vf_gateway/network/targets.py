"""Where the gateway may call on a market's word: hosts on the open internet, checked before each call.

The address that was checked is the address that is called, so a name that resolves to something else a moment later
changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx

NOT_PUBLIC = "its host must have public addresses, and only those"
"""The one reason given for a name that does not resolve, that resolves to a private address, or whose resolver is
slow: different reasons would tell a market what exists in the operator's network."""

_ADMISSION_SECONDS = 2.0
"""How long a name may take to resolve when it is registered. A refusal always takes this long, since its time would
tell what its words do not."""

_LOOKUPS_PER_CALLER = 4
_LOOKUPS = 64

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\Z")
_NUMERIC_END = re.compile(r"(\A|\.)([0-9]+|0x[0-9a-f]*)\Z")
"""A host whose last label is a number is an IPv4 address in one of its spellings (WHATWG URL, section 3.5)."""

_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65535

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that is given out for the internet: site-local and unique local addresses, and IPv4 addresses
that are mapped, compatible or behind NAT64, lie outside of it."""

_SPECIAL_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 leads to the IPv4 address inside
            "3fff::/20",  # documentation
        ),
    )
)

_SPECIAL_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, the clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # IETF protocols
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)


class RefusedTargetError(Exception):
    """This URL may not be called; the message says why, as far as the market may know."""


@dataclass(frozen=True)
class Target:
    """A URL whose host was resolved and checked.

    Attributes:
        url: what is asked for.
        address: where to connect to, in place of the host's name.
    """

    url: httpx.URL
    address: str

    def build_request(
        self, client: httpx.AsyncClient, method: str, headers: Mapping[str, str], content: bytes = b""
    ) -> httpx.Request:
        """A request to the checked address. Its Host header and its TLS name are the URL's host."""
        return client.build_request(
            method,
            self.url.copy_with(host=self.address),
            content=content,
            headers={**headers, "host": self.url.netloc.decode()},
            extensions={"sni_hostname": _host(self.url)},
        )


class Targets:
    """Decides what may be called.

    Args:
        allowed: hosts, separated by commas, to which http and private addresses are allowed.
        schemes: what is allowed to every host.
    """

    def __init__(self, allowed: str, schemes: Sequence[str] = ("https",)) -> None:
        self._schemes = schemes
        self._allowed = frozenset(filter(None, (host.strip().lower() for host in allowed.split(","))))
        self._lookups = _Lookups()

    async def admit(self, url: str, caller: str) -> Target:
        """The address to call for a URL, for somebody who waits for the answer: every refused name takes equally long.

        Args:
            url: what is to be called.
            caller: who names it; each has a number of lookups of their own.

        Raises:
            RefusedTargetError: it may not be called.
        """
        parsed = self._parse(url)
        clock = asyncio.get_running_loop().time
        until = clock() + (0 if _literal(parsed) else _ADMISSION_SECONDS)
        try:
            async with asyncio.timeout(_ADMISSION_SECONDS):
                return Target(parsed, await self._resolve(parsed, caller))
        except (RefusedTargetError, TimeoutError):
            await asyncio.sleep(until - clock())
            raise RefusedTargetError(NOT_PUBLIC) from None

    async def check(self, url: str, caller: str) -> Target:
        """The address to call for a URL. Raises RefusedTargetError when it may not be called; see `admit`."""
        parsed = self._parse(url)
        return Target(parsed, await self._resolve(parsed, caller))

    def _parse(self, url: str) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            raise RefusedTargetError("it must be a URL") from None
        is_plain = parsed.scheme == "http" and _host(parsed) in self._allowed
        if parsed.scheme not in self._schemes and not is_plain:
            raise RefusedTargetError(f"it must be {' or '.join(self._schemes)}")
        if parsed.port == 0 or (parsed.port or 0) > _LAST_PORT:
            raise RefusedTargetError("it must have a port up to 65535, or none")
        if parsed.userinfo:
            raise RefusedTargetError("it must not hold a password")
        if not _literal(parsed) and (not _HOST.match(_host(parsed)) or _NUMERIC_END.search(_host(parsed))):
            raise RefusedTargetError("it must name a host as DNS does, or a dotted IP address")
        return parsed

    async def _resolve(self, url: httpx.URL, caller: str) -> str:
        host = _host(url)
        port = url.port or _PORTS[url.scheme]
        found = [host] if _literal(url) else await self._lookups.ask(host, port, caller)
        if not found or not (host in self._allowed or all(map(is_public, found))):
            raise RefusedTargetError(NOT_PUBLIC)
        return found[0]


class _Lookups:
    """Asks the system's resolver, with a thread for each question.

    A name server that never answers holds its question for up to a minute, and a shared pool of threads would soon
    hold nothing else. A caller's questions that hang are counted, and refused past a number.
    """

    def __init__(self) -> None:
        self._hanging: Counter[str] = Counter()

    async def ask(self, host: str, port: int, caller: str) -> list[str]:
        """All addresses of a host; none when it does not resolve, or when too many questions hang."""
        if self._hanging[caller] >= _LOOKUPS_PER_CALLER or self._hanging.total() >= _LOOKUPS:
            return []
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()

        def settle(found: list[str]) -> None:
            self._hanging -= Counter([caller])
            if not answer.done():
                answer.set_result(found)

        def resolve() -> None:
            found = _system_addresses(host, port)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, found)

        threading.Thread(target=resolve, name="lookup", daemon=True).start()
        self._hanging[caller] += 1
        return await answer


def _system_addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def _host(url: httpx.URL) -> str:
    """A URL's host in ASCII, as DNS and TLS name it, without the brackets of IPv6."""
    return url.raw_host.decode("ascii").lower()


def _literal(url: httpx.URL) -> bool:
    """Whether the host is an address and needs no resolver."""
    try:
        ipaddress.ip_address(_host(url))
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet (IANA's special-purpose registries).

    An IPv6 address that wraps an IPv4 address is never public, whatever it wraps.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return ip.scope_id is None and ip in _UNICAST and not any(ip in network for network in _SPECIAL_V6)
    return not any(ip in network for network in _SPECIAL_V4)
