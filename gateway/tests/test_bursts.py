"""More uploads at once than can be read: everybody is answered soon, and nothing is kept for those who are not."""

from __future__ import annotations

import contextlib
import io
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from gateway_harness import Services, photo
from PIL import Image as PILImage

from vfkit.contracts import Stage

Start = Callable[..., httpx.Client]

CALLERS = 40
WAIT = 0.2
SOON = 60.0
"""Seconds, on a machine that does other things too; alone it takes two."""


def slow_photo() -> bytes:
    """A photo whose reading and writing takes a fifth of a second and more; forty of them take twenty times `WAIT`."""
    small = np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)
    out = io.BytesIO()
    PILImage.fromarray(small).resize((1600, 1600), PILImage.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def stored(folder: Path) -> list[Path]:
    """Uploaded photos; what stages were still writing for one goes a while after it."""
    return list((folder / "data/objects").rglob("original.png"))


def until_nothing_is_kept(gateway: httpx.Client, folder: Path) -> None:
    end = time.monotonic() + 60
    while gateway.get("/v1/people").json()["items"] or stored(folder):
        assert time.monotonic() < end, stored(folder)
        time.sleep(0.1)


def test_a_burst_is_answered_soon_and_what_is_refused_is_not_kept(start_gateway: Start, tmp_path: Path) -> None:
    gateway, data = start_gateway(decode_wait=WAIT), slow_photo()
    began = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(lambda _: gateway.post("/v1/people", files={"image": data}), range(CALLERS)))
    took = time.monotonic() - began
    accepted = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert accepted
    assert refused
    assert len(accepted) + len(refused) == CALLERS
    assert took < SOON
    for answer in refused:
        assert answer.json()["code"] == "overloaded"
        assert int(answer.headers["Retry-After"]) >= 1
    assert {person["id"] for person in gateway.get("/v1/people", params={"limit": 100}).json()["items"]} == accepted
    assert 1 <= len(stored(tmp_path)) <= len(accepted)


def send(gateway: httpx.Client, data: bytes, *headers: str) -> socket.socket:
    """The whole request of an upload; nobody has read an answer yet."""
    place = urlsplit(str(gateway.base_url))
    body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + data + b"\r\n--b--\r\n"
    lines = [
        "POST /v1/people HTTP/1.1", f"Host: {place.netloc}", "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(body)}", *headers, "", "",
    ]  # fmt: skip
    connection = socket.create_connection((place.hostname, place.port), 10)
    connection.sendall("\r\n".join(lines).encode() + body)
    return connection


def test_nothing_is_kept_for_callers_who_hang_up_while_they_wait_for_their_turn(
    start_gateway: Start, tmp_path: Path
) -> None:
    gateway, data = start_gateway(), slow_photo()
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(send(gateway, data))
        time.sleep(0.2)
    until_nothing_is_kept(gateway, tmp_path)


@pytest.mark.parametrize("keyed", [False, True])
def test_a_photo_whose_caller_hangs_up_is_removed_unless_it_can_be_asked_for_again(
    start_gateway: Start, services: Services, tmp_path: Path, keyed: bool
) -> None:
    services.set(Stage.OPENPOSE, mode="hang")
    gateway = start_gateway()
    key = "Idempotency-Key: k" if keyed else "X-Nothing: 0"
    with send(gateway, photo(1), "Prefer: wait=60", key):
        end = time.monotonic() + 60
        while not gateway.get("/v1/people").json()["items"]:
            assert time.monotonic() < end
            time.sleep(0.05)
    if not keyed:
        until_nothing_is_kept(gateway, tmp_path)
        return
    time.sleep(0.5)
    again = gateway.post("/v1/people", files={"image": photo(1)}, headers={"Idempotency-Key": "k"})
    assert [again.json()["id"]] == [person["id"] for person in gateway.get("/v1/people").json()["items"]]


def test_a_full_queue_refuses_before_the_picture_is_read(start_gateway: Start, services: Services) -> None:
    services.set(Stage.OPENPOSE, mode="hang")
    gateway = start_gateway(queue_limit=1)
    gateway.post("/v1/people", files={"image": photo(1)}).raise_for_status()
    answer = gateway.post("/v1/people", files={"image": b"not a picture"})
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
