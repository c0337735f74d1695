"""Points, affine maps and boxes. Everywhere (0, 0) is the middle of a picture's first pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.regions import larger

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]
"""(2, 3): takes (x, y, 1) to x, y."""

CRUMB = 0.1
"""Of the largest region of a mask: smaller ones are left out of its outline."""


def compose(after: Matrix, before: Matrix) -> Matrix:
    """One map after another."""
    return np.asarray(after @ np.vstack([before, (0, 0, 1)]), np.float64)


def inverse(matrix: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def transform(points: Floats, matrix: Matrix) -> Floats:
    """(n, 2) points where the matrix takes them."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)


def outline(mask: NDArray[np.bool_]) -> Floats:
    """(n, 2) the convex hull of a mask's larger regions, through the middles of its pixels."""
    rows, columns = np.nonzero(larger(mask, CRUMB))
    return np.asarray(cv2.convexHull(np.stack([columns, rows], 1).astype(np.int32))[:, 0], np.float32)


def rotation(degrees: float) -> Matrix:
    """Around (0, 0), clockwise as it is seen."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0]])


def fitted(points: Floats, degrees: float, size: tuple[int, int], margin: float) -> Matrix:
    """Turn by an angle, then scale and move so that the points fill a picture.

    Args:
        points: (n, 2); what they bound reaches half a pixel further.
        degrees: clockwise as it is seen.
        size: width and height in pixels.
        margin: share of the width and of the height that stays free at each side at least.
    """
    turned = rotation(degrees)
    seen = transform(points, turned)
    low, high = seen.min(0), seen.max(0)
    scale = float(min((1 - 2 * margin) * np.array(size) / np.maximum(high - low, 1)))
    middle = (np.array(size) - 1) / 2
    move = np.array([[scale, 0, middle[0]], [0, scale, middle[1]]])
    move[:, 2] -= scale * (low + high) / 2
    return compose(move, turned)
