"""The service as a process of its own, with a weight file in the authors' format."""

import io
import zipfile

import densepose_golden as golden
import numpy as np
import pytest
from PIL import Image as PILImage

from vf_densepose.visualiser import PALETTE
from vf_testing.door import serving

RUN = "smooth320"


@pytest.fixture(scope="module")
def client(weights_folder):
    case = golden.CASES["cases"][RUN]
    settings = {
        "VF_ENGINE": "reference",
        "VF_WEIGHTS": str(weights_folder),
        "VF_DENSEPOSE_MAX_DETECTIONS": str(golden.LIMIT),
        "VF_DENSEPOSE_MIN_SIZE": str(case["min_size"]),
        "VF_DENSEPOSE_MAX_SIZE": str(case["max_size"]),
    }
    with serving("vf_densepose", settings) as client:
        yield client


def post(client, path, data):
    return client.post(path, {"image": data})


def photo():
    buffer = io.BytesIO()
    PILImage.fromarray(np.ascontiguousarray(golden.picture_of(golden.CASES["cases"][RUN])[..., ::-1])).save(
        buffer, "PNG"
    )
    return buffer.getvalue()


def pixels(data):
    return np.asarray(PILImage.open(io.BytesIO(data)))


def test_a_photo_gives_the_published_picture(client):
    answer = post(client, "/v1/densepose", photo())
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert (pixels(answer.content) != golden.recorded(RUN)["picture_rgb"]).any(-1).mean() <= 0.005


def test_surface_coordinates_on_request(client):
    answer = post(client, "/v1/densepose?include=iuv", photo())
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["densepose.png", "iuv.png"]
        picture, iuv = pixels(archive.read("densepose.png")), pixels(archive.read("iuv.png"))
    assert (picture != golden.recorded(RUN)["picture_rgb"]).any(-1).mean() <= 0.005
    assert (PALETTE[iuv[..., 0]] == picture).all() and iuv[..., 1:].any()


def test_info_and_bad_input(client):
    engine = client.get("/v1/info").json()["engine"]
    assert engine["name"] == "reference" and engine["licence"] == "CC-BY-NC-4.0"
    assert engine["options"]["max_detections"] == golden.LIMIT
    assert post(client, "/v1/densepose", b"not a picture").json()["code"] == "unsupported_image"
    assert post(client, "/v1/densepose?include=xyz", photo()).json()["code"] == "invalid_request"
    assert post(client, "/v1/densepose", photo()).status == 200
