"""Where the face is: from FaceMesh where it found one, else an ellipse through eyes and mouth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats
from vf_blazepose import Mark
from vf_parse.open.skeleton import Skeleton, fill
from vf_parse.open.subject import HEAD_MARKS
from vfkit.contracts import Image

# Point numbers of FaceMesh's canonical model (MediaPipe Face Mesh).
_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
_CHIN = 152
_FEATURES = (
    (33, 160, 158, 133, 153, 144),  # right eye
    (362, 385, 387, 263, 373, 380),  # left eye
    (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),  # mouth
    (70, 63, 105, 66, 107),  # right brow
    (336, 296, 334, 293, 300),  # left brow
)

_HEAD_RADIUS = 0.30
"""Half the height of a face in body units, when no face is seen."""


@dataclass(frozen=True)
class Head:
    """The head on the grid.

    ``face``: (h, w) uint8, 1 inside the face's oval (empty when the face lies outside the picture).
    ``plain``: (h, w) bool, face without eyes, brows, lips and rim: sure skin.
    ``distance``: (h, w) float32, pixels from the face's centre. ``radius``: half the face's height in pixels.
    ``centre``, ``chin``: x, y.
    """

    face: Image
    plain: Image
    distance: Floats
    radius: float
    centre: Floats
    chin: Floats

    @property
    def y(self) -> Floats:
        """(h, 1) float32, the row of each pixel's centre."""
        rows: Floats = np.arange(self.face.shape[0], dtype=np.float32)[:, None] + 0.5
        return rows


def find_head(skeleton: Skeleton, mesh: Floats | None) -> Head:
    """Place the head.

    Args:
        skeleton: the body.
        mesh: (468, 2) FaceMesh points on the grid, or None.
    """
    if mesh is None:
        face, centre, radius, chin = _ellipse(skeleton)
        features = np.zeros(skeleton.shape, np.uint8)
    else:
        oval = mesh[list(_OVAL)]
        face = fill(skeleton.shape, oval)
        centre, radius, chin = oval.mean(0), float(np.ptp(oval[:, 1])) / 2, mesh[_CHIN]
        features = np.zeros(skeleton.shape, np.uint8)
        for outline in _FEATURES:
            features |= fill(skeleton.shape, mesh[list(outline)])
        features = cv2.dilate(features, np.ones((3, 3), np.uint8))
    rim = max(1, int(radius * 0.12))
    plain = (cv2.erode(face, np.ones((3, 3), np.uint8), iterations=rim) > 0) & (features == 0)
    height, width = skeleton.shape
    x = np.arange(width, dtype=np.float32)[None] + 0.5
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    distance = np.hypot(x - centre[0], y - centre[1]).astype(np.float32)
    return Head(face, plain.astype(np.uint8), distance, radius, centre, chin)


def _ellipse(skeleton: Skeleton) -> tuple[Image, Floats, float, Floats]:
    """Face oval, centre, radius and chin from the eyes and the mouth alone."""
    face = np.zeros(skeleton.shape, np.uint8)
    eyes = skeleton.points[[Mark.L_EYE, Mark.R_EYE]].mean(0)
    mouth = skeleton.points[[Mark.L_MOUTH, Mark.R_MOUTH]].mean(0)
    down = mouth - eyes
    length = float(np.linalg.norm(down))
    chin: Floats = eyes + down * np.float32(2.0)
    if length <= 3 or mouth[1] <= 0:
        centre: Floats = skeleton.points[HEAD_MARKS].mean(0)
        return face, centre, _HEAD_RADIUS * skeleton.unit, chin
    centre = eyes + down * np.float32(0.6)
    angle = float(np.degrees(np.arctan2(-down[0], down[1])))
    box = ((float(centre[0]), float(centre[1])), (2.1 * length, 3.0 * length), angle)
    cv2.ellipse(face, box, 1, -1)
    return face, centre, 1.5 * length, chin
