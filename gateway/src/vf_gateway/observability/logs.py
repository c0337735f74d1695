"""Structured logs: one JSON document per line, without secrets."""

from __future__ import annotations

import logging
import re

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRETS = (
    re.compile(r"vf_[A-Za-z0-9_-]{20,}"),
    re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"),
    re.compile(r"whsec_[A-Za-z0-9+/=]+"),
    re.compile(r"(?<=signature=)[0-9a-f]{16,}"),
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"),
)
"""API keys, tokens, webhook secrets, link signatures, and what looks like an e-mail address."""

_LONGEST, _HEAD = 4000, 500
"""Characters of one value, and of those the first ones: what a traceback ends with tells most."""


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: no secret, no picture, nothing endless in any value."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, str):
        for pattern in _SECRETS:
            value = pattern.sub("<hidden>", value)
        return value if len(value) <= _LONGEST else f"{value[:_HEAD]} ... {value[-(_LONGEST - _HEAD) :]}"
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else _clean(str(value))


def configure_logs() -> None:
    """Log to standard output, the libraries' warnings included."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso"),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(processors=[*shared, structlog.processors.JSONRenderer()], cache_logger_on_first_use=True)
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
