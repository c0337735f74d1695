"""The service through its door."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from parse_mannequin import Outfit, draw, overlap
from PIL import Image as PILImage

from vf_parse.app import create_app
from vfkit.contracts import CIHP_PALETTE, Label
from vfkit.pictures import decode_labels, encode_png
from vfkit.problems import Code

ROOT = Path(__file__).parents[3]
WEIGHTS = Path(os.environ.get("VF_WEIGHTS", ROOT / "weights"))

needs_weights = pytest.mark.skipif(
    not (WEIGHTS / "blazepose" / "pose_landmark_full.tflite").is_file(), reason="BlazePose's weight files are missing"
)


@pytest.fixture(scope="module")
def client():
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VF_WEIGHTS", str(WEIGHTS))
        environment.setenv("VF_ENGINE", "open")
        with TestClient(create_app()) as client:
            wait_for(client)
            yield client


def wait_for(client):
    for _ in range(200):
        if client.get("/readyz").status_code == 200:
            return
        time.sleep(0.05)


def post(client, data: bytes, name: str = "photo.png"):
    return client.post("/v1/parse", files={"image": (name, data)})


def person(scale: float = 2) -> tuple[np.ndarray, np.ndarray]:
    picture, truth, _ = draw(Outfit())
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, size), cv2.resize(truth, size, interpolation=cv2.INTER_NEAREST)


@needs_weights
def test_parse(client):
    picture, truth = person()
    response = post(client, encode_png(picture))
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert "vf-warnings" not in response.headers
    labels = decode_labels(response.content)
    assert labels.shape == picture.shape[:2]
    assert overlap(labels, truth, Label.UPPER_CLOTHES) > 0.85
    assert overlap(labels, truth, Label.PANTS) > 0.85
    png = PILImage.open(io.BytesIO(response.content))
    assert png.mode == "P"
    assert png.getpalette()[: CIHP_PALETTE.size] == CIHP_PALETTE.ravel().tolist()


@needs_weights
def test_a_file_that_crashes_the_parser_of_pictures_costs_its_own_request(client):
    crashing = (ROOT / "kit/tests/fixtures/quadrants_turned.heic").read_bytes().replace(b"Exif", b"\xffxif", 1)
    for _ in range(2):
        response = post(client, crashing)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_image")
        assert post(client, encode_png(person()[0])).status_code == 200


@needs_weights
def test_same_fabric_is_warned_of(client):
    picture, _, _ = draw(Outfit(upper=(30, 30, 34), lower=(30, 30, 34)))
    response = post(client, encode_png(cv2.resize(picture, None, fx=2, fy=2)))
    assert response.status_code == 200
    assert "low_confidence" in response.headers["vf-warnings"]


@needs_weights
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: encode_png(np.full((400, 300, 3), 200, np.uint8)), Code.NO_PERSON_FOUND),
        (lambda: encode_png(np.random.default_rng(0).integers(0, 255, (400, 300, 3), np.uint8)), Code.NO_PERSON_FOUND),
        (lambda: encode_png(person()[0][: 2 * 170]), Code.BODY_NOT_VISIBLE),
        (lambda: encode_png(np.zeros((1, 1, 3), np.uint8)), Code.IMAGE_TOO_SMALL),
        (lambda: b"not a picture", Code.UNSUPPORTED_IMAGE),
        (lambda: b"", Code.UNSUPPORTED_IMAGE),
        (lambda: encode_png(person()[0])[:3000], Code.UNSUPPORTED_IMAGE),
    ],
    ids=["plain", "noise", "no hips", "1x1", "text", "empty", "truncated"],
)
def test_bad_input(client, make, code):
    response = post(client, make())
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.status_code == response.json()["status"]
    assert post(client, encode_png(person(1)[0])).status_code == 200


@needs_weights
def test_edges_are_the_reference_engines(client):
    response = client.post(
        "/v1/parse", files={"image": ("photo.png", encode_png(person()[0]))}, params={"include": "edge"}
    )
    assert response.status_code == 422
    assert response.json()["code"] == Code.INVALID_REQUEST


@needs_weights
def test_missing_field(client):
    response = client.post("/v1/parse")
    assert response.status_code == 422
    assert response.json()["code"] == Code.INVALID_REQUEST


@needs_weights
def test_info_is_honest(client):
    info = client.get("/v1/info").json()
    assert info["engine"]["name"] == "open"
    assert {weight["file"] for weight in info["engine"]["weights"]} >= {"blazepose/pose_landmark_full.tflite"}
    assert all(weight["known"] for weight in info["engine"]["weights"])


def test_missing_weights_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("VF_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("VF_ENGINE", "open")
    with TestClient(create_app()) as client:
        for _ in range(100):
            response = client.get("/readyz")
            if response.json()["code"] != Code.STAGE_UNAVAILABLE:
                break
            time.sleep(0.05)
    assert response.status_code == 503
    assert response.json()["code"] == Code.WEIGHTS_MISSING
