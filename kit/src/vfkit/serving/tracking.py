"""Requests of a service while they are answered: counted, refused while it stops, measured when they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vfkit.problems import Code, Problem
from vfkit.serving.errors import problem_response

CALLER_GONE = "gone"
"""Counted in place of a status when the caller hung up before the answer."""
DRAINING_RETRY = 1.0
WORK_METHODS = frozenset({"POST"})
"""What is held and refused; probes and metrics are answered to the end."""

log = structlog.get_logger("vf.tracking")


class OpenRequests:
    """How many requests are being answered, and whether new ones are."""

    def __init__(self) -> None:
        self.draining = False
        self._count = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self) -> None:
        """One more is being answered."""
        self._count += 1
        self._empty.clear()

    def leave(self) -> None:
        """One less is being answered."""
        self._count -= 1
        if not self._count:
            self._empty.set()

    async def empty(self) -> None:
        """Wait until none is being answered."""
        await self._empty.wait()

    def drain(self) -> None:
        """Refuse new work from now on; what is being answered goes on."""
        self.draining = True


class RequestTracker:
    """ASGI middleware: the outermost but for the log, so that every answer passes it, refusals and failures too.

    Args:
        app: what to guard.
        open_requests: shared with whoever stops the service.
        on_answer: told of each request's route, status and seconds.
    """

    def __init__(self, app: ASGIApp, open_requests: OpenRequests, on_answer: Callable[[str, str, float], None]) -> None:
        self._app = app
        self._open_requests = open_requests
        self._on_answer = on_answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, start = CALLER_GONE, time.monotonic()

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        work = scope["method"] in WORK_METHODS
        if work:
            self._open_requests.enter()
        try:
            if work and self._open_requests.draining:
                stopping = Problem(Code.STAGE_UNAVAILABLE, "The service is stopping.", retry_after=DRAINING_RETRY)
                await problem_response(stopping)(scope, receive, watched_send)
            else:
                await self._app(scope, receive, watched_send)
        except Exception as error:  # whatever a handler throws: this caller fails, the log tells why
            log.error("unexpected error", path=scope["path"], exc_info=error)
            if status == CALLER_GONE:  # nothing was sent yet
                await problem_response(Problem(Code.INTERNAL))(scope, receive, watched_send)
        finally:
            if work:
                self._open_requests.leave()
            path = getattr(scope.get("route"), "path", "other")
            self._on_answer(path, status, time.monotonic() - start)
