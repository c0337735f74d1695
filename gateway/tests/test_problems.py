"""Every code that a caller can meet, provoked through the door."""

from __future__ import annotations

import contextlib
import http.client
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from gateway_harness import Services, photo
from gateway_stubs import FRONTAL, Stance

from vf_gateway.resources.photos.asking import Photos
from vf_testing.gateway import GatewayProcess
from vfkit.contracts import Stage
from vfkit.problems import STATUS, Code

Start = Callable[..., httpx.Client]
WAIT = {"Prefer": "wait=20"}


class Door:
    """What a provocation may use."""

    def __init__(self, start: Start, services: Services, monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
        self.start = start
        self._data = data
        self.services = services
        self.monkeypatch = monkeypatch

    def fit(self, gateway: httpx.Client, person: bytes | None = None, garment: bytes | None = None) -> httpx.Response:
        files = {"person": person or photo(1), "garment": garment or photo(2)}
        return gateway.post("/v1/fittings", files=files, headers=WAIT)

    def done(self, gateway: httpx.Client) -> str:
        """Path of a finished fitting."""
        return str(self.fit(gateway).json()["links"]["self"])

    @contextlib.contextmanager
    def process(self) -> Iterator[str]:
        """URL of a gateway with the server that it has outside of tests."""
        process = GatewayProcess({"VF_DATA": str(self._data)})
        process.start()
        try:
            yield process.url
        finally:
            process.kill()

    def said_by(self, stage: Stage, code: Code) -> httpx.Response:
        """A fitting of which a service says this."""
        self.services.set(stage, mode="problem", code=code.value)
        return self.fit(self.start())


def huge_png() -> bytes:
    """It says that it has 40,000 x 40,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + end


def several_people(door: Door) -> httpx.Response:
    door.services.set(Stage.OPENPOSE, people=[900.0, 850.0])
    return door.fit(door.start())


def posed(door: Door, height: float, stance: Stance = FRONTAL) -> httpx.Response:
    """Somebody of this height in pixels, upside down if it is negative."""
    door.services.set(Stage.OPENPOSE, people=[height], stance=stance)
    return door.fit(door.start())


def stage_failed(door: Door) -> httpx.Response:
    door.services.set(Stage.PARSE, mode="garbage")
    return door.fit(door.start())


def overloaded(door: Door) -> httpx.Response:
    door.services.set(Stage.HRVITON, mode="slow", seconds=1)
    gateway = door.start(queue_limit=1)
    gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}).raise_for_status()
    return door.fit(gateway)


def rate_limited(door: Door) -> httpx.Response:
    gateway = door.start(rate_key="1/minute")
    gateway.get("/v1/fittings").raise_for_status()
    return gateway.get("/v1/fittings")


def deadline_exceeded(door: Door) -> httpx.Response:
    door.services.set(Stage.HRVITON, mode="hang")
    return door.fit(door.start(deadline=0.5))


def cancelled(door: Door) -> httpx.Response:
    door.services.set(Stage.HRVITON, mode="hang")
    gateway = door.start()
    made = gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}).json()
    return gateway.post(f"{made['links']['self']}/cancel")


def not_ready(door: Door) -> httpx.Response:
    door.services.set(Stage.HRVITON, mode="slow", seconds=1)
    gateway = door.start()
    made = gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}).json()
    return gateway.get(f"{made['links']['self']}/result")


def not_acceptable(door: Door) -> httpx.Response:
    gateway = door.start()
    return gateway.get(f"{door.done(gateway)}/result", headers={"Accept": "text/html"})


def forbidden(door: Door) -> httpx.Response:
    gateway = door.start(local=False, local_key="k")
    made = gateway.post("/v1/tokens", json={"buyer": "anna"}, headers={"Authorization": "Bearer k"}).json()
    return gateway.get("/v1/webhooks", headers={"Authorization": f"Bearer {made['token']}"})


def conflict(door: Door) -> httpx.Response:
    gateway = door.start()
    return gateway.post(f"{door.done(gateway)}/cancel")


def storage_full(door: Door) -> httpx.Response:
    async def full(*_: Any) -> None:
        raise OSError("No space left on device (os error 28)")

    gateway = door.start()
    door.monkeypatch.setattr(obstore, "put_async", full)
    return door.fit(gateway)


def internal(door: Door) -> httpx.Response:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the code")

    gateway = door.start()
    door.monkeypatch.setattr(Photos, "page", broken)
    return gateway.get("/v1/people")


def headers_too_large(door: Door) -> httpx.Response:
    """Refused by the server, before the application."""
    with door.process() as url:
        return httpx.get(f"{url}/v1/people", headers=[("x", "y")] * 200, trust_env=False)


def request_timeout(door: Door) -> httpx.Response:
    """The rest of the body never comes."""
    gateway = door.start(body_seconds=0.2)
    connection = http.client.HTTPConnection(gateway.base_url.host, gateway.base_url.port or 80, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/v1/tokens")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"{")
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())


PROVOCATIONS: dict[Code, Callable[[Door], httpx.Response]] = {
    Code.INVALID_REQUEST: lambda door: door.start().post("/v1/fittings", files={"person": photo(1)}),
    Code.HEADERS_TOO_LARGE: headers_too_large,
    Code.BODY_TOO_LARGE: lambda door: door.start().post("/v1/tokens", content=b" " * 64_001),
    Code.REQUEST_TIMEOUT: request_timeout,
    Code.UNSUPPORTED_IMAGE: lambda door: door.fit(door.start(), person=b"no picture"),
    Code.IMAGE_TOO_LARGE: lambda door: door.fit(door.start(), garment=huge_png()),
    Code.IMAGE_TOO_SMALL: lambda door: door.fit(door.start(), person=photo(1, 30, 40)),
    Code.IMAGE_UNREACHABLE: lambda door: door.start().post("/v1/people", json={"image": "http://127.0.0.1/a.png"}),
    Code.NO_PERSON_FOUND: lambda door: door.said_by(Stage.OPENPOSE, Code.NO_PERSON_FOUND),
    Code.SEVERAL_PEOPLE: several_people,
    Code.PERSON_TOO_SMALL: lambda door: posed(door, 150.0),
    Code.PERSON_NOT_FRONTAL: lambda door: posed(door, 900.0, Stance(shoulders=-0.19)),
    Code.PERSON_NOT_UPRIGHT: lambda door: posed(door, -900.0),
    Code.PERSON_NOT_FRONTAL: lambda door: door.said_by(Stage.HRVITON, Code.PERSON_NOT_FRONTAL),
    Code.PERSON_SEATED: lambda door: door.said_by(Stage.HRVITON, Code.PERSON_SEATED),
    Code.BODY_NOT_VISIBLE: lambda door: door.said_by(Stage.PARSE, Code.BODY_NOT_VISIBLE),
    Code.NO_GARMENT_FOUND: lambda door: door.said_by(Stage.CLOTHMASK, Code.NO_GARMENT_FOUND),
    Code.UNSUPPORTED_GARMENT: lambda door: door.said_by(Stage.CLOTHMASK, Code.UNSUPPORTED_GARMENT),
    Code.SEVERAL_GARMENTS: lambda door: door.said_by(Stage.CLOTHMASK, Code.SEVERAL_GARMENTS),
    Code.GARMENT_FOLDED: lambda door: door.said_by(Stage.CLOTHMASK, Code.GARMENT_FOLDED),
    Code.GARMENT_WORN: lambda door: door.said_by(Stage.CLOTHMASK, Code.GARMENT_WORN),
    Code.STAGE_UNAVAILABLE: lambda door: door.fit(door.start(parse_url="http://127.0.0.1:9")),
    Code.STAGE_FAILED: stage_failed,
    Code.WEIGHTS_MISSING: lambda door: door.said_by(Stage.DENSEPOSE, Code.WEIGHTS_MISSING),
    Code.OVERLOADED: overloaded,
    Code.DEADLINE_EXCEEDED: deadline_exceeded,
    Code.CANCELLED: cancelled,
    Code.NOT_FOUND: lambda door: door.start().get("/v1/people/per_none"),
    Code.NOT_READY: not_ready,
    Code.NOT_ACCEPTABLE: not_acceptable,
    Code.UNAUTHORIZED: lambda door: door.start(local=False).get("/v1/people"),
    Code.FORBIDDEN: forbidden,
    Code.RATE_LIMITED: rate_limited,
    Code.CONFLICT: conflict,
    Code.QUOTA_EXCEEDED: lambda door: door.fit(door.start(quota_photos=1)),
    Code.STORAGE_FULL: storage_full,
    Code.INTERNAL: internal,
}

RETRIED_LATER = {Code.OVERLOADED, Code.RATE_LIMITED, Code.NOT_READY}
"""Refusals that tell when to come back."""


@pytest.mark.parametrize("code", list(Code), ids=str)
def test_every_code(
    start_gateway: Start, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: Code
) -> None:
    response = PROVOCATIONS[code](Door(start_gateway, services, monkeypatch, tmp_path))
    document = response.json()
    if response.is_success:  # accepted, and ended with a problem
        problem = document["problem"]
    else:
        problem = document
        assert response.headers["content-type"] == "application/problem+json"
        assert response.status_code == STATUS[code]
        assert ("retry-after" in response.headers) == (code in RETRIED_LATER)
    assert (problem["code"], problem["status"]) == (code, STATUS[code])
    assert problem["type"] == f"urn:vf-market:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert "secret" not in response.text
    assert "Traceback" not in response.text
