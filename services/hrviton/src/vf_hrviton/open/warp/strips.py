"""Piecewise affine strips: a sleeve between its two edges, bent onto an arm."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Doubles, Floats, Points

Edge = Points
COLUMNS = 5
OVERHANG = 0.02
"""Share of the width added beyond both edges, so that soft borders are not cut."""
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Strip:
    """Two edges with as many points each.

    Attributes:
        outer: (n, 2) x, y.
        inner: (n, 2) x, y.
    """

    outer: Edge
    inner: Edge

    def moved(self, offset: tuple[float, float]) -> Strip:
        """The strip somewhere else, by x and y."""
        return Strip(self.outer + offset, self.inner + offset)

    def mesh(self) -> Doubles:
        """(n, COLUMNS, 2): points between the edges."""
        across = np.linspace(-OVERHANG, 1 + OVERHANG, COLUMNS)[None, :, None]
        return np.asarray(self.outer[:, None] * (1 - across) + self.inner[:, None] * across)


def strip_warp(source: Strip, target: Strip, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Maps for `cv2.remap` from the photo to the cloth picture.

    Args:
        source: the sleeve in the cloth picture.
        target: the sleeve on the photo.
        size: (height, width) of the photo.

    Returns:
        Two (height, width) float32 maps, x and y in the cloth picture; -1 outside the strip.
    """
    return mesh_warp(source.mesh(), target.mesh(), size)


def mesh_warp(source: Doubles, target: Doubles, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Maps for `cv2.remap` from the photo to the cloth picture, triangle by triangle.

    Args:
        source: (n, m, 2) x, y in the cloth picture.
        target: (n, m, 2) x, y on the photo.
        size: (height, width) of the photo.

    Returns:
        Two (height, width) float32 maps, x and y in the cloth picture; -1 outside the mesh.
    """
    height, width = size
    map_x, map_y = np.full((height, width), -1, np.float32), np.full((height, width), -1, np.float32)
    from_mesh, to_mesh = source.astype(np.float32), target.astype(np.float32)
    rows, columns = from_mesh.shape[:2]
    for row in range(rows - 1):
        for column in range(columns - 1):
            a, b = (row, column), (row + 1, column)
            c, d = (row + 1, column + 1), (row, column + 1)
            for triangle in ((a, b, c), (a, c, d)):
                _fill_triangle(
                    map_x, map_y, np.stack([to_mesh[i] for i in triangle]), np.stack([from_mesh[i] for i in triangle])
                )
    return map_x, map_y


def _fill_triangle(map_x: Floats, map_y: Floats, target: Floats, source: Floats) -> None:
    height, width = map_x.shape
    x0, y0 = np.maximum(np.floor(target.min(0)).astype(int) - 1, 0)
    x1, y1 = np.minimum(np.ceil(target.max(0)).astype(int) + 2, (width, height))
    (ux, uy), (vx, vy) = target[1] - target[0], target[2] - target[0]
    if x1 <= x0 or y1 <= y0 or abs(ux * vy - uy * vx) < 1e-3:
        return
    affine = cv2.getAffineTransform(target, source)
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    corners = np.rint((target - (x0, y0)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillConvexPoly(inside, corners, 1, cv2.LINE_8, SUBPIXEL_BITS)
    ys, xs = np.nonzero(inside)
    xs, ys = xs + x0, ys + y0
    map_x[ys, xs] = affine[0, 0] * xs + affine[0, 1] * ys + affine[0, 2]
    map_y[ys, xs] = affine[1, 0] * xs + affine[1, 1] * ys + affine[1, 2]
