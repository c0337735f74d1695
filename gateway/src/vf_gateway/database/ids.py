"""Names of things: a prefix that says what, and 122 bits of randomness."""

from __future__ import annotations

import uuid


def new_id(prefix: str) -> str:
    """A new id such as ``fit_3f...``."""
    return f"{prefix}_{uuid.uuid4().hex}"


def owner_key(market: str, buyer: str | None) -> str:
    """One market's buyer (or its backend) as one string, which no other market and buyer have.

    A slash is escaped in the market, so that the first slash ends it. New markets hold none, see
    `vf_gateway.access.names`; rows of older ones stay valid.
    """
    return f"{market.replace('%', '%25').replace('/', '%2F')}/{buyer or ''}"
