"""Services that come and go, as real processes on addresses of their own, behind a name that the test controls."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_harness import free_port, photo

from vf_gateway.stages.replicas import resolve_host

Start = Callable[..., httpx.Client]
NAME = "synthesis.test"


class Fleet:
    """Stub services on 127.0.0.2, 127.0.0.3, ..., all on one port, and what their name resolves to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.addresses: list[str] = []
        self.asked = 0
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    async def resolve(self, host: str, port: int | None) -> list[str]:
        if host != NAME:
            return await resolve_host(host, port)
        self.asked += 1
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return list(self.addresses)

    def start(self, *numbers: int, listed: bool = True) -> None:
        script = str(Path(__file__).parent / "gateway_stubs.py")
        for address in map("127.0.0.{}".format, numbers):
            self._children[address] = subprocess.Popen([sys.executable, script, str(self.port), "--host", address])
        until = time.monotonic() + 30
        for address in map("127.0.0.{}".format, numbers):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    self.calls(address)
                    break
                assert time.monotonic() < until, "the stub did not start"
                time.sleep(0.05)
            if listed:
                self.addresses.append(address)

    def kill(self, number: int) -> None:
        child = self._children.pop(f"127.0.0.{number}")
        child.send_signal(signal.SIGKILL)
        child.wait()

    def stop(self) -> None:
        for child in self._children.values():
            child.kill()
            child.wait()

    def calls(self, address: str) -> int:
        counted = httpx.get(f"http://{address}:{self.port}/calls", trust_env=False, timeout=5).json()
        return sum(counted["hrviton"].values())

    def slow(self, seconds: float, *numbers: int) -> None:
        for number in numbers:
            state = {"mode": "slow", "seconds": seconds}
            url = f"http://127.0.0.{number}:{self.port}/control/hrviton"
            httpx.post(url, json=state, trust_env=False).raise_for_status()


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    made = Fleet()
    yield made
    made.stop()


def begin(start_gateway: Start, fleet: Fleet, **more: Any) -> httpx.Client:
    url = f"http://{NAME}:{fleet.port}/hrviton"
    short = {"resolve_seconds": 0.5, "aside_seconds": 1, "connect_timeout": 1}
    return start_gateway(hrviton_url=url, resolve=fleet.resolve, **{"outage_seconds": 30, **short, **more})


def accept(gateway: httpx.Client, count: int, seed: int) -> list[str]:
    """Fittings of one person in garments that nobody has fitted yet."""
    person = gateway.post("/v1/people", files={"image": photo(1)}).json()["id"]
    garments = [
        gateway.post("/v1/garments", files={"image": photo(seed + n)}).json()["id"] for n in range(count)
    ]  # fmt: skip
    body = {"person_id": person, "garment_ids": garments}
    fittings = gateway.post("/v1/comparisons", json=body).raise_for_status().json()["fittings"]
    return [fitting["links"]["self"] for fitting in fittings]


def ended(gateway: httpx.Client, urls: list[str], seconds: float = 40) -> list[dict[str, Any]]:
    until = time.monotonic() + seconds
    while True:
        documents = [gateway.get(url).json() for url in urls]
        if all(document["state"] in ("succeeded", "failed") for document in documents):
            return documents
        assert time.monotonic() < until, documents
        time.sleep(0.1)


def states(documents: list[dict[str, Any]]) -> set[str]:
    return {document["state"] for document in documents}


def test_addresses_come_and_go_and_nothing_is_lost(start_gateway: Start, fleet: Fleet) -> None:
    fleet.start(2, 3)
    fleet.slow(0.3, 2, 3)
    gateway = begin(start_gateway, fleet)
    assert states(ended(gateway, accept(gateway, 6, seed=100))) == {"succeeded"}
    assert [fleet.calls(address) for address in ("127.0.0.2", "127.0.0.3")] == [3, 3], "the work is shared"

    fleet.start(4)
    time.sleep(0.6)  # a little more than resolve_seconds
    fleet.slow(0.3, 4)
    assert states(ended(gateway, accept(gateway, 6, seed=200))) == {"succeeded"}
    assert fleet.calls("127.0.0.4") == 2, "a new address is used without a restart"

    fleet.slow(1.0, 2, 3, 4)
    urls = accept(gateway, 6, seed=300)
    time.sleep(0.7)
    fleet.kill(2)  # with calls in flight, and still listed
    assert states(ended(gateway, urls)) == {"succeeded"}
    fleet.addresses.remove("127.0.0.2")
    time.sleep(0.6)
    metrics = gateway.get("/metrics").text
    assert states(ended(gateway, accept(gateway, 3, seed=400))) == {"succeeded"}
    metrics = gateway.get("/metrics").text
    assert 'vf_stage_addresses{stage="hrviton"} 2.0' in metrics
    assert 'vf_stage_addresses_aside{stage="hrviton"} 0.0' in metrics


def test_a_service_that_is_away_for_a_while_is_waited_for(start_gateway: Start, fleet: Fleet) -> None:
    """As a container that is restarted: it dies with calls in flight, its name is gone, it has a new address."""
    gateway = begin(start_gateway, fleet)
    early = accept(gateway, 2, seed=100)  # its name was never known
    time.sleep(1)
    fleet.start(2)
    assert states(ended(gateway, early)) == {"succeeded"}

    fleet.slow(1.0, 2)
    urls = accept(gateway, 4, seed=200)
    time.sleep(0.7)
    fleet.kill(2)
    fleet.addresses.clear()
    urls += accept(gateway, 2, seed=300)
    time.sleep(4)
    assert not states([gateway.get(url).json() for url in urls]) & {"failed"}
    fleet.start(3)
    assert states(ended(gateway, urls)) == {"succeeded"}
    assert fleet.asked < 100, "the resolver is not stormed"


def test_an_outage_is_counted_from_its_beginning(start_gateway: Start, fleet: Fleet) -> None:
    """A call that had run longer than a service is waited for, when the service died, is made again all the same."""
    fleet.start(2)
    fleet.start(3, listed=False)
    fleet.slow(10, 2)
    gateway = begin(start_gateway, fleet, outage_seconds=2)
    urls = accept(gateway, 1, seed=100)
    time.sleep(3)
    fleet.kill(2)
    fleet.addresses.clear()
    time.sleep(0.7)
    fleet.addresses.append("127.0.0.3")
    assert states(ended(gateway, urls)) == {"succeeded"}


def test_an_outage_that_stays_ends_fittings_with_its_reason(start_gateway: Start, fleet: Fleet) -> None:
    gateway = begin(start_gateway, fleet, outage_seconds=2)
    began = time.monotonic()
    (document,) = ended(gateway, accept(gateway, 1, seed=100))
    assert time.monotonic() - began > 1.9
    assert (document["problem"]["code"], document["problem"]["stage"]) == ("stage_unavailable", "hrviton")
    assert gateway.get("/readyz").json()["detail"] == "Not available: hrviton."
