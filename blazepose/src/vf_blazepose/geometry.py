"""Rotated square regions of a picture: cutting them out for a network, and bringing its answers back.

Coordinates are pixels, x to the right and y down; a region's own coordinates run from 0 to 1 over its square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats
from vfkit.contracts import Image


@dataclass(frozen=True)
class Region:
    """A square of a picture.

    Attributes:
        x, y: its centre in pixels; may lie outside the picture, as may any part of the square.
        size: length of a side in pixels, above 0.
        angle: radians by which the square is turned clockwise as seen.
    """

    x: float
    y: float
    size: float
    angle: float = 0.0

    def matrix(self, pixels: int) -> NDArray[np.float64]:
        """(2, 3) affine map from a crop of ``pixels`` x ``pixels`` to the picture."""
        scale = self.size / pixels
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        half = pixels / 2
        return np.array(
            [
                [cos, -sin, self.x - half * (cos - sin)],
                [sin, cos, self.y - half * (sin + cos)],
            ]
        )

    def cut(self, image: Image, pixels: int, *, replicate: bool) -> Image:
        """The region as a (pixels, pixels, 3) picture; outside the picture its border repeated, or black."""
        border = cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(image, self.matrix(pixels), (pixels, pixels), flags=flags, borderMode=border), np.uint8
        )

    def to_picture(self, points: Floats) -> Floats:
        """(..., 2) points of the region (0 to 1) in pixels of the picture."""
        matrix = self.matrix(1)
        return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)

    def to_region(self, points: Floats) -> Floats:
        """(..., 2) points of the picture in the region's coordinates (0 to 1); the inverse of `to_picture`."""
        matrix = self.matrix(1)
        return np.asarray((points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float32)

    def paste(self, mask: Floats, shape: tuple[int, int]) -> Floats:
        """A (k, k) float32 mask of the region laid on a (H, W) = ``shape`` float32 picture, 0 outside the region."""
        height, width = shape
        laid = cv2.warpAffine(mask, self.matrix(len(mask)), (width, height), flags=cv2.INTER_LINEAR)
        return np.asarray(laid, np.float32)


def whole(shape: tuple[int, ...]) -> Region:
    """The smallest upright square around a picture of this (H, W, ...) shape, centred on it."""
    height, width = shape[:2]
    return Region(width / 2, height / 2, max(height, width))


def upright(centre: Floats, top: Floats, scale: float) -> Region:
    """The region around a circle, turned so that ``top`` lies straight above ``centre``.

    Args:
        centre: (2,) the circle's centre in pixels.
        top: (2,) a point of the circle, towards the head.
        scale: side of the square in diameters of the circle.
    """
    dx, dy = float(top[0] - centre[0]), float(top[1] - centre[1])
    size = max(1.0, 2 * scale * math.hypot(dx, dy))
    return Region(float(centre[0]), float(centre[1]), size, math.atan2(dx, -dy))


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)), clipped to +-80 so that float32 does not overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)
