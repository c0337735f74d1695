"""The Prefer header (RFC 7240)."""

from __future__ import annotations

import re

_WAIT = re.compile(r"""(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=[,;]|$)""", re.IGNORECASE)


def parse_wait(prefer: str | None, limit: float) -> float:
    """Seconds that ``Prefer: wait=N`` asks for, at most the limit; 0 when it does not ask."""
    found = _WAIT.search(prefer or "")
    return min(float(found.group(1)), limit) if found else 0.0
