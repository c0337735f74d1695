"""Pictures on an S3-compatible store: obstore's own client against a server that speaks the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import obstore
import pytest
from gateway_harness import Services, photo
from moto.server import ThreadedMotoServer
from obstore.store import from_url

from vfkit.contracts import Stage

Start = Callable[..., httpx.Client]


class Bucket:
    """A bucket as its server shows it."""

    def __init__(self, server: str) -> None:
        self._http = httpx.Client(base_url=f"{server}/pictures", trust_env=False)
        self._http.put("").raise_for_status()

    def keys(self) -> list[str]:
        return re.findall(r"<Key>([^<]*)</Key>", self._http.get("", params={"list-type": "2"}).text)

    def overwrite(self, ending: str, content: bytes) -> None:
        for key in self.keys():
            if key.endswith(ending):
                obstore.put(from_url("s3://pictures"), key, content)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
    yield Bucket(url)
    server.stop()


def upload(gateway: httpx.Client, kind: str, seed: int) -> dict[str, Any]:
    answer = gateway.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={"Prefer": "wait=20"})
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


def test_fittings_on_s3(start_gateway: Start, services: Services, bucket: Bucket) -> None:
    gateway = start_gateway(store_url="s3://pictures/market/one")
    garment = upload(gateway, "garments", 2)
    kept = bucket.keys()
    assert kept
    assert all(key.startswith("market/one/") for key in kept)

    person = upload(gateway, "people", 1)
    body = {"person_id": person["id"], "garment_id": garment["id"]}
    fitting = gateway.post("/v1/fittings", json=body, headers={"Prefer": "wait=20"}).json()
    assert fitting["state"] == "succeeded"
    for url in fitting["artifacts"].values():
        assert gateway.get(url).status_code == 200

    whole = gateway.get(fitting["links"]["result"]).content
    part = gateway.get(fitting["links"]["result"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])

    made = services.calls(Stage.HRVITON)
    bucket.overwrite("/result.png", b"damaged")
    assert gateway.get(fitting["links"]["result"]).content == whole, "made again, not served"
    assert services.calls(Stage.HRVITON) == made + 1

    assert gateway.delete(person_url(person)).status_code == 204
    assert bucket.keys() == kept
    assert gateway.delete(f"/v1/garments/{garment['id']}").status_code == 204
    assert bucket.keys() == []


def person_url(person: dict[str, Any]) -> str:
    return str(person["links"]["self"])


def test_a_bucket_that_is_not_there_is_not_told_in_detail(start_gateway: Start, bucket: Bucket) -> None:
    gateway = start_gateway(store_url="s3://nowhere/x")
    refused = gateway.post("/v1/people", files={"image": photo(1)})
    assert (refused.status_code, refused.json()["code"]) == (500, "internal")
    assert "nowhere" not in refused.text
    assert gateway.get("/healthz").status_code == 200
