"""A gateway as a process of its own, for tests that kill it or look at it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from vf_testing.door import Client, free_port

START_SECONDS = 120
STOP_SECONDS = 20


class GatewayProcess:
    """A gateway in local mode that can be killed and started again; its data outlives it.

    Args:
        environment: its settings, on top of this process's variables.
        log: the file that it writes to.
    """

    def __init__(self, environment: Mapping[str, str], log: Path = Path(os.devnull)) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, "VF_LOCAL": "true", **environment}
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._child is None:
            raise RuntimeError("the gateway does not run")
        return self._child.pid

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-P", "-m", "vf_gateway", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)  # noqa: S603
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"the gateway did not start: {self._log.read_text()}")
            time.sleep(0.05)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it, if it runs."""
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(STOP_SECONDS)
            self._child = None

    def _answers(self) -> bool:
        try:
            return Client(self.port).get("/healthz").status == 200
        except OSError:
            return False
