"""The service as a process of its own, with weight files in the authors' format."""

import io
import json
import zipfile

import hrviton_golden as golden
import numpy as np
import pytest
from PIL import Image as PILImage

from vf_testing.door import serving
from vfkit.pictures import encode_labels, encode_mask, encode_png

RUN = "e2e_512x384_seed0_noise"


@pytest.fixture(scope="module")
def client(weights_folder):
    settings = {
        "VF_ENGINE": "reference",
        "VF_WEIGHTS": str(weights_folder),
        "VF_HRVITON_SIZE": "512x384",
        "VF_HRVITON_NOISE": "named",
    }
    with serving("vf_hrviton", settings) as client:
        yield client


@pytest.fixture(scope="module")
def other(weights_folder):
    """The same service with another seed, without occlusion handling."""
    settings = {
        "VF_ENGINE": "reference",
        "VF_WEIGHTS": str(weights_folder),
        "VF_HRVITON_SIZE": "512x384",
        "VF_HRVITON_NOISE": "named",
        "VF_HRVITON_NOISE_SEED": "7",
        "VF_HRVITON_OCCLUSION": "false",
    }
    with serving("vf_hrviton", settings) as client:
        yield client


@pytest.fixture(scope="module")
def files():
    """The person at the size of synthesis, so that answers are at it too; no parse and pose, which no network reads."""
    request = golden.request()
    return {
        "image": encode_png(resized(request.image)),
        "cloth": encode_png(request.cloth),
        "cloth_mask": encode_mask(request.cloth_mask),
        "parse_agnostic": encode_labels(resized(request.parse_agnostic)),
        "agnostic": encode_png(resized(request.agnostic)),
        "densepose": encode_png(resized(request.densepose)),
    }


def resized(picture):
    """As the published loader does."""
    kind = PILImage.Resampling.NEAREST if picture.ndim == 2 else PILImage.Resampling.BILINEAR
    return np.asarray(PILImage.fromarray(picture).resize((384, 512), kind))


def unpacked(answer):
    assert answer.status == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_prepares_nothing(client, files):
    pose = json.dumps({"people": [{"pose_keypoints_2d": [1.0] * 75}]}).encode()
    answer = client.post("/v1/body", {"image": files["image"], "parse": files["parse_agnostic"], "pose": pose})
    assert (answer.status, json.loads(answer.content)["code"]) == (404, "not_found")
    assert not json.loads(client.get("/v1/info").content)["engine"]["precomputes"]


def test_the_recorded_picture_comes_back(client, files):
    members = unpacked(client.post("/v1/try-on?include=segmentation,flow", files))
    run = golden.recorded(RUN)
    result = np.asarray(PILImage.open(io.BytesIO(members["result.png"])))
    assert result.shape == (512, 384, 3)
    assert np.abs(result[::8, ::8].astype(int) - run["image_u8_s8"]).max() <= 1
    mask = np.asarray(PILImage.open(io.BytesIO(members["warped_mask.png"])))
    np.testing.assert_allclose(mask[::8, ::8] / 255, run["warped_mask_after_s8"][0], atol=0.003)
    cloth = np.asarray(PILImage.open(io.BytesIO(members["warped_cloth.png"])))
    np.testing.assert_allclose(cloth[::8, ::8] / 127.5 - 1, run["gen_warped_cloth_s8"].transpose(1, 2, 0), atol=0.01)
    flow = np.load(io.BytesIO(members["flow.npz"]))["array"]
    np.testing.assert_allclose(flow[::2, ::2], run["flow4_s2"], atol=1e-3)
    segmentation = np.load(io.BytesIO(members["segmentation.npz"]))["array"]
    np.testing.assert_allclose(segmentation[:, ::8, ::8], run["segmap_raw_s8"], atol=1e-3)


def test_without_occlusion_the_garment_is_as_it_was_warped(other, files):
    """The recording has the mask before anything was taken from it; the cloth has no white of the handling's own."""
    members = unpacked(other.post("/v1/try-on", files))
    run = golden.recorded(RUN)
    mask = np.asarray(PILImage.open(io.BytesIO(members["warped_mask.png"])))
    np.testing.assert_allclose(mask[::8, ::8] / 255, run["warped_mask_before_s8"][0], atol=0.003)
    before, after = run["warped_mask_before_s8"][0], run["warped_mask_after_s8"][0]
    assert (before - after > 0.1).mean() > 0.01  # otherwise this would hold with the handling too
    # What the handling makes of the cloth that came is the recorded one: cloth * mask + white * (1 - mask).
    cloth = np.asarray(PILImage.open(io.BytesIO(members["warped_cloth.png"])))[::8, ::8] / 127.5 - 1
    handled = cloth * after[..., None] + (1 - after[..., None])
    np.testing.assert_allclose(handled, run["gen_warped_cloth_s8"].transpose(1, 2, 0), atol=0.01)


def test_another_seed_gives_another_picture(client, other, files):
    pictures = [
        np.asarray(PILImage.open(io.BytesIO(unpacked(one.post("/v1/try-on", files))["result.png"]))).astype(int)
        for one in (client, other, other)
    ]
    assert np.abs(pictures[0] - pictures[1]).mean() > 0.1
    assert (pictures[1] == pictures[2]).all()
    options = other.get("/v1/info").json()["engine"]["options"]
    assert (options["noise_seed"], options["occlusion"], options["tf32"]) == (7, False, False)


def test_only_what_was_asked_for(client, files):
    members = unpacked(client.post("/v1/try-on", files))
    assert sorted(members) == ["result.png", "warped_cloth.png", "warped_mask.png"]


def test_info(client):
    engine = client.get("/v1/info").json()["engine"]
    assert engine["name"] == "reference"
    assert [weights["file"] for weights in engine["weights"]] == ["hrviton/mtviton.pth", "hrviton/gen.pth"]
    assert engine["options"]["size"] == "512x384"
    assert engine["options"]["parameters"] > 100_000_000
    assert (engine["options"]["noise_seed"], engine["options"]["occlusion"]) == (0, True)
    assert "non-commercial" in engine["licence"]


def test_missing_weights_are_told(tmp_path):
    with serving("vf_hrviton", {"VF_ENGINE": "reference", "VF_WEIGHTS": str(tmp_path)}) as client:
        answer = client.get("/readyz")
    assert (answer.status, answer.json()["code"]) == (503, "weights_missing")
    assert all(name in answer.json()["detail"] for name in ("hrviton/mtviton.pth", "hrviton/gen.pth"))
