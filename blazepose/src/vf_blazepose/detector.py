"""The person detector ``pose_detection.tflite``: where people are, how large, and which way up.

A single-shot detector (Liu et al., SSD, 2016) with anchors of one fixed size: it predicts a face box and four points,
of which the first is the middle of the hips and the second a point on the circle around the whole body.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vf_anatomy import Floats
from vf_blazepose.geometry import Region, sigmoid, upright
from vf_blazepose.network import Network
from vfkit.contracts import Image

FILE = "pose_detection.tflite"

_PIXELS = 224
_GRIDS = ((28, 2), (14, 2), (7, 6))
"""Cells along a side, and anchors in each cell (strides 8, 16 and three times 32, two anchors each)."""

_VALUES = 12
"""A box (centre, width, height) and four points."""
_OVERLAP = 0.3
"""Boxes that overlap more are one person."""
_MARGIN = 1.25
"""Side of the region in diameters of the body's circle."""


@dataclass(frozen=True)
class Detection:
    """One detected person.

    Attributes:
        score: in [0, 1].
        box: (4,) float32, the face: left, top, right, bottom in pixels of the picture.
        points: (4, 2) float32 in pixels: mid hip, a point on the body's circle, mid shoulder, a point on the circle
            around the upper body.
    """

    score: float
    box: Floats
    points: Floats

    def region(self) -> Region:
        """The turned square around the whole body."""
        return upright(self.points[0], self.points[1], _MARGIN)


def anchors() -> Floats:
    """(2254, 2) float32: the anchors' centres x, y in [0, 1], in the order of the network's outputs."""
    centres = []
    for cells, each in _GRIDS:
        y, x = np.mgrid[:cells, :cells].astype(np.float32)
        centre = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) / cells
        centres.append(np.repeat(centre, each, axis=0))
    return np.concatenate(centres).astype(np.float32)


def decode(values: Floats, centres: Floats) -> Floats:
    """Network values to points.

    Args:
        values: (n, 12) float32: box centre x, y, width, height, then four points x, y; input pixels from the anchor.
        centres: (n, 2) float32, the anchors in [0, 1].

    Returns:
        (n, 6, 2) float32 in [0, 1]: top left and bottom right of the box, the four points.
    """
    pairs = values.reshape(-1, _VALUES // 2, 2) / np.float32(_PIXELS)
    middle, size, points = pairs[:, :1], pairs[:, 1:2], pairs[:, 2:]
    offsets = np.concatenate([middle - size / 2, middle + size / 2, points], axis=1)
    return np.asarray(offsets + centres[:, None], np.float32)


def merge(shapes: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """Weighted non-maximum suppression: boxes that overlap the best one are averaged with it by score.

    Args:
        shapes: (n, 6, 2) float32 of `decode`.
        scores: (n,) float32.

    Returns:
        Shape and best score of each group, best first.
    """
    merged = []
    left = np.argsort(-scores, kind="stable")
    while len(left):
        best = left[0]
        same = overlap(shapes[best, :2], shapes[left, :2]) > _OVERLAP
        same[0] = True
        group = left[same]
        weights = scores[group] / scores[group].sum()
        merged.append((np.einsum("n,nij->ij", weights, shapes[group]).astype(np.float32), float(scores[best])))
        left = left[~same]
    return merged


def overlap(box: Floats, boxes: Floats) -> Floats:
    """Intersection over union of one box (2, 2) with others (n, 2, 2); corners top left and bottom right."""
    low, high = np.maximum(box[0], boxes[:, 0]), np.minimum(box[1], boxes[:, 1])
    shared = np.prod(np.maximum(0, high - low), axis=1)
    areas = np.prod(np.maximum(0, boxes[:, 1] - boxes[:, 0]), axis=1)
    union = areas + np.prod(np.maximum(0, box[1] - box[0])) - shared
    return np.asarray(shared / np.maximum(union, 1e-12), np.float32)


class Detector:
    """Finds people in a region of a picture.

    Args:
        folder: holds ``pose_detection.tflite``.
        threads: of the interpreter.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._network = Network(folder / FILE, threads)
        self._anchors = anchors()

    def detect(self, image: Image, region: Region, least: float) -> list[Detection]:
        """People with a score of ``least`` or more in an upright region of (H, W, 3) RGB, best first."""
        outputs = self._network(region.cut(image, _PIXELS, replicate=False), low=-1.0)
        scores = sigmoid(outputs[len(self._anchors), 1][:, 0])
        chosen = scores >= least
        shapes = decode(outputs[len(self._anchors), _VALUES][chosen], self._anchors[chosen])
        return [
            Detection(score, region.to_picture(shape[:2]).reshape(4), region.to_picture(shape[2:]))
            for shape, score in merge(shapes, scores[chosen])
        ]
