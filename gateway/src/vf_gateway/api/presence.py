"""Whether a caller is still there: what nobody is told of is not to be done, and not to be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

WorkT = TypeVar("WorkT")


async def while_there(request: Request, work: Coroutine[Any, Any, WorkT]) -> WorkT:
    """What the work gives; it is cancelled when the caller goes away.

    Args:
        request: its body has been read to its end.
        work: for the caller alone.

    Raises:
        ClientDisconnect: the caller is gone.
    """
    doing, leaving = asyncio.ensure_future(work), asyncio.create_task(_left(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            raise ClientDisconnect
        return doing.result()
    finally:
        for task in (doing, leaving):
            task.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
