"""What is known about one person in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from vf_anatomy import Floats, PersonSide


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

    @classmethod
    def of(cls, side: PersonSide, name: str) -> Mark:
        """The landmark of one side: ``Mark.of(PersonSide.LEFT, "ELBOW")``."""
        return cls[f"{side.initial}_{name}"]


_HAND = {0: "WRIST", 3: "THUMB", 5: "INDEX", 17: "LITTLE"}
"""Which of the 21 points of a hand are landmarks."""


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
        agreement: in [0, 1], how well the person's outline and that of the mirror image agree. Of one person it is 0.9
            or more; of two who overlap it is often less.
    """

    landmarks: Floats
    mask: Floats
    presence: float
    box: tuple[float, float, float, float]
    prominence: float
    agreement: float = 1.0

    def hand(self, side: PersonSide) -> Floats:
        """(21, 3) float32 x, y, visibility in the usual hand order; points BlazePose has not are (0, 0, 0)."""
        points = np.zeros((21, 3), np.float32)
        for point, name in _HAND.items():
            points[point] = self.landmarks[Mark.of(side, name), [0, 1, 3]]
        return points
