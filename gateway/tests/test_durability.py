"""Nothing accepted is lost and nothing runs twice, whatever is killed: real gateway processes and kill -9."""

from __future__ import annotations

import concurrent.futures
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from gateway_child import Process
from gateway_harness import Services, photo

from vfkit.contracts import Stage

Spawn = Callable[..., Process]


@pytest.fixture
def spawn(services: Services, tmp_path: Path, database_url: str) -> Iterator[Spawn]:
    made: list[Process] = []

    def make(**more: str) -> Process:
        urls = {f"VF_{stage.name}_URL": f"{services.url}/{stage.value}" for stage in Stage}
        process = Process(
            {
                **urls,
                "VF_DATA": str(tmp_path / "data"),
                "VF_DATABASE_URL": database_url,
                "VF_LEASE_SECONDS": "2",
                **more,
            }
        )
        made.append(process)
        process.start()
        return process

    yield make
    for process in made:
        process.kill()
        process.client.close()


def upload(client: httpx.Client, kind: str, seed: int) -> str:
    return str(client.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={"Prefer": "wait=20"}).json()["id"])


def accept(client: httpx.Client, person: str, garment: str, key: str) -> str:
    body = {"person_id": person, "garment_id": garment}
    answer = client.post("/v1/fittings", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


POINTS = {
    "accepted": (None, 0.0),
    "first stages": (Stage.DENSEPOSE, 0.3),
    "agnostic": (Stage.AGNOSTIC, 0.3),
    "synthesis": (Stage.HRVITON, 0.3),
    "storing": (None, 0.06),
}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_every_accepted_fitting_finishes_once(spawn: Spawn, services: Services, point: str) -> None:
    slow, pause = POINTS[point]
    gateway = spawn()
    if slow:
        services.set(slow, mode="slow", seconds=1.0)
    files = [{"person": photo(100 + n), "garment": photo(200 + n)} for n in range(4)]
    ids = []
    for n, each in enumerate(files):
        answer = gateway.client.post("/v1/fittings", files=each, headers={"Idempotency-Key": f"k{n}"})
        assert answer.status_code == 202
        ids.append(answer.json()["id"])
    time.sleep(pause)
    gateway.kill()
    if slow:
        services.set(slow, mode="ok")
    before = {stage: services.calls(stage) for stage in Stage}
    gateway.start()
    for n, each in enumerate(files):
        again = gateway.client.post("/v1/fittings", files=each, headers={"Idempotency-Key": f"k{n}"})
        assert again.json()["id"] == ids[n], "the key is remembered"
    done = gateway.finished(ids)
    assert {document["state"] for document in done.values()} == {"succeeded"}
    for document in done.values():
        assert gateway.client.get(document["links"]["result"]).status_code == 200
        with gateway.client.stream("GET", document["links"]["events"]) as stream:
            assert stream.read().count(b"event: succeeded") == 1
    if point == "synthesis":
        assert services.calls(Stage.OPENPOSE) == before[Stage.OPENPOSE], "what was computed is not computed again"
        assert services.calls(Stage.AGNOSTIC) == before[Stage.AGNOSTIC]
    listed = gateway.client.get("/v1/fittings", params={"limit": 100}).json()["items"]
    assert sorted(item["id"] for item in listed) == sorted(ids)


def test_another_gateway_takes_over(spawn: Spawn, services: Services) -> None:
    first, second = spawn(VF_CONCURRENCY="4"), spawn(VF_CONCURRENCY="4")
    person, garments = upload(first.client, "people", 1), [upload(first.client, "garments", 10 + n) for n in range(8)]
    services.set(Stage.HRVITON, mode="slow", seconds=1.5)
    ids = [accept(first.client, person, garment, f"k{n}") for n, garment in enumerate(garments)]
    time.sleep(1)
    assert services.stubs[Stage.HRVITON].most_running == 8, "both work on one queue"
    first.kill()
    done = second.finished(ids)
    assert {document["state"] for document in done.values()} == {"succeeded"}
    assert max(services.stubs[Stage.HRVITON].calls.values()) <= 2


def test_progress_of_another_gateway_is_followed(spawn: Spawn, services: Services) -> None:
    worker, reader = spawn(), spawn(VF_CONCURRENCY="1")
    person, garment = upload(worker.client, "people", 1), upload(worker.client, "garments", 2)
    services.set(Stage.HRVITON, mode="slow", seconds=1)
    ids = [accept(worker.client, person, garment, f"k{n}") for n in range(3)]
    for subject in ids:
        for gateway in (worker, reader):
            with gateway.client.stream("GET", f"/v1/fittings/{subject}/events") as stream:
                assert b"event: succeeded" in stream.read()


def test_a_stopped_gateway_gives_its_work_back_at_once(spawn: Spawn, services: Services) -> None:
    gateway = spawn(VF_LEASE_SECONDS="600")
    person, garment = upload(gateway.client, "people", 1), upload(gateway.client, "garments", 2)
    services.set(Stage.HRVITON, mode="slow", seconds=2)
    subject = accept(gateway.client, person, garment, "k")
    time.sleep(0.5)
    gateway.kill(signal.SIGTERM)
    services.set(Stage.HRVITON, mode="ok")
    gateway.start()
    assert gateway.finished([subject], 15)[subject]["state"] == "succeeded"


def test_a_fitting_that_kills_its_gateway_again_and_again_fails(spawn: Spawn, services: Services) -> None:
    gateway = spawn(VF_JOB_ATTEMPTS="2", VF_LEASE_SECONDS="1")
    person, garment = upload(gateway.client, "people", 1), upload(gateway.client, "garments", 2)
    services.set(Stage.HRVITON, mode="slow", seconds=30)
    subject = accept(gateway.client, person, garment, "k")
    for _ in range(2):
        time.sleep(2.5)
        gateway.kill()
        gateway.start()
    document = gateway.finished([subject])[subject]
    assert (document["state"], document["problem"]["code"]) == ("failed", "internal")


def test_many_buyers_at_the_same_time(spawn: Spawn, services: Services) -> None:
    """200 fittings of 50 buyers through two gateways, one of which is killed and started again."""
    gateways = [spawn(VF_LOCAL_KEY="k", VF_CONCURRENCY="16", VF_QUEUE_LIMIT="1000") for _ in range(2)]
    services.set(Stage.HRVITON, mode="slow", seconds=0.05)
    boss = {"Authorization": "Bearer k"}
    garments = [upload(gateways[0].client, "garments", 500 + n) for n in range(4)]

    def buy(buyer: int) -> list[tuple[str, str]]:
        made = []
        with httpx.Client(base_url=gateways[1].client.base_url, timeout=60) as client:
            data = {"buyer": f"u{buyer}"}
            person = client.post("/v1/people", files={"image": photo(buyer)}, data=data, headers=boss).json()["id"]
            for garment in garments:
                key = f"{buyer}-{garment}"
                ids = {accept(client, person, garment, key) for _ in range(2)}
                assert len(ids) == 1
                made.append((f"u{buyer}", ids.pop()))
        return made

    killer = threading.Timer(1.5, lambda: (gateways[0].kill(), gateways[0].start()))
    killer.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = [each for several in pool.map(buy, range(50)) for each in several]
    killer.join()
    done = gateways[1].finished([subject for _, subject in made], 90)
    assert len(done) == 200
    assert {document["state"] for document in done.values()} == {"succeeded"}
    assert all(done[subject]["buyer"] == buyer for buyer, subject in made)
    seen: set[str] = set()
    cursor = None
    while True:
        params = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = gateways[1].client.get("/v1/fittings", params=params).json()
        seen |= {item["id"] for item in page["items"]}
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == set(done)
