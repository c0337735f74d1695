"""BlazePose's 33 landmarks as OpenPose's 25 joints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vf_anatomy import PersonSide
from vf_blazepose import Mark, Person
from vfkit.contracts import Joint, PosePerson

Floats = NDArray[np.float32]

SEEN = 0.3
"""Least visibility of a joint that is told; below it BlazePose guesses."""

HIP_TOLERANCE = 0.15
"""How far outside the picture a hip may lie, in torso lengths, and still be told, moved to the picture's edge.

The hips' position is then known well from the waist, and photos that end at the hips are common in shops.
"""

_SAME: dict[Joint, Mark] = {
    Joint.NOSE: Mark.NOSE,
    Joint.R_SHOULDER: Mark.R_SHOULDER,
    Joint.R_ELBOW: Mark.R_ELBOW,
    Joint.R_WRIST: Mark.R_WRIST,
    Joint.L_SHOULDER: Mark.L_SHOULDER,
    Joint.L_ELBOW: Mark.L_ELBOW,
    Joint.L_WRIST: Mark.L_WRIST,
    Joint.R_HIP: Mark.R_HIP,
    Joint.R_KNEE: Mark.R_KNEE,
    Joint.R_ANKLE: Mark.R_ANKLE,
    Joint.L_HIP: Mark.L_HIP,
    Joint.L_KNEE: Mark.L_KNEE,
    Joint.L_ANKLE: Mark.L_ANKLE,
    Joint.R_EYE: Mark.R_EYE,
    Joint.L_EYE: Mark.L_EYE,
    Joint.R_EAR: Mark.R_EAR,
    Joint.L_EAR: Mark.L_EAR,
    Joint.L_BIG_TOE: Mark.L_TOE,
    Joint.L_HEEL: Mark.L_HEEL,
    Joint.R_BIG_TOE: Mark.R_TOE,
    Joint.R_HEEL: Mark.R_HEEL,
}
"""Joints that are a landmark. BlazePose has no small toes; those stay (0, 0, 0)."""

_BETWEEN: dict[Joint, tuple[Joint, Joint]] = {
    Joint.NECK: (Joint.R_SHOULDER, Joint.L_SHOULDER),
    Joint.MID_HIP: (Joint.R_HIP, Joint.L_HIP),
}
"""Joints in the middle of two others, as OpenPose's training data defines them."""


def to_body25(landmarks: Floats, size: tuple[int, int]) -> Floats:
    """The joints of one person.

    Args:
        landmarks: (33, 4) x, y in pixels, z, visibility.
        size: (width, height) of the picture.

    Returns:
        (25, 3) float32 x, y in pixels, confidence; (0, 0, 0) for joints outside the picture or not visible.
    """
    joints = np.zeros((len(Joint), 3), np.float32)
    points = _hips_to_edge(landmarks, size)
    for joint, mark in _SAME.items():
        joints[joint] = points[mark, [0, 1, 3]]
    joints[~_told(joints, size)] = 0
    for joint, (a, b) in _BETWEEN.items():
        if joints[a, 2] > 0 and joints[b, 2] > 0:
            joints[joint] = (*(joints[a, :2] + joints[b, :2]) / 2, min(joints[a, 2], joints[b, 2]))
    return joints


def to_pose_person(person: Person, size: tuple[int, int]) -> PosePerson:
    """One person of pose.json: joints, and the four points of each hand that BlazePose has."""
    return PosePerson(
        pose_keypoints_2d=_flat(to_body25(person.landmarks, size)),
        hand_left_keypoints_2d=_hand(person, PersonSide.LEFT, size),
        hand_right_keypoints_2d=_hand(person, PersonSide.RIGHT, size),
    )


def _hips_to_edge(landmarks: Floats, size: tuple[int, int]) -> Floats:
    """The landmarks with hips that lie just outside the picture moved to its edge."""
    points = landmarks.copy()
    shoulders = landmarks[[Mark.L_SHOULDER, Mark.R_SHOULDER], :2].mean(0)
    hips = landmarks[[Mark.L_HIP, Mark.R_HIP], :2]
    reach = HIP_TOLERANCE * float(np.linalg.norm(hips.mean(0) - shoulders))
    inside = np.clip(hips, 0, np.array(size, np.float32) - 1)
    near = np.linalg.norm(hips - inside, axis=1) <= reach
    points[[Mark.L_HIP, Mark.R_HIP], :2] = np.where(near[:, None], inside, hips)
    return points


def _told(points: Floats, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which (n, 3) points are visible and inside the picture."""
    within = (points[:, :2] >= 0).all(1) & (points[:, :2] <= np.array(size, np.float32) - 1).all(1)
    return np.asarray(within & (points[:, 2] >= SEEN))


def _hand(person: Person, side: PersonSide, size: tuple[int, int]) -> list[float]:
    points = person.hand(side)
    points[~_told(points, size)] = 0
    return _flat(points) if points.any() else []


def _flat(points: Floats) -> list[float]:
    return [float(value) for value in points.ravel()]
