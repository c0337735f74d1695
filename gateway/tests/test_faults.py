"""A full disk, a clock that jumps, a file system that lies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from gateway_harness import Services, photo

from vf_gateway.database import tables
from vfkit.contracts import Stage

Start = Callable[..., httpx.Client]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fit(gateway: httpx.Client, seed: int) -> httpx.Response:
    files = {"person": photo(seed), "garment": photo(seed + 1)}
    return gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"})


def test_a_full_disk_is_told_and_survived(start_gateway: Start, small_disk: Path) -> None:
    gateway = start_gateway(data=small_disk, disk_reserve_mb=0)
    assert fit(gateway, 1).json()["state"] == "succeeded"
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    refused = fit(gateway, 10)
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert gateway.get("/healthz").status_code == 200
    ballast.unlink()
    assert fit(gateway, 20).json()["state"] == "succeeded", "fine afterwards"


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_clock_that_jumps(
    start_gateway: Start, services: Services, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    gateway = start_gateway(lease_seconds=1, queue_seconds=10_000)
    services.set(Stage.HRVITON, mode="slow", seconds=2)
    made = gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}).json()
    time.sleep(0.7)
    real = time.time_ns
    monkeypatch.setattr(tables.time, "time_ns", lambda: real() + jump * 1_000_000_000)
    for _ in range(100):
        document = gateway.get(made["links"]["self"]).json()
        if document["state"] not in ("queued", "running"):
            break
        time.sleep(0.1)
    assert document["state"] == "succeeded"
    with gateway.stream("GET", document["links"]["events"]) as stream:
        assert stream.read().count(b"event: succeeded") == 1
    assert fit(gateway, 5).json()["state"] == "succeeded"
