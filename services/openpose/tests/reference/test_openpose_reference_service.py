"""The service as a process of its own, with a weight file in the authors' format."""

import io
import json
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from vf_openpose.app import OpenposeSettings, reference_engine
from vf_openpose.reference.engine import WEIGHTS, by_prominence, decode
from vf_openpose.reference.sizing import net_size
from vf_openpose.reference.variant import Variant
from vf_openpose.render import render_cuda
from vf_testing.door import serving
from vf_testing.pinning import pin_weights
from vf_testing.precision import precision

SEED = 12
"""Of a noise picture in which the made-up network sees somebody with shoulders and hips."""
SIDE = 128
RESOLUTION = f"{SIDE}x{SIDE}"


@pytest.fixture(scope="module")
def client(weights_folder):
    settings = {"VF_ENGINE": "reference", "VF_OPENPOSE_NET_RESOLUTION": RESOLUTION, "VF_WEIGHTS": str(weights_folder)}
    with serving("vf_openpose", settings) as client:
        yield client


def photo(seed):
    """RGB."""
    return np.random.RandomState(seed).randint(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


def post(client, picture):
    buffer = io.BytesIO()
    PILImage.fromarray(picture).save(buffer, "PNG")
    return client.post("/v1/pose", {"image": buffer.getvalue()})


def test_people_as_the_network_and_the_decoding_find_them(client, network):
    answer = post(client, photo(SEED))
    assert answer.status == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        document = json.loads(archive.read("pose.json"))
        picture = np.asarray(PILImage.open(io.BytesIO(archive.read("pose.png"))))
    x = photo(SEED)[..., ::-1].astype(np.float32) / 256 - 0.5
    with torch.inference_mode():
        maps = network(torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1)[None])))[0].numpy()
    found, scores = decode(maps, net_size(SIDE, SIDE, RESOLUTION), Variant.CUDA)
    expected = found[by_prominence(found, scores)]
    ours = np.array([person["pose_keypoints_2d"] for person in document["people"]]).reshape(-1, 25, 3)
    assert document["version"] == 1.3
    assert ours.shape == expected.shape and len(ours) > 1
    np.testing.assert_allclose(ours[..., :2], expected[..., :2], atol=0.01)
    np.testing.assert_allclose(ours[..., 2], expected[..., 2], atol=1e-3)
    differing = (picture != render_cuda(list(found), (SIDE, SIDE))).any(-1)
    assert differing.mean() < 0.01
    assert "several_people_found" in answer.headers["vf-warnings"]


def test_a_plain_picture(client):
    answer = post(client, np.full((200, 160, 3), 90, np.uint8))
    assert answer.status == 422
    assert answer.json()["code"] in ("no_person_found", "body_not_visible")


def test_info(client):
    engine = client.get("/v1/info").json()["engine"]
    assert (engine["name"], engine["device"], engine["dtype"]) == ("reference", "cpu", "float32")
    assert engine["options"]["parameters"] > 26_000_000
    assert (engine["options"]["net_resolution"], engine["options"]["tf32"]) == (RESOLUTION, False)
    (weights,) = engine["weights"]
    assert weights["file"] == "openpose/pose_iter_584000.caffemodel"
    assert len(weights["sha256"]) == 64
    assert weights["known"] is True
    assert "non-commercial" in weights["licence"]


@pytest.mark.parametrize("allowed", [True, False])
def test_tf32_is_off_unless_it_is_allowed(tmp_path, monkeypatch, allowed):
    def make(**said):
        return reference_engine(OpenposeSettings(weights=tmp_path, **said))

    name = "tf32" if allowed else "ieee"
    found = precision(make, monkeypatch, allow_tf32=allowed)
    assert found == ((name, name, name), allowed, "float32", False)
    assert found.told_on_cpu is False


def test_another_file_than_the_authors_is_refused(tmp_path, weight_file):
    place = tmp_path / WEIGHTS
    place.parent.mkdir()
    place.symlink_to(weight_file)
    with serving("vf_openpose", {"VF_ENGINE": "reference", "VF_WEIGHTS": str(tmp_path)}) as client:
        answer, info = client.get("/readyz"), client.get("/v1/info")
    assert (answer.status, answer.json()["code"]) == (503, "weights_missing")
    assert "its MD5 is not 78287b57cf85fa89c03f1393d368e5b7" in answer.json()["detail"]
    assert (info.status, info.json()["engine"]["name"]) == (503, "reference")


def test_damaged_weights_are_told(tmp_path, weight_file):
    damaged = tmp_path / "openpose" / weight_file.name
    damaged.parent.mkdir()
    damaged.write_bytes(weight_file.read_bytes()[:-1000])
    pin_weights(tmp_path, WEIGHTS)
    with serving("vf_openpose", {"VF_ENGINE": "reference", "VF_WEIGHTS": str(tmp_path)}) as client:
        answer = client.get("/readyz")
    assert (answer.status, answer.json()["code"]) == (503, "weights_missing")
    assert "the file is cut" in answer.json()["detail"]
