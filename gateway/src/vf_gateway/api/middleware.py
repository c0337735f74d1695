"""What happens around every request: who sends a body is known before it is read, every end is counted."""

from __future__ import annotations

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vf_gateway.api.admission import admit
from vf_gateway.api.answers import Refusal, problem_response
from vf_gateway.api.bodies import MOST_PICTURE_BYTES, Body
from vf_gateway.gateway import Gateway
from vf_gateway.observability.metrics import Metrics
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that metrics name; all others are one, so that nobody fills the memory with names."""


class CountRequests:
    """ASGI middleware: counts and logs requests by route and status; what says nothing of caches is kept by none."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        counted = False

        def count(status: int) -> None:
            nonlocal counted
            counted = True
            # The route's pattern, not the path: logs and metrics hold no ids, tokens or signatures.
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            seconds = time.perf_counter() - began
            self._metrics.request_seconds.labels(route).observe(seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
                count(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # a bug: it is answered further out, with 500
            if not counted:
                count(500)
            raise


class GuardBodies:
    """ASGI middleware: no body is read before its sender is known, and none without bounds (see `bodies`)."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._admit(HTTPConnection(scope), receive)
        except Refusal as refusal:
            await refusal.response(scope["path"])(scope, receive, send)
        except Problem as problem:
            await problem_response(problem, scope["path"])(scope, receive, send)
        else:
            await self._app(scope, body.receive, send)

    async def _admit(self, connection: HTTPConnection, receive: Receive) -> Body:
        if "\0" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
            raise Problem(Code.INVALID_REQUEST, "Not valid: a zero byte.")  # PostgreSQL's text cannot hold it
        body = Body(connection, receive, self._gateway.settings)
        if body.exists:
            await admit(connection, self._gateway)
            body.check_announced(MOST_PICTURE_BYTES)
        return body
