"""pose.json read as a service is sent it."""

import json

import pytest

from vfkit.poses import decode_person
from vfkit.problems import Code, Problem


def pose(*people):
    return json.dumps({"version": 1.3, "people": list(people)}).encode()


def test_the_first_person_is_read():
    first, second = ({"pose_keypoints_2d": [value] * 75} for value in (1.0, 2.0))
    assert decode_person(pose(first, second)).body().tolist() == [[1.0] * 3] * 25


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"{", Code.INVALID_REQUEST, "OpenPose JSON"),
        (pose({"face_keypoints_2d": []}), Code.INVALID_REQUEST, "OpenPose JSON"),
        (pose(), Code.NO_PERSON_FOUND, ""),
        (pose({"pose_keypoints_2d": [1.0] * 74}), Code.INVALID_REQUEST, "threes"),
        (pose({"pose_keypoints_2d": [1.0] * 54}), Code.INVALID_REQUEST, "BODY_25"),
        (pose({"pose_keypoints_2d": [float("nan")] * 75}), Code.INVALID_REQUEST, "BODY_25"),
    ],
)
def test_what_is_no_pose_is_a_problem(data, code, words):
    with pytest.raises(Problem) as told:
        decode_person(data)
    assert told.value.code is code
    assert words in told.value.detail
