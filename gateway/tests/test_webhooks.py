"""Webhooks: signed, repeated, replayed, and never to where they must not go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from gateway_harness import Services, photo, serve
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from vf_gateway.webhooks.outbox import is_public
from vfkit.contracts import Stage

Start = Callable[..., httpx.Client]


class Receiver:
    """A market's receiver."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.url = ""

        @self.app.post("/hook")
        async def hook(request: Request) -> Response:
            self.received.append((dict(request.headers), await request.body()))
            status = self.statuses.pop(0) if self.statuses else 204
            return Response(status_code=status, headers={"Location": "/elsewhere"} if status == 302 else {})

    def wait_for(self, count: int, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < until, f"{len(self.received)} of {count} arrived"
            time.sleep(0.05)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with serve(made.app) as url:
        made.url = f"{url}/hook"
        yield made


def fit(gateway: httpx.Client) -> dict[str, Any]:
    files = {"person": photo(1), "garment": photo(2)}
    document: dict[str, Any] = gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"}).json()
    return document


def test_signed_repeated_logged_replayed(start_gateway: Start, receiver: Receiver) -> None:
    gateway = start_gateway(webhook_hosts="127.0.0.1")
    hook = gateway.post("/v1/webhooks", json={"url": receiver.url, "types": ["fitting.succeeded"]}).json()
    receiver.statuses = [500]
    fitting = fit(gateway)
    receiver.wait_for(2)
    headers, body = receiver.received[1]
    told = Webhook(hook["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["fitting_id"]) == ("fitting.succeeded", fitting["id"])
    assert receiver.received[0][0]["webhook-id"] == headers["webhook-id"]
    time.sleep(0.3)
    log = gateway.get(f"/v1/webhooks/{hook['id']}/deliveries").json()
    assert [(d["state"], d["attempts"], d["status"]) for d in log] == [("delivered", 2, 204)]
    gateway.post(f"/v1/webhooks/{hook['id']}/deliveries/{log[0]['id']}/replay")
    receiver.wait_for(3)
    assert receiver.received[2][0]["webhook-id"] == headers["webhook-id"]
    assert gateway.get("/v1/webhooks").json()[0]["secret"] is None, "it is told once"
    assert gateway.delete(f"/v1/webhooks/{hook['id']}").status_code == 204
    assert gateway.get("/v1/webhooks").json() == []


def test_failed_and_selected_are_told_and_redirects_not_followed(
    start_gateway: Start, receiver: Receiver, services: Services
) -> None:
    gateway = start_gateway(webhook_hosts="127.0.0.1")
    hook = gateway.post("/v1/webhooks", json={"url": receiver.url}).json()
    fitting = fit(gateway)
    gateway.post(f"{fitting['links']['self']}/selection")
    services.set(Stage.HRVITON, mode="problem", code="unsupported_garment")
    gateway.post(
        "/v1/fittings", files={"person": photo(1), "garment": photo(3)}, headers={"Prefer": "wait=20"}
    ).raise_for_status()
    receiver.wait_for(3)
    told = [json.loads(body) for _, body in receiver.received]
    assert {t["type"] for t in told} == {"fitting.succeeded", "fitting.selected", "fitting.failed"}
    failed = next(t for t in told if t["type"] == "fitting.failed")
    assert failed["data"]["problem"]["code"] == "unsupported_garment"
    receiver.statuses = [302]
    fit(gateway)
    receiver.wait_for(4)
    time.sleep(0.5)
    last = gateway.get(f"/v1/webhooks/{hook['id']}/deliveries").json()[0]
    assert (last["state"], last["status"]) == ("waiting", 302)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "https://2130706433/",
        "https://user:secret@8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "https://0.0.0.0/", "//", "https://",
    ],
)  # fmt: skip
def test_addresses_that_must_not_be_called(gateway: httpx.Client, url: str) -> None:
    answer = gateway.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fe80::1%eth0", "100.64.0.1", "224.0.0.1", "::", "198.18.0.1"],
)
def test_private_addresses_in_disguise(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7"))
def test_no_private_address_is_public(address: Any) -> None:
    assert not is_public(str(address))


def test_public_addresses() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700::1111")
