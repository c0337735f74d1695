"""A gateway as a process of its own, before stub services."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import Any

import httpx
from gateway_harness import free_port


class Process:
    """A gateway as a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._environment = {**os.environ, **environment, "VF_LOCAL": "1"}
        self._child: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "vf_gateway", "serve", "--port", str(self.port)],
            env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if self.client.get("/healthz").status_code == 200:
                    return
            assert self._child.poll() is None, "the gateway ended"
            time.sleep(0.05)
        raise AssertionError("the gateway did not start")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(20)
            self._child = None

    def finished(self, ids: list[str], seconds: float = 40) -> dict[str, dict[str, Any]]:
        until = time.monotonic() + seconds
        found: dict[str, dict[str, Any]] = {}
        while len(found) < len(ids):
            assert time.monotonic() < until, f"{len(found)} of {len(ids)} finished"
            for subject in set(ids) - set(found):
                document = self.client.get(f"/v1/fittings/{subject}").json()
                if document["state"] in ("succeeded", "failed", "cancelled"):
                    found[subject] = document
            time.sleep(0.05)
        return found
