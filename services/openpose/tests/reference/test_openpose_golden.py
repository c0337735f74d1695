"""Every part of the reference engine against what the published program recorded; tolerances are the recording's."""

import json
import re

import numpy as np
import openpose_golden as golden
import pytest
import torch

from vf_openpose.pose_json import encode_pose
from vf_openpose.reference.assembly import DEFAULT, MAXIMIZE_POSITIVES, assemble, body_scores, keypoints
from vf_openpose.reference.maps import peaks, upsample
from vf_openpose.reference.network import STRIDE
from vf_openpose.reference.sizing import NetSize, net_input, net_size
from vf_openpose.reference.variant import Variant
from vfkit.contracts import PoseDocument, PosePerson

SIZES = json.loads((golden.FIXTURES / "sizes.json").read_text())
PREPROCESS = json.loads((golden.FIXTURES / "preprocess.json").read_text())
DECODED = sorted(path.stem for path in golden.FIXTURES.glob("decode_*.npz"))
RECORDED = {Variant.CUDA: "gpu", Variant.CPU: "cpu"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")


def test_all_recordings_are_here():
    assert len(SIZES) == 84
    assert len(PREPROCESS) == 6
    assert len(DECODED) == 15


@pytest.mark.parametrize("case", SIZES, ids=lambda case: f"{case['picture']}-{case['net_resolution']}")
def test_sizes(case):
    size = net_size(*case["picture"], case["net_resolution"], case["net_resolution_dynamic"])
    assert [size.width, size.height] == case["net"]
    scales = (size.to_net, float(size.to_picture), float(size.peak_offset))
    expected = (case["scale_input_to_net"], case["scale_net_to_output"], case["nms_offset"])
    assert scales == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("resolution", ["", "368", "-1x-1", "0x368", "100x368", "-2x368", "368x-1x3"])
def test_malformed_resolutions_are_refused(resolution):
    with pytest.raises(ValueError, match="net resolution"):
        net_size(768, 1024, resolution)


@pytest.mark.parametrize("case", PREPROCESS, ids=lambda case: str(case["case"]))
def test_net_input(case):
    pictures = golden.recorded("preprocess")
    size = NetSize(*case["net"], case["scale"], np.float32(1), np.float32(0))
    out = net_input(pictures[f"in{case['case']}"], size)
    difference = np.abs(out.astype(int) - pictures[f"out{case['case']}"])
    assert difference.max() <= 2
    assert difference.mean() < 0.01


@pytest.mark.parametrize(("name", "tolerance"), [("net_w0_i0_80x96", 2e-4), ("net_w0_i1_496x368", 1e-3)])
def test_network(network, name, tolerance):
    run = golden.recorded(name)
    shape = (int(run["height"]), int(run["width"]), 3)
    picture = np.random.RandomState(int(run["input_seed"])).randint(0, 256, shape)
    assert picture.sum() == run["input_sum"]
    seen = {}
    middle = [key for key in run if key.startswith("mid_")]
    for key in middle:
        layer = key.removeprefix("mid_")
        module = next(m for path, m in network.named_modules() if path.rpartition(".")[2] == layer)
        module.register_forward_hook(lambda _, __, out, key=key: seen.__setitem__(key, out[0].numpy().copy()))
    x = torch.from_numpy((picture.astype(np.float32) / 256 - 0.5).transpose(2, 0, 1)[None])
    with torch.inference_mode():
        out = network(x)[0].numpy()
    np.testing.assert_allclose(out.mean((1, 2)), run["channel_mean"], atol=tolerance)
    np.testing.assert_allclose(out.std((1, 2)), run["channel_std"], atol=tolerance)
    offset, stride = int(run["offset"]), int(run["stride"])
    np.testing.assert_allclose(out[:, offset::stride, offset::stride], run["net_output"], rtol=0, atol=tolerance)
    for key in middle:
        np.testing.assert_allclose(seen[key], run[key], rtol=0, atol=tolerance)


class Decoded:
    """A recording, and what our decoding makes of its maps."""

    def __init__(self, name, variant):
        run = golden.recorded(name)
        maps_of = run if "maps_q" in run else golden.recorded("decode_noise_strong")
        maps = (maps_of["maps_q"] / 4096).astype(np.float32)
        thresholds = MAXIMIZE_POSITIVES if int(run["maximize_positives"]) else DEFAULT
        build = RECORDED[variant]
        self.expected = {key.removesuffix(f"_{build}"): value for key, value in run.items()}
        self.upsampled = upsample(maps, STRIDE, variant)
        self.peaks = peaks(self.upsampled, thresholds.peak, run["nms_offset"], variant)
        people = assemble(self.upsampled, self.peaks, thresholds, variant)
        self.people = keypoints(people, self.peaks, run["scale_net_to_output"])
        self.scores = body_scores(people)
        self.pixels = 0.02 if run["scale_net_to_output"] > 2 else 0.01


@pytest.mark.parametrize("variant", list(Variant))
@pytest.mark.parametrize("name", DECODED)
def test_decoding(name, variant):
    decoded = Decoded(name, variant)
    expected = decoded.expected
    if "up_samples" in expected:
        samples = decoded.upsampled[:, expected["up_y"], expected["up_x"]]
        np.testing.assert_allclose(samples, expected["up_samples"], rtol=0, atol=1e-5)
    counts = np.array([len(part) for part in decoded.peaks])
    assert np.abs(counts - expected["peak_count"]).max() <= (2 if "noise" in name else 0)
    if name == "decode_noise_strong_maxpos":
        assert_most_people(decoded)
        return
    if (counts == expected["peak_count"]).all():
        found = np.concatenate(decoded.peaks)
        np.testing.assert_allclose(found[:, :2], expected["peaks"][:, :2], rtol=0, atol=0.01)
        np.testing.assert_allclose(found[:, 2], expected["peaks"][:, 2], rtol=0, atol=1e-4)
    assert decoded.people.shape == expected["keypoints"].shape
    np.testing.assert_array_equal(decoded.people[..., 2] > 0, expected["keypoints"][..., 2] > 0)
    np.testing.assert_allclose(decoded.people[..., :2], expected["keypoints"][..., :2], rtol=0, atol=decoded.pixels)
    np.testing.assert_allclose(decoded.people[..., 2], expected["keypoints"][..., 2], rtol=0, atol=1e-4)
    np.testing.assert_allclose(decoded.scores, expected["scores"], rtol=0, atol=1e-3)
    assert_same_text(decoded.people, str(expected["json"]))


def assert_most_people(decoded):
    """Noise decoded with the lowest thresholds: rounding moves a few of the hundreds of people."""
    expected = decoded.expected["keypoints"]
    assert abs(len(decoded.people) - len(expected)) <= 0.01 * len(expected)
    same = (decoded.people[:, None, :, 2] > 0) == (expected[None, :, :, 2] > 0)
    near = np.abs(decoded.people[:, None, :, :2] - expected[None, :, :, :2]).max(-1) <= decoded.pixels
    assert (same & near).all(-1).any(0).mean() >= 0.95


def assert_same_text(people, expected):
    document = PoseDocument(people=[PosePerson(pose_keypoints_2d=person.ravel().tolist()) for person in people])
    ours = encode_pose(document).decode()
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", expected)
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (ours, expected)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=2e-5, atol=1e-5)
