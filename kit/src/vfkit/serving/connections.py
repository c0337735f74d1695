"""Bounds on connections that uvicorn does not have: how many, how long without a request, how large a head.

uvicorn waits for the head of a request as long as the caller likes, keeps every byte of it, and has no bound on
connections but one that answers 503 to everybody. Here a connection that waits for a request is closed after a while,
and gives way at once when there are too many; one whose request is being answered never does.
"""

from __future__ import annotations

import asyncio
import ipaddress
import resource
from collections import Counter
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from vfkit.problems import STATUS, Code, Problem

MOST_HEAD_BYTES = 65_536
"""A request's method, URL and headers; also what may come without any body being in it, such as trailers."""
MOST_HEADERS = 100
"""Header and trailer lines of one request."""
MOST_PIPELINED = 16
"""Requests that a caller may send before the first is answered."""
REST_SECONDS = 5.0
"""How long the rest of a body that nobody wants any more may take."""
RESERVED_FILES = 256
"""Open files that are not callers' connections: the database's, pictures, calls of services."""

_IPV6_NETWORK = 64


@dataclass(frozen=True)
class ConnectionLimits:
    """What one server allows its callers.

    Attributes:
        connections: at the same time.
        connections_address: at the same time from one address (IPv6: one /64), proxies that are trusted excepted.
        head_seconds: from the beginning of a connection, or of a later request, to the end of its head.
        idle_seconds: between an answer and the next request; longer than callers keep a connection themselves, or
            else a request meets a connection that is just being closed.
        unread_seconds: how long an answer may wait without the caller reading any of it.
    """

    connections: int = 1000
    connections_address: int = 500
    head_seconds: float = 10.0
    idle_seconds: int = 75
    unread_seconds: float = 60.0


def fit_to_files(limits: ConnectionLimits) -> ConnectionLimits:
    """Raise this process's limit of open files as far as it may, and allow no more connections than that leaves."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    left = max(1, most - RESERVED_FILES) if most != resource.RLIM_INFINITY else limits.connections
    return replace(limits, connections=min(limits.connections, left))


def network_of(address: str) -> str:
    """The one caller that an address stands for: the address itself, or an IPv6 address's /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip), _IPV6_NETWORK), strict=False))
    return address


class Connections:
    """All connections of a server, and which of them wait for a request.

    Args:
        limits: what is allowed.
        proxies: addresses and networks that speak for many callers, separated by commas; ``*``: all.
    """

    def __init__(self, limits: ConnectionLimits, proxies: str) -> None:
        self.limits = limits
        self._proxies = [name.strip() for name in proxies.split(",") if name.strip()]
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, dict[GuardedProtocol, None]] = {}
        self._caller: dict[GuardedProtocol, str] = {}

    def enter(self, connection: GuardedProtocol, address: str) -> bool:
        """Take a connection in; False: there is no room, not even by closing one that waits."""
        caller = network_of(address)
        if self._held[caller] >= self.limits.connections_address and not self._is_proxy(address):
            room = self._close_waiting(caller)
        elif len(self._caller) >= self.limits.connections:
            # Whoever has the most waiting connections loses one, so that a crowd of them shuts nobody else out.
            most = max(self._waiting, key=lambda each: len(self._waiting[each]), default=None)
            room = most is not None and self._close_waiting(most)
        else:
            room = True
        if room:
            self._caller[connection] = caller
            self._held[caller] += 1
            self.wait(connection)
        return room

    def leave(self, connection: GuardedProtocol) -> None:
        """Forget a connection."""
        self.work(connection)
        caller = self._caller.pop(connection, None)
        if caller is not None:
            self._held[caller] -= 1
            if not self._held[caller]:
                del self._held[caller]

    def wait(self, connection: GuardedProtocol) -> None:
        """The connection waits for a request."""
        if (caller := self._caller.get(connection)) is not None:
            self._waiting.setdefault(caller, {})[connection] = None

    def work(self, connection: GuardedProtocol) -> None:
        """A request of the connection is being answered."""
        caller = self._caller.get(connection, "")
        if (waiting := self._waiting.get(caller)) is not None:
            waiting.pop(connection, None)
            if not waiting:
                del self._waiting[caller]

    def _close_waiting(self, caller: str) -> bool:
        """Close the caller's connection that has waited the longest."""
        oldest = next(iter(self._waiting.get(caller, ())), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.transport.abort()
        return True

    def _is_proxy(self, address: str) -> bool:
        if "*" in self._proxies or address in self._proxies:
            return True
        try:
            ip = ipaddress.ip_address(address)
            return any(ip in ipaddress.ip_network(name, strict=False) for name in self._proxies)
        except ValueError:  # a proxy that is named otherwise, such as a socket's path
            return False


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection, within limits. Refusals of its own are answered as problems (RFC 9457).

    Args:
        connections: all connections of the server.
        config: see uvicorn.
        server_state: see uvicorn.
        app_state: see uvicorn.
        _loop: see uvicorn.
    """

    def __init__(
        self,
        connections: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all = connections
        self._limits = connections.limits
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._waiting = True
        self._in_head, self._in_message = True, False
        self._head_bytes = self._headers_seen = self._bodiless_bytes = 0
        self._refusal: tuple[Code, str] | None = None

    # --- the transport's calls ---

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, if there is room."""
        super().connection_made(transport)
        if self._all.enter(self, self.client[0] if self.client else ""):
            self._close_after(self._limits.head_seconds)
        else:
            self._refuse(Code.OVERLOADED, "There are too many connections.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._all.leave(self)
        self._stop_timer()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request, in pieces, so that a head is never much longer than it may be."""
        if self._waiting and self._in_head and not self._head_bytes:
            self._close_after(self._limits.head_seconds)
        for start in range(0, len(data), MOST_HEAD_BYTES):
            if self.transport.is_closing():
                return
            self._read(data[start : start + MOST_HEAD_BYTES])

    def _read(self, piece: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(piece)
        else:
            self._bodiless_bytes += len(piece)
        super().data_received(piece)
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(Code.HEADERS_TOO_LARGE, "The URL and the headers are too long.")
        elif not self._in_head and self._bodiless_bytes > 2 * MOST_HEAD_BYTES:
            self._refuse(Code.INVALID_REQUEST, "What lies between the parts of the body is too long.")

    def pause_writing(self) -> None:
        """The caller reads more slowly than is written: look from time to time whether it reads at all."""
        super().pause_writing()
        self._watch_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The caller has read."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch_reader(self, left: int) -> None:
        def look() -> None:
            now = self.transport.get_write_buffer_size()
            if now < left:
                self._watch_reader(now)
            else:
                self.transport.abort()

        self._unread = self.loop.call_later(self._limits.unread_seconds, look)

    # --- the parser's calls ---

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._in_head = self._in_message = True
        self._headers_seen = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody here reads."""
        self._headers_seen += 1
        if self._headers_seen > MOST_HEADERS:
            self._refusal = (Code.HEADERS_TOO_LARGE, f"A request may have {MOST_HEADERS} headers.")
            raise ValueError("too many headers")  # the parser turns it into a refusal
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The request can be answered."""
        if len(self.pipeline) >= MOST_PIPELINED:
            self._refusal = (Code.INVALID_REQUEST, "Too many requests were sent before the first was answered.")
            raise ValueError("too many pipelined requests")  # the parser turns it into a refusal
        self._in_head, self._head_bytes, self._bodiless_bytes = False, 0, 0
        self._waiting = False
        self._stop_timer()
        self._all.work(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._bodiless_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of the request."""
        super().on_message_complete()
        self._in_message, self._in_head = False, True
        self._head_bytes = 0
        if self._waiting:  # it was answered before its end
            self._close_after(self._limits.idle_seconds)

    # --- the answer ---

    def on_response_complete(self) -> None:
        """Go on with what was sent meanwhile, or wait: for the rest of an unwanted body, or for the next request."""
        goes_on = bool(self.pipeline)
        super().on_response_complete()
        if goes_on or self.transport.is_closing():
            return
        self._waiting = True
        self._all.wait(self)
        if self._in_message:
            self._close_after(REST_SECONDS)
        elif self._head_bytes:
            self._close_after(self._limits.head_seconds)

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed."""
        self._refuse(*(self._refusal or (Code.INVALID_REQUEST, "This is not an HTTP/1.1 request.")))

    # --- ends ---

    def _refuse(self, code: Code, detail: str) -> None:
        """Answer in place of the application, and close."""
        if self.cycle is not None and not self.cycle.response_complete:  # another answer is on its way
            self.transport.abort()
            return
        # 422 is for requests that can be read; these cannot.
        status = HTTPStatus.BAD_REQUEST if code is Code.INVALID_REQUEST else STATUS[code]
        retry = [b"retry-after: 1\r\n"] if code is Code.OVERLOADED else []
        body = Problem(code, detail).document().model_copy(update={"status": status}).model_dump_json().encode()
        head = [
            STATUS_LINE[status],
            b"content-type: application/problem+json\r\ncache-control: no-store\r\n",
            b"content-length: %d\r\nconnection: close\r\n" % len(body),
            *retry,
        ]
        self.transport.write(b"".join([*head, b"\r\n", body]))
        self.transport.close()

    def _close_after(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._close_late)

    def _close_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes:
            self._refuse(Code.REQUEST_TIMEOUT, "The request's head did not come in time.")
        else:
            self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
