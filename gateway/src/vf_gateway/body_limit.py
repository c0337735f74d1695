"""Bodies that are too large are refused before they fill anything."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vfkit.problems import Code, Problem


class BodyLimit:
    """ASGI middleware: answers 413 as soon as a body is announced, or grows, beyond the bound."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "0")
        left = self._most_bytes if announced.isdecimal() and int(announced) <= self._most_bytes else -1

        async def bounded() -> Message:
            nonlocal left
            if left < 0:
                raise Problem(Code.IMAGE_TOO_LARGE, "The request is too large.")
            message = await receive()
            left -= len(message.get("body", b""))
            return message

        await self._app(scope, bounded, send)
