"""Who asks: found out once for each request, before anything of its body is read."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from vf_gateway.access.principal import Principal
from vf_gateway.gateway import Gateway
from vfkit.problems import Problem

_KNOWN = "vf.principal"


def count_by_address(connection: HTTPConnection, gateway: Gateway) -> None:
    """Count a request without a credential against its address's limit. Raises Problem (``rate_limited``)."""
    gateway.anonymous.check(connection.client.host if connection.client else "")


async def admit(connection: HTTPConnection, gateway: Gateway) -> Principal:
    """Who asks, counted once against their rate limit.

    Raises:
        Problem: ``unauthorized``, ``rate_limited``.
    """
    known: Principal | None = connection.scope.get(_KNOWN)
    if known is not None:
        return known
    try:
        principal = await gateway.gate.identify(connection)
    except Problem:
        count_by_address(connection, gateway)
        raise
    await gateway.limiter.check(principal)
    connection.scope[_KNOWN] = principal
    return principal
