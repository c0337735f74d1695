"""Deleting what thousands of fittings name: answered at once, nobody waits, and nothing is left, whatever is killed."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_child import Process
from gateway_harness import Services, photo
from sqlalchemy import func, insert, select

from vf_gateway.database.engine import Database
from vf_gateway.database.ids import new_id
from vf_gateway.database.tables import Base, Fitting, Job, Orphan, Photo, Removal, Usage, now_us, table_of
from vfkit.contracts import Stage

Spawn = Callable[..., Process]
COUNT = 2000


@pytest.fixture
def spawn(services: Services, tmp_path: Path, database_url: str) -> Iterator[Spawn]:
    made: list[Process] = []

    def make(**more: str) -> Process:
        urls = {f"VF_{stage.name}_URL": f"{services.url}/{stage.value}" for stage in Stage}
        settings = {"VF_DATA": str(tmp_path / "data"), "VF_DATABASE_URL": database_url, "VF_RATE_KEY": "100000/minute"}
        process = Process({**urls, **settings, **more})
        made.append(process)
        process.start()
        return process

    yield make
    for process in made:
        process.kill()
        process.client.close()


def upload(client: httpx.Client, kind: str, seed: int) -> str:
    return str(client.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={"Prefer": "wait=20"}).json()["id"])


def rows_of(url: str, *entities: type[Base]) -> dict[str, int]:
    """How many rows tables have."""

    async def count() -> dict[str, int]:
        database = Database(url)
        async with database.read() as session:
            found = {
                entity.__tablename__: await session.scalar(select(func.count()).select_from(table_of(entity))) or 0
                for entity in entities
            }
        await database.close()
        return found

    return asyncio.run(count())


def add_fittings(url: str, objects: Path, like: str) -> None:
    """Two thousand finished fittings like this one, each with a result of its own."""

    async def add() -> None:
        database = Database(url)
        async with database.write() as session:
            table = table_of(Fitting)
            row = dict((await session.execute(select(table).where(table.c.id == like))).mappings().one())
            scope = row["result_entry"].partition("/")[0] + "/" + row["result_entry"].split("/")[1]
            rows = []
            for n in range(COUNT):
                key = f"{n:064x}"
                entries = {**row["entries"], "hrviton": [scope, key]}
                rows.append(row | {"id": new_id("fit"), "entries": entries, "result_entry": f"{scope}/{key}",
                                   "created_at": now_us()})  # fmt: skip
                (objects / scope / key).mkdir()
                (objects / scope / key / "result.png").write_bytes(b"x")
            await session.execute(insert(table), rows)
        await database.close()

    asyncio.run(add())


class Pulse:
    """Asks a gateway whether it is alive, again and again, and remembers the longest wait in seconds."""

    def __init__(self, url: str) -> None:
        self.longest = 0.0
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            while not self._stop.wait(0.02):
                began = time.perf_counter()
                client.get("/healthz").raise_for_status()
                self.longest = max(self.longest, time.perf_counter() - began)


def wait_until_gone(url: str) -> None:
    until = time.monotonic() + 90
    while (left := rows_of(url, Removal))["removals"]:
        assert time.monotonic() < until, left
        time.sleep(0.2)


def prepare(gateway: Process, url: str, data: Path) -> tuple[str, str, dict[str, Any]]:
    person, garment = upload(gateway.client, "people", 1), upload(gateway.client, "garments", 2)
    body = {"person_id": person, "garment_id": garment}
    fitting = gateway.client.post("/v1/fittings", json=body, headers={"Prefer": "wait=20"}).json()
    add_fittings(url, data / "objects", fitting["id"])
    return person, garment, fitting


def files_below(folder: Path, part: str) -> list[str]:
    """Files that are there now; folders may go while they are looked through, which `os.walk` passes over."""
    found = (str(Path(where, name)) for where, _, names in os.walk(folder / "objects") for name in names)
    return [path for path in found if part in path]


def test_a_person_in_thousands_of_fittings(spawn: Spawn, database_url: str, tmp_path: Path) -> None:
    gateway = spawn()
    person, garment, fitting = prepare(gateway, database_url, tmp_path / "data")
    with Pulse(gateway.url) as pulse:
        began = time.perf_counter()
        assert gateway.client.delete(f"/v1/people/{person}").status_code == 204
        answered = time.perf_counter() - began
        # Gone for callers at once, although most of the rows are still there.
        assert rows_of(database_url, Removal)["removals"] == 1
        assert gateway.client.get(f"/v1/people/{person}").status_code == 404
        assert gateway.client.delete(f"/v1/people/{person}").status_code == 404
        assert gateway.client.get("/v1/fittings").json()["items"] == []
        assert gateway.client.get(fitting["links"]["self"]).status_code == 404
        refused = gateway.client.post("/v1/fittings", json={"person_id": person, "garment_id": garment})
        assert refused.status_code == 404
        wait_until_gone(database_url)
    assert answered < 2, "one batch, not all of them"
    assert rows_of(database_url, Fitting, Photo, Job) == {"fittings": 0, "photos": 1, "jobs": 0}
    until = time.monotonic() + 10
    while left := [*files_below(tmp_path / "data", "/results/"), *files_below(tmp_path / "data", "/people/")]:
        assert time.monotonic() < until, left[:3]
        time.sleep(0.1)
    assert pulse.longest < 0.3 * load_factor()


def load_factor() -> float:
    """How much slower this machine is than an idle one: whoever else is at work on it does not count."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_a_deletion_goes_on_after_a_kill(spawn: Spawn, database_url: str, tmp_path: Path) -> None:
    gateway = spawn()
    _, garment, _ = prepare(gateway, database_url, tmp_path / "data")
    assert gateway.client.delete(f"/v1/garments/{garment}").status_code == 204
    gateway.kill()
    assert 0 < rows_of(database_url, Fitting)["fittings"] <= COUNT
    gateway.start()
    assert gateway.client.get(f"/v1/garments/{garment}").status_code == 404
    assert gateway.client.get("/v1/fittings").json()["items"] == []
    wait_until_gone(database_url)
    assert rows_of(database_url, Fitting, Photo) == {"fittings": 0, "photos": 1}
    until = time.monotonic() + 10
    while left := [*files_below(tmp_path / "data", "/results/"), *files_below(tmp_path / "data", "/garments/")]:
        assert time.monotonic() < until, left[:3]
        time.sleep(0.1)


def test_a_photo_in_thousands_of_fittings_expires_and_they_stay(
    spawn: Spawn, database_url: str, tmp_path: Path
) -> None:
    gateway = spawn(VF_SWEEP_SECONDS="0.5")
    person, _, fitting = prepare(gateway, database_url, tmp_path / "data")

    async def expire() -> None:
        database = Database(database_url)
        async with database.write() as session:
            row = await session.get(Photo, person)
            assert row is not None
            row.expires_at = now_us() - 1
        await database.close()

    asyncio.run(expire())
    until = time.monotonic() + 60
    while rows_of(database_url, Photo)["photos"] == 2:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert rows_of(database_url, Fitting, Removal) == {"fittings": COUNT + 1, "removals": 0}
    assert gateway.client.get(fitting["links"]["self"]).json()["person_id"] is None
    assert rows_of(database_url, Usage)["usage"] == 1, "the market's own"
    assert rows_of(database_url, Orphan)["doomed"] >= 1, "looked at once more, when nothing can still be writing"
