"""The service as its callers meet it."""

import io
import json
import zipfile

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from vf_agnostic.app import create_app
from vf_agnostic.drawing import human_agnostic, parse_agnostic
from vf_testing import golden_inputs
from vfkit.pictures import encode_labels, encode_png


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app()) as client:
        while client.get("/readyz").status_code != 200:
            pass
        yield client


@pytest.fixture(scope="module")
def case():
    return golden_inputs.case(0)


def files(case, **other):
    pose = {"people": [{"pose_keypoints_2d": case["keypoints"].ravel().tolist()}]}
    return {
        "image": encode_png(case["image"]),
        "parse": encode_labels(case["parse"]),
        "pose": json.dumps(pose).encode(),
    } | other


def test_answers_both_pictures(client, case):
    response = client.post("/v1/agnostic", files=files(case))
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["agnostic.png", "parse_agnostic.png"]
        labels = Image.open(io.BytesIO(archive.read("parse_agnostic.png")))
        photo = Image.open(io.BytesIO(archive.read("agnostic.png")))
    joints = case["keypoints"][:, :2]
    assert labels.mode == "P"
    np.testing.assert_array_equal(np.array(labels), parse_agnostic(case["parse"], joints))
    np.testing.assert_array_equal(np.array(photo), human_agnostic(case["image"], case["parse"], joints))


@pytest.mark.parametrize(
    ("field", "content", "status", "code"),
    [
        ("image", b"this is text", 415, "unsupported_image"),
        ("image", b"", 415, "unsupported_image"),
        ("parse", b"\x89PNG\r\n\x1a\n", 415, "unsupported_image"),
        ("pose", b"{", 422, "invalid_request"),
        ("pose", b'{"people": []}', 422, "no_person_found"),
        ("pose", b'{"people": [{"pose_keypoints_2d": [1, 2]}]}', 422, "invalid_request"),
        ("pose", b'{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', 422, "invalid_request"),
        ("parse", encode_labels(np.zeros((256, 256), np.uint8)), 422, "invalid_request"),
    ],
)
def test_bad_input_has_its_code(client, case, field, content, status, code):
    response = client.post("/v1/agnostic", files=files(case, **{field: content}))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


def test_missing_field(client, case):
    incomplete = files(case)
    del incomplete["pose"]
    response = client.post("/v1/agnostic", files=incomplete)
    assert response.status_code == 422
    assert response.json()["code"] == "invalid_request"
    assert "pose" in response.json()["detail"]


def test_tells_which_joints_were_missing(client, case):
    keypoints = case["keypoints"].copy()
    keypoints[4] = 0
    pose = json.dumps({"people": [{"pose_keypoints_2d": keypoints.ravel().tolist()}]}).encode()
    response = client.post("/v1/agnostic", files=files(case, pose=pose))
    assert json.loads(response.headers["VF-Warnings"])[0]["code"] == "joints_missing"


def test_info(client):
    info = client.get("/v1/info").json()
    assert info["service"] == "agnostic"
    assert info["engine"]["name"] == "open"
