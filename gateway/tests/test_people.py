"""Which photos are refused for whom they show; the numbers are those of the open engine on cropped photos."""

from __future__ import annotations

import pytest

from vf_gateway.stages.people import require_fittable
from vfkit.contracts import Joint, PoseDocument, PosePerson
from vfkit.pictures import Placement
from vfkit.problems import Code, Problem

TORSO = 255.0


def pose(shoulders: float, hips: float, left: float = 230.0) -> PoseDocument:
    """A person whose shoulders and hips lie at these heights, the right ones at ``left``."""
    joints = [[left + 150, (shoulders + hips) / 2, 0.9] for _ in Joint]
    for joint, x, y in (
        (Joint.R_SHOULDER, left, shoulders),
        (Joint.L_SHOULDER, left + 290, shoulders),
        (Joint.R_HIP, left + 70, hips),
        (Joint.L_HIP, left + 220, hips),
    ):
        joints[joint] = [x, y, 0.9]
    return PoseDocument(people=[PosePerson(pose_keypoints_2d=[value for joint in joints for value in joint])])


def verdict(document: PoseDocument, photo: Placement) -> str | None:
    try:
        require_fittable(document, photo)
    except Problem as problem:
        return problem.code.value
    return None


WIDE = Placement.fit(768, 493)
"""Padded above and below: the photo ends at 265 and 758."""


@pytest.mark.parametrize(
    "hips, code",
    [
        (700, None),
        (757, None),
        (758 + 0.1 * TORSO, None),
        (758 + 0.2 * TORSO, Code.BODY_NOT_VISIBLE),
        (1000, Code.BODY_NOT_VISIBLE),
    ],
)
def test_hips_that_only_the_padding_shows(hips: float, code: Code | None) -> None:
    assert verdict(pose(hips - TORSO, hips), WIDE) == code


@pytest.mark.parametrize("shoulders, code", [(300, None), (250, None), (220, Code.BODY_NOT_VISIBLE)])
def test_shoulders_that_only_the_padding_shows(shoulders: float, code: Code | None) -> None:
    assert verdict(pose(shoulders, shoulders + TORSO), WIDE) == code


@pytest.mark.parametrize("left, code", [(160, None), (140, None), (90, Code.BODY_NOT_VISIBLE)])
def test_a_shoulder_beside_a_narrow_photo(left: float, code: Code | None) -> None:
    assert verdict(pose(300, 300 + TORSO, left), Placement.fit(461, 1024)) == code
