"""A picture of what was understood, for looking at."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import PictureSide
from vf_hrviton.open.garment.types import Garment
from vfkit.contracts import Image

OUTSIDE = (60, 120, 60)


def draw(cloth: Image, garment: Garment) -> Image:
    """The cloth picture with landmarks, sides, sleeves and the inside of the back drawn over it.

    Args:
        cloth: (H, W, 3) uint8 RGB.
        garment: as `understand` found it in this picture.
    """
    picture = cloth.copy()
    picture[garment.inner_back] = (255, 0, 255)
    for side in PictureSide:
        x = garment.torso[side]
        rows = np.arange(garment.torso_top, garment.torso_bottom + 1)
        line = np.stack([x[rows], rows], axis=1)
        cv2.polylines(picture, [np.round(line).astype(np.int32)], False, (0, 120, 255), 3)
        sleeve = garment.sleeves.get(side)
        if sleeve is None:
            continue
        for outer, inner in zip(sleeve.outer, sleeve.inner, strict=True):
            cv2.line(picture, _at(outer), _at(inner), (255, 180, 0), 2)
    for name, point in garment.landmarks.items():
        at, initials = _at(point), "".join(word[0].upper() for word in name.split("_"))
        cv2.circle(picture, at, 8, (255, 0, 0), -1)
        cv2.putText(picture, initials, (at[0] + 8, at[1] + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 90, 255), 2)
    caption = f"{garment.sleeve} {garment.confidence:.2f}"
    cv2.putText(picture, caption, (8, 30), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (200, 0, 0), 2)
    return picture


def _at(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
