"""A small software rasteriser: which triangle each pixel shows. NumPy only, so pictures need no graphics driver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vf_synthetic.mesh import IntArray
from vf_synthetic.noise import FloatArray

CANDIDATES_PER_CHUNK = 3_000_000  # bounds the memory for (triangle, pixel) pairs


@dataclass(frozen=True)
class Visible:
    """The visible surface: `pixel` (N,) flat pixel numbers, `triangle` (N,), `weights` (N, 3) barycentric."""

    pixel: IntArray
    triangle: IntArray
    weights: FloatArray


@dataclass(frozen=True)
class Camera:
    """A perspective camera at `eye` that looks along -z, level; `scale` pixels a unit at distance `focus_distance`."""

    eye: FloatArray
    focus_distance: float
    scale: float
    width: int
    height: int

    def project(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Pixel coordinates (V, 2) and distance along the view (V,) of points (V, 3)."""
        relative = points - self.eye
        distance = -relative[:, 2]
        zoom = self.scale * self.focus_distance / distance
        x = self.width / 2 + relative[:, 0] * zoom
        y = self.height / 2 - relative[:, 1] * zoom
        return np.stack([x, y], -1).astype(np.float32), distance.astype(np.float32)


def see(points: FloatArray, triangles: IntArray, camera: Camera) -> Visible:
    """What `camera` sees of a triangle soup."""
    screen, distance = camera.project(points)
    nearness = 1.0 / distance  # linear over the screen, unlike the distance
    owner, _ = depth_buffer(screen, -nearness, triangles, camera.width, camera.height)
    pixel = np.flatnonzero(owner >= 0)
    shown = owner[pixel].astype(np.int64)
    flat = _barycentric(screen, triangles[shown], pixel, camera.width)
    weights = flat * nearness[triangles[shown]]
    return Visible(pixel, shown, weights / weights.sum(1, keepdims=True))


def depth_buffer(
    screen: FloatArray, depth: FloatArray, triangles: IntArray, width: int, height: int
) -> tuple[NDArray[np.int32], FloatArray]:
    """The nearest triangle of each pixel (height * width, -1 where none) and its depth (inf where none).

    screen: (V, 2) pixel coordinates, pixel centres at +0.5. depth: (V,), smaller is nearer, linear over the screen.
    """
    buffers = _Buffers(width, np.full(width * height, -1, np.int32), np.full(width * height, np.inf, np.float32))
    corner = screen[triangles]
    low = np.clip(np.ceil(corner.min(1) - 0.5), 0, [width, height]).astype(np.int64)
    high = np.clip(np.floor(corner.max(1) - 0.5), -1, [width - 1, height - 1]).astype(np.int64)
    size = np.maximum(high - low + 1, 0)
    count = size[:, 0] * size[:, 1]
    listed = np.flatnonzero(count)
    ends = np.cumsum(count[listed])
    planes = _planes(corner, depth[triangles])
    start = 0
    while start < len(listed):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + CANDIDATES_PER_CHUNK)), start + 1)
        ids = listed[start:stop]
        _draw(buffers, ids, low[ids], size[ids], planes[ids])
        start = stop
    return buffers.owner, buffers.nearest


@dataclass(frozen=True)
class _Buffers:
    """The picture being drawn: flat arrays that `_draw` writes to."""

    width: int
    owner: NDArray[np.int32]
    nearest: FloatArray


def _draw(buffers: _Buffers, ids: IntArray, low: IntArray, size: IntArray, planes: NDArray[np.float64]) -> None:
    """Draws triangles `ids`: every pixel of their boxes (at `low`, `size` columns and rows) is tried at once."""
    columns, count = size[:, 0], size[:, 0] * size[:, 1]
    which = np.repeat(np.arange(len(ids)), count)
    order = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    x = low[which, 0] + order % columns[which]
    y = low[which, 1] + order // columns[which]
    values = planes[which]
    at = values[..., 0] * (x + 0.5)[:, None] + values[..., 1] * (y + 0.5)[:, None] + values[..., 2]
    pixel = y * buffers.width + x
    hit = (at[:, :3] >= 0).all(1) & (at[:, 3] < buffers.nearest[pixel])
    pixel, depth, triangle = pixel[hit], at[hit, 3], ids[which[hit]]
    far_first = np.argsort(-depth, kind="stable")  # the last of several writes to one pixel stays
    pixel = pixel[far_first]
    buffers.owner[pixel] = triangle[far_first]
    buffers.nearest[pixel] = depth[far_first]


def _planes(corner: FloatArray, depth: FloatArray) -> NDArray[np.float64]:
    """For each triangle four planes (T, 4, 3) a*x + b*y + c: the three barycentric weights and the depth."""
    p = corner.astype(np.float64)
    area = _cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    inverse = np.where(np.abs(area) > 1e-12, 1.0 / np.where(area == 0, 1, area), 0.0)
    weights = []
    for k in range(3):
        a, b = p[:, (k + 1) % 3], p[:, (k + 2) % 3]
        edge = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0], _cross(a, b)], -1)
        # A degenerate triangle gets weights that are never all positive.
        weights.append(np.where(inverse[:, None] == 0, [0.0, 0.0, -1.0], edge * inverse[:, None]))
    planes = np.stack(weights, 1)
    return np.concatenate([planes, (planes * depth[..., None]).sum(1, keepdims=True)], 1)


def _barycentric(screen: FloatArray, triangles: IntArray, pixel: IntArray, width: int) -> FloatArray:
    """Screen-space barycentric weights (N, 3) of pixels in their triangles."""
    planes = _planes(screen[triangles], np.zeros(triangles.shape, np.float32))[:, :3]
    x, y = pixel % width + 0.5, pixel // width + 0.5
    return (planes[..., 0] * x[:, None] + planes[..., 1] * y[:, None] + planes[..., 2]).astype(np.float32)


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The z component of two plane vectors' cross product."""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
