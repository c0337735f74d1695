"""One JSON line per request on standard error; never a picture, a file name or a query in it."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "X-Request-ID"
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Polled by machines: logged at debug level."""
PLAIN_ID = re.compile(r"[\w.:-]{1,128}")

log = structlog.get_logger("vf.access")


def configure(service: str, level: str) -> None:
    """Write structured logs of our code, as JSON lines."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)


class AccessLog:
    """Gives every request an id, in and out, and logs its answer with status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        request_id = given if PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
        trace = headers.get("traceparent", "")
        status, start = 0, time.monotonic()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, **({"trace": trace} if trace else {})):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                write = log.debug if scope["path"] in QUIET_PATHS else log.info
                milliseconds = round((time.monotonic() - start) * 1000, 1)
                write("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
