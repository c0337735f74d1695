"""Limits on what comes in: bodies of bounded size, callers with a deadline, callers who hang up."""

from __future__ import annotations

import asyncio
import contextlib
import math

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vfkit.contracts import TIMEOUT_HEADER
from vfkit.problems import Code, Problem
from vfkit.serving.errors import problem_response


class RequestLimits:
    """Reads the body up to a limit, then runs the application until it answers, the time is up or the caller is gone.

    Args:
        app: what to guard.
        max_body: bytes.
    """

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            seconds = _seconds(Headers(scope=scope).get(TIMEOUT_HEADER))
            body = await self._read(receive)
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        if body is not None:
            await self._run(scope, body, receive, send, seconds)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body; None when the caller hung up."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._max_body:
                raise Problem(Code.IMAGE_TOO_LARGE, f"A request may have {self._max_body / 1e6:.0f} MB.")
            if not message.get("more_body", False):
                return bytes(body)

    async def _run(self, scope: Scope, body: bytes, receive: Receive, send: Send, seconds: float | None) -> None:
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        started = False

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        work = asyncio.ensure_future(self._app(scope, replay, watched_send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({work, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
            elif not gone.done() and not started:
                work.cancel()
                await problem_response(Problem(Code.DEADLINE_EXCEEDED))(scope, receive, send)
        finally:
            for task in (work, gone):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({task})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _seconds(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds < 0:
        raise Problem(Code.INVALID_REQUEST, f"{TIMEOUT_HEADER} is a number of seconds.")
    return seconds
