"""Which photos are refused for whom they show; the numbers are those of the open engine on cropped photos."""

from __future__ import annotations

import numpy as np
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


def standing(shoulders: float, *, legs: bool = True) -> PoseDocument:
    """Somebody whose shoulders have this width in lengths of the torso; negative from behind."""
    document = pose(250, 250 + TORSO)
    body = document.people[0].body().astype(float)
    for joint, side in ((Joint.R_SHOULDER, -1), (Joint.L_SHOULDER, 1)):
        body[joint, 0] = 384 + side * shoulders * TORSO / 2
    if not legs:
        body[[Joint.R_KNEE, Joint.L_KNEE, Joint.R_ANKLE, Joint.L_ANKLE]] = 0
    return PoseDocument(people=[PosePerson(pose_keypoints_2d=body.ravel().tolist())])


def warned(document: PoseDocument, photo: Placement) -> list[str]:
    return [warning.code for warning in require_fittable(document, photo)]


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


@pytest.mark.parametrize(
    "lean, code", [(0, None), (50, None), (70, Code.PERSON_NOT_UPRIGHT), (180, Code.PERSON_NOT_UPRIGHT)]
)
def test_whoever_is_not_upright(lean: float, code: Code | None) -> None:
    document = pose(400, 400 + TORSO)
    body = document.people[0].body().astype(float)
    middle, angle = np.array([384.0, 512.0]), np.radians(lean)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    body[:, :2] = (body[:, :2] - middle) @ turn.T + middle
    turned = PoseDocument(people=[PosePerson(pose_keypoints_2d=body.ravel().tolist())])
    assert verdict(turned, Placement.fit(768, 1024)) == code


@pytest.mark.parametrize("torso, code", [(70, None), (50, Code.PERSON_TOO_SMALL)])
def test_whoever_is_too_small(torso: float, code: Code | None) -> None:
    assert verdict(pose(400, 400 + torso), Placement.fit(768, 1024)) == code


@pytest.mark.parametrize(
    "shoulders, code, word",
    [
        (-0.7, Code.PERSON_NOT_FRONTAL, "behind"),
        (-0.1, Code.PERSON_NOT_FRONTAL, "side"),
        (0.2, Code.PERSON_NOT_FRONTAL, "side"),
    ],
)
def test_whoever_is_not_seen_from_the_front(shoulders: float, code: Code, word: str) -> None:
    with pytest.raises(Problem, match=word) as caught:
        require_fittable(standing(shoulders), Placement.fit(768, 1024))
    assert caught.value.code is code


@pytest.mark.parametrize("shoulders, codes", [(0.3, ["pose_difficult"]), (0.5, [])])
def test_whoever_is_turned(shoulders: float, codes: list[str]) -> None:
    assert warned(standing(shoulders), Placement.fit(768, 1024)) == codes


@pytest.mark.parametrize("height, codes", [(1024, ["legs_hidden"]), (520, [])])
def test_legs_that_the_photo_should_show(height: int, codes: list[str]) -> None:
    """In the lower photo the legs are cut off, not hidden; its picture ends at 772."""
    assert warned(standing(0.6, legs=False), Placement.fit(768, height)) == codes
    assert warned(standing(0.6), Placement.fit(768, height)) == []


@pytest.mark.parametrize("left, code", [(300.0, Code.SEVERAL_PEOPLE), (600.0, None)])
def test_whoever_stands_before_the_person(left: float, code: Code | None) -> None:
    """Somebody of a third of the height, before the torso or beside it."""
    document, other = standing(0.6), pose(300, 400).people[0].body().astype(float)
    other[:, 0] = left + (other[:, 0] - 230) / 2
    other[Joint.NOSE, 1], other[Joint.L_ANKLE, 1] = 280, 480
    document.people.append(PosePerson(pose_keypoints_2d=other.ravel().tolist()))
    document.people[0].pose_keypoints_2d[Joint.L_ANKLE * 3 + 1] = 900.0
    document.people[0].pose_keypoints_2d[Joint.NOSE * 3 + 1] = 100.0
    assert verdict(document, Placement.fit(768, 1024)) == code
