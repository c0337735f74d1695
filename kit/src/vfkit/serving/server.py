"""Running a service until SIGTERM, and how it stops.

A ``__main__.py`` of a service is

    run(Stage.PARSE, create_app, port=8102)

On the first SIGTERM or SIGINT the service is not ready any more and refuses new work with 503, so that a balancer
turns elsewhere while connections are still accepted; what it holds is finished; then the server ends. A second
signal, or the end of the grace, stops it at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gc
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from vfkit.contracts import Stage
from vfkit.serving.connections import ConnectionLimits, Connections, GuardedProtocol, fit_to_files
from vfkit.serving.tracking import OpenRequests

GRACE_SECONDS = 30
"""How long requests in flight may take after SIGTERM."""


class DrainingServer(uvicorn.Server):
    """A uvicorn server that first lets an application finish its requests, if it counts them.

    The count is ``app.state.open_requests``.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        state = getattr(config.app, "state", None)
        self._open_requests: OpenRequests | None = getattr(state, "open_requests", None)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        # What was imported lives as long as the process. Left to the garbage collector, looking through all of it again
        # and again would hold every request up.
        gc.collect()
        gc.freeze()
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle SIGTERM and SIGINT: drain at the first, stop at the second."""
        if self._open_requests is None or self._open_requests.draining or self._loop is None:
            super().handle_exit(sig, frame)
            return
        self._open_requests.drain()
        asyncio.run_coroutine_threadsafe(self._stop_when_empty(self._open_requests, sig), self._loop)

    async def _stop_when_empty(self, open_requests: OpenRequests, sig: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown or GRACE_SECONDS):
                await open_requests.empty()
        super().handle_exit(sig, None)


def run(stage: Stage, create_app: Callable[[], FastAPI], port: int) -> None:
    """Serve as the command line says, ``--host`` and ``--port``, until told to stop.

    Args:
        stage: whose service it is.
        create_app: makes the application.
        port: TCP port where the command line names none.
    """
    parser = argparse.ArgumentParser(prog=f"vf_{stage}", description=f"The {stage} service of VF-Market fitting.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    options = parser.parse_args()
    serve(create_app(), options.host, options.port)


def serve(app: FastAPI, host: str, port: int, grace: int = GRACE_SECONDS) -> None:
    """Serve an application until it is told to stop.

    Args:
        app: with or without a count of its requests (``app.state.open_requests``), and limits other than the usual ones
            (``app.state.connection_limits``).
        host: address to listen on.
        port: TCP port.
        grace: seconds that requests in flight may take after SIGTERM.
    """
    state = getattr(app, "state", None)
    limits = fit_to_files(getattr(state, "connection_limits", None) or ConnectionLimits())
    config = uvicorn.Config(
        app, host=host, port=port, ws="none", log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=grace, timeout_keep_alive=limits.idle_seconds,
    )  # fmt: skip
    trusted = config.forwarded_allow_ips
    connections = Connections(limits, trusted if isinstance(trusted, str) else ",".join(trusted))
    protocol: Any = functools.partial(GuardedProtocol, connections)  # uvicorn only ever calls it
    config.http = protocol
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal again after a clean stop
        DrainingServer(config).run()
