"""Every service and the gateway are killed once each while forty fittings run: all of them succeed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_child import Process
from gateway_harness import free_port, photo

from vfkit.contracts import Stage

FITTINGS = 40
CALL_SECONDS = 0.7


class Services:
    """Six stub services, a process and a port each."""

    def __init__(self) -> None:
        self.ports = {stage: free_port() for stage in Stage}
        self._children: dict[Stage, subprocess.Popen[bytes]] = {}

    def url(self, stage: Stage) -> str:
        return f"http://127.0.0.1:{self.ports[stage]}/{stage.value}"

    def start(self, *stages: Stage) -> None:
        script = str(Path(__file__).parent / "gateway_stubs.py")
        for stage in stages:
            command = [sys.executable, script, str(self.ports[stage]), "--seconds", str(CALL_SECONDS)]
            self._children[stage] = subprocess.Popen(command)
        until = time.monotonic() + 60
        for stage in stages:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    httpx.get(f"{self.url(stage)}/v1/info", trust_env=False)
                    break
                assert time.monotonic() < until, f"{stage} did not start"
                time.sleep(0.05)

    def wait_until_called(self, stage: Stage) -> None:
        """Until a call of this stage is in flight, so that a kill hits it."""
        until = time.monotonic() + 60
        while not self._running(stage):
            assert time.monotonic() < until, f"{stage} is not called"
            time.sleep(0.02)

    def kill(self, stage: Stage) -> None:
        child = self._children.pop(stage)
        child.kill()
        child.wait()

    def stop(self) -> None:
        for stage in list(self._children):
            self.kill(stage)

    def _running(self, stage: Stage) -> int:
        told = httpx.get(f"http://127.0.0.1:{self.ports[stage]}/running", trust_env=False, timeout=10).json()
        return int(told[stage.value])


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    try:
        made.start(*Stage)
        yield made
    finally:
        made.stop()


@pytest.fixture
def gateway(services: Services, tmp_path: Path) -> Iterator[Process]:
    urls = {f"VF_{stage.name}_URL": services.url(stage) for stage in Stage}
    process = Process({**urls, "VF_DATA": str(tmp_path / "data"), "VF_LEASE_SECONDS": "3"})
    process.start()
    yield process
    process.kill()
    process.client.close()


def accept(gateway: Process, number: int) -> str:
    """A fitting of a person and a garment that nobody has seen, so that every stage is called for it."""
    files = {"person": photo(100 + number), "garment": photo(200 + number)}
    return str(gateway.client.post("/v1/fittings", files=files).raise_for_status().json()["id"])


def test_forty_fittings_outlive_every_service_and_the_gateway(services: Services, gateway: Process) -> None:
    ids: list[str] = []
    for n, stage in enumerate(Stage, start=1):
        ids += [accept(gateway, number) for number in range(len(ids), FITTINGS * n // len(Stage))]
        services.wait_until_called(stage)
        services.kill(stage)
        if stage is Stage.DENSEPOSE:
            gateway.kill()
            gateway.start()
        services.start(stage)
    assert len(ids) == FITTINGS
    done = gateway.finished(ids, 180)
    assert {document["state"] for document in done.values()} == {"succeeded"}, [
        document["problem"] for document in done.values() if document["problem"]
    ]
    for document in done.values():
        assert gateway.client.get(document["links"]["result"]).status_code == 200
    assert len(gateway.client.get("/v1/fittings", params={"limit": 100}).json()["items"]) == FITTINGS
