"""Webhooks: signed, repeated, replayed, and one market's slow receivers delay no other market."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from gateway_harness import Services, photo, serve, stub_settings
from gateway_users import User, new_key
from standardwebhooks.webhooks import Webhook

from vf_gateway.app import create_app
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


@contextlib.contextmanager
def tarpit() -> Iterator[tuple[str, list[socket.socket]]]:
    """A receiver that accepts every connection and never answers: its URL, and the connections it has."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook", held
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in held:
            connection.close()


def fit(gateway: httpx.Client | User) -> dict[str, Any]:
    files = {"person": photo(1), "garment": photo(2)}
    send = gateway.request if isinstance(gateway, httpx.Client) else gateway
    document: dict[str, Any] = send("POST", "/v1/fittings", files=files, headers={"Prefer": "wait=20"}).json()
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


def test_tarpits_of_one_market_do_not_delay_another(start_gateway: Start, receiver: Receiver, tmp_path: Path) -> None:
    gateway = start_gateway(local=False, data=tmp_path / "data", webhook_hosts="127.0.0.1", webhook_timeout=60)
    slow, good = (User(gateway, new_key(tmp_path / "data", name)["key"]) for name in ("slow", "good"))
    with contextlib.ExitStack() as stack:
        pits = [stack.enter_context(tarpit()) for _ in range(20)]
        for url, _ in pits:
            assert slow("POST", "/v1/webhooks", json={"url": url}).status_code == 201
        good("POST", "/v1/webhooks", json={"url": receiver.url}).raise_for_status()
        fitting = fit(slow)["id"]
        for _ in range(4):  # 100 messages in all, 5 for each webhook
            slow("POST", f"/v1/fittings/{fitting}/selection").raise_for_status()
            slow("DELETE", f"/v1/fittings/{fitting}/selection").raise_for_status()
        until = time.monotonic() + 10
        while (held := sum(len(connections) for _, connections in pits)) < 16:
            assert time.monotonic() < until, f"{held} calls hang"
            time.sleep(0.02)
        fit(good)
        ended = time.monotonic()
        receiver.wait_for(1, seconds=5)
        assert time.monotonic() - ended < 2
        assert sum(len(connections) for _, connections in pits) == 16, "the bound of one market"


def test_a_webhooks_own_tarpit_leaves_room_for_the_markets_others(start_gateway: Start, receiver: Receiver) -> None:
    gateway = start_gateway(webhook_hosts="127.0.0.1", webhook_timeout=60)
    with tarpit() as (url, held):
        gateway.post("/v1/webhooks", json={"url": url}).raise_for_status()
        gateway.post("/v1/webhooks", json={"url": receiver.url}).raise_for_status()
        fitting = fit(gateway)["id"]
        for _ in range(8):
            gateway.post(f"/v1/fittings/{fitting}/selection")
            gateway.delete(f"/v1/fittings/{fitting}/selection")
        receiver.wait_for(9, seconds=5)
        assert len(held) == 4, "the bound of one webhook"


def test_several_gateways_send_each_message_once(
    start_gateway: Start, receiver: Receiver, tmp_path: Path, database_url: str
) -> None:
    gateways = [
        start_gateway(webhook_hosts="127.0.0.1", database_url=database_url, data=tmp_path / "data") for _ in range(2)
    ]
    gateways[0].post("/v1/webhooks", json={"url": receiver.url}).raise_for_status()
    fittings = [fit(gateways[n % 2])["id"] for n in range(4)]

    def select(fitting: str) -> None:
        with httpx.Client(base_url=gateways[1].base_url, timeout=60) as client:
            for _ in range(10):
                client.post(f"/v1/fittings/{fitting}/selection").raise_for_status()
                client.delete(f"/v1/fittings/{fitting}/selection").raise_for_status()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(select, fittings))
    receiver.wait_for(44)
    time.sleep(0.5)
    times = Counter(headers["webhook-id"] for headers, _ in receiver.received)
    assert (len(times), set(times.values())) == (44, {1})
    sent = [int(_metric(gateway, 'vf_webhook_deliveries_total{result="ok"}')) for gateway in gateways]
    assert sum(sent) == 44


def test_a_message_replayed_while_it_is_sent_is_sent_again(start_gateway: Start, receiver: Receiver) -> None:
    gateway = start_gateway(webhook_hosts="127.0.0.1", webhook_timeout=1)
    with tarpit() as (url, held):
        hook = gateway.post("/v1/webhooks", json={"url": url}).json()["id"]
        fit(gateway)
        delivery = gateway.get(f"/v1/webhooks/{hook}/deliveries").json()[0]["id"]
        gateway.post(f"/v1/webhooks/{hook}/deliveries/{delivery}/replay").raise_for_status()
        until = time.monotonic() + 5
        while len(held) < 2:
            assert time.monotonic() < until, "the replay waits for the try before it"
            time.sleep(0.05)


def test_the_database_cannot_sign(start_gateway: Start, receiver: Receiver, tmp_path: Path) -> None:
    """A webhook's secret is not stored; those stored by an older version still sign."""
    gateway = start_gateway(webhook_hosts="127.0.0.1")
    hook = gateway.post("/v1/webhooks", json={"url": receiver.url}).json()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("gateway.sqlite*"))
    assert hook["secret"].removeprefix("whsec_").encode() not in stored
    old = "whsec_" + "c2VjcmV0" * 5
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "gateway.sqlite")) as connection, connection:
        connection.execute("UPDATE webhooks SET secret = ?", (old,))
    fit(gateway)
    receiver.wait_for(1)
    headers, body = receiver.received[0]
    Webhook(old).verify(body, headers)


def test_another_vf_secret_is_noticed(
    start_gateway: Start, services: Services, receiver: Receiver, tmp_path: Path
) -> None:
    before = stub_settings(services.url, tmp_path / "data", webhook_hosts="127.0.0.1", secret="a" * 32)
    with serve(create_app(before)) as url:
        old = httpx.post(f"{url}/v1/webhooks", json={"url": receiver.url}).json()["id"]
    gateway = start_gateway(webhook_hosts="127.0.0.1", secret="b" * 32)
    new = gateway.post("/v1/webhooks", json={"url": receiver.url}).json()
    fit(gateway)
    receiver.wait_for(1)
    headers, body = receiver.received[0]
    Webhook(new["secret"]).verify(body, headers)
    until = time.monotonic() + 10
    while not (delivery := gateway.get(f"/v1/webhooks/{old}/deliveries").json()[0])["error"]:
        assert time.monotonic() < until, delivery
        time.sleep(0.05)
    assert delivery["error"] == "the installation's secret has changed: register this webhook again"
    assert len(receiver.received) == 1, "nothing is sent with a wrong signature"


def _metric(gateway: httpx.Client, name: str) -> float:
    lines = gateway.get("/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)
