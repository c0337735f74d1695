"""Skeletons as OpenPose draws them, against recordings of its two programs."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vf_openpose.pose_json import encode_pose
from vf_openpose.render import Renderer, render
from vfkit.contracts import PoseDocument, PosePerson

FIXTURES = Path(__file__).parent / "fixtures"
CASES = json.loads((FIXTURES / "render_cases.json").read_text())
RECORDED = {Renderer.CUDA: "gpu", Renderer.CPU: "cpu"}


def people_of(case):
    return list(np.array(case["keypoints"], np.float32).reshape(-1, 25, 3))


@pytest.mark.parametrize("renderer", list(Renderer))
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_drawn_as_recorded(case, renderer):
    recorded = np.asarray(PILImage.open(FIXTURES / f"render_{case['case']}_{RECORDED[renderer]}.png").convert("RGB"))
    drawn = render(people_of(case), (case["width"], case["height"]), renderer)
    assert drawn.dtype == np.uint8 and drawn.shape == recorded.shape
    different = (drawn != recorded).any(-1).sum()
    assert different <= 0.001 * (recorded > 0).any(-1).sum()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_written_as_recorded(case):
    people = [PosePerson(pose_keypoints_2d=person.ravel().tolist()) for person in people_of(case)]
    assert encode_pose(PoseDocument(people=people)).decode() == case["json"]


def test_json_reads_back():
    person = PosePerson(
        pose_keypoints_2d=[float(value) for value in np.linspace(0, 1000, 75)], hand_left_keypoints_2d=[0.0] * 63
    )
    text = encode_pose(PoseDocument(people=[person]))
    read = PoseDocument.model_validate_json(text).people[0]
    assert np.allclose(read.body(), person.body(), rtol=1e-5)
    assert read.hand("left").shape == (21, 3) and read.hand("right") is None


@pytest.mark.parametrize("renderer", list(Renderer))
def test_people_beyond_the_picture_do_no_harm(renderer):
    joints = np.random.default_rng(2).uniform(-3000, 3000, (4, 25, 3)).astype(np.float32)
    joints[..., 2] = 1
    assert render(list(joints), (90, 60), renderer).shape == (60, 90, 3)
    assert not render([np.zeros((25, 3), np.float32)], (90, 60), renderer).any()
