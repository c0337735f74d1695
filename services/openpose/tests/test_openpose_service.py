"""The service through HTTP, with the real networks."""

import io
import json
import time
import zipfile

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image as PILImage

from vf_openpose.app import OpenposeSettings, create_app
from vf_openpose.open.engine import OpenEngine
from vf_openpose.types import PoseAnswer, PoseRequest
from vfkit.contracts import Joint, PoseDocument
from vfkit.problems import Code, Problem


def wait_until_ready(client):
    for _ in range(200):
        if client.get("/readyz").status_code == 200:
            return
        time.sleep(0.05)
    pytest.fail("the service did not become ready")


@pytest.fixture(scope="module")
def client(weights):
    with TestClient(create_app(OpenposeSettings(weights=weights, threads=1))) as client:
        wait_until_ready(client)
        yield client


def png(picture):
    buffer = io.BytesIO()
    PILImage.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def pose(client, data, **headers):
    return client.post("/v1/pose", files={"image": ("photo", data)}, headers=headers)


def test_a_photo_gives_pose_and_skeleton(client, photo_file):
    answer = pose(client, photo_file)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["pose.json", "pose.png"]
    joints = PoseDocument.model_validate_json(archive.read("pose.json")).people[0].body()
    assert joints[Joint.NOSE, 1] < joints[Joint.NECK, 1] < joints[Joint.MID_HIP, 1] < joints[Joint.L_KNEE, 1]
    assert joints[Joint.L_SHOULDER, 0] > joints[Joint.R_SHOULDER, 0]
    skeleton = np.asarray(PILImage.open(io.BytesIO(archive.read("pose.png"))))
    assert skeleton.shape == (1024, 768, 3)
    x, y = joints[Joint.NECK, :2].astype(int)
    assert skeleton[y, x].any() and not skeleton[2, 2].any()


def test_accept_chooses(client, photo_file):
    answer = pose(client, photo_file, accept="application/json")
    assert answer.headers["content-type"] == "application/json" and len(answer.json()["people"]) == 1
    assert pose(client, photo_file, accept="image/png").headers["content-type"] == "image/png"
    assert pose(client, photo_file, accept="video/mp4").json()["code"] == "not_acceptable"


def test_warnings_travel_in_the_header(client, photo):
    answer = pose(client, png(photo[110:]))
    assert answer.status_code == 200
    assert "head_cropped" in {warning["code"] for warning in json.loads(answer.headers["VF-Warnings"])}


def test_bad_input_is_told_and_the_service_lives_on(client, photo, photo_file):
    blank = png(np.full((400, 300, 3), 128, np.uint8))
    for data, code in [
        (blank, "no_person_found"),
        (png(photo[:300]), "body_not_visible"),
        (b"not a picture", "unsupported_image"),
        (photo_file[:5000], "unsupported_image"),
        (b"", "unsupported_image"),
    ]:
        answer = pose(client, data)
        assert answer.json()["code"] == code
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.post("/v1/pose").json()["code"] == "invalid_request"
    assert pose(client, photo_file).status_code == 200


def test_info_tells_what_it_is(client):
    engine = client.get("/v1/info").json()["engine"]
    assert engine["name"] == "open" and engine["licence"] == "Apache-2.0"
    assert [file["known"] for file in engine["weights"]] == [True, True]


def test_one_bad_picture_does_not_spoil_the_batch(weights, photo):
    engine = OpenEngine(weights)
    engine.load()
    blank = np.zeros((64, 64, 3), np.uint8)
    first, second, third = engine.predict([PoseRequest(photo), PoseRequest(blank), PoseRequest(photo)])
    assert isinstance(first, PoseAnswer) and isinstance(second, Problem)
    assert third.document == first.document


def test_missing_weights(tmp_path):
    with pytest.raises(Problem) as told:
        OpenEngine(tmp_path).load()
    assert told.value.code is Code.WEIGHTS_MISSING
