"""What one buyer or market may store, for how long, and that nobody pays for another one's or for a full disk."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from gateway_harness import Services, photo, serve, stub_settings
from sqlalchemy import func, select

from vf_gateway.access.keys import ApiKeys
from vf_gateway.access.principal import ALL_SCOPES
from vf_gateway.app import create_app
from vf_gateway.database.engine import Database
from vf_gateway.database.migrations import migrate
from vf_gateway.database.tables import Photo, Usage

Start = Callable[..., httpx.Client]
WAIT = {"Prefer": "wait=20"}


def with_keys(url: str, *markets: str) -> dict[str, dict[str, str]]:
    """A header with a key of each market."""

    async def create() -> dict[str, dict[str, str]]:
        database = Database(url)
        await migrate(database)
        keys = {market: await ApiKeys(database).create("test", market, ALL_SCOPES) for market in markets}
        await database.close()
        return {market: {"Authorization": f"Bearer {key}"} for market, (_, key) in keys.items()}

    return asyncio.run(create())


def usage(url: str) -> dict[tuple[str, str], tuple[int, int]]:
    async def read() -> dict[tuple[str, str], tuple[int, int]]:
        database = Database(url)
        async with database.read() as session:
            rows = list(await session.scalars(select(Usage)))
        await database.close()
        return {(row.market, row.buyer): (row.photos, row.stored_bytes) for row in rows}

    return asyncio.run(read())


def count_photos(url: str) -> dict[str, int]:
    async def read() -> dict[str, int]:
        database = Database(url)
        async with database.read() as session:
            rows = (await session.execute(select(Photo.kind, func.count()).group_by(Photo.kind))).all()
        await database.close()
        return {row[0]: row[1] for row in rows}

    return asyncio.run(read())


def upload(
    gateway: httpx.Client, kind: str, seed: int, headers: dict[str, str], buyer: str | None = None
) -> httpx.Response:
    data = {"buyer": buyer} if buyer else {}
    return gateway.post(f"/v1/{kind}", files={"image": photo(seed)}, data=data, headers={**headers, **WAIT})


def refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")


def test_photos_of_a_buyer_and_of_a_market_are_bounded(start_gateway: Start, database_url: str) -> None:
    keys = with_keys(database_url, "one", "other")
    gateway = start_gateway(database_url=database_url, quota_photos_buyer=2, quota_photos=3)
    one = keys["one"]
    made = [upload(gateway, "people", n, one, "anna").json()["id"] for n in range(2)]
    third = upload(gateway, "garments", 2, one, "anna")
    assert refused(third)
    assert third.json()["detail"] == "The buyer has 2 photos already: delete some first."
    body = {"files": {"person": photo(7), "garment": photo(8)}, "data": {"buyer": "anna"}, "headers": one}
    assert refused(gateway.post("/v1/fittings", **body))
    assert upload(gateway, "people", 3, one, "ben").status_code == 200, "another buyer has room"
    fourth = upload(gateway, "garments", 4, one)
    assert refused(fourth)
    assert "market" in fourth.json()["detail"]
    assert upload(gateway, "garments", 4, keys["other"]).status_code == 200, "another market has room"
    assert gateway.delete(f"/v1/people/{made[0]}", headers=one).status_code == 204
    assert upload(gateway, "garments", 4, one, "anna").status_code == 200, "there is room again"
    assert {key: photos for key, (photos, _) in usage(database_url).items()} == {
        ("one", ""): 3, ("one", "anna"): 2, ("one", "ben"): 1, ("other", ""): 1
    }  # fmt: skip


def test_stored_bytes_are_bounded_and_counted_back(start_gateway: Start, database_url: str) -> None:
    keys = with_keys(database_url, "shop")["shop"]
    gateway = start_gateway(database_url=database_url, quota_mb_buyer=1)
    person = upload(gateway, "people", 1, keys, "anna").json()["id"]
    garment = upload(gateway, "garments", 2, keys).json()["id"]
    pair = {"json": {"person_id": person, "garment_id": garment}, "headers": {**keys, **WAIT}}
    fitting = gateway.post("/v1/fittings", **pair).json()
    assert fitting["state"] == "succeeded"
    before = usage(database_url)
    assert before["shop", "anna"][1] > 10_000
    assert before["shop", ""][1] > before["shop", "anna"][1]
    assert gateway.post("/v1/fittings", **pair).json()["state"] == "succeeded"
    assert usage(database_url) == before, "what is kept already is not counted twice"

    big = photo_of_noise(1_200_000)
    answer = gateway.post("/v1/people", files={"image": big}, data={"buyer": "anna"}, headers=keys)
    assert refused(answer)
    assert answer.json()["detail"] == "The buyer's 1 MB of pictures are used up: delete some first."
    assert usage(database_url) == before
    for path in (f"people/{person}", f"garments/{garment}"):
        assert gateway.delete(f"/v1/{path}", headers=keys).status_code == 204
    assert set(usage(database_url).values()) <= {(0, 0)}, "nothing is left, and nothing is counted"
    assert ("shop", "anna") not in usage(database_url), "a buyer who has nothing left is forgotten"


def photo_of_noise(size: int) -> bytes:
    import numpy as np  # noqa: PLC0415

    from vfkit.pictures import encode_png  # noqa: PLC0415

    height = size // (600 * 3)
    return encode_png(np.random.default_rng(1).integers(0, 255, (height, 600, 3), np.uint8))


def test_garments_of_buyers_expire_and_those_of_markets_stay(start_gateway: Start, database_url: str) -> None:
    gateway = start_gateway(database_url=database_url, garments_days=2e-5, sweep_seconds=0.3)
    theirs = upload(gateway, "garments", 1, {}, "anna").json()
    listed = upload(gateway, "garments", 2, {}).json()
    assert theirs["expires_at"] is not None
    assert listed["expires_at"] is None
    until = time.monotonic() + 20
    while gateway.get(f"/v1/garments/{theirs['id']}").status_code != 404:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert gateway.get(f"/v1/garments/{listed['id']}").status_code == 200


@pytest.fixture
def two_gateways(services: Services, database_url: str, tmp_path: Path) -> Iterator[list[httpx.Client]]:
    settings: dict[str, Any] = {"database_url": database_url, "queue_limit_buyer": 1000}
    with (
        serve(create_app(stub_settings(services.url, tmp_path / "data", **settings))) as one,
        serve(create_app(stub_settings(services.url, tmp_path / "data", **settings))) as other,
        httpx.Client(base_url=one, timeout=60) as first,
        httpx.Client(base_url=other, timeout=60) as second,
    ):
        yield [first, second]


def test_fifty_posts_with_one_key_leave_one_of_each(
    two_gateways: list[httpx.Client], database_url: str, tmp_path: Path
) -> None:
    """Through two gateways at the same time: one fitting, one person, one garment, and no file of another one."""
    files, key = {"person": photo(1), "garment": photo(2)}, {"Idempotency-Key": "k"}

    def send(n: int) -> httpx.Response:
        return two_gateways[n % 2].post("/v1/fittings", files=files, headers=key)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count_photos(database_url) == {"person": 1, "garment": 1}
    assert usage(database_url)["local", ""][0] == 2

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        people = list(
            pool.map(
                lambda n: two_gateways[n % 2].post("/v1/people", files={"image": photo(9)}, headers=key), range(50)
            )
        )
    assert {answer.status_code for answer in people} == {202}
    assert len({answer.json()["id"] for answer in people}) == 1
    assert count_photos(database_url) == {"person": 2, "garment": 1}
    folders = [path for kind in ("people", "garments") for path in (tmp_path / "data/objects" / kind).iterdir()]
    assert len(folders) == 3, "the files of the slower ones are removed at once"


class _Room(NamedTuple):
    f_bavail: int
    f_frsize: int


def test_a_full_disk_is_not_ready_and_takes_nothing_new(start_gateway: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = start_gateway(disk_reserve_mb=100)
    person, garment = upload(gateway, "people", 1, {}).json()["id"], upload(gateway, "garments", 2, {}).json()["id"]
    assert gateway.get("/readyz").status_code == 200
    monkeypatch.setattr("vf_gateway.pictures.disk.os.statvfs", lambda _: _Room(99_000_000 // 4096, 4096))
    time.sleep(2.1)
    told = gateway.get("/readyz")
    assert (told.status_code, told.json()["detail"]) == (503, "A disk is nearly full.")
    assert gateway.get("/healthz").status_code == 200
    for answer in (
        upload(gateway, "people", 3, {}),
        gateway.post("/v1/fittings", json={"person_id": person, "garment_id": garment}),
        gateway.post("/v1/comparisons", json={"person_id": person, "garment_ids": [garment]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert gateway.delete(f"/v1/people/{person}").status_code == 204, "room can be made"
    monkeypatch.undo()
    time.sleep(2.1)
    assert gateway.get("/readyz").status_code == 200
    assert upload(gateway, "people", 3, {}).status_code == 200
