"""A service as a process of its own, and its caller; standard library only, as reference environments have no httpx."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

REQUEST_SECONDS = 280


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    """What a service answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> dict:
        return json.loads(self.content)


@dataclass(frozen=True)
class Client:
    """Calls one service."""

    port: int

    def get(self, path: str) -> Answer:
        return self._request("GET", path, None, {})

    def post(self, path: str, files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> Answer:
        """Post files as multipart/form-data; every file is named as its field."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in files.items()
        ]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._request("POST", path, body, form | dict(headers or {}))

    def _request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()


@contextmanager
def serving(package: str, environment: Mapping[str, str], *, seconds: float = 200) -> Iterator[Client]:
    """Run ``python -m package`` until the block ends.

    Args:
        package: a service's package.
        environment: its settings.
        seconds: it has to load its engine, successfully or not.

    Yields:
        its caller, once ``/readyz`` says that the engine is loaded, or why it cannot be.
    """
    port = free_port()
    settings = {name: value for name, value in os.environ.items() if not name.startswith("VF_")}
    settings |= {"PYTHONPATH": os.pathsep.join(sys.path)} | dict(environment)
    command = [sys.executable, "-m", package, "--port", str(port)]
    with subprocess.Popen(command, env=settings) as process:  # noqa: S603  our own words
        try:
            client = Client(port)
            _wait(client, process, time.monotonic() + seconds)
            yield client
        finally:
            process.terminate()


def _wait(client: Client, process: subprocess.Popen, deadline: float) -> None:
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = client.get("/readyz")
            if answer.status == 200 or answer.json()["code"] != "stage_unavailable":
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{process.args} did not become ready")
