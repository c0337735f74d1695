"""People, garments, fittings, comparisons: on SQLite and on PostgreSQL."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_harness import Services, photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import Engine, event

from vf_gateway.resources.pages import decode_cursor, encode_cursor
from vfkit.contracts import Stage
from vfkit.problems import Problem

Start = Callable[..., httpx.Client]


@pytest.fixture
def gateway(start_gateway: Start, database_url: str) -> httpx.Client:
    return start_gateway(database_url=database_url)


def upload(gateway: httpx.Client, kind: str, seed: int, wait: int = 20, **more: Any) -> dict[str, Any]:
    headers = {"Prefer": f"wait={wait}", **more.pop("headers", {})}
    response = gateway.post(f"/v1/{kind}", files={"image": photo(seed)}, data=more, headers=headers)
    assert response.status_code in (200, 202), response.text
    document: dict[str, Any] = response.json()
    return document


def fit(gateway: httpx.Client, person: str, garment: str, wait: int = 20, **headers: str) -> httpx.Response:
    body = {"person_id": person, "garment_id": garment}
    return gateway.post("/v1/fittings", json=body, headers={"Prefer": f"wait={wait}", **headers})


def files_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in (folder / "objects").rglob("*") if p.is_file())


def test_a_fitting_of_prepared_things_only_synthesises(gateway: httpx.Client, services: Services) -> None:
    person, garment = upload(gateway, "people", 1), upload(gateway, "garments", 2, reference="sku-1")
    assert person["state"] == garment["state"] == "succeeded"
    assert set(person["artifacts"]) == {
        "person.png", "pose.json", "pose.png", "parse.png", "densepose.png", "parse_agnostic.png", "agnostic.png"
    }  # fmt: skip
    assert garment["reference"] == "sku-1"
    fitting = fit(gateway, person["id"], garment["id"]).json()
    assert fitting["state"] == "succeeded"
    assert {name for name, stage in fitting["stages"].items() if not stage["cached"]} == {"hrviton"}
    assert services.calls(Stage.OPENPOSE) == services.calls(Stage.CLOTHMASK) == 1
    assert gateway.get(person["artifacts"]["pose.png"]).status_code == 200
    listed = gateway.get("/v1/garments", params={"reference": "sku-1"}).json()["items"]
    assert [item["id"] for item in listed] == [garment["id"]]


def test_ids_of_the_wrong_kind_or_of_nothing(gateway: httpx.Client) -> None:
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    for ids, missing in (((garment, garment), "person"), ((person, person), "garment"), (("x", "y"), "person")):
        refused = fit(gateway, *ids)
        assert (refused.status_code, refused.json()["detail"]) == (404, f"There is no such {missing}.")
    for garments in ([garment, person], [garment, "gar_none"]):
        refused = gateway.post("/v1/comparisons", json={"person_id": person, "garment_ids": garments})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert gateway.get("/v1/fittings").json()["items"] == []


def test_a_kept_fitting_costs_few_statements(gateway: httpx.Client) -> None:
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    fit(gateway, person, garment)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):  # only SQLite's
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for _ in range(20):
            assert fit(gateway, person, garment).json()["state"] == "succeeded"
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    # Two photos, the queue's length, job, fitting; claim, fitting with photos; job, fitting, webhooks; two looks of
    # whoever waits, a claim that finds nothing, and what polls meanwhile.
    assert len(asked) / 20 <= 15, asked[-30:]


def test_a_bad_photo_is_known_before_any_fitting(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.OPENPOSE, mode="problem", code="no_person_found")
    person = upload(gateway, "people", 1)
    assert (person["state"], person["problem"]["code"]) == ("failed", "no_person_found")
    refused = fit(gateway, person["id"], upload(gateway, "garments", 2)["id"])
    assert refused.status_code == 422
    assert refused.json()["code"] == "no_person_found"
    assert services.calls(Stage.HRVITON) == 0


def test_a_bad_photo_may_be_tried_again(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.OPENPOSE, mode="problem", code="no_person_found")
    files = {"person": photo(1), "garment": photo(2)}
    for _ in range(2):
        document = gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"}).json()
        assert (document["state"], document["problem"]["code"]) == ("failed", "no_person_found")
    services.set(Stage.OPENPOSE, mode="ok", version="2")
    assert gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"}).json()["state"] == "succeeded"


def test_comparison(gateway: httpx.Client, services: Services) -> None:
    person = upload(gateway, "people", 1)
    garments = [upload(gateway, "garments", 10 + n)["id"] for n in range(6)]
    services.set(Stage.HRVITON, mode="slow", seconds=0.2)
    response = gateway.post(
        "/v1/comparisons", json={"person_id": person["id"], "garment_ids": garments}, headers={"Prefer": "wait=20"}
    )
    document = response.json()
    assert (response.status_code, document["state"]) == (200, "succeeded")
    assert [fitting["garment_id"] for fitting in document["fittings"]] == garments
    assert services.calls(Stage.HRVITON) == 6
    assert services.stubs[Stage.HRVITON].most_running >= 3, "they run together, so that synthesis can batch them"
    assert gateway.get(document["links"]["self"]).json() == document
    too_many = gateway.post("/v1/comparisons", json={"person_id": person["id"], "garment_ids": ["x"] * 51})
    assert too_many.json()["code"] == "invalid_request"
    assert gateway.delete(document["links"]["self"]).status_code == 204
    assert gateway.get(document["links"]["self"]).status_code == 404
    assert gateway.get("/v1/fittings").json()["items"] == []


def test_listing_pages_and_filters(gateway: httpx.Client) -> None:
    person = upload(gateway, "people", 1)["id"]
    garments = [upload(gateway, "garments", 10 + n)["id"] for n in range(3)]
    made = [fit(gateway, person, garments[n % 3]).json()["id"] for n in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = gateway.get("/v1/fittings", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        fit(gateway, person, garments[0])  # newer ones do not disturb the pages
    assert seen == made[::-1]

    def ids(**params: Any) -> set[str]:
        return {item["id"] for item in gateway.get("/v1/fittings", params={"limit": 100, **params}).json()["items"]}

    assert ids(garment=garments[1]) == {made[1], made[4]}
    assert ids(person="per_none") == set()
    assert ids(state="failed") == set()
    assert gateway.post(f"/v1/fittings/{made[2]}/selection").json()["selected_at"]
    assert ids(selected=True) == {made[2]}
    assert made[2] not in ids(selected=False)
    moment = gateway.get(f"/v1/fittings/{made[3]}").json()["created_at"]
    assert ids(until=moment) == set(made[:3])
    assert set(made[3:]) <= ids(since=moment)
    assert gateway.delete(f"/v1/fittings/{made[2]}/selection").json()["selected_at"] is None
    assert gateway.get("/v1/fittings", params={"cursor": "nonsense"}).json()["code"] == "invalid_request"


@given(st.integers(0, 10**17), st.uuids())
def test_a_cursor_is_read_as_it_was_written(at: int, name: Any) -> None:
    last = (at, f"fit_{name.hex}")
    assert decode_cursor(encode_cursor(*last)) == last


@given(st.text(max_size=80))
def test_any_other_cursor_is_refused_politely(text: str) -> None:
    try:
        assert encode_cursor(*decode_cursor(text)) == text
    except Problem as problem:
        assert problem.code == "invalid_request"


def test_idempotency(gateway: httpx.Client, services: Services) -> None:
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    first = fit(gateway, person, garment, **{"Idempotency-Key": "k1"}).json()
    assert fit(gateway, person, garment, **{"Idempotency-Key": "k1"}).json() == first
    other = fit(gateway, person, upload(gateway, "garments", 3)["id"], **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert fit(gateway, person, garment, **{"Idempotency-Key": "k2"}).json()["id"] != first["id"]
    body, key = {"person_id": person, "garment_ids": [garment]}, {"Idempotency-Key": "c"}
    assert len({gateway.post("/v1/comparisons", json=body, headers=key).json()["id"] for _ in range(2)}) == 1
    again = upload(gateway, "people", 7, headers={"Idempotency-Key": "p"})
    assert upload(gateway, "people", 7, headers={"Idempotency-Key": "p"})["id"] == again["id"]
    assert upload(gateway, "people", 7)["id"] != again["id"]
    files = {"person": photo(5), "garment": photo(6)}
    ids = {gateway.post("/v1/fittings", files=files, headers={"Idempotency-Key": "m"}).json()["id"] for _ in range(2)}
    assert len(ids) == 1


def test_one_key_at_the_same_time_makes_one_fitting(gateway: httpx.Client, services: Services) -> None:
    import concurrent.futures  # noqa: PLC0415

    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda _: fit(gateway, person, garment, wait=20, **{"Idempotency-Key": "k"}), range(12))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert services.calls(Stage.HRVITON) == 1


def test_deleting_a_person_removes_everything(gateway: httpx.Client, tmp_path: Path, services: Services) -> None:
    garment = upload(gateway, "garments", 2)["id"]
    kept = files_below(tmp_path / "data")
    person = upload(gateway, "people", 1)["id"]
    fitting = fit(gateway, person, garment).json()
    for url in fitting["artifacts"].values():
        gateway.get(url)
    assert files_below(tmp_path / "data") != kept
    assert gateway.delete(f"/v1/people/{person}").status_code == 204
    assert gateway.get(f"/v1/people/{person}").status_code == 404
    assert gateway.get(fitting["links"]["self"]).status_code == 404
    assert gateway.get(fitting["links"]["result"]).status_code == 404
    assert files_below(tmp_path / "data") == kept
    upload(gateway, "people", 1)
    assert services.calls(Stage.OPENPOSE) == 2, "nothing was kept of it"


def test_deleting_while_it_runs(gateway: httpx.Client, services: Services, tmp_path: Path) -> None:
    garment = upload(gateway, "garments", 2)["id"]
    kept = files_below(tmp_path / "data")
    person = upload(gateway, "people", 1)["id"]
    services.set(Stage.HRVITON, mode="slow", seconds=1)
    fitting = fit(gateway, person, garment, wait=0).json()
    time.sleep(0.3)
    assert gateway.delete(f"/v1/people/{person}").status_code == 204
    time.sleep(1.2)
    assert gateway.get(fitting["links"]["self"]).status_code == 404
    assert files_below(tmp_path / "data") == kept


def test_deleting_a_garment_and_a_fitting(gateway: httpx.Client, tmp_path: Path) -> None:
    person = upload(gateway, "people", 1)["id"]
    kept = files_below(tmp_path / "data")
    garment = upload(gateway, "garments", 2)["id"]
    first, second = (fit(gateway, person, garment).json() for _ in range(2))
    assert gateway.delete(first["links"]["self"]).status_code == 204
    assert gateway.get(second["links"]["result"]).status_code == 200, "the picture is also the other one's"
    assert gateway.delete(f"/v1/garments/{garment}").status_code == 204
    assert gateway.get(second["links"]["self"]).status_code == 404
    assert files_below(tmp_path / "data") == kept


def test_equal_photos_live_and_die_apart(gateway: httpx.Client) -> None:
    first, second = upload(gateway, "people", 1), upload(gateway, "people", 1)
    assert first["id"] != second["id"]
    gateway.delete(f"/v1/people/{first['id']}")
    assert gateway.get(second["artifacts"]["person.png"]).status_code == 200


def test_cancelling(gateway: httpx.Client, services: Services) -> None:
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    services.set(Stage.HRVITON, mode="slow", seconds=30)
    fitting = fit(gateway, person, garment, wait=0).json()
    time.sleep(0.3)
    cancelled = gateway.post(f"{fitting['links']['self']}/cancel").json()
    assert (cancelled["state"], cancelled["problem"]["code"]) == ("cancelled", "cancelled")
    assert gateway.post(f"{fitting['links']['self']}/cancel").status_code == 200
    services.set(Stage.HRVITON, mode="ok")
    done = fit(gateway, person, garment).json()
    assert done["state"] == "succeeded"
    assert gateway.post(f"{done['links']['self']}/cancel").json()["code"] == "conflict"
    assert gateway.get(fitting["links"]["self"]).json()["state"] == "cancelled"


def read_events(lines: Iterator[str]) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    event: dict[str, str] = {}
    for line in lines:
        if not line and event:
            found.append((event["id"], event["event"], json.loads(event["data"])))
            event = {}
        elif ": " in line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
    return found


def test_progress_as_events(gateway: httpx.Client, services: Services) -> None:
    services.set(Stage.HRVITON, mode="slow", seconds=0.5)
    fitting = gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}).json()
    with gateway.stream("GET", fitting["links"]["events"]) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = read_events(stream.iter_lines())
    kinds = [kind for _, kind, _ in events]
    assert (kinds[0], kinds[1], kinds[-1]) == ("queued", "running", "succeeded")
    done = {data["stage"] for _, kind, data in events if kind == "stage" and data["state"] == "done"}
    assert done == {stage.value for stage in Stage}
    half = events[5][0]
    with gateway.stream("GET", fitting["links"]["events"], headers={"Last-Event-ID": half}) as stream:
        assert read_events(stream.iter_lines()) == events[6:]


def test_pictures_over_http(gateway: httpx.Client) -> None:
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    url = fit(gateway, person, garment).json()["links"]["result"]
    whole = gateway.get(url)
    tag = whole.headers["etag"]
    assert gateway.get(url, headers={"If-None-Match": tag}).status_code == 304
    part = gateway.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert gateway.get(url, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    assert gateway.get(url, headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416
    assert gateway.get(url, headers={"Range": "bytes=0-1", "If-Range": '"old"'}).content == whole.content
    for accept, kind in (("image/webp", "WEBP"), ("image/jpeg, image/*;q=0.5", "JPEG"), ("*/*", "PNG")):
        answer = gateway.get(url, params={"size": 256}, headers={"Accept": accept})
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.size) == (kind, (192, 256))
        assert answer.headers["etag"] != tag
    assert gateway.get(url, headers={"Accept": "text/html"}).json()["code"] == "not_acceptable"


def test_retention(start_gateway: Start, database_url: str, tmp_path: Path) -> None:
    gateway = start_gateway(database_url=database_url, people_hours=1e-3, sweep_seconds=0.5, fittings_days=1e-3)
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    fitting = fit(gateway, person, garment).json()
    time.sleep(5)
    assert gateway.get(f"/v1/people/{person}").status_code == 404
    left = gateway.get(fitting["links"]["self"]).json()
    assert left["person_id"] is None
    assert set(left["artifacts"]) == {
        "garment_photo.png",
        "garment.json",
        "garment_parts.png",
        "cloth.png",
        "cloth_mask.png",
        "result.png",
        "warped_cloth.png",
        "warped_mask.png",
    }
    assert gateway.get(left["links"]["result"]).status_code == 200
    assert not [name for name in files_below(tmp_path / "data") if "people/" in name]


def test_the_queue_is_bounded(start_gateway: Start, database_url: str, services: Services) -> None:
    gateway = start_gateway(database_url=database_url, queue_limit_buyer=3, concurrency=1)
    person, garment = upload(gateway, "people", 1)["id"], upload(gateway, "garments", 2)["id"]
    services.set(Stage.HRVITON, mode="slow", seconds=1)
    answers = [fit(gateway, person, garment, wait=0) for _ in range(5)]
    assert [a.status_code for a in answers] == [202, 202, 202, 429, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["retry-after"]) >= 1
