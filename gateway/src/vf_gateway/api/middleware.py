"""What happens around every request: its body is bounded, its end is counted."""

from __future__ import annotations

import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vf_gateway.api.answers import problem_response
from vf_gateway.observability.metrics import Metrics
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)


class CountRequests:
    """ASGI middleware: counts and logs requests by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The route's pattern, not the path: logs and metrics hold no ids, tokens or signatures.
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.requests.labels(scope["method"], route, str(message["status"])).inc()
                seconds = time.perf_counter() - began
                self._metrics.request_seconds.labels(route).observe(seconds)
                ms = round(seconds * 1000, 1)
                log.info("request", method=scope["method"], route=route, status=message["status"], ms=ms)
            await send(message)

        await self._app(scope, receive, watched)


class BodyLimit:
    """ASGI middleware: refuses bodies that are announced, or grow, beyond the bound, and zero bytes in URLs."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL's text cannot hold it
            await problem_response(Problem(Code.INVALID_REQUEST, "Not valid: a zero byte."))(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "0")
        left = self._most_bytes
        if not announced.isdecimal() or int(announced) > left:
            await problem_response(_too_large())(scope, receive, send)
            return

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _too_large()
            return message

        await self._app(scope, bounded, send)


def _too_large() -> Problem:
    return Problem(Code.IMAGE_TOO_LARGE, "The request is too large.")
