"""FASHN's API, called with FASHN's own client: only its address and its key are ours."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fashn
import httpx
import pytest
from fashn import AsyncFashn, Fashn
from gateway_harness import Services, photo, serve, stub_settings
from gateway_shop import Shop, data_uri
from gateway_users import User
from PIL import Image
from receiving import receiving

from vf_gateway.api.fashn.errors import THEIRS
from vf_gateway.app import create_app
from vfkit.contracts import Stage
from vfkit.problems import Code

Start = Callable[..., httpx.Client]
MODEL: Any = "tryon-v1.6"
OPEN = {"local": False, "local_key": "k", "picture_hosts": "127.0.0.1", "webhook_hosts": "127.0.0.1"}


@pytest.fixture
def gateway(start_gateway: Start) -> httpx.Client:
    return start_gateway(**OPEN)


@pytest.fixture
def client(gateway: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> Fashn:
    monkeypatch.setenv("FASHN_BASE_URL", str(gateway.base_url))
    monkeypatch.setenv("FASHN_API_KEY", "k")
    return Fashn()


def inputs(person: int = 1, garment: int = 2, **more: Any) -> Any:
    return {"model_image": data_uri(photo(person)), "garment_image": data_uri(photo(garment)), **more}


def ended(client: Fashn, **more: Any) -> Any:
    return client.predictions.subscribe(model_name=MODEL, inputs=inputs(**more), poll_interval=50)


def picture(content: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(content)) as opened:
        return opened.format, opened.size


def test_subscribe_with_addresses(client: Fashn, shop: Shop) -> None:
    told: list[str] = []
    asked: Any = {"model_image": shop.url("/person.png"), "garment_image": shop.url("/garment.png")}
    made = client.predictions.subscribe(
        model_name=MODEL, inputs=asked, poll_interval=50, on_enqueued=told.append,
        on_queue_update=lambda update: told.append(update.status),
    )  # fmt: skip
    assert (made.status, made.error, told[0], told[-1]) == ("completed", None, made.id, "completed")
    assert set(told[1:]) <= {"in_queue", "processing", "completed"}
    assert made.output is not None
    [link] = made.output
    answer = httpx.get(link)
    assert (answer.headers["content-type"], picture(answer.content)) == ("image/png", ("PNG", (300, 400)))
    assert httpx.get(link.partition("?")[0]).status_code == 401
    assert httpx.get(link.replace("output_0.png", "output_0.jpeg")).status_code == 401


def test_formats_and_base64(client: Fashn) -> None:
    jpeg = ended(client, output_format="jpeg")
    answer = httpx.get(jpeg.output[0], headers={"Accept": "image/webp"})
    assert (answer.headers["content-type"], picture(answer.content)) == ("image/jpeg", ("JPEG", (300, 400)))
    for name in ("png", "jpeg"):
        [uri] = ended(client, output_format=name, return_base64=True).output
        head, _, data = uri.partition(",")
        assert head == f"data:image/{name};base64"
        assert picture(base64.b64decode(data)) == (name.upper(), (300, 400))


def test_what_means_something_and_what_is_accepted(client: Fashn, gateway: httpx.Client) -> None:
    made = client.predictions.run(
        model_name=MODEL,
        inputs=inputs(
            category="bottoms", garment_photo_type="flat-lay", mode="quality", num_samples=1, seed=7,
            segmentation_free=False, moderation_level="none",
        ),
    )  # fmt: skip
    user = User(gateway, "k")
    fitting = user("GET", f"/v1/fittings/{made.id}").json()
    assert user("GET", fitting["links"]["garment"]).json()["category"] == "bottoms"
    assert made.error is None


REFUSED = {
    "num_samples": 2, "garment_photo_type": "model", "moderation_level": "conservative", "seed": -1,
    "category": "hats", "mode": "slow", "cover_feet": True,
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_not_had_is_refused_by_name(client: Fashn, name: str, value: Any) -> None:
    with pytest.raises(fashn.BadRequestError) as refused:
        client.predictions.run(model_name=MODEL, inputs=inputs(**{name: value}))
    body: Any = refused.value.body
    assert body["error"] == "BadRequest"
    assert f"inputs.{name}" in body["message"]


def test_other_refusals(client: Fashn, gateway: httpx.Client) -> None:
    other: Any = "tryon-max"
    with pytest.raises(fashn.BadRequestError, match=r"model_name: only tryon-v1\.6"):
        client.predictions.run(model_name=other, inputs=inputs())
    saved: Any = {**inputs(), "model_image": "saved:anna"}
    with pytest.raises(fashn.BadRequestError, match="model_image is an address"):
        client.predictions.run(model_name=MODEL, inputs=saved)
    with pytest.raises(fashn.NotFoundError, match="NotFound"):
        client.predictions.status("fit_none")
    stranger = Fashn(api_key="wrong", max_retries=0)
    for call in (lambda: stranger.predictions.status("x"), lambda: ended(stranger)):
        with pytest.raises(fashn.AuthenticationError, match="UnauthorizedAccess"):
            call()
    for body in (b"{", b"\xff", b"[]", b'{"model_name": 1}'):
        answer = User(gateway, "k")("POST", "/v1/run", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (400, "BadRequest")
    assert User(gateway, "k")("POST", "/v1/run", files={"model_image": b"x"}).status_code == 400


def test_pictures_that_cannot_be_used_fail_the_prediction(client: Fashn, services: Services, shop: Shop) -> None:
    def failure(**more: Any) -> tuple[str, str, str]:
        made = client.predictions.subscribe(model_name=MODEL, inputs=inputs() | more, poll_interval=50)
        assert made.error is not None and made.output is None
        return made.status, made.error.name, made.error.message

    load = ("failed", "ImageLoadError")
    assert failure(model_image=shop.url("/missing"))[:2] == load
    assert failure(garment_image=shop.url("/page"))[:2] == load
    assert failure(model_image="data:image/png;base64,AAAA")[:2] == load
    status, name, message = failure(garment_image=shop.url("/x", "127.0.0.2"))
    assert (status, name, message.startswith("garment_image could not be fetched")) == (*load, True)
    services.set(Stage.OPENPOSE, mode="problem", code="no_person_found")
    assert failure(model_image=data_uri(photo(5))) == ("failed", "PoseError", "Not this one.")
    services.set(Stage.OPENPOSE, mode="ok")
    services.set(Stage.CLOTHMASK, mode="problem", code="garment_worn")
    assert failure(garment_image=data_uri(photo(6)))[:2] == ("failed", "InputValidationError")
    assert failure(garment_image=data_uri(photo(6)))[:2] == ("failed", "InputValidationError"), "known to be unusable"
    services.set(Stage.CLOTHMASK, mode="error")
    assert failure(garment_image=data_uri(photo(7)))[:2] == ("failed", "PipelineError")


def test_cancelled_deleted_and_too_late(start_gateway: Start, services: Services) -> None:
    gateway = start_gateway(**OPEN, deadline=1)
    user, client = User(gateway, "k"), Fashn(base_url=str(gateway.base_url), api_key="k")
    services.set(Stage.HRVITON, mode="slow", seconds=3)
    late = ended(client)
    assert (late.status, late.error.name) == ("time_out", "PollingTimeout")
    running = client.predictions.run(model_name=MODEL, inputs=inputs())
    assert client.predictions.status(running.id).status in ("in_queue", "processing")
    user("POST", f"/v1/fittings/{running.id}/cancel").raise_for_status()
    assert client.predictions.status(running.id).status == "canceled"
    assert user("DELETE", f"/v1/fittings/{running.id}").status_code == 204
    with pytest.raises(fashn.NotFoundError):
        client.predictions.status(running.id)
    own = user("POST", "/v1/fittings", files={"person": photo(1), "garment": photo(2)}).json()["id"]
    assert user("GET", f"/v1/status/{own}").json()["error"] == "NotFound", "it was not asked for in FASHN's words"


def test_a_status_survives_a_restart(services: Services, tmp_path: Path, shop: Shop) -> None:
    def start() -> Any:
        return serve(create_app(stub_settings(services.url, tmp_path / "data", **OPEN)))

    bad: Any = {**inputs(), "model_image": shop.url("/missing")}
    with start() as url:
        client = Fashn(base_url=url, api_key="k")
        done = ended(client, output_format="jpeg")
        failed = client.predictions.run(model_name=MODEL, inputs=bad)
        services.set(Stage.HRVITON, mode="slow", seconds=1)
        begun = client.predictions.run(model_name=MODEL, inputs=inputs(8, 9))
    services.set(Stage.HRVITON, mode="ok")
    with start() as url:
        client = Fashn(base_url=url, api_key="k")
        again = client.predictions.status(done.id)
        assert again.status == "completed" and again.output
        assert httpx.get(again.output[0]).headers["content-type"] == "image/jpeg"
        error = client.predictions.status(failed.id).error
        assert error is not None and error.name == "ImageLoadError"
        until = time.monotonic() + 20
        while client.predictions.status(begun.id).status != "completed":
            assert time.monotonic() < until
            time.sleep(0.1)


def test_its_webhook(client: Fashn, gateway: httpx.Client, services: Services, shop: Shop) -> None:
    user = User(gateway, "k")
    with receiving(refusals=1) as (url, received):
        user("POST", "/v1/webhooks", json={"url": f"{url}/market", "types": ["fitting.selected"]}).raise_for_status()
        done = client.predictions.run(model_name=MODEL, inputs=inputs(), webhook_url=f"{url}/one")
        until = time.monotonic() + 30
        while len(received) < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        told = json.loads(received[1][1])
        assert (told["id"], told["status"], told["error"]) == (done.id, "completed", None)
        assert httpx.get(told["output"][0]).status_code == 200
        bad: Any = {**inputs(), "garment_image": shop.url("/missing")}
        client.predictions.run(model_name=MODEL, inputs=bad, webhook_url=f"{url}/two")
        ended(client)  # nobody is told of this one
        while len(received) < 3:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert json.loads(received[2][1])["error"]["name"] == "ImageLoadError"
        time.sleep(0.3)
        assert len(received) == 3
    assert [hook["url"] for hook in user("GET", "/v1/webhooks").json()] == [f"{url}/market"]
    for refused in ("http://10.0.0.1/hook", "https://127.0.0.2/"):
        with pytest.raises(fashn.BadRequestError, match="cannot be a webhook"):
            client.predictions.run(model_name=MODEL, inputs=inputs(), webhook_url=refused)
    with pytest.raises(fashn.BadRequestError, match=r"inputs\.return_base64"):
        client.predictions.run(model_name=MODEL, inputs=inputs(return_base64=True), webhook_url=f"{url}/three")


def test_a_buyers_token_sees_its_own(gateway: httpx.Client) -> None:
    anna, bert = (User(gateway, "k").token(name) for name in ("anna", "bert"))
    made = anna("POST", "/v1/run", json={"model_name": MODEL, "inputs": inputs()}).json()
    assert made["error"] is None
    assert anna("GET", f"/v1/status/{made['id']}").status_code == 200
    assert bert("GET", f"/v1/status/{made['id']}").status_code == 404
    hook = {"webhook_url": "https://example.com/"}
    refused = anna("POST", "/v1/run", json={"model_name": MODEL, "inputs": inputs()}, params=hook)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_the_asynchronous_client(gateway: httpx.Client) -> None:
    async with AsyncFashn(base_url=str(gateway.base_url), api_key="k") as client:
        made = await client.predictions.subscribe(model_name=MODEL, inputs=inputs(), poll_interval=50)
        assert made.status == "completed"
        run = await client.predictions.run(model_name=MODEL, inputs=inputs())
        assert (await client.predictions.status(run.id)).id == run.id


def test_every_code_of_ours_has_a_name_of_theirs() -> None:
    assert THEIRS.keys() == set(Code)
