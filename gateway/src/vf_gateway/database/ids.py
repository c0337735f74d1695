"""Names of things: a prefix that says what, and 122 bits of randomness."""

from __future__ import annotations

import uuid


def new_id(prefix: str) -> str:
    """A new id such as ``fit_3f...``."""
    return f"{prefix}_{uuid.uuid4().hex}"


def owner_key(market: str, buyer: str | None) -> str:
    """One market's buyer (or its backend) as one string."""
    return f"{market}/{buyer or ''}"
