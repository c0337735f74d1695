"""Logs: one JSON document a line on standard error, without secrets, however the process was started.

Never in them: API keys, tokens, signatures of links, webhook secrets, passwords in URLs, e-mail addresses, pictures,
file names, queries. Tracebacks have no local variables, and a bounded length.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from typing import TextIO

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, WrappedLogger

REQUEST_ID_HEADER = "X-Request-ID"
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Polled by machines: logged at debug level."""
PLAIN_ID = re.compile(r"[\w.:-]{1,128}")

_HIDDEN = "<hidden>"
_SECRETS = (
    re.compile(r"(?i)(?<=\bbearer )\S+"),
    re.compile(r"vf_[A-Za-z0-9_-]{20,}"),
    re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"),
    re.compile(r"whsec_[A-Za-z0-9+/=]+"),
    re.compile(r"(?<=signature=)[0-9a-f]{16,}"),
    re.compile(r"(?<=://)[^\s/:@]{1,200}:[^\s/@]{1,200}(?=@)"),
    re.compile(r"[A-Za-z0-9._+-]{1,64}+(?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
)
"""Credentials, API keys, tokens, webhook secrets, link signatures, passwords in URLs, and e-mail addresses. Each takes
time in proportion to the text."""

_READ = 20_000
"""Characters of one value that are looked at, from its beginning and from its end."""
_LONGEST, _HEAD = 4000, 500
"""Characters of one value that are written, and of those the first ones: what a traceback ends with tells most."""

log = structlog.get_logger("vf.access")


def configure(service: str, level: str) -> None:
    """Log our own events and the libraries' warnings.

    Args:
        service: what this process is.
        level: DEBUG, INFO, WARNING or ERROR, of our own events.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = _OurHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(each for each in root.handlers if not isinstance(each, _OurHandler)), handler]
    structlog.contextvars.bind_contextvars(service=service)


class _OurHandler(logging.StreamHandler[TextIO]):
    """Known by its class, so that a second set-up replaces the first one's and nobody else's."""


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: no secret, no picture, nothing endless in any value."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else _clean(str(value))


def _clean_text(text: str) -> str:
    if len(text) > 2 * _READ:  # what is cut out here is longer than any secret, and far from what is shown
        text = text[:_READ] + text[-_READ:]
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return text if len(text) <= _LONGEST else f"{text[:_HEAD]} ... {text[-(_LONGEST - _HEAD) :]}"


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
