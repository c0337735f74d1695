"""The service through its door."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image as PILImage

from vf_parse.app import create_app
from vfkit.contracts import CIHP_PALETTE, Label
from vfkit.pictures import decode_labels, decode_mask, encode_png
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


def person(name: str = "person") -> np.ndarray:
    """One of the repository's own rendered people."""
    return np.asarray(PILImage.open(ROOT / f"samples/{name}.jpg").convert("RGB"))


POINTS = {
    "person": {
        Label.BACKGROUND: [(147, 441), (385, 900)],
        Label.HAIR: [(335, 162), (441, 162)],
        Label.FACE: [(385, 132)],
        Label.TORSO_SKIN: [(385, 206)],
        Label.UPPER_CLOTHES: [(385, 367), (279, 294), (497, 294)],
        Label.RIGHT_ARM: [(256, 426), (247, 529)],
        Label.LEFT_ARM: [(514, 426)],
        Label.PANTS: [(323, 735), (448, 735)],
        Label.RIGHT_SHOE: [(294, 963)],
        Label.LEFT_SHOE: [(473, 963)],
    },
    "person3": {
        Label.BACKGROUND: [(147, 441)],
        Label.HAIR: [(331, 220), (466, 220)],
        Label.FACE: [(387, 169)],
        Label.TORSO_SKIN: [(387, 250)],
        Label.UPPER_CLOTHES: [(387, 441), (245, 485), (548, 485)],
        Label.RIGHT_ARM: [(235, 691)],
        Label.LEFT_ARM: [(559, 698)],
        Label.SKIRT: [(390, 735)],
        Label.RIGHT_LEG: [(323, 955)],
        Label.LEFT_LEG: [(485, 955)],
    },
}
"""Where the samples show what: x, y."""


@needs_weights
@pytest.mark.parametrize("name", POINTS)
def test_parse(client, name):
    picture = person(name)
    response = post(client, encode_png(picture))
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    labels = decode_labels(response.content)
    assert labels.shape == picture.shape[:2]
    found = {label: [Label(labels[y, x]) for x, y in points] for label, points in POINTS[name].items()}
    assert found == {label: [label] * len(points) for label, points in POINTS[name].items()}
    png = PILImage.open(io.BytesIO(response.content))
    assert png.mode == "P"
    assert png.getpalette()[: CIHP_PALETTE.size] == CIHP_PALETTE.ravel().tolist()


@needs_weights
def test_a_file_that_crashes_the_parser_of_pictures_costs_its_own_request(client):
    crashing = (ROOT / "kit/tests/fixtures/quadrants_turned.heic").read_bytes().replace(b"Exif", b"\xffxif", 1)
    for _ in range(2):
        response = post(client, crashing)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_image")
        assert post(client, encode_png(person())).status_code == 200


@needs_weights
def test_held_things_come_on_request(client):
    """A bag drawn before the person hides them: it is background, and on the mask."""
    picture = person()
    response = client.post("/v1/parse", files={"image": ("photo.png", encode_png(picture))}, params={"include": "held"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["parse.png", "held.png"]
        labels, held = decode_labels(archive.read("parse.png")), decode_mask(archive.read("held.png"))
    assert held.shape == labels.shape == picture.shape[:2]
    assert not labels[held > 0].any()


@needs_weights
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: encode_png(np.full((400, 300, 3), 200, np.uint8)), Code.NO_PERSON_FOUND),
        (lambda: encode_png(np.random.default_rng(0).integers(0, 255, (400, 300, 3), np.uint8)), Code.NO_PERSON_FOUND),
        (lambda: encode_png(person()[:330]), Code.BODY_NOT_VISIBLE),
        (lambda: encode_png(np.zeros((1, 1, 3), np.uint8)), Code.IMAGE_TOO_SMALL),
        (lambda: b"not a picture", Code.UNSUPPORTED_IMAGE),
        (lambda: b"", Code.UNSUPPORTED_IMAGE),
        (lambda: encode_png(person())[:3000], Code.UNSUPPORTED_IMAGE),
    ],
    ids=["plain", "noise", "no hips", "1x1", "text", "empty", "truncated"],
)
def test_bad_input(client, make, code):
    response = post(client, make())
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.status_code == response.json()["status"]
    assert post(client, encode_png(person())).status_code == 200


@needs_weights
def test_edges_are_the_reference_engines(client):
    response = client.post(
        "/v1/parse", files={"image": ("photo.png", encode_png(person()))}, params={"include": "edge"}
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
    files = {weight["file"] for weight in info["engine"]["weights"]}
    assert files == {"person_parser.onnx", "blazepose/pose_detection.tflite", "blazepose/pose_landmark_full.tflite"}
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
