"""Which bare skin is whose: face, torso, arm or leg, told by the joints of a body."""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_training.augmentation import IGNORE, Image
from vfkit.contracts.people import PersonRegion

SKIN = 254
"""Label of a pixel that shows bare skin, wherever on the body."""
SKIN_REGIONS = slice(PersonRegion.FACE, PersonRegion.LEG + 1)
"""What SKIN stands for."""

Joints = NDArray[np.float32]
"""(21, 3): x and y in pixels, visibility in [0, 1], in the order of `Joint`."""


class Joint(IntEnum):
    """Those of BlazePose's landmarks that are kept; left and right are the person's."""

    NOSE = 0
    LEFT_EAR = 1
    RIGHT_EAR = 2
    LEFT_MOUTH = 3
    RIGHT_MOUTH = 4
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_INDEX = 11
    RIGHT_INDEX = 12
    LEFT_HIP = 13
    RIGHT_HIP = 14
    LEFT_KNEE = 15
    RIGHT_KNEE = 16
    LEFT_ANKLE = 17
    RIGHT_ANKLE = 18
    LEFT_TOE = 19
    RIGHT_TOE = 20


LANDMARKS = (0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 20, 23, 24, 25, 26, 27, 28, 31, 32)
"""BlazePose's number of each `Joint`."""

CHIN = 0.9
"""The chin lies so far below the mouth, in distances from nose to mouth."""
HEAD_RADIUS, NECK_RADIUS, TORSO_RADIUS = 0.28, 0.16, 0.3
ARM_RADII = (0.15, 0.12, 0.12)
"""Of the upper arm, the forearm and the hand. All radii are in lengths of the torso, shoulders to hips."""
LEG_RADII = (0.2, 0.17, 0.16)
"""Of thigh, shin and foot."""
SURE = 0.35
"""The nearest part of the body must be nearer than the next by so much, in radii."""


def split_skin(regions: Image, joints: Joints | None) -> Image:
    """Tell face, torso, arms and legs apart where a label map says SKIN.

    Args:
        regions: (H, W) uint8, `PersonRegion`, SKIN or IGNORE.
        joints: of the person, or None: all SKIN stays.

    Returns:
        The map with FACE, TORSO_SKIN, ARM or LEG where the joints say so clearly; the other SKIN stays.
    """
    skin = regions == SKIN
    if joints is None or not skin.any():
        return regions
    ys, xs = np.nonzero(skin)
    points = np.stack([xs, ys], 1).astype(np.float32) + 0.5
    distances = np.stack(
        [
            _head(points, joints),
            _torso(points, joints),
            _limbs(points, joints, arm=True),
            _limbs(points, joints, arm=False),
        ]
    )
    order = np.sort(distances, 0)
    nearest = distances.argmin(0) + PersonRegion.FACE
    out = regions.copy()
    out[ys, xs] = np.where(order[1] - order[0] > SURE, nearest, SKIN)
    return out


def person_box(joints: Joints, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The part of a photo that shows the person whose joints are given: left, top, right, bottom.

    Args:
        joints: of the person.
        size: (width, height) of the photo.
    """
    torso = _torso_length(joints)
    x, y = joints[:, 0], joints[:, 1]
    low, high = np.stack([x, y]).min(1), np.stack([x, y]).max(1)
    low, high = low - torso * np.array([0.22, 0.35]), high + torso * np.array([0.22, 0.12])
    return max(0.0, low[0]), max(0.0, low[1]), min(float(size[0]), high[0]), min(float(size[1]), high[1])


def _torso_length(joints: Joints) -> float:
    shoulders = joints[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2].mean(0)
    hips = joints[[Joint.LEFT_HIP, Joint.RIGHT_HIP], :2].mean(0)
    return max(float(np.hypot(*(shoulders - hips))), 1.0)


def _head(points: Joints, joints: Joints) -> Joints:
    """Distance from the head in its radii; far where a point is below the chin."""
    torso = _torso_length(joints)
    shoulders = joints[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2].mean(0)
    mouth = joints[[Joint.LEFT_MOUTH, Joint.RIGHT_MOUTH], :2].mean(0)
    nose = joints[Joint.NOSE, :2]
    middle = joints[[Joint.NOSE, Joint.LEFT_EAR, Joint.RIGHT_EAR], :2].mean(0)
    chin = mouth + CHIN * (mouth - nose)
    down = (shoulders - nose) / max(float(np.hypot(*(shoulders - nose))), 1.0)
    below = (points - chin) @ down
    distance = np.hypot(*(points - middle).T) / (HEAD_RADIUS * torso)
    return np.asarray(np.where(below > 0, distance + 1 + below / (0.05 * torso), distance), np.float32)


def _torso(points: Joints, joints: Joints) -> Joints:
    """Distance from neck, chest and belly in their radii."""
    torso = _torso_length(joints)
    shoulders = joints[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2]
    hips = joints[[Joint.LEFT_HIP, Joint.RIGHT_HIP], :2]
    top, foot = shoulders.mean(0), hips.mean(0)
    mouth = joints[[Joint.LEFT_MOUTH, Joint.RIGHT_MOUTH], :2].mean(0)
    inner = top + (shoulders - top) * 0.6
    lines = [
        (top, foot, TORSO_RADIUS),
        (top, top + (mouth - top) * 0.7, NECK_RADIUS),
        (inner[0], inner[1], NECK_RADIUS),
    ]
    return _nearest(points, lines, torso)


def _limbs(points: Joints, joints: Joints, *, arm: bool) -> Joints:
    """Distance from the nearer of both arms or legs in their radii."""
    torso = _torso_length(joints)
    names = ("SHOULDER", "ELBOW", "WRIST", "INDEX") if arm else ("HIP", "KNEE", "ANKLE", "TOE")
    radii = ARM_RADII if arm else LEG_RADII
    lines = []
    for side in ("LEFT", "RIGHT"):
        chain = [joints[Joint[f"{side}_{name}"], :2] for name in names]
        start = chain[0] + 0.25 * (chain[1] - chain[0])  # the shoulder itself is torso as much as arm
        ends = [start, *chain[1:]]
        lines += list(zip(ends, ends[1:], radii, strict=False))
    return _nearest(points, lines, torso)


def _nearest(points: Joints, lines: list[tuple[Joints, Joints, float]], unit: float) -> Joints:
    distances = []
    for a, b, radius in lines:
        along = b - a
        t = np.clip(((points - a) @ along) / max(float(along @ along), 1e-6), 0, 1)
        distances.append(np.hypot(*(points - (a + t[:, None] * along)).T) / (radius * unit))
    return np.asarray(np.min(distances, 0), np.float32)


def outlined(regions: Image) -> NDArray[np.bool_]:
    """Whether pixels show the person, bags included; small gaps closed."""
    shown = ((regions != PersonRegion.BACKGROUND) & (regions != IGNORE)).astype(np.uint8)
    closed = cv2.morphologyEx(shown, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(closed, bool)
