"""The gateway as a process of its own before the six real services: killed, restarted, and its webhooks delivered."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
from PIL import Image as PILImage
from receiving import receiving
from standardwebhooks.webhooks import Webhook

from vf_client import Client, Fitting
from vf_testing.gateway import GatewayProcess

FINAL = ("succeeded", "failed", "cancelled")


def variant(photo: bytes, number: int) -> bytes:
    """The photo with another first pixel: new to the gateway, the same to the models."""
    with PILImage.open(io.BytesIO(photo)) as opened:
        picture = opened.convert("RGB")
    picture.putpixel((0, 0), (number, number, number))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def ended(client: Client, fitting: Fitting, seconds: float = 60) -> Fitting:
    until = time.monotonic() + seconds
    while fitting.state not in FINAL:
        assert time.monotonic() < until, fitting
        time.sleep(0.1)
        fitting = client.fitting(fitting.id)
    return fitting


def stages(fitting: Fitting, state: str) -> set[str]:
    return {name for name, stage in fitting.stages.items() if stage.state == state}


POINTS: dict[str, Callable[[Fitting], bool]] = {
    "accepted": lambda fitting: True,
    "running": lambda fitting: bool(stages(fitting, "running")),
    "pose found": lambda fitting: "openpose" in stages(fitting, "done"),
    "agnostic made": lambda fitting: "agnostic" in stages(fitting, "done"),
    "synthesis": lambda fitting: "hrviton" in stages(fitting, "running") or fitting.state in FINAL,
}
"""When the gateway is killed: as soon as the fitting looks like this."""


def test_killed_at_five_points_every_accepted_fitting_finishes_once(
    start_gateway: Callable[..., GatewayProcess], person: bytes, garment: bytes
) -> None:
    """One gateway after the other on the same data; each fitting's result is an undisturbed one's."""
    gateway = start_gateway()
    with Client(gateway.url) as client:
        expected = result(client, client.fit(variant(person, 0), variant(garment, 0)))
    accepted: list[str] = []
    for number, (point, reached) in enumerate(POINTS.items(), start=1):
        files = {"person": variant(person, number), "garment": variant(garment, number)}
        with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as http:
            answer = http.post("/v1/fittings", files=files, headers={"Idempotency-Key": f"key-{number}"})
            assert answer.status_code == 202, answer.text
            fitting = Fitting.read(answer.json())
            until = time.monotonic() + 60
            while not reached(Fitting.read(http.get(fitting.links["self"]).json())):
                assert time.monotonic() < until, point
                time.sleep(0.01)
        gateway.kill()
        gateway.start()
        with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as http:
            again = http.post("/v1/fittings", files=files, headers={"Idempotency-Key": f"key-{number}"})
            assert again.json()["id"] == fitting.id, "the key is remembered"
        with Client(gateway.url) as client:
            done = ended(client, fitting)
            assert done.state == "succeeded", (point, done)
            assert [event.kind for event in client.events(done.id)].count("succeeded") == 1
            assert np.abs(result(client, done) - expected).mean() < 0.5, point
        accepted.append(done.id)
    with Client(gateway.url) as client:
        listed = [fitting.id for fitting in client.fittings()]
    assert len(listed) == len(POINTS) + 1
    assert set(accepted) < set(listed)


def result(client: Client, fitting: Fitting) -> np.ndarray:
    with PILImage.open(io.BytesIO(client.artifact(fitting, "result.png"))) as opened:
        return np.asarray(opened.convert("RGB"), np.int16)


def test_a_real_fitting_is_told_to_the_market_and_its_deletion_audited(
    start_gateway: Callable[..., GatewayProcess], person: bytes, garment: bytes, tmp_path: Path
) -> None:
    gateway = start_gateway(VF_WEBHOOK_HOSTS="127.0.0.1")
    with receiving(refusals=1) as (address, received), Client(gateway.url) as client:
        hook = client.create_webhook(f"{address}/hook", ["fitting.succeeded"])
        fitting = client.fit(variant(person, 99), garment)
        until = time.monotonic() + 30
        while len(received) < 2:
            assert time.monotonic() < until, "the second try did not come"
            time.sleep(0.1)
        headers, body = received[1]
        told = Webhook(hook.secret).verify(body, headers)
        assert (told["type"], told["data"]["fitting_id"]) == ("fitting.succeeded", fitting.id)
        assert received[0][0]["webhook-id"] == headers["webhook-id"]
        client.delete_person(fitting.person_id)
    pictures = [path for path in (tmp_path / "data/objects").rglob("*.png") if "people" in str(path)]
    assert pictures == []
    log = (tmp_path / "gateway.log").read_text().splitlines()
    lines = [json.loads(line) for line in log if line.startswith("{")]
    deleted = [line for line in lines if line.get("event") == "deleted"]
    assert [(line["action"], line["subject"]) for line in deleted] == [("person.delete", fitting.person_id)]
