"""W3C trace context: one trace through gateway and services, with or without OpenTelemetry."""

from __future__ import annotations

import re
import secrets

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def continue_trace(header: str | None) -> str:
    """The traceparent for what a request causes: the caller's trace, or a new one, with a span of ours."""
    header = (header or "").strip().lower()
    if _TRACEPARENT.fullmatch(header):
        _, trace, _, flags = header.split("-")
    else:
        trace, flags = secrets.token_hex(16), "00"
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"
