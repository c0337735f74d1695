"""A request's body on its way in: bounded in size, in time and in nesting."""

from __future__ import annotations

import asyncio
import re
import time

from starlette.requests import HTTPConnection, Request
from starlette.types import Message, Receive

from vf_gateway.api.answers import Refusal
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem

MOST_BYTES = 64_000
"""Of a body that is not pictures."""
MOST_PICTURE_BYTES = 64_000_000
"""Two photos of the largest size, and a little."""
DEEPEST = 16
"""Lists and objects in each other; what is asked for has two."""

_NUMBER = re.compile(r"0*([0-9]{1,18})")
_STRUCTURE = re.compile(rb'["\\\[\]{}]')
_KNOWN = "vf.body"


class Body:
    """The receiving end of a request. A route that takes pictures allows more than the usual size.

    Args:
        connection: the request.
        receive: the server's.
        settings: how slowly a body may come.

    Raises:
        Refusal: the announced size is no number.
    """

    def __init__(self, connection: HTTPConnection, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self._seconds, self._rate = settings.body_seconds, settings.body_rate
        self._announced = _announced(connection)
        self._most = MOST_BYTES
        self._got = 0
        self._waited = 0.0
        self._ended = False
        self._nesting = _Nesting() if _media_type(connection) == "application/json" else None
        connection.scope[_KNOWN] = self

    @property
    def exists(self) -> bool:
        """Whether the request has a body."""
        return self._announced != 0

    @property
    def is_small(self) -> bool:
        """Whether it is announced to be of the usual size."""
        return self._announced is not None and self._announced <= MOST_BYTES

    def allow(self, most_bytes: int) -> None:
        """Let more come than the usual size."""
        self._most = most_bytes

    def check_announced(self, most_bytes: int) -> None:
        """Raises Refusal (413) when the announced size is larger."""
        if (self._announced or 0) > most_bytes:
            raise too_large(most_bytes)

    async def receive(self) -> Message:
        """The next part.

        Raises:
            Refusal: it is too large (413), too slow (408) or too deeply nested (422).
        """
        if self._ended:
            return await self._receive()
        self.check_announced(self._most)
        message = await self._next()
        part: bytes = message.get("body", b"")
        self._got += len(part)
        self._ended = not message.get("more_body", False)
        if self._got > self._most:
            raise too_large(self._most)
        if self._nesting is not None and self._nesting.feed(part) > DEEPEST:
            raise Refusal(Problem(Code.INVALID_REQUEST, "The JSON is too deeply nested."))
        return message

    async def _next(self) -> Message:
        """Only the time in which the caller is waited for counts: a busy gateway is nobody's slowness."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self._seconds + self._got / self._rate - self._waited)):
                return await self._receive()
        except TimeoutError:
            raise Refusal(Problem(Code.REQUEST_TIMEOUT, "The body comes too slowly.")) from None
        finally:
            self._waited += time.monotonic() - began


def body_of(request: Request) -> Body:
    """The body of a request that is being answered."""
    body: Body = request.scope[_KNOWN]
    return body


def too_large(most_bytes: int) -> Refusal:
    """The refusal of a body that is larger."""
    code = Code.IMAGE_TOO_LARGE if most_bytes > MOST_BYTES else Code.BODY_TOO_LARGE
    return Refusal(Problem(code, f"A body of this kind may have {most_bytes:,} bytes."))


def _announced(connection: HTTPConnection) -> int | None:
    """Bytes of the body, 0: there is none, None: it is not known."""
    if "transfer-encoding" in connection.headers:
        return None
    number = _NUMBER.fullmatch(connection.headers.get("content-length", "0"))
    if number is None:
        raise Refusal(Problem(Code.INVALID_REQUEST, "Not valid: Content-Length."), 400)
    return int(number[1])


def _media_type(connection: HTTPConnection) -> str:
    return connection.headers.get("content-type", "").partition(";")[0].strip().lower()


class _Nesting:
    """How deep a JSON text is nested, found out without parsing it, part by part."""

    def __init__(self) -> None:
        self._depth = self._deepest = 0
        self._in_string = False
        self._escaped = -1

    def feed(self, part: bytes) -> int:
        """The greatest depth so far; it may stop counting beyond the allowed one."""
        for match in _STRUCTURE.finditer(part):
            sign = match[0]
            if match.start() == self._escaped:
                continue
            if sign == b"\\":
                self._escaped = match.end()
            elif sign == b'"':
                self._in_string = not self._in_string
            elif not self._in_string:
                self._depth += 1 if sign in b"[{" else -1
                self._deepest = max(self._deepest, self._depth)
                if self._deepest > DEEPEST:
                    break
        self._escaped -= len(part)
        return self._deepest
