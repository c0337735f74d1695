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
    """Whether a program of this machine speaks to exactly the address listened on, and nothing stands between.

    Whoever doubts is no local caller: one Host header, which names a loopback address and the port listened on (a page
    that rebinds its name to 127.0.0.1 sends that name; a port that is published under another number differs), HTTP/1.1
    (proxies speak 1.0 by default where they add no header), and nothing that any proxy adds.
    """
    scope = connection.scope
    client, server = scope.get("client"), scope.get("server")
    hosts = connection.headers.getlist("host")
    if client is None or server is None or len(hosts) != 1 or scope.get("http_version") != "1.1":
        return False
    if any(name in _PROXIES or name.startswith("x-forwarded") for name in connection.headers):
        return False
    if not (_is_loopback_address(client[0]) and _is_loopback_address(server[0])):
        return False
    named, port = hosts[0].lower(), "" if server[1] == _HTTP_PORT else f":{server[1]}"
    if named not in {f"{name}{port}" for name in (server[0], f"[{server[0]}]", "localhost")}:
        return False
    # A page of another origin may send requests here without seeing the answers: those are refused too.
    return connection.headers.get("origin") in (None, f"{connection.url.scheme}://{named}")


_HTTP_PORT = 80
"""The one that callers leave out."""

_PROXIES = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "cdn-loop"})


def _is_loopback_address(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a socket's path, or none
        return False
