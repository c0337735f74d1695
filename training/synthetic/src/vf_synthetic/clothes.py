"""Clothes on a body: the base mesh's tights, loosened so that they hang, cut to a garment's edges and folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vf_synthetic.mesh import neighbour_mean, normals
from vf_synthetic.noise import FloatArray, ridged_noise, value_noise

# Rest coordinates of the base mesh's left arm: shoulder, elbow, wrist.
SHOULDER = np.array([1.68, 5.25, 0.15], np.float32)
ELBOW = np.array([3.13, 3.49, 0.13], np.float32)
WRIST = np.array([4.31, 2.45, 1.76], np.float32)
NECK_TOP = 5.95  # rest height where the neck leaves the shoulders
CHIN = 6.3  # rest height above which no top reaches
FRONT = 0.25  # rest depth that parts front from back

Keep = Callable[["Place"], FloatArray]
"""Signed rest distance (V,) from a garment's edge, positive where there is cloth."""


class Shape(Enum):
    """How a garment wraps the body: which of the base mesh's helpers it is made from and what hangs freely."""

    TOP = "top"
    TROUSERS = "trousers"
    SKIRT = "skirt"
    SHOES = "shoes"

    @property
    def mesh(self) -> str:
        """The group of the base mesh the garment is made from."""
        return "helper-skirt" if self is Shape.SKIRT else "helper-tights"


@dataclass(frozen=True)
class Place:
    """Where vertices are on any body: rest (V, 3), arm and leg weights (V,) and `along` the arm (V,), 0 to 1."""

    rest: FloatArray
    arm: FloatArray
    leg: FloatArray
    along: FloatArray


def place(rest: FloatArray, arm: FloatArray, leg: FloatArray) -> Place:
    """The places of vertices from their rest coordinates and limb weights."""
    return Place(rest, arm, leg, along_arm(rest))


def along_arm(rest: FloatArray) -> FloatArray:
    """How far down the arm (V,): 0 at the shoulder, 0.5 at the elbow, 1 at the wrist."""
    p = rest.copy()
    p[:, 0] = np.abs(p[:, 0])
    upper = (p - SHOULDER) @ (ELBOW - SHOULDER) / np.sum((ELBOW - SHOULDER) ** 2)
    lower = (p - ELBOW) @ (WRIST - ELBOW) / np.sum((WRIST - ELBOW) ** 2)
    # The two parts add up, so the measure has no jump inside the elbow's bend, where both projections overlap.
    return (0.5 * np.minimum(upper, 1) + 0.5 * np.clip(lower, 0, 3)).astype(np.float32)


def top(hem: float, sleeve: float, neck_width: float, neck_front: float, neck_back: float) -> Keep:
    """A top down to rest height `hem`, with `sleeve` (0 to 1 of the arm) and a round neck of the given half axes."""

    def keep(at: Place) -> FloatArray:
        x, y, z = np.abs(at.rest[:, 0]), at.rest[:, 1], at.rest[:, 2]
        depth = np.where(z > FRONT, neck_front, neck_back)
        ring = np.hypot(x / neck_width, np.maximum(NECK_TOP - y, 0) / depth) - 1
        neck = np.where(y > 3.8, ring * np.minimum(depth, neck_width), 9.0)
        neck = np.where(y > CHIN, -1.0, neck)
        end = np.where(at.arm > 0.5, (sleeve - at.along) * 4, 9.0)
        return np.minimum.reduce([y - hem, neck, end]).astype(np.float32)

    return keep


def sleeveless(hem: float, neck_width: float, neck_front: float, neck_back: float, shoulder: float) -> Keep:
    """A tank top: like `top`, with the armhole `shoulder` from the middle at the shoulder, lower at the side."""
    body = top(hem, 1.0, neck_width, neck_front, neck_back)

    def keep(at: Place) -> FloatArray:
        x, y = np.abs(at.rest[:, 0]), at.rest[:, 1]
        limit = np.interp(y, [3.7, 4.3, 5.0, 5.6], [2.3, 1.66, shoulder + 0.03, shoulder])
        return np.minimum(body(at), np.where(at.arm > 0.75, -1.0, limit - x)).astype(np.float32)

    return keep


def bottom(waist: float, hem: float) -> Keep:
    """Trousers or a skirt from rest height `waist` down to `hem`."""

    def keep(at: Place) -> FloatArray:
        y = at.rest[:, 1]
        return np.where(at.arm > 0.5, -1.0, np.minimum(waist - y, y - hem)).astype(np.float32)

    return keep


def shoes(ankle: float) -> Keep:
    """Low shoes up to rest height `ankle` at the heel, lower on the instep."""

    def keep(at: Place) -> FloatArray:
        instep = 0.35 * np.clip((at.rest[:, 2] - 0.2) / 1.2, 0, 1)
        return np.where(at.leg > 0.5, ankle - instep - at.rest[:, 1], -1.0).astype(np.float32)

    return keep


def tubes(shape: Shape, at: Place) -> list[tuple[NDArray[np.bool_], FloatArray]]:
    """The parts of a garment that hang as tubes: their vertices, and how freely each vertex (V,) hangs."""
    y = at.rest[:, 1]
    if shape is Shape.TOP:
        free = np.clip((4.9 - y) / 0.9, 0, 1) * np.clip(1 - at.arm * 2, 0, 1)
        return [((at.arm < 0.5) & (y < 4.9) & (y > -1.6), free.astype(np.float32))]
    if shape is Shape.TROUSERS:
        free = np.clip((-0.5 - y) / 1.6, 0, 1).astype(np.float32)
        return [((at.leg >= 0.5) & (at.rest[:, 0] * side > 0) & (y > -7.7), free) for side in (1, -1)]
    if shape is Shape.SKIRT:
        return [(np.ones(len(y), bool), np.clip((1.6 - y) / 1.5, 0, 1).astype(np.float32))]
    return []


def hung(points: FloatArray, inside: NDArray[np.bool_], ease: float, slope: float, flare: float = 0.0) -> FloatArray:
    """Displacements (V, 3) that let a tube of cloth hang from its widest places.

    points: (V, 3) of the shaped body at rest; `inside` marks the tube's vertices. Going down, the cloth may come in by
    at most `slope` a unit of height; it stands off the body by at least `ease`, and by `flare` more at the bottom.
    """
    tube = points[inside]
    rows, columns = 72, 40
    high, low = float(tube[:, 1].max()), float(tube[:, 1].min())
    step = (high - low) / (rows - 1)
    row = (high - tube[:, 1]) / step
    centre = _centres(tube, row, rows)
    axis = np.stack([np.interp(row, np.arange(rows), centre[:, k]) for k in range(2)], -1)
    out = tube[:, [0, 2]] - axis
    radius = np.hypot(out[:, 0], out[:, 1])
    column = (np.arctan2(out[:, 0], out[:, 1]) / (2 * np.pi) + 0.5) * columns
    table = _radius_table(row, column, radius, rows, columns)
    for k in range(rows):
        wanted = table[k] + ease + flare * (k / rows) ** 2
        table[k] = wanted if k == 0 else np.maximum(wanted, table[k - 1] - slope * step)
    table = ndimage.gaussian_filter(table, 1.3, mode=("nearest", "wrap"))
    new = ndimage.map_coordinates(table, [row, column], order=1, mode="grid-wrap")
    moved = np.zeros_like(points)
    moved[np.flatnonzero(inside)[:, None], [0, 2]] = out / np.maximum(radius, 1e-6)[:, None] * (new - radius)[:, None]
    return moved


def _centres(tube: FloatArray, row: FloatArray, rows: int) -> FloatArray:
    """The tube's axis (rows, 2): the middle of its extent in x and z at each height."""
    centre = np.zeros((rows, 2), np.float32)
    for k in range(rows):
        near = tube[np.abs(row - k) < 1.5]
        middle = (near[:, [0, 2]].min(0) + near[:, [0, 2]].max(0)) / 2 if len(near) else centre[k - 1]
        centre[k] = middle
    return ndimage.gaussian_filter1d(centre, 2.0, axis=0).astype(np.float32)


def _radius_table(row: FloatArray, column: FloatArray, radius: FloatArray, rows: int, columns: int) -> FloatArray:
    """The mean radius (rows, columns) by height and angle, empty cells filled from their neighbours."""
    total = np.zeros((rows, columns), np.float32)
    count = np.zeros((rows, columns), np.float32)
    cell = (np.clip(np.round(row).astype(int), 0, rows - 1), np.round(column).astype(int) % columns)
    np.add.at(total, cell, radius)
    np.add.at(count, cell, 1.0)
    spread = {"sigma": 0.8, "mode": ("nearest", "wrap")}
    wide = {"sigma": 4.0, "mode": ("nearest", "wrap")}
    near = ndimage.gaussian_filter(total, **spread), ndimage.gaussian_filter(count, **spread)
    far = ndimage.gaussian_filter(total, **wide), ndimage.gaussian_filter(count, **wide)
    return np.where(near[1] > 0.05, near[0] / np.maximum(near[1], 1e-6), far[0] / np.maximum(far[1], 1e-6))


def folded(points: FloatArray, at: Place, triangles: NDArray[np.int64], depth: float, seed: int) -> FloatArray:
    """The cloth with folds up to `depth` deep: drapes at the body, creases across elbows, knees and crotch."""
    x, y, z = at.rest.T
    side = np.tanh(1.3 * x)  # folds slant outwards on both sides, without a seam in the middle
    drape = ridged_noise(np.stack([x * 1.0 + 0.45 * y * side, y * 0.55, z * 0.9], -1), seed)
    crease = ridged_noise(np.stack([x * 0.8 - 0.5 * y * side, y * 1.9, z * 0.9], -1), seed + 3)
    across = np.exp(-(((at.along - 0.5) * 5) ** 2)) * (at.arm > 0.5)
    across = np.maximum(across, 0.9 * np.exp(-(((y + 3.7) / 0.9) ** 2)))
    across = np.maximum(across, 0.9 * np.exp(-(((y + 7.1) / 0.7) ** 2)))
    across = np.maximum(across, 0.8 * np.exp(-(((y + 0.1) / 0.6) ** 2)))
    across = np.maximum(across, 0.55 * np.exp(-(((y - 1.9) / 0.7) ** 2)))
    across = np.maximum(across, 0.7 * np.exp(-(((np.abs(x) - 1.7) ** 2 + (y - 4.4) ** 2) / 0.35)))
    height = (1 - across) * (drape - 0.35) + across * (crease - 0.35)
    height += 0.12 * value_noise(at.rest * 2.6, seed + 5)
    height *= np.clip((5.7 - y) / 1.2, 0.0, 1.0)  # neckbands lie flat
    return points + normals(points, triangles) * (depth * height)[:, None].astype(np.float32)


def smoothed(points: FloatArray, triangles: NDArray[np.int64], rounds: int) -> FloatArray:
    """The points after `rounds` of averaging half way with their neighbours."""
    mean = neighbour_mean(triangles, len(points))
    for _ in range(rounds):
        points = (0.5 * points + 0.5 * (mean @ points)).astype(np.float32)
    return points
