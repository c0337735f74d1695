"""The face mesh ``face_landmark.tflite``: 468 points of a face that the pose has located."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from vf_anatomy import Floats
from vf_blazepose.finder import FOLDER
from vf_blazepose.geometry import Region, sigmoid
from vf_blazepose.network import Network
from vf_blazepose.person import Mark, Person
from vfkit.contracts import Image

FILE = "face_landmark.tflite"

POINTS = 468
R_EYE_CORNER, L_EYE_CORNER = 33, 263
"""The outer corners of the eyes: their line says how the head is tilted."""

_FACE = slice(0, 11)
"""The pose's landmarks of the face."""
_PRESENT = 0.5
_FIRST_SIZE = 3.4
"""Side of the first region in distances from the eyes' middle to the mouth's."""
_MARGIN = 1.5
"""Side of the second region in sides of the first mesh."""
_LEAST_SIZE = 12.0
"""Pixels; a smaller face shows nothing."""


class FaceMesh:
    """Reads the face of a person.

    Args:
        weights: the weights folder, which holds ``blazepose/face_landmark.tflite``.
        threads: of the interpreter.

    Raises:
        Problem: ``weights_missing``.
    """

    def __init__(self, weights: Path, threads: int = 1) -> None:
        self._network = Network(weights / FOLDER / FILE, threads)

    def read(self, image: Image, person: Person) -> Floats | None:
        """(468, 2) float32 mesh points in pixels of (H, W, 3) uint8 RGB; None when no face is visible."""
        region = face_region(person.landmarks, image.shape)
        if region is None:
            return None
        first = self._mesh(image, region)
        if first is None:
            return None
        return self._mesh(image, mesh_region(first))

    def _mesh(self, image: Image, region: Region) -> Floats | None:
        pixels = self._network.pixels
        outputs = self._network(region.cut(image, pixels, replicate=True))
        if float(sigmoid(outputs[1, 1, 1])[0, 0, 0]) < _PRESENT:
            return None
        points = outputs[1, 1, POINTS * 3].reshape(POINTS, 3)[:, :2] / np.float32(pixels)
        return region.to_picture(points)


def face_region(landmarks: Floats, shape: tuple[int, ...]) -> Region | None:
    """Where the pose's (33, 4) landmarks say that the face is; None when it is out of the picture or too small."""
    height, width = shape[:2]
    points = landmarks[:, :2]
    nose = points[Mark.NOSE]
    if not (0 <= nose[0] < width and 0 <= nose[1] < height):
        return None
    eyes = (points[Mark.L_EYE] + points[Mark.R_EYE]) / 2
    mouth = (points[Mark.L_MOUTH] + points[Mark.R_MOUTH]) / 2
    extent = max(float(np.linalg.norm(mouth - eyes)), 0.5 * float(np.ptp(points[_FACE], axis=0).max()))
    size = _FIRST_SIZE * extent
    if size < _LEAST_SIZE:
        return None
    centre = (eyes + mouth) / 2
    across = points[Mark.L_EYE_OUTER] - points[Mark.R_EYE_OUTER]
    return Region(float(centre[0]), float(centre[1]), size, math.atan2(float(across[1]), float(across[0])))


def mesh_region(mesh: Floats) -> Region:
    """The region around a (468, 2) mesh, turned with the eyes."""
    low, high = mesh.min(0), mesh.max(0)
    centre = (low + high) / 2
    across = mesh[L_EYE_CORNER] - mesh[R_EYE_CORNER]
    size = max(1.0, _MARGIN * float((high - low).max()))
    return Region(float(centre[0]), float(centre[1]), size, math.atan2(float(across[1]), float(across[0])))
