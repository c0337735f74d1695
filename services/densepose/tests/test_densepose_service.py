"""The service through HTTP, with the real networks."""

import io
import time

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image as PILImage

from vf_densepose.app import DensePoseSettings, create_app
from vf_densepose.open.engine import OpenEngine
from vf_densepose.visualiser import PALETTE
from vfkit.problems import Code, Problem


@pytest.fixture(scope="module")
def client(weights):
    with TestClient(create_app(DensePoseSettings(weights=weights, threads=1))) as client:
        for _ in range(200):
            if client.get("/readyz").status_code == 200:
                break
            time.sleep(0.05)
        else:
            pytest.fail("the service did not become ready")
        yield client


def test_a_photo_gives_parts_in_their_colours(client, photo_file):
    answer = client.post("/v1/densepose", files={"image": ("photo.jpg", photo_file)})
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    picture = np.asarray(PILImage.open(io.BytesIO(answer.content)))
    assert picture.shape == (1024, 768, 3)
    assert {tuple(colour) for colour in np.unique(picture.reshape(-1, 3), axis=0)} <= {tuple(c) for c in PALETTE}
    assert (picture == PALETTE[2]).all(-1).mean() > 0.02, "the torso's front"


def test_bad_input_is_told_and_the_service_lives_on(client, photo_file):
    buffer = io.BytesIO()
    PILImage.new("RGB", (300, 400), "grey").save(buffer, "PNG")
    for data, code in [
        (buffer.getvalue(), "no_person_found"),
        (b"not a picture", "unsupported_image"),
        (photo_file[:5000], "unsupported_image"),
        (b"", "unsupported_image"),
    ]:
        assert client.post("/v1/densepose", files={"image": ("x", data)}).json()["code"] == code
    assert client.post("/v1/densepose").json()["code"] == "invalid_request"
    assert client.post("/v1/densepose", files={"image": ("photo.jpg", photo_file)}).status_code == 200


def test_the_open_engine_has_no_surface_coordinates(client, photo_file):
    answer = client.post("/v1/densepose?include=iuv", files={"image": ("photo.jpg", photo_file)})
    assert answer.status_code == 422 and answer.json()["code"] == "invalid_request"
    assert "reference engine" in answer.json()["detail"]


def test_info_says_that_it_approximates(client):
    engine = client.get("/v1/info").json()["engine"]
    assert "approximation" in engine["description"]
    assert all(file["known"] for file in engine["weights"])


def test_missing_weights(tmp_path):
    with pytest.raises(Problem) as told:
        OpenEngine(tmp_path).load()
    assert told.value.code is Code.WEIGHTS_MISSING
