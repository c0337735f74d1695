"""The client module against the real gateway."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from gateway_harness import Services, photo
from gateway_shop import Shop

from vf_client import AsyncClient, Client, FittingFailedError, PhotoFailedError, ProblemError
from vfkit.contracts import Stage


@pytest.fixture
def client(gateway: httpx.Client) -> Any:
    with Client(str(gateway.base_url)) as made:
        yield made


def test_a_buyers_way(client: Client) -> None:
    person = client.upload_person(photo(1), buyer="anna", wait=20)
    garments = [client.upload_garment(photo(2 + n), reference=f"sku-{n}", wait=20) for n in range(2)]
    assert {(garment.category, garment.reading.kind.value) for garment in garments} == {("auto", "top")}
    assert person.category is person.reading is None
    fitting = client.fit(person.id, garments[0].id)
    assert client.artifact(fitting, "result.png").startswith(b"\x89PNG")
    assert client.artifact(fitting, "result.png", size=64, accept="image/webp").startswith(b"RIFF")
    assert client.select(fitting.id).selected_at
    assert [f.id for f in client.fittings(selected=True)] == [fitting.id]
    compared = client.compare(person.id, [g.id for g in garments], wait=20)
    assert compared.state == "succeeded"
    kinds = [event.kind for event in client.events(fitting.id)]
    assert (kinds[0], kinds[-1]) == ("queued", "succeeded")
    link = client.links(fitting.id).artifacts["result.png"]
    assert link.startswith("/v1/fittings/")
    client.delete_person(person.id)
    with pytest.raises(ProblemError) as missing:
        client.fitting(fitting.id)
    assert (missing.value.status, missing.value.code) == (404, "not_found")


def test_photos_straight_to_a_fitting_that_fails(client: Client, services: Services) -> None:
    assert client.fit(photo(1), photo(2)).state == "succeeded"
    services.set(Stage.OPENPOSE, mode="problem", code="no_person_found")
    with pytest.raises(FittingFailedError) as failed:
        client.fit(photo(3), photo(2))
    assert (failed.value.code, failed.value.stage) == ("no_person_found", "openpose")


def test_a_category_goes_with_a_garments_photo(client: Client) -> None:
    listed = client.upload_garment(photo(2), category="bottoms", wait=20)
    assert (listed.category, listed.reading.photo.value, listed.reading.view.confidence) == ("bottoms", "flat", 0.7)
    fitting = client.fit(photo(1), photo(2), category="one-pieces")
    assert client.garment(fitting.garment_id).category == "one-pieces"
    for garment, category in ((photo(2), "hats"), (listed.id, "tops")):
        with pytest.raises(ProblemError, match="invalid_request"):
            client.fit(photo(1), garment, category=category)
    with pytest.raises(ProblemError, match="invalid_request"):
        client.fit(fitting.person_id, listed.id, category="tops")


def test_photos_by_address(start_gateway: Any, shop: Shop) -> None:
    gateway = start_gateway(picture_hosts="127.0.0.1")
    with Client(str(gateway.base_url)) as client:
        person = client.upload_person(shop.url("/person.png"), buyer="anna", wait=20)
        garment = client.upload_garment(shop.url("/garment.png"), reference="sku-1", wait=20)
        assert (person.state, person.buyer, garment.reference) == ("succeeded", "anna", "sku-1")
        assert client.fit(person.id, shop.url("/garment.png"), category="tops").state == "succeeded"
        assert client.fit(photo(1), shop.url("/garment.png"), buyer="anna").buyer == "anna"
        with pytest.raises(ProblemError, match="image_unreachable"):
            client.upload_person(shop.url("/missing"))


def test_photos_that_take_their_time(client: Client, services: Services) -> None:
    services.set(Stage.OPENPOSE, mode="slow", seconds=1)
    person = client.upload_person(photo(1))
    assert person.state != "succeeded"
    with pytest.raises(ProblemError, match="deadline_exceeded"):
        client.prepared(person, seconds=0)
    assert "pose.json" in client.prepared(person).artifacts
    services.set(Stage.OPENPOSE, mode="problem", code="no_person_found")
    with pytest.raises(PhotoFailedError) as failed:
        client.prepared(client.upload_person(photo(3)))
    assert (failed.value.code, failed.value.stage) == ("no_person_found", "openpose")


def test_waiting_longer_than_one_request(start_gateway: Any, services: Services) -> None:
    gateway = start_gateway(wait_limit=1)
    services.set(Stage.HRVITON, mode="slow", seconds=3)
    with Client(str(gateway.base_url)) as client:
        assert client.fit(photo(1), photo(2)).state == "succeeded"


def test_a_token_and_a_busy_gateway(start_gateway: Any) -> None:
    gateway = start_gateway(local=False, local_key="k", rate_buyer="3/second")
    with Client(str(gateway.base_url), "k") as backend, Client(str(gateway.base_url), backend.token("anna")) as anna:
        for _ in range(8):
            assert list(anna.fittings()) == []
    with Client(str(gateway.base_url), "wrong") as nobody, pytest.raises(ProblemError) as refused:
        list(nobody.fittings())
    assert refused.value.code == "unauthorized"
    with Client("http://127.0.0.1:9", attempts=2) as lost, pytest.raises(ProblemError) as silent:
        lost.system()
    assert silent.value.code == "unreachable"


async def test_asynchronous(gateway: httpx.Client) -> None:
    async with AsyncClient(str(gateway.base_url)) as client:
        person, garment = await asyncio.gather(client.upload_person(photo(1)), client.upload_garment(photo(2)))
        person, garment = await asyncio.gather(client.prepared(person), client.prepared(garment))
        fitting = await client.finish(await client.start_fitting(person.id, garment.id))
        assert (await client.artifact(fitting, "result.png")).startswith(b"\x89PNG")
        assert [f.id async for f in client.fittings()] == [fitting.id]
        assert (await client.system()).ready
