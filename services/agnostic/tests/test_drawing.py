"""The drawings against recorded outputs of the published programs: no pixel may differ."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vf_agnostic.drawing import human_agnostic, parse_agnostic
from vf_testing import golden_inputs
from vfkit.contracts import Joint

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(path.stem for path in FIXTURES.glob("*.json"))
BOTH_HIPS = (Joint.R_HIP, Joint.L_HIP)


case_of = functools.cache(golden_inputs.case)


def golden(name: str) -> tuple[dict, np.ndarray]:
    facts = json.loads((FIXTURES / f"{name}.json").read_text())
    case = case_of(facts["seed"], tuple(facts["missing"]))
    recorded = np.array(facts["pose_keypoints_2d"]).reshape(-1, 3)
    np.testing.assert_array_equal(case["keypoints"], recorded)
    return case, recorded[:, :2]


@pytest.mark.parametrize("name", CASES)
def test_parse_agnostic_is_exact(name):
    case, joints = golden(name)
    expected = np.array(Image.open(FIXTURES / f"{name}_parse_agnostic.png"))
    np.testing.assert_array_equal(parse_agnostic(case["parse"], joints), expected)


@pytest.mark.parametrize("name", CASES)
def test_human_agnostic_is_exact(name):
    case, joints = golden(name)
    grey = np.array(Image.open(FIXTURES / f"{name}_human_grey.png")) > 0
    expected = case["image"].copy()
    expected[grey] = 128
    np.testing.assert_array_equal(human_agnostic(case["image"], case["parse"], joints), expected)


def test_there_are_golden_cases():
    assert len(CASES) == 4


def test_both_hips_missing_still_hides_the_garment():
    case = case_of(2, BOTH_HIPS)
    hidden = (human_agnostic(case["image"], case["parse"], case["keypoints"][:, :2]) == 128).all(2)
    garment = np.isin(case["parse"], (5, 6, 7))
    assert hidden[garment].mean() > 0.98


def test_nothing_found_paints_the_garment_alone():
    case = case_of(2, tuple(range(25)))
    out = human_agnostic(case["image"], case["parse"], case["keypoints"][:, :2])
    changed = (out != case["image"]).any(2)
    assert changed.any()
    assert not changed[~np.isin(case["parse"], (5, 6, 7))].any()


def test_inputs_are_not_changed():
    case = case_of(0)
    joints = case["keypoints"][:, :2].copy()
    image, parse = case["image"].copy(), case["parse"].copy()
    human_agnostic(image, parse, joints)
    parse_agnostic(parse, joints)
    np.testing.assert_array_equal(joints, case["keypoints"][:, :2])
    np.testing.assert_array_equal(image, case["image"])
    np.testing.assert_array_equal(parse, case["parse"])


@settings(max_examples=15, deadline=None)
@given(missing=st.sets(st.integers(0, 24)), seed=st.integers(0, 3))
def test_any_joints_may_be_missing(missing, seed):
    case = case_of(seed)
    joints = golden_inputs.keypoints(seed, tuple(missing))[:, :2]
    out = human_agnostic(case["image"], case["parse"], joints)
    kept = np.isin(case["parse"], (4, 13, 9, 12, 16, 17, 18, 19))
    np.testing.assert_array_equal(out[kept], case["image"][kept])
    labels = parse_agnostic(case["parse"], joints)
    assert not np.isin(labels, (5, 6, 7, 10)).any()
