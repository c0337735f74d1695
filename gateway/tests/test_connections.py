"""Connections as balancers keep them and buyers break them."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from vf_testing.gateway import GatewayProcess
from vfkit.serving.logs import hide_secrets

COMMON_DEFAULT = 5
"""Seconds after which many servers close an idle connection, in the face of a balancer that is about to use it."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess({"VF_DATA": str(tmp_path / "data")}, tmp_path / "log")
    process.start()
    yield process
    process.kill()


def test_an_idle_connection_stays(process: GatewayProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", process.port)
    for pause in (0, COMMON_DEFAULT + 1):
        time.sleep(pause)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()


def test_who_goes_away_while_sending_is_no_error(process: GatewayProcess, tmp_path: Path) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x"):
        with socket.create_connection(("127.0.0.1", process.port)) as buyer:
            head = f"POST /v1/fittings HTTP/1.1\r\nHost: localhost:{process.port}\r\n"
            head += f"Content-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
            buyer.sendall(head.encode() + b"--x\r\n")
    gone = 'vf_requests_total{method="POST",route="/v1/fittings",status="499"} 2.0'
    until = time.monotonic() + 10
    while gone not in (metrics := httpx.get(f"{process.url}/metrics", trust_env=False).text):
        assert time.monotonic() < until, metrics
        time.sleep(0.05)
    levels = {json.loads(line)["level"] for line in (tmp_path / "log").read_text().splitlines() if line[0] == "{"}
    assert levels == {"info"}


def test_a_long_traceback_keeps_its_end() -> None:
    shown = hide_secrets(None, "error", {"exception": "Traceback" + "x" * 10_000 + "ValueError: why"})["exception"]
    assert shown.startswith("Traceback") and shown.endswith("ValueError: why")
    assert len(shown) < 5000
