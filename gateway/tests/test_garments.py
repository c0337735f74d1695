"""Garments: what the market says of them, what is read of their photo, and what is refused when they are uploaded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gateway_harness import Services, photo
from sqlalchemy import text

from vf_gateway.database.engine import Database
from vfkit.contracts import Artifact, Category, GarmentDocument, Stage
from vfkit.pictures import PictureKind, decode_png, normalise, read_picture

WAIT = {"Prefer": "wait=30"}
REFUSALS = ["no_garment_found", "unsupported_garment", "several_garments", "garment_folded", "garment_worn"]


def upload(gateway: httpx.Client, seed: int = 2, kind: str = "garments", **fields: str) -> httpx.Response:
    return gateway.post(f"/v1/{kind}", files={"image": photo(seed)}, data=fields, headers=WAIT)


def fit(gateway: httpx.Client, garment: bytes, **fields: str) -> httpx.Response:
    files = {"person": photo(1), "garment": garment}
    return gateway.post("/v1/fittings", files=files, data=fields, headers=WAIT)


def test_a_garment_tells_what_was_read(gateway: httpx.Client, services: Services) -> None:
    doubt = {"code": "category_doubtful", "detail": "The photo seems to show trousers."}
    services.set(Stage.CLOTHMASK, warnings=[doubt])
    document = upload(gateway, category="tops").json()
    assert document["category"] == "tops"
    assert document["reading"] == {
        "kind": {"value": "top", "confidence": 0.9},
        "photo": {"value": "flat", "confidence": 0.8},
        "view": {"value": "front", "confidence": 0.7},
    }
    assert document["warnings"] == [{"stage": "clothmask", **doubt}]
    assert list(document["artifacts"]) == [
        "garment_photo.png", "garment.json", "garment_parts.png", "cloth.png", "cloth_mask.png"
    ]  # fmt: skip
    read = GarmentDocument.model_validate(gateway.get(document["artifacts"]["garment.json"]).json())
    assert read.category is Category.TOPS, "the stage was told"
    listed = gateway.get("/v1/garments").json()["items"]
    assert listed == [document]


def test_the_photo_stays_as_it_is_and_the_cloth_is_the_stages(gateway: httpx.Client) -> None:
    artifacts = upload(gateway).json()["artifacts"]
    kept = decode_png(gateway.get(artifacts["garment_photo.png"]).content)
    np.testing.assert_array_equal(kept, normalise(read_picture(photo(2)), PictureKind.GARMENT)[0])
    assert gateway.get(artifacts["cloth.png"]).content != gateway.get(artifacts["garment_photo.png"]).content


@pytest.mark.parametrize("fields", [{"category": "hats"}, {"category": ""}, {"category": "TOPS"}])
def test_a_category_that_is_none(gateway: httpx.Client, services: Services, fields: dict[str, str]) -> None:
    for refused in (upload(gateway, **fields), fit(gateway, photo(2), **fields)):
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
        assert "auto, tops, bottoms, one-pieces" in refused.json()["detail"]
    assert services.calls(Stage.CLOTHMASK) == 0


def test_only_garments_have_a_category(gateway: httpx.Client) -> None:
    assert upload(gateway, kind="people", category="tops").json()["code"] == "invalid_request"
    person = upload(gateway, kind="people").json()
    assert (person["category"], person["reading"]) == (None, None)
    garment = upload(gateway).json()["id"]
    with_id = gateway.post(
        "/v1/fittings", files={"person": photo(1)}, data={"garment_id": garment, "category": "tops"}, headers=WAIT
    )
    assert (with_id.status_code, with_id.json()["code"]) == (422, "invalid_request")


def test_the_same_photo_of_another_category_is_another_garment(gateway: httpx.Client, services: Services) -> None:
    made = [fit(gateway, photo(2), **fields).json() for fields in ({}, {"category": "tops"}, {"category": "tops"})]
    assert [fitting["stages"]["clothmask"]["cached"] for fitting in made] == [False, False, True]
    garments = [gateway.get(fitting["links"]["garment"]).json() for fitting in made]
    assert [garment["category"] for garment in garments] == ["auto", "tops", "tops"]
    assert garments[1]["id"] == garments[2]["id"] != garments[0]["id"]
    assert all(garment["reading"]["kind"]["value"] == "top" for garment in garments)
    assert services.calls(Stage.HRVITON) == 2, "what is read of a garment goes into its fitting"


def test_a_category_is_part_of_what_an_idempotency_key_stands_for(gateway: httpx.Client) -> None:
    def ask(category: str) -> httpx.Response:
        files, headers = {"image": photo(2)}, {"Idempotency-Key": "k"}
        return gateway.post("/v1/garments", files=files, data={"category": category}, headers=headers)

    assert ask("tops").json()["id"] == ask("tops").json()["id"]
    assert ask("bottoms").json()["code"] == "conflict"


@pytest.mark.parametrize("code", REFUSALS)
def test_a_garment_is_refused_when_it_is_uploaded(gateway: httpx.Client, services: Services, code: str) -> None:
    services.set(Stage.CLOTHMASK, mode="problem", code=code)
    document = upload(gateway).json()
    assert document["state"] == "failed"
    told = document["problem"]
    assert (told["code"], told["status"], told["stage"], told["detail"]) == (code, 422, "clothmask", "Not this one.")
    assert list(document["artifacts"]) == ["garment_photo.png"]
    assert document["reading"] is None
    person = upload(gateway, kind="people").json()["id"]
    refused = gateway.post("/v1/fittings", json={"person_id": person, "garment_id": document["id"]})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert services.calls(Stage.HRVITON) == 0


@pytest.mark.parametrize("code", REFUSALS)
def test_a_garment_that_comes_with_a_fitting_is_refused(gateway: httpx.Client, services: Services, code: str) -> None:
    services.set(Stage.CLOTHMASK, mode="problem", code=code)
    fitting = fit(gateway, photo(2)).json()
    assert (fitting["state"], fitting["problem"]["code"]) == ("failed", code)
    assert gateway.get(fitting["links"]["garment"]).json()["problem"]["code"] == code


def as_version_0_1_kept_it(folder: Path) -> None:
    """Garments below a folder of pictures as they were stored before they were read: cloth.png is the photo."""
    for manifest in (folder / "objects" / "garments").glob("*/*/manifest.json"):
        told = json.loads(manifest.read_text())
        files = told["files"]
        if photo_file := files.pop(Artifact.GARMENT_PHOTO, None):
            files["cloth.png"] = photo_file
            (manifest.parent / Artifact.GARMENT_PHOTO).rename(manifest.parent / "cloth.png")
        else:
            for name in {*files} - {"cloth_mask.png"}:
                del files[name]
                (manifest.parent / name).unlink()
        manifest.write_text(json.dumps(told))


def test_a_garment_of_version_0_1_is_read_when_it_is_needed(
    start_gateway: Any, services: Services, tmp_path: Path
) -> None:
    gateway = start_gateway(info_seconds=0)
    garment = upload(gateway).json()
    person = upload(gateway, kind="people").json()["id"]
    body = {"person_id": person, "garment_id": garment["id"]}
    fitted = gateway.post("/v1/fittings", json=body, headers=WAIT).json()
    result = gateway.get(fitted["links"]["result"]).content
    before = gateway.get(garment["artifacts"]["garment_photo.png"]).content
    as_version_0_1_kept_it(tmp_path / "data")

    async def forget() -> None:
        database = Database(f"sqlite:///{tmp_path / 'data' / 'gateway.sqlite'}")
        async with database.write() as session:
            await session.execute(text("UPDATE photos SET reading = NULL"))
        await database.close()

    asyncio.run(forget())
    services.set(Stage.CLOTHMASK, version="2")
    assert gateway.get(garment["artifacts"]["garment_photo.png"]).content == before
    assert gateway.get(garment["links"]["self"]).json()["reading"] is None
    assert gateway.get(fitted["links"]["result"]).content == result
    assert gateway.post("/v1/fittings", json=body, headers=WAIT).json()["state"] == "succeeded"
    cloths = [gateway.get(made["artifacts"]["cloth.png"]).content for made in (garment, fitted)]
    assert cloths[0] == cloths[1] != before
    assert gateway.get(garment["artifacts"]["garment.json"]).status_code == 200
    assert gateway.get(garment["links"]["self"]).json()["reading"]["kind"]["value"] == "top"
    assert services.calls(Stage.CLOTHMASK) == 2
