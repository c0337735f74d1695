"""A gateway's memory does not grow with the fittings that it has made."""

from __future__ import annotations

import concurrent.futures
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_child import Process
from gateway_harness import Services, photo

from vfkit.contracts import Stage

WARM_UP, MEASURED = 200, 1000
GROWTH_MB = 15
"""What a thousand fittings may leave: buffers of the database's cache and the allocator's slack, no 15 kB each."""


@pytest.fixture
def process(services: Services, tmp_path: Path) -> Iterator[Process]:
    urls = {f"VF_{stage.name}_URL": f"{services.url}/{stage.value}" for stage in Stage}
    made = Process({**urls, "VF_DATA": str(tmp_path), "VF_RATE_KEY": "1000000/minute"})
    made.start()
    yield made
    made.kill()


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_over_a_thousand_fittings_of_cached_people(process: Process) -> None:
    def upload(kind: str, seed: int) -> str:
        answer = process.client.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={"Prefer": "wait=20"})
        return str(answer.json()["id"])

    people, garments = [upload("people", n) for n in range(4)], [upload("garments", 10 + n) for n in range(4)]

    def fit(number: int) -> None:
        body = {"person_id": people[number % 4], "garment_id": garments[number // 4 % 4]}
        with httpx.Client(base_url=process.client.base_url, timeout=60, trust_env=False) as client:
            done = client.post("/v1/fittings", json=body, headers={"Prefer": "wait=30"}).json()
            assert done["state"] == "succeeded", done
            client.get(done["links"]["result"], params={"size": 128}).raise_for_status()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(fit, range(WARM_UP)))
        before = resident_mb(process.pid)
        list(pool.map(fit, range(MEASURED)))
    assert resident_mb(process.pid) - before < GROWTH_MB
