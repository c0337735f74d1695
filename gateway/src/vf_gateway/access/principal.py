"""Who asks: a market and perhaps one of its buyers, and what the credential may do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from vfkit.problems import Code, Problem


class Scope(StrEnum):
    """What a credential may do."""

    FITTINGS = "fittings"
    """People, garments, fittings, comparisons."""
    TOKENS = "tokens"
    """Mint tokens for buyers."""
    WEBHOOKS = "webhooks"
    """Set up webhooks, read and replay their deliveries."""


ALL_SCOPES = frozenset(Scope)

LOCAL_MARKET = "local"

LOCAL_KEY_ID = "local"


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes:
        market: whose data this is about.
        buyer: the one buyer this credential is limited to; None for the market's backend.
        scopes: what it may do.
        key_id: the API key behind it.
    """

    market: str
    buyer: str | None
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    key_id: str = LOCAL_KEY_ID

    def require(self, scope: Scope) -> None:
        """Raises Problem (``forbidden``) when the credential lacks this scope."""
        if scope not in self.scopes:
            raise Problem(Code.FORBIDDEN, f"This credential lacks the scope {scope}.")

    @property
    def actor(self) -> str:
        """How the audit names them; a buyer appears only as a digest."""
        return f"key:{self.key_id}" if self.buyer is None else f"buyer:{owner_digest(self.market, self.buyer)[:16]}"


def owner_digest(market: str, buyer: str | None) -> str:
    """A name for one market's buyer that tells nothing about them."""
    return hashlib.sha256(f"{market}\n{buyer or ''}".encode()).hexdigest()


def unauthorized() -> Problem:
    """The problem of a request without a valid credential."""
    return Problem(Code.UNAUTHORIZED, "A valid API key or token is needed.")
