"""Where the face ends: its oval by BlazePose's landmarks, since skin looks alike above and below the chin."""

from __future__ import annotations

import cv2
import numpy as np

from vf_blazepose import Mark
from vf_parse.open.subject import Subject
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion

_MIDDLE, _WIDTH, _HEIGHT = 0.6, 2.1, 2.5
"""The oval's middle below the eyes, its width and its height, in distances from the eyes to the mouth."""
_LEAST = 2.0
"""Pixels between eyes and mouth below which there is no face to speak of."""


def with_whole_face(regions: Image, subject: Subject) -> Image:
    """(H, W) uint8 of `PersonRegion` in which what was called neck inside the face's oval is face."""
    eyes = subject.landmarks[[Mark.L_EYE, Mark.R_EYE], :2].mean(0)
    down = subject.landmarks[[Mark.L_MOUTH, Mark.R_MOUTH], :2].mean(0) - eyes
    length = float(np.linalg.norm(down))
    if length < _LEAST:
        return regions
    x, y = (float(value) for value in eyes + down * np.float32(_MIDDLE))
    angle = float(np.degrees(np.arctan2(-down[0], down[1])))
    oval = np.zeros(regions.shape, np.uint8)
    cv2.ellipse(oval, ((x, y), (_WIDTH * length, _HEIGHT * length), angle), 1, -1)
    chin = (oval > 0) & (regions == PersonRegion.TORSO_SKIN)
    return np.where(chin, np.uint8(PersonRegion.FACE), regions)
