"""Pictures that a caller names by address: fetched from public hosts, bounded in size and time.

Every redirect is a new address and is checked as the first one was. Nothing of one download is kept for the next, no
connection and no cookie.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from vf_gateway import VERSION
from vf_gateway.network.targets import RefusedTargetError, Target, Targets
from vfkit.problems import Code, Problem

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_HEADERS = {"accept": "image/*", "accept-encoding": "identity", "user-agent": f"vf-market-fitting/{VERSION}"}

Take = Callable[[int], Awaitable[None]]
"""Waits for so many bytes of memory, and holds them."""


class Downloads:
    """Fetches pictures.

    Args:
        targets: which addresses may be called.
        seconds: how long a download may take, redirects included.
        most_bytes: how large a picture may be.
    """

    def __init__(self, targets: Targets, seconds: float, most_bytes: int) -> None:
        self._targets = targets
        self._seconds = seconds
        self._most_bytes = most_bytes
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            follow_redirects=False, trust_env=False, timeout=seconds, limits=limits, cookies=no_cookies
        )

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def fetch(self, what: str, address: str, caller: str, take: Take) -> bytes:
        """The file at an address. Nothing is concluded from its name or its media type.

        Args:
            what: the caller's word for it.
            address: http or https.
            caller: who names it.
            take: holds memory for what comes, before it is kept.

        Raises:
            Problem: ``image_unreachable``, ``image_too_large``; what ``take`` raises.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(what, address, caller, take)
        except TimeoutError:
            raise _unreachable(what, "it did not come in time") from None
        except RefusedTargetError as error:
            raise _unreachable(what, str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise _unreachable(what, "its address does not answer") from None

    async def _follow(self, what: str, address: str, caller: str, take: Take) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            target = await self._targets.admit(address, caller)
            response = await self._client.send(target.build_request(self._client, "GET", _HEADERS), stream=True)
            try:
                if (location := _redirect(target, response)) is None:
                    return await self._read(what, response, take)
            finally:
                await response.aclose()
            address = location
        raise _unreachable(what, "its address redirects again and again")

    async def _read(self, what: str, response: httpx.Response, take: Take) -> bytes:
        if response.status_code != httpx.codes.OK:
            raise _unreachable(what, f"its address answered with status {response.status_code}")
        announced = response.headers.get("content-length", "")
        if announced.isascii() and announced.isdecimal() and int(announced[:18]) > self._most_bytes:
            raise self._too_large(what)
        content = bytearray()
        # As it was sent: what is compressed although nobody asked for that is no picture, and cannot swell here.
        async for part in response.aiter_raw():
            if len(content) + len(part) > self._most_bytes:
                raise self._too_large(what)
            await take(len(part))
            content += part
        return bytes(content)

    def _too_large(self, what: str) -> Problem:
        size = f"{self._most_bytes / 1e6:.3g} MB"
        return Problem(Code.IMAGE_TOO_LARGE, f"{what} is larger than {size}. Please use a smaller one.")


def _redirect(target: Target, response: httpx.Response) -> str | None:
    """Where a response leads on to; None: it is the answer."""
    location = response.headers.get("location")
    if response.status_code not in _REDIRECTS or location is None:
        return None
    return str(target.url.join(location))


def _unreachable(what: str, why: str) -> Problem:
    return Problem(Code.IMAGE_UNREACHABLE, f"{what} could not be fetched: {why}.")
