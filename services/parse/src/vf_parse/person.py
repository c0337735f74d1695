"""What the parser knows about the person before it looks at colours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Mark(IntEnum):
    """BlazePose's landmarks (Bazarevsky et al., BlazePose, 2020) that the parser uses; sides are the person's."""

    NOSE = 0
    L_EYE = 2
    R_EYE = 5
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


HEAD_MARKS = slice(0, 11)
"""Nose, eyes, ears and mouth corners."""


@dataclass(frozen=True)
class Person:
    """One person found in a picture.

    ``landmarks``: (33, 4) float32: x, y in pixels, z in the scale of x, visibility in [0, 1].
    ``mask``: (H, W) float32, the probability that a pixel is the person, soft at the outline.
    ``face``: (468, 2) float32 FaceMesh points in pixels, or None when no face was found.
    """

    landmarks: Floats
    mask: Floats
    face: Floats | None = None

    def scaled(self, factor: float, mask: Floats) -> Person:
        """The same person on a picture ``factor`` times as large, with the mask of that picture."""
        landmarks = self.landmarks.copy()
        landmarks[:, :3] *= factor
        return Person(landmarks, mask, None if self.face is None else self.face * np.float32(factor))
