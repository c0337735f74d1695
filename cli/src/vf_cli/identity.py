"""Whose program answers on a port: each process that `vf` starts says from which checkout it comes.

It tells apart, it does not prove: whoever listens on a port of this machine can say anything.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vf_cli import environments

HEADER = "vf-instance"
"""Response header with the instance."""


class Answer(StrEnum):
    """Who answers at an address."""

    NOBODY = "nobody"
    OWN = "a program of this checkout"
    OTHER_CHECKOUT = "a program of another checkout"
    STRANGER = "a program that is none of ours"


def instance() -> str:
    """The name of this installation: a digest of the folder that holds its environments and its state."""
    return hashlib.sha256(str(environments.home()).encode()).hexdigest()[:16]


def who_answers(url: str, transport: httpx.BaseTransport, seconds: float) -> Answer:
    """Ask an address who is there.

    Args:
        url: a gateway's or a service's.
        transport: the way there.
        seconds: to wait at most.
    """
    try:
        with httpx.Client(transport=transport, timeout=seconds) as client:
            said = client.get(f"{url}/healthz").headers.get(HEADER)
    except httpx.ConnectError:
        return Answer.NOBODY
    except httpx.HTTPError:
        return Answer.STRANGER
    if said is None:
        return Answer.STRANGER
    return Answer.OWN if said == instance() else Answer.OTHER_CHECKOUT


class SayWho:
    """ASGI middleware that adds the header to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._header = (HEADER.encode(), instance().encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), self._header]}
            await send(message)

        await self._app(scope, receive, signed)
