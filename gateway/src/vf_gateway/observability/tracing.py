"""W3C trace context: one trace through gateway and services, with or without OpenTelemetry."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import httpx
from fastapi import FastAPI

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Tracing(Protocol):
    """What becomes of traces."""

    def carry(self, header: str | None) -> str:
        """The traceparent for what a request causes, from the request's own."""

    def job(self, kind: str, subject: str, traceparent: str | None) -> AbstractContextManager[object]:
        """Within this, a job is worked on that a request with this traceparent caused."""

    def watch(self, app: FastAPI, clients: Iterable[httpx.AsyncClient]) -> None:
        """Trace the requests of an application, and the calls of these clients."""

    def close(self) -> None:
        """Send what is not sent yet."""


class PlainTracing:
    """Trace context is passed on and logged; nobody is told of it."""

    def carry(self, header: str | None) -> str:
        """See `Tracing`: the caller's trace, or a new one, with a span of ours."""
        header = (header or "").strip().lower()
        if _TRACEPARENT.fullmatch(header):
            _, trace, _, flags = header.split("-")
        else:
            trace, flags = secrets.token_hex(16), "00"
        return f"00-{trace}-{secrets.token_hex(8)}-{flags}"

    def job(self, kind: str, subject: str, traceparent: str | None) -> AbstractContextManager[object]:
        """See `Tracing`."""
        del kind, subject, traceparent
        return nullcontext()

    def watch(self, app: FastAPI, clients: Iterable[httpx.AsyncClient]) -> None:
        """See `Tracing`."""

    def close(self) -> None:
        """See `Tracing`."""
