"""Finds out who sent a request: by key, by token, or by the local mode."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import replace

from starlette.requests import HTTPConnection

from vf_gateway.access.keys import KEY_PREFIX, ApiKeys
from vf_gateway.access.principal import ALL_SCOPES, LOCAL_KEY_ID, LOCAL_MARKET, Principal, Scope, unauthorized
from vf_gateway.access.signing import Secrets
from vf_gateway.settings import Settings


class Gate:
    """Finds out who asks.

    Args:
        settings: the local mode.
        keys: the keys in the database.
        signer: reads tokens.
    """

    def __init__(self, settings: Settings, keys: ApiKeys, signer: Secrets) -> None:
        self._local = settings.local
        self._local_key = settings.local_key.get_secret_value() if settings.local_key else None
        self._keys = keys
        self._signer = signer

    async def identify(self, connection: HTTPConnection) -> Principal:
        """Who asks.

        Raises:
            Problem: ``unauthorized``.
        """
        scheme, _, credential = connection.headers.get("authorization", "").partition(" ")
        credential = credential.strip()
        if not scheme:
            if self._local and _is_loopback(connection):
                return Principal(LOCAL_MARKET, None)
            raise unauthorized()
        if scheme.lower() != "bearer" or not credential:
            raise unauthorized()
        if self._local_key and hmac.compare_digest(credential.encode(), self._local_key.encode()):
            return Principal(LOCAL_MARKET, None)
        if credential.startswith(KEY_PREFIX):
            principal = await self._keys.find(credential)
            if principal is None:
                raise unauthorized()
            return principal
        buyer = self._signer.read_token(credential)
        scopes = buyer.scopes & await self.scopes_of(buyer.key_id)
        if not scopes:
            raise unauthorized()
        return replace(buyer, scopes=scopes)

    async def scopes_of(self, key_id: str) -> frozenset[Scope]:
        """What a key may do now: nothing once it is revoked. Whatever it minted or signed may do no more."""
        if key_id != LOCAL_KEY_ID:
            return await self._keys.scopes(key_id)
        is_local_on = self._local or self._local_key is not None
        return ALL_SCOPES if is_local_on else frozenset()


def _is_loopback(connection: HTTPConnection) -> bool:
    """Whether the peer is this machine and says so: a page that rebinds its name to 127.0.0.1 does not."""
    host = connection.url.hostname or ""
    forwarded = any(name in connection.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    try:
        peer = ipaddress.ip_address(connection.client.host if connection.client else "")
        named = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    origin = connection.headers.get("origin")
    # A page of another origin may send requests here without seeing the answers: those are refused too.
    same_origin = origin is None or origin == f"{connection.url.scheme}://{connection.url.netloc}"
    return peer.is_loopback and named and not forwarded and same_origin
