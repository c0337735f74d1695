from __future__ import annotations

import io
import time
from typing import Any

import httpx
import numpy as np
import pytest
from gateway_harness import Services, photo
from PIL import Image

from vfkit.contracts import CONTRACTS, Stage
from vfkit.problems import STATUS, Code


def fit(gateway: httpx.Client, person: int = 1, garment: int = 2, wait: int = 20, **headers: str) -> httpx.Response:
    return gateway.post(
        "/v1/fittings",
        files={"person": ("p.png", photo(person)), "garment": ("g.png", photo(garment))},
        headers={"Prefer": f"wait={wait}", **headers},
    )


def problem_of(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code == STATUS[Code(document["code"])]
    assert "Traceback" not in response.text
    return str(document["code"])


def finished(gateway: httpx.Client, url: str, seconds: float = 20) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        document: dict[str, Any] = gateway.get(url).json()
        if document["state"] in ("succeeded", "failed", "cancelled"):
            return document
        time.sleep(0.05)
    raise AssertionError(f"not finished: {document}")


def test_a_fitting_has_every_picture(gateway: httpx.Client) -> None:
    response = fit(gateway)
    assert response.status_code == 200, response.text
    assert response.headers["preference-applied"] == "wait=20"
    document = response.json()
    assert document["state"] == "succeeded"
    assert set(document["stages"]) == {stage.value for stage in Stage}
    assert all(stage["state"] == "done" and stage["ms"] > 0 for stage in document["stages"].values())
    returned = {artifact.value for contract in CONTRACTS.values() for artifact in contract.returns}
    drawn = {"person.png", "garment_photo.png", "grid.png", "result_full.png"}
    assert set(document["artifacts"]) == returned | drawn
    for name, url in document["artifacts"].items():
        answer = gateway.get(url)
        assert answer.status_code == 200, name
        if name.endswith(".json"):
            assert answer.json()["version"] == {"pose.json": 1.3, "garment.json": 1}[name]
            continue
        picture = Image.open(io.BytesIO(answer.content))
        sizes = {"grid.png": (3082, 3080), "result_full.png": (300, 400)}
        assert picture.size == sizes.get(name, (768, 1024)), name
    assert gateway.get(document["links"]["result"]).content == gateway.get(document["artifacts"]["result.png"]).content


def test_the_grid_shows_the_twelve_pictures_in_the_designs_order(gateway: httpx.Client) -> None:
    document = fit(gateway).json()
    sheet = np.asarray(Image.open(io.BytesIO(gateway.get(document["links"]["grid"]).content)).convert("RGB"))
    rows = (
        ("cloth", "cloth_mask", "parse_agnostic", "densepose"),
        ("warped_cloth", "warped_mask", "parse", "pose"),
        ("warped_cloth", "agnostic", "person", "result"),
    )
    for r, row in enumerate(rows):
        for c, name in enumerate(row):
            file = gateway.get(document["artifacts"][f"{name}.png"]).content
            tile = sheet[2 + 1026 * r : 1026 * (r + 1), 2 + 770 * c : 770 * (c + 1)]
            np.testing.assert_array_equal(tile, np.asarray(Image.open(io.BytesIO(file)).convert("RGB")), name)


def test_without_wait_the_answer_is_an_id_at_once(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.HRVITON, mode="slow", seconds=0.5)
    response = gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)})
    assert response.status_code == 202
    document = response.json()
    assert document["state"] in ("queued", "running")
    assert response.headers["location"] == document["links"]["self"]
    early = gateway.get(f"{document['links']['self']}/result")
    assert problem_of(early) == "not_ready"
    assert finished(gateway, document["links"]["self"])["state"] == "succeeded"


def test_stages_wait_only_for_what_they_need(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.DENSEPOSE, mode="slow", seconds=0.8)
    services.set(Stage.CLOTHMASK, mode="slow", seconds=0.8)
    stages = fit(gateway).json()["stages"]
    first = [stages[name]["started_ms"] for name in ("openpose", "parse", "densepose", "clothmask")]
    assert max(first) - min(first) < 400
    assert stages["agnostic"]["started_ms"] < 700, "agnostic waits for pose and parse only"
    assert stages["hrviton"]["started_ms"] > 750


def test_nothing_is_computed_twice(gateway: httpx.Client, services: Services) -> None:
    fit(gateway)
    again = fit(gateway).json()
    assert all(stage["cached"] for stage in again["stages"].values())
    other = fit(gateway, garment=3).json()
    assert {name for name, stage in other["stages"].items() if not stage["cached"]} == {"clothmask", "hrviton"}
    assert services.calls(Stage.OPENPOSE) == services.calls(Stage.AGNOSTIC) == 1
    assert services.calls(Stage.HRVITON) == 2


def test_another_engine_version_computes_anew(start_gateway: Any, services: Services) -> None:
    gateway = start_gateway(info_seconds=0)
    fit(gateway)
    services.set(Stage.PARSE, version="2")
    stages = fit(gateway).json()["stages"]
    assert not stages["parse"]["cached"]
    assert stages["openpose"]["cached"]


def test_warnings_of_the_services_are_told(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.OPENPOSE, warnings=[{"code": "head_cropped", "detail": "The head is cut."}])
    expected = [{"stage": "openpose", "code": "head_cropped", "detail": "The head is cut."}]
    assert fit(gateway).json()["warnings"] == expected
    assert fit(gateway).json()["warnings"] == expected, "kept with the pictures"


@pytest.mark.parametrize("heights, code", [([900.0, 600.0], "several_people"), ([900.0, 400.0], None)])
def test_two_people_of_like_size(
    gateway: httpx.Client, services: Services, heights: list[float], code: str | None
) -> None:
    services.set(Stage.OPENPOSE, people=heights)
    document = fit(gateway).json()
    assert (document["problem"]["code"] if code else document["problem"]) == code


@pytest.mark.parametrize("code", ["no_person_found", "body_not_visible"])
def test_what_a_service_says_of_the_picture_is_passed_on(gateway: httpx.Client, services: Services, code: str) -> None:
    services.set(Stage.OPENPOSE, mode="problem", code=code)
    services.set(Stage.DENSEPOSE, mode="hang")
    document = fit(gateway).json()
    assert document["state"] == "failed"
    assert document["problem"]["code"] == code
    assert document["problem"]["stage"] == "openpose"
    assert document["stages"]["densepose"]["state"] == "cancelled"
    assert document["stages"]["hrviton"]["state"] == "cancelled"
    assert problem_of(gateway.get(f"/v1/fittings/{document['id']}/result")) == code


@pytest.mark.parametrize(
    "mode, code, calls",
    [
        ("error", "stage_failed", 1),
        ("garbage", "stage_failed", 1),
        ("die", "stage_unavailable", 3),
        ("busy", "overloaded", 4),
        ("hang", "deadline_exceeded", 1),
    ],
)
def test_a_service_that_misbehaves(start_gateway: Any, services: Services, mode: str, code: str, calls: int) -> None:
    gateway = start_gateway(stage_timeout=1)
    services.set(Stage.DENSEPOSE, mode=mode)
    problem = fit(gateway).json()["problem"]
    assert (problem["code"], problem["stage"]) == (code, "densepose")
    made = services.calls(Stage.DENSEPOSE)
    assert made >= calls if mode == "busy" else made == calls
    services.set(Stage.DENSEPOSE, mode="ok")
    assert fit(gateway).json()["state"] == "succeeded", "fine afterwards"


@pytest.mark.parametrize("mode", ["die", "busy"])
def test_a_short_failure_is_not_seen(gateway: httpx.Client, services: Services, mode: str) -> None:
    services.set(Stage.PARSE, mode=mode, times=2)
    assert fit(gateway).json()["state"] == "succeeded"
    assert services.calls(Stage.PARSE) == 3
    assert 'vf_stage_retries_total{stage="parse"} 2.0' in gateway.get("/metrics").text


def test_the_deadline_ends_a_fitting_and_is_passed_on(start_gateway: Any, services: Services) -> None:
    gateway = start_gateway(deadline=1)
    services.set(Stage.HRVITON, mode="hang")
    assert fit(gateway).json()["problem"]["code"] == "deadline_exceeded"
    assert 0 < float(services.stubs[Stage.HRVITON].headers[0]["vf-timeout"]) <= 1


def test_a_missing_service_is_named(start_gateway: Any) -> None:
    gateway = start_gateway(parse_url="http://127.0.0.1:9")
    problem = fit(gateway).json()["problem"]
    assert (problem["code"], problem["stage"]) == ("stage_unavailable", "parse")
    assert problem_of(gateway.get("/readyz")) == "stage_unavailable"
    system = gateway.get("/v1/system").json()
    assert [s["stage"] for s in system["services"] if not s["available"]] == ["parse"]
    assert not system["ready"]


def test_a_damaged_file_is_made_again_not_served(gateway: httpx.Client, services: Services, tmp_path: Any) -> None:
    document = fit(gateway).json()
    good = gateway.get(document["links"]["result"]).content
    for path in tmp_path.rglob("parse.png"):
        path.write_bytes(b"broken")
    for path in tmp_path.rglob("result.png"):
        path.write_bytes(path.read_bytes()[:-100])
    assert gateway.get(document["links"]["result"]).content == good
    assert gateway.get(document["artifacts"]["parse.png"]).status_code == 200
    assert services.calls(Stage.HRVITON) == 2


@pytest.mark.parametrize(
    "files, code",
    [
        ({"person": b"no picture", "garment": photo(2)}, "unsupported_image"),
        ({"person": photo(1), "garment": photo(2)[:500]}, "unsupported_image"),
        ({"person": photo(1, 30, 40), "garment": photo(2)}, "image_too_small"),
        ({"person": b"", "garment": photo(2)}, "unsupported_image"),
        ({"person": photo(1)}, "invalid_request"),
    ],
)
def test_bad_uploads(gateway: httpx.Client, services: Services, files: dict[str, bytes], code: str) -> None:
    named = {name: (f"{name}.jpg", content) for name, content in files.items()}
    assert problem_of(gateway.post("/v1/fittings", files=named)) == code
    assert services.calls(Stage.OPENPOSE) == 0


def test_unknown_things(gateway: httpx.Client) -> None:
    assert problem_of(gateway.get("/v1/fittings/fit_none")) == "not_found"
    assert problem_of(gateway.get("/nowhere")) == "not_found"
    document = fit(gateway).json()
    assert problem_of(gateway.get(f"{document['links']['self']}/artifacts/secret.png")) == "not_found"


def test_system_and_health(gateway: httpx.Client) -> None:
    system = gateway.get("/v1/system").json()
    assert system["ready"]
    assert {s["stage"] for s in system["services"]} == {stage.value for stage in Stage}
    assert system["services"][0]["engine"]["weights"][0]["licence"] == "CC0-1.0"
    assert gateway.get("/healthz").status_code == gateway.get("/readyz").status_code == 200
