from pathlib import Path

import numpy as np
import pytest

from vf_synthetic.body import BaseMesh, Pose, posed, rotation_between

# An arm of three joints along x: upper arm 0 to 1, forearm 1 to 2, hand at 2.
BONES = ("Root", "upperarm_l", "lowerarm_l", "hand_l")
POINTS = np.array([[0, 0, 0], [0, 0, 0], [1, 0, 0], [2, 0, 0], [1.5, 0, 0]], np.float32)
WEIGHTS = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]], np.float32)


@pytest.fixture
def arm():
    joints = {bone: np.array([i]) for i, bone in enumerate(BONES)}
    return BaseMesh(Path(), POINTS, np.zeros((5, 2), np.float32), {}, BONES, (-1, 0, 1, 2), WEIGHTS, joints)


def test_aimed_limbs_point_where_they_are_told(arm):
    pose = Pose(aim={"upperarm_l": (0, -1, 0), "lowerarm_l": (0, 0, 1)})
    result = posed(arm, POINTS, pose)
    assert result.heads["lowerarm_l"] == pytest.approx([0, -1, 0], abs=1e-6)
    assert result.heads["hand_l"] == pytest.approx([0, -1, 1], abs=1e-6)
    assert result.points[4] == pytest.approx([0, -1, 0.5], abs=1e-6)


def test_a_faced_bone_ignores_its_parents_turn(arm):
    pose = Pose(aim={"upperarm_l": (0, -1, 0)}, face={"lowerarm_l": (0, 0, 0)})
    assert posed(arm, POINTS, pose).turned["lowerarm_l"] == pytest.approx(np.eye(3), abs=1e-6)


def test_the_empty_pose_moves_nothing(arm):
    assert posed(arm, POINTS, Pose()).points == pytest.approx(POINTS)


def test_the_rotation_between_directions_is_a_rotation():
    a, b = np.array([1.0, 2, -0.5]), np.array([-0.3, 0.1, 2])
    turn = rotation_between(a, b)
    assert turn @ a / np.linalg.norm(a) == pytest.approx(b / np.linalg.norm(b))
    assert np.linalg.det(turn) == pytest.approx(1)
