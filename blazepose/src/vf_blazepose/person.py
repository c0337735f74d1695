"""What is known about one person in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from vf_blazepose.geometry import Floats

Side = Literal["left", "right"]


class Mark(IntEnum):
    """BlazePose's 33 landmarks; left and right are the person's. Hand marks are knuckles (the thumb's second)."""

    NOSE = 0
    L_EYE_INNER = 1
    L_EYE = 2
    L_EYE_OUTER = 3
    R_EYE_INNER = 4
    R_EYE = 5
    R_EYE_OUTER = 6
    L_EAR = 7
    R_EAR = 8
    L_MOUTH = 9
    R_MOUTH = 10
    L_SHOULDER = 11
    R_SHOULDER = 12
    L_ELBOW = 13
    R_ELBOW = 14
    L_WRIST = 15
    R_WRIST = 16
    L_LITTLE = 17
    R_LITTLE = 18
    L_INDEX = 19
    R_INDEX = 20
    L_THUMB = 21
    R_THUMB = 22
    L_HIP = 23
    R_HIP = 24
    L_KNEE = 25
    R_KNEE = 26
    L_ANKLE = 27
    R_ANKLE = 28
    L_HEEL = 29
    R_HEEL = 30
    L_TOE = 31
    R_TOE = 32


_HANDS: dict[Side, dict[int, Mark]] = {
    "left": {0: Mark.L_WRIST, 3: Mark.L_THUMB, 5: Mark.L_INDEX, 17: Mark.L_LITTLE},
    "right": {0: Mark.R_WRIST, 3: Mark.R_THUMB, 5: Mark.R_INDEX, 17: Mark.R_LITTLE},
}
"""Which of the 21 points of a hand each landmark is."""


@dataclass(frozen=True)
class Person:
    """One person found in a picture.

    Attributes:
        landmarks: (33, 4) float32 by `Mark`: x, y in pixels (may lie outside the picture), z in pixels from the
            hips, smaller is nearer, and visibility in [0, 1].
        mask: (H, W) float32 at the picture's size, the probability in [0, 1] that a pixel is this person.
        presence: the network's belief in [0, 1] that there is a person at all.
        box: left, top, right, bottom in pixels of what is visible.
        prominence: how much of the picture the person takes, the middle counting more; for comparison only.
    """

    landmarks: Floats
    mask: Floats
    presence: float
    box: tuple[float, float, float, float]
    prominence: float

    def hand(self, side: Side) -> Floats:
        """(21, 3) float32 x, y, visibility in the usual hand order; points BlazePose has not are (0, 0, 0)."""
        points = np.zeros((21, 3), np.float32)
        for point, mark in _HANDS[side].items():
            points[point] = self.landmarks[mark, [0, 1, 3]]
        return points
