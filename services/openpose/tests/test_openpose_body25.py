"""Landmarks to joints, and what the engine says about them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vf_blazepose import Mark, Person
from vf_openpose.open.body25 import to_body25, to_pose_person
from vf_openpose.open.engine import judge
from vfkit.contracts import Joint, PoseDocument
from vfkit.problems import Code, Problem

SIZE = (200, 400)


def standing():
    """(33, 4) landmarks of somebody who stands in a picture of 200 x 400."""
    marks = np.zeros((33, 4), np.float32)
    marks[:, 3] = 0.9
    left = {
        Mark.NOSE: (100, 60), Mark.L_EYE: (105, 55), Mark.L_EAR: (112, 58), Mark.L_MOUTH: (104, 68),
        Mark.L_SHOULDER: (130, 100), Mark.L_ELBOW: (140, 150), Mark.L_WRIST: (142, 195), Mark.L_HIP: (115, 200),
        Mark.L_KNEE: (117, 280), Mark.L_ANKLE: (118, 350), Mark.L_HEEL: (118, 360), Mark.L_TOE: (122, 370),
        Mark.L_INDEX: (143, 210), Mark.L_LITTLE: (146, 208), Mark.L_THUMB: (138, 205),
    }  # fmt: skip
    for mark, (x, y) in left.items():
        marks[mark, :2] = x, y
        if mark.name.startswith("L_"):
            marks[Mark[f"R_{mark.name[2:]}"], :2] = 200 - x, y
    return marks


def person(marks, presence=1.0):
    return Person(marks, np.zeros((SIZE[1], SIZE[0]), np.float32), presence, (0, 0, 200, 400), 0.5)


def verdict(*people):
    return judge(people, PoseDocument(people=[to_pose_person(one, SIZE) for one in people]))


def codes(*people):
    answer = verdict(*people)
    assert not isinstance(answer, Problem)
    return {warning.code for warning in answer}


def test_sides_and_middles():
    joints = to_body25(standing(), SIZE)
    assert joints[Joint.L_SHOULDER] == pytest.approx((130, 100, 0.9))
    assert joints[Joint.R_SHOULDER] == pytest.approx((70, 100, 0.9))
    assert joints[Joint.NECK] == pytest.approx((100, 100, 0.9))
    assert joints[Joint.MID_HIP] == pytest.approx((100, 200, 0.9))
    assert joints[Joint.R_HEEL, :2] == pytest.approx((82, 360))
    assert not joints[[Joint.L_SMALL_TOE, Joint.R_SMALL_TOE]].any(), "BlazePose has none"


def test_hidden_and_outside_joints_are_zero():
    marks = standing()
    marks[Mark.L_WRIST, 3] = 0.1
    marks[Mark.R_ANKLE, 1] = 400
    joints = to_body25(marks, SIZE)
    assert not joints[Joint.L_WRIST].any() and not joints[Joint.R_ANKLE].any()


def test_a_middle_needs_both():
    marks = standing()
    marks[Mark.L_SHOULDER, 0] = 250
    assert not to_body25(marks, SIZE)[Joint.NECK].any()


@settings(deadline=None)
@given(st.lists(st.floats(-1000, 1000), min_size=66, max_size=66), st.lists(st.floats(0, 1), min_size=33, max_size=33))
def test_every_told_joint_is_inside(places, visible):
    marks = np.zeros((33, 4), np.float32)
    marks[:, :2] = np.array(places).reshape(33, 2)
    marks[:, 3] = visible
    joints = to_body25(marks, SIZE)
    told = joints[:, 2] > 0
    assert (joints[told, :2] >= 0).all() and (joints[told, :2] <= np.array(SIZE) - 1).all()
    assert not joints[~told].any()
    assert (joints[:, 2] <= 1).all()


def test_hips_just_outside_move_to_the_edge():
    marks = standing()
    marks[[Mark.L_HIP, Mark.R_HIP], 1] = 412
    marks[[Mark.L_SHOULDER, Mark.R_SHOULDER], 1] = 300
    joints = to_body25(marks, SIZE)
    assert joints[Joint.L_HIP] == pytest.approx((115, 399, 0.9))
    marks[[Mark.L_HIP, Mark.R_HIP], 1] = 440
    assert not to_body25(marks, SIZE)[Joint.L_HIP].any()


def test_hands_are_filled_in_part():
    told = to_pose_person(person(standing()), SIZE)
    hand = told.hand("left")
    assert hand.shape == (21, 3)
    assert set(np.flatnonzero(hand[:, 2])) == {0, 3, 5, 17}
    assert hand[5, :2] == pytest.approx((143, 210))


def test_a_hidden_hand_is_empty():
    marks = standing()
    marks[[Mark.R_WRIST, Mark.R_INDEX, Mark.R_LITTLE, Mark.R_THUMB], 3] = 0
    assert to_pose_person(person(marks), SIZE).hand("right") is None


def test_all_well():
    assert codes(person(standing())) == set()


def test_nobody():
    assert verdict().code is Code.NO_PERSON_FOUND


@pytest.mark.parametrize("mark", [Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_HIP, Mark.R_HIP])
def test_shoulders_and_hips_are_needed(mark):
    marks = standing()
    marks[mark, 1] = 600
    assert verdict(person(marks)).code is Code.BODY_NOT_VISIBLE


def test_a_second_person_is_told():
    assert codes(person(standing()), person(standing())) == {"several_people_found"}


def test_a_head_cut_at_the_mouth_is_told():
    marks = standing()
    marks[:, 1] -= 62
    assert codes(person(marks)) == {"head_cropped"}


def test_doubt_is_told():
    assert codes(person(standing(), presence=0.7)) == {"low_confidence"}
    marks = standing()
    marks[Mark.L_HIP, 3] = 0.4
    assert codes(person(marks)) == {"low_confidence"}
