"""A garment's silhouette read row by row and column by column."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, map_coordinates

from vf_anatomy import Doubles, Mask, Point
from vf_hrviton.open.garment.types import Polyline

AXIS_SEARCH = 0.10
"""Share of the silhouette's width to either side of its middle."""
AXIS_GRID = 256
"""Rows of the reduced silhouette that the axis is searched on."""
LEAST_COVERED = 0.1
"""Share of the height: rows in which a garment crosses its own axis at least."""
EDGE_STEPS = 61
COVERED = 0.5
EDGE_SMOOTHING = 1.5
"""Points of the edge."""
CENTRAL_HOLE = 0.15
"""Share of the width: holes this near to the axis (keyholes, pale prints) do not split the torso."""


@dataclass(frozen=True)
class Silhouette:
    """The outline of a garment seen from its axis of symmetry.

    Attributes:
        mask: (H, W) bool, holes on the axis filled.
        axis: x of the axis of symmetry.
        box: x0, y0, x1, y1, exclusive ends.
        left, right: (H,) float64: first and last x of the run of garment pixels that crosses the axis; nan in rows
            where the axis is outside the garment.
        top, bottom: (W,) float64: first and last y in each column; nan outside the garment.
    """

    mask: Mask
    axis: float
    box: tuple[int, int, int, int]
    left: Doubles
    right: Doubles
    top: Doubles
    bottom: Doubles

    @property
    def height(self) -> int:
        """Rows of the box."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> int:
        """Columns of the box."""
        return self.box[2] - self.box[0]

    def covered(self) -> NDArray[np.intp]:
        """Rows whose axis pixel is garment, ascending."""
        return np.nonzero(~np.isnan(self.left))[0]


def silhouette(mask: Mask) -> Silhouette:
    """Read a mask's silhouette; the mask must not be empty."""
    box = bounding_box(mask)
    axis = symmetry_axis(mask)
    filled = _fill_central_holes(mask, axis, box)
    left, right = central_run(filled, axis)
    if np.isfinite(left).sum() < LEAST_COVERED * (box[3] - box[1]):
        filled = _rows_closed(filled)  # nothing on the axis: no garment's shape, but it must be answered
        left, right = central_run(filled, axis)
    top, bottom = column_profile(filled)
    return Silhouette(filled, axis, box, left, right, top, bottom)


def bounding_box(mask: Mask) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 with exclusive ends."""
    columns, rows = np.nonzero(mask.any(axis=0))[0], np.nonzero(mask.any(axis=1))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def symmetry_axis(mask: Mask) -> float:
    """x about which the mask overlaps its own mirror image best."""
    x0, y0, x1, y1 = bounding_box(mask)
    scale = AXIS_GRID / max(y1 - y0, x1 - x0)
    part = mask[y0:y1, x0:x1].astype(np.float32)
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    width = small.shape[1]
    reach = max(2, round(AXIS_SEARCH * width))
    padded = np.pad(small, ((0, 0), (2 * reach, 2 * reach)))
    mirrored = padded[:, ::-1]
    shifts = np.arange(-2 * reach, 2 * reach + 1)  # mirroring about middle + s / 2 is mirroring about it, moved by s
    overlap = np.array([np.minimum(padded, np.roll(mirrored, int(s), axis=1)).sum() for s in shifts])
    best = shifts[np.nonzero(overlap >= overlap.max() - 1e-3)[0]].mean()
    return float(x0 + ((width + best) / 2) * (x1 - x0) / width - 0.5)


def central_run(mask: Mask, axis: float) -> tuple[Doubles, Doubles]:
    """First and last x, per row, of the run through the axis; nan where the axis is outside."""
    width = mask.shape[1]
    centre = int(np.clip(round(axis), 0, width - 1))
    gaps_left = ~mask[:, : centre + 1][:, ::-1]
    gaps_right = ~mask[:, centre:]
    reach_left = np.where(gaps_left.any(axis=1), gaps_left.argmax(axis=1), centre + 1)
    reach_right = np.where(gaps_right.any(axis=1), gaps_right.argmax(axis=1), width - centre)
    inside = mask[:, centre]
    left = np.where(inside, centre - reach_left + 1, np.nan)
    right = np.where(inside, centre + reach_right - 1, np.nan)
    return left, right


def column_profile(mask: Mask) -> tuple[Doubles, Doubles]:
    """First and last y per column; nan in empty columns."""
    filled = mask.any(axis=0)
    top = np.where(filled, mask.argmax(axis=0), np.nan)
    bottom = np.where(filled, mask.shape[0] - 1 - mask[::-1].argmax(axis=0), np.nan)
    return top, bottom


def _rows_closed(mask: Mask) -> Mask:
    """With every row filled from its first pixel to its last, and widened to the mask's middle column."""
    x0, _, x1, _ = bounding_box(mask)
    columns = np.arange(mask.shape[1])
    first = np.minimum(mask.argmax(axis=1), (x0 + x1) // 2)
    last = np.maximum(mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1), (x0 + x1) // 2)
    between = (columns >= first[:, None]) & (columns <= last[:, None])
    occupied: Mask = np.asarray(mask.any(axis=1))
    return np.asarray(between & occupied[:, None])


def _fill_central_holes(mask: Mask, axis: float, box: tuple[int, int, int, int]) -> Mask:
    count, labels, stats, centres = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    x0, y0, x1, y1 = box
    filled = mask.copy()
    for k in range(1, count):
        x, y, w, h = stats[k, :4]
        enclosed = x > x0 and y > y0 and x + w < x1 and y + h < y1
        if enclosed and abs(centres[k][0] - axis) < CENTRAL_HOLE * (x1 - x0):
            filled |= labels == k
    return filled


def edge_along(line: Polyline, away_from: Point, inside: Mask, reach: float) -> Polyline:
    """The garment's edge beside a straight line, in (n, 2) points; the line itself where no edge is near.

    Args:
        line: (n, 2) from one end of the edge to the other, both believed.
        away_from: (2,) a point on the garment's side of the line.
        inside: (H, W), the garment.
        reach: pixels to either side of the line in which the edge is sought.
    """
    along = line[-1] - line[0]
    normal = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1.0)
    normal = normal if normal @ (line.mean(0) - away_from) > 0 else -normal
    offsets = np.linspace(-reach, reach, EDGE_STEPS)
    samples = line[:, None] + normal * offsets[None, :, None]
    covered = map_coordinates(inside.astype(np.float32), (samples[..., 1], samples[..., 0]), order=1) > COVERED
    last = EDGE_STEPS - 1 - np.argmax(covered[:, ::-1], axis=1)
    found = np.where(covered.any(axis=1), offsets[last], 0.0)
    found[[0, -1]] = 0.0
    return np.asarray(line + normal * gaussian_filter1d(found, EDGE_SMOOTHING, mode="nearest")[:, None])


def resample(line: Polyline, count: int) -> Polyline:
    """``count`` points at equal distances along a polyline, its ends included."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)


def polyline_length(line: Polyline) -> float:
    """Length in pixels."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
