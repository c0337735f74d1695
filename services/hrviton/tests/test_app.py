"""The service as its callers meet it, with the open engine: a drawn person and a drawn T-shirt."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from vf_hrviton.app import create_app
from vf_hrviton.open.body.archive import pack, unpack
from vf_testing import golden_inputs
from vfkit.contracts import Clothes, GarmentLandmark, Label
from vfkit.pictures import encode_labels, encode_mask, encode_png

SKIN, TROUSERS, WALL = (214, 170, 146), (40, 44, 60), (224, 222, 218)
OLD_TOP, NEW_TOP = (60, 120, 70), (180, 30, 40)
TOPS = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT)


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app()) as client:
        for _ in range(200):
            if client.get("/readyz").status_code == 200:
                break
            time.sleep(0.05)
        yield client


@pytest.fixture(scope="module")
def fields():
    """A person in flat colours and a red T-shirt, as the gateway sends them."""
    parse, joints = golden_inputs.label_map(0), golden_inputs.keypoints(0)
    colours = np.full((20, 3), SKIN, np.uint8)
    colours[Label.BACKGROUND], colours[Label.PANTS], colours[Label.HAIR] = WALL, TROUSERS, (50, 30, 20)
    colours[list(TOPS)] = OLD_TOP
    image = colours[parse]
    worn = np.isin(parse, TOPS)
    _, cloth_mask = golden_inputs.cloth(1)
    cloth = np.where(cloth_mask[..., None] > 0, np.array(NEW_TOP, np.uint8), np.uint8(255))
    return {
        "image": encode_png(image),
        "cloth": encode_png(cloth),
        "cloth_mask": encode_mask(cloth_mask),
        "parse_agnostic": encode_labels(np.where(worn, 0, parse).astype(np.uint8)),
        "agnostic": encode_png(np.where(worn[..., None], np.uint8(128), image)),
        "densepose": encode_png(golden_inputs.densepose(0)),
        "parse": encode_labels(parse),
        "pose": json.dumps({"people": [{"pose_keypoints_2d": joints.ravel().tolist()}]}).encode(),
    }


def test_dresses_the_person(client, fields):
    response = client.post("/v1/try-on", files=fields)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["result.png", "warped_cloth.png", "warped_mask.png"]
        pictures = {name: np.array(Image.open(io.BytesIO(archive.read(name)))) for name in archive.namelist()}
    result, mask = pictures["result.png"], pictures["warped_mask.png"]
    assert result.shape == pictures["warped_cloth.png"].shape == (1024, 768, 3)
    assert mask.shape == (1024, 768)
    joints = golden_inputs.keypoints(0)[:, :2]
    chest = tuple(np.rint((joints[1] + joints[8]) / 2).astype(int)[::-1])
    knee = tuple(np.rint(joints[10]).astype(int)[::-1])
    assert mask[chest] == 255
    assert mask[knee] == 0
    assert result[chest][0] > 1.5 * result[chest][1], "the chest is red now"
    np.testing.assert_array_equal(result[knee], TROUSERS)
    worn = np.isin(golden_inputs.label_map(0), TOPS)
    still_green = worn & (result[..., 1] > result[..., 0].astype(int) + 20)
    assert still_green.sum() < 0.02 * worn.sum(), "the old top is off"


def test_the_same_request_is_the_same_answer(client, fields):
    answers = [client.post("/v1/try-on", files=fields).content for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.fixture(scope="module")
def prepared(client, fields):
    response = client.post("/v1/body", files={name: fields[name] for name in ("image", "parse", "pose")})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/octet-stream"
    return response.content


@pytest.fixture(scope="module")
def unprepared(client, fields):
    return client.post("/v1/try-on", files=fields).content


def test_a_prepared_body_gives_the_very_same_pictures(client, fields, prepared, unprepared):
    assert client.post("/v1/try-on", files=fields | {"body": prepared}).content == unprepared
    assert len(prepared) < 1_000_000
    with np.load(io.BytesIO(prepared), allow_pickle=False) as arrays:
        assert all(array.dtype != object for array in arrays.values())


def test_a_prepared_body_is_used(client, fields, prepared, unprepared):
    """One that says that the undressed person is green."""
    about = np.load(io.BytesIO(prepared))["about"]
    body = unpack(prepared, about[1], about[2], Clothes.UPPER)
    green = pack(replace(body, undressed=np.full_like(body.undressed, (0, 255, 0))), about[1], about[2])
    assert client.post("/v1/try-on", files=fields | {"body": green}).content != unprepared


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda body: b"",
        lambda body: b"this is text",
        lambda body: body[: len(body) // 2],
        lambda body: body[:2000] + bytes(100) + body[2100:],
        lambda body: replaced(body, "about", np.array(["0", "1", "2", "upper"])),
        lambda body: replaced(body, "labels", np.zeros((3, 3), np.uint8)),
        lambda body: replaced(body, "joints", None),
    ],
    ids=["empty", "text", "half", "hole", "another version", "another size", "incomplete"],
)
def test_a_body_that_cannot_be_used_is_made_anew(client, fields, prepared, unprepared, spoilt):
    assert client.post("/v1/try-on", files=fields | {"body": spoilt(prepared)}).content == unprepared


def test_a_body_of_another_photo_is_made_anew(client, fields, prepared):
    image = np.array(Image.open(io.BytesIO(fields["image"])))
    other = fields | {"image": encode_png(255 - image)}
    answers = [client.post("/v1/try-on", files=form).content for form in (other, other | {"body": prepared})]
    assert answers[0] == answers[1]


def replaced(body, name, array):
    """The file with one of its arrays changed, or without it."""
    with np.load(io.BytesIO(body)) as arrays:
        changed = {**arrays, name: array}
    buffer = io.BytesIO()
    np.savez(buffer, **{key: value for key, value in changed.items() if value is not None})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("field", "content", "status", "code"),
    [
        ("image", b"this is text", 415, "unsupported_image"),
        ("parse", encode_labels(np.zeros((256, 256), np.uint8)), 422, "invalid_request"),
        ("pose", b'{"people": []}', 422, "no_person_found"),
        ("pose", json.dumps({"people": [{"pose_keypoints_2d": [0.0] * 75}]}).encode(), 422, "body_not_visible"),
    ],
)
def test_what_cannot_be_prepared_has_its_code(client, fields, field, content, status, code):
    person = {name: fields[name] for name in ("image", "parse", "pose")}
    response = client.post("/v1/body", files=person | {field: content})
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def test_a_body_is_prepared_for_known_clothes_only(client, fields):
    person = {name: fields[name] for name in ("image", "parse", "pose")}
    response = client.post("/v1/body", files=person, data={"clothes": "hat"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


def garment_json(fitted_as, category="auto"):
    landmark = {"x": 1, "y": 1, "visibility": "absent", "confidence": 1}
    return json.dumps(
        {
            "kind": {"value": "top", "confidence": 0.6},
            "photo": {"value": "flat", "confidence": 0.9},
            "view": {"value": "front", "confidence": 0.9},
            "category": category,
            "fitted_as": fitted_as,
            "landmarks": [{"name": mark.name.lower(), **landmark} for mark in GarmentLandmark],
            "straightened": {"rotation": 0, "scale": 1, "matrix": [[1, 0, 0], [0, 1, 0]]},
        }
    ).encode()


@pytest.mark.parametrize("kind", ["trousers", "shorts", "skirt"])
def test_what_garment_json_calls_a_bottom_leaves_the_top(client, fields, kind):
    """Even where the reader saw no landmarks of that kind, as when the market's category overrules it."""
    response = client.post("/v1/try-on", files=fields | {"garment": garment_json(kind, "bottoms")})
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        result = np.array(Image.open(io.BytesIO(archive.read("result.png"))))
    joints = golden_inputs.keypoints(0)[:, :2]
    chest, thigh = (
        tuple(np.rint(point).astype(int)[::-1])
        for point in (joints[1] * 0.7 + joints[8] * 0.3, joints[9] * 0.3 + joints[10] * 0.7)
    )
    np.testing.assert_array_equal(result[chest], OLD_TOP)
    assert result[thigh][0] > 1.5 * result[thigh][1], "the thigh is red now"


@pytest.mark.parametrize("kind", ["top", "outerwear"])
def test_what_garment_json_calls_a_top_is_fitted(client, fields, kind):
    read, unread = (
        client.post("/v1/try-on", files=form) for form in (fields | {"garment": garment_json(kind)}, fields)
    )
    assert read.status_code == 200, read.text
    assert read.content == unread.content


PLAIN = np.zeros((256, 256), np.uint8)


@pytest.mark.parametrize(
    ("field", "content", "status", "code"),
    [
        ("image", b"this is text", 415, "unsupported_image"),
        ("image", b"", 415, "unsupported_image"),
        ("cloth", b"\x89PNG\r\n\x1a\n", 415, "unsupported_image"),
        ("cloth_mask", b"text", 415, "unsupported_image"),
        ("cloth_mask", encode_mask(PLAIN), 422, "invalid_request"),
        ("parse_agnostic", encode_labels(PLAIN), 422, "invalid_request"),
        ("parse_agnostic", encode_png(np.zeros((1024, 768, 3), np.uint8)), 422, "invalid_request"),
        ("densepose", encode_png(np.zeros((256, 256, 3), np.uint8)), 422, "invalid_request"),
        ("densepose", encode_png(np.zeros((1, 1, 3), np.uint8)), 422, "image_too_small"),
        ("cloth_mask", encode_mask(np.zeros((1024, 768), np.uint8)), 422, "no_garment_found"),
        ("garment", b"{}", 422, "invalid_request"),
        ("pose", b"{", 422, "invalid_request"),
        ("pose", b'{"people": []}', 422, "no_person_found"),
        ("pose", b'{"people": [{"pose_keypoints_2d": [1, 2]}]}', 422, "invalid_request"),
        ("pose", b'{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', 422, "invalid_request"),
        (
            "pose",
            json.dumps({"people": [{"pose_keypoints_2d": [1.0] * 75, "hand_left_keypoints_2d": [1, 2]}]}).encode(),
            422,
            "invalid_request",
        ),
    ],
)
def test_bad_input_has_its_code(client, fields, field, content, status, code):
    response = client.post("/v1/try-on", files=fields | {field: content})
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("field", ["image", "cloth", "cloth_mask", "parse_agnostic", "agnostic", "densepose"])
def test_missing_field_is_named(client, fields, field):
    response = client.post("/v1/try-on", files={name: fields[name] for name in fields if name != field})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert field in response.json()["detail"]


@pytest.mark.parametrize("field", ["parse", "pose"])
def test_the_open_engine_says_what_it_needs(client, fields, field):
    response = client.post("/v1/try-on", files={name: fields[name] for name in fields if name != field})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "parse and pose" in response.json()["detail"]


@pytest.mark.parametrize(("include", "word"), [("flow", "reference"), ("everything", "segmentation")])
def test_what_cannot_be_included(client, fields, include, word):
    response = client.post("/v1/try-on", params={"include": include}, files=fields)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert word in response.json()["detail"]


def test_info(client):
    info = client.get("/v1/info").json()
    assert info["service"] == "hrviton"
    assert info["engine"]["name"] == "open"
    assert info["engine"]["weights"] == []
    assert info["engine"]["precomputes"]


def test_the_open_engine_imports_no_torch():

    code = "import vf_hrviton.app, vf_hrviton.open.engine, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
