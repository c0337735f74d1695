"""A gateway as a process of its own, for tests that kill it or give it settings of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from vf_client import Client


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Gateway:
    """A gateway process that can be killed; its data outlives it."""

    def __init__(self, services: dict[str, str], folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ, **services, "VF_DATA": str(folder / "data"), "VF_LOCAL": "true", "VF_LEASE_SECONDS": "2",
            **settings,
        }  # fmt: skip
        self._log = folder / "gateway.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> Client:
        command = [sys.executable, "-P", "-m", "vf_gateway", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{self.url}/healthz", trust_env=False).raise_for_status()
                return Client(self.url)
            assert self._child.poll() is None, self._log.read_text()
            assert time.monotonic() < until, "the gateway did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait()
            self._child = None
