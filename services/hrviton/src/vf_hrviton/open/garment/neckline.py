"""Neck points, shoulder tips, collar, and the front neckline with the inside of the back above it.

On a laid-out garment the inside of the back shows above the front neckline. The silhouette's top is then the *back*
neckline, and the front one is an edge inside the garment, from neck point to neck point. It is sought in polar
coordinates about the middle between the neck points, where round, square and V necklines are all functions
r(angle), as cheap paths through strong edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point, Sided
from vf_hrviton.open.garment.contour import Silhouette
from vf_hrviton.open.garment.torso import Torso

NECK_RANGE = (0.06, 0.40)
"""Share of the chest width from the axis: where a neck point can be."""
LEVEL = 0.004
"""Share of the height: what counts as equally high."""
SLEEVE_SHOULDER_INSET = 0.07
"""Share of the chest width: how far inside the armpit a set-in sleeve's shoulder tip lies."""
BELOW_PEAK = 0.035
"""Share of the height: below the rounded top of a shoulder, where its width is measured."""
STRAP_WIDTH = 0.08
"""Share of the chest width: a narrower shoulder is a strap."""
COLLAR_DEPTH = 0.02
"""Share of the height: least concavity between collar and shoulder."""
OVER_SLEEVE = 0.28
"""Share of the chest width beyond the armpit: a column that a sleeve passes through."""
FLAT_TOP = 0.10
"""Share of the chest width: least fall from the neck to that column in a garment that covers the shoulders."""
SCOOP = 0.17
"""Share of the chest width: a deeper neckline between sleeves as high as the neck is cut wide, not straight."""
OPEN_NECK = 0.22
"""Share of the neck's width: a silhouette that dips further is itself the front neckline."""
BACK_OF_OPEN_NECK = 0.9
"""Least edge strength of a front neckline below a silhouette that already dips like one."""
ANGLES = 73
"""Odd, so that the middle one points straight down."""
RADII = 96
REACH = 1.05
"""Share of the neck's width: largest depth of a front neckline below the neck points."""
LEAST_DEPTH = 0.06
"""Share of the neck's width: gap between back and front neckline."""
EDGE_STEP = 3
"""Radius bins from one angle to the next."""
MEAN_EDGE, WEAK_EDGE, ABOVE_TEXTURE = 0.45, 0.40, 0.20
"""What a path must show to be a neckline."""
USUAL_DEPTH = (0.22, 0.45)
"""Share of the neck's width: the front neckline's depth below the neck points."""
RIB, RIB_TIE = 0.14, 0.06
"""Share of the neck's width: two edges this close, and as clear, are those of a rib."""


@dataclass(frozen=True)
class Shoulders:
    """Neck points, shoulder tips, and the highest points beside the neck: a collar's, where one stands."""

    neck: Sided[PictureSide, Point]
    tip: Sided[PictureSide, Point]
    top: Sided[PictureSide, Point]
    off_shoulder: bool
    straps: bool

    @property
    def collar_height(self) -> float:
        """How far the collar's top rises above the neck points."""
        return float(max(0.0, (self.neck.left[1] + self.neck.right[1] - self.top.left[1] - self.top.right[1]) / 2))


@dataclass(frozen=True)
class _Candidate:
    """A possible front neckline: its path in polar bins, mean edge strength, and depth over the neck's width."""

    path: NDArray[np.intp]
    strength: float
    depth: float

    def score(self) -> float:
        """Strength, less what an unusual depth costs: shallow is the back's rib, deep a print."""
        low, high = USUAL_DEPTH
        return self.strength - max(0.0, low - self.depth) - 0.3 * max(0.0, self.depth - high)


@dataclass(frozen=True)
class Neckline:
    """The front neckline: its deepest point, what shows above it, and how sure that is."""

    point: Point
    inner_back: Mask
    confidence: float


def find_shoulders(shape: Silhouette, torso: Torso) -> Shoulders:
    """Neck points and shoulder tips from the top contour."""
    axis = (torso.sides.left.armpit[0] + torso.sides.right.armpit[0]) / 2
    chest = max(torso.chest_width, 4.0)
    top = _filled_top(shape)
    tops = Sided.of(PictureSide, lambda side: _highest(top, shape, axis, chest, side.sign))
    tips = Sided.of(PictureSide, lambda side: _tip(top, shape, torso, tops[side], side))
    sleeved = torso.sides.left.junction
    flat = _sleeve_drop(top, torso, chest, tops) < FLAT_TOP * chest
    dip = float(top[round(axis)] - (tops.left[1] + tops.right[1]) / 2)
    off_shoulder = sleeved and flat and dip < SCOOP * chest
    left, right = tops.map(lambda peak: _strap(shape, peak, chest)).values()
    straps = left is not None and right is not None
    if left is not None and right is not None:
        tops = Sided(left[1], right[0])
        if not sleeved:  # otherwise sleeves start off the shoulder, below bare straps
            tips = Sided(left[0], right[1])
    if straps or off_shoulder:
        return Shoulders(tops, tips, tops, off_shoulder, straps)
    necks = Sided.of(PictureSide, lambda side: _below_collar(top, tops[side], tips[side], shape))
    return Shoulders(necks, tips, tops, off_shoulder, straps)


def _sleeve_drop(top: Doubles, torso: Torso, chest: float, peaks: Sided[PictureSide, Point]) -> float:
    """How far the top contour has fallen from the neck where it passes over the sleeves."""
    fallen = []
    for side in PictureSide:
        over = torso.sides[side].armpit[0] + side.sign * OVER_SLEEVE * chest
        column = int(np.clip(round(over), 0, len(top) - 1))
        fallen.append(top[column] - peaks[side][1])
    return float(min(fallen))


def _filled_top(shape: Silhouette) -> Doubles:
    return np.where(np.isnan(shape.top), np.inf, shape.top)


def _highest(top: Doubles, shape: Silhouette, axis: float, chest: float, sign: int) -> Point:
    """The highest place beside the axis, at its outer end."""
    near, far = axis + sign * NECK_RANGE[0] * chest, axis + sign * NECK_RANGE[1] * chest
    low, high = sorted((near, far))
    columns = np.arange(max(0, round(low)), min(len(top) - 1, round(high)) + 1)
    values = top[columns]
    level = columns[values <= values.min() + LEVEL * shape.height]
    x = level[0] if sign < 0 else level[-1]
    return np.array([x, top[x]], np.float64)


def _tip(top: Doubles, shape: Silhouette, torso: Torso, neck: Point, side: PictureSide) -> Point:
    axis = (torso.sides.left.armpit[0] + torso.sides.right.armpit[0]) / 2
    line, sign = torso.sides[side], side.sign
    armpit = line.armpit
    if line.junction:
        x = float(np.clip(armpit[0] - sign * SLEEVE_SHOULDER_INSET * torso.chest_width, shape.box[0], shape.box[2] - 1))
        return np.array([x, top[round(x)]], np.float64)
    low, high = sorted((neck[0], armpit[0]))
    columns = np.arange(max(0, round(low)), min(len(top) - 1, round(high)) + 1)
    columns = columns[top[columns] < armpit[1]]
    if len(columns) == 0:
        return neck.copy()
    x = columns[np.argmax(0.75 * sign * (columns - axis) - top[columns])]
    return np.array([x, top[x]], np.float64)


def _strap(shape: Silhouette, peak: Point, chest: float) -> tuple[Point, Point] | None:
    """Left and right end of a strap's top, None where the shoulder is wider than a strap."""
    y = round(peak[1] + BELOW_PEAK * shape.height)
    row = shape.mask[min(y, len(shape.mask) - 1)]
    centre = int(np.clip(round(peak[0]), 0, len(row) - 1))
    near = np.nonzero(row[max(0, centre - 12) : centre + 13])[0]
    if len(near) == 0:
        return None
    centre = max(0, centre - 12) + int(near[len(near) // 2])
    gaps = np.nonzero(~row)[0]
    before, after = gaps[gaps < centre], gaps[gaps > centre]
    x0 = int(before[-1]) + 1 if len(before) else 0
    x1 = int(after[0]) - 1 if len(after) else len(row) - 1
    if x1 - x0 + 1 > STRAP_WIDTH * chest:
        return None
    return np.array([x0, peak[1]], np.float64), np.array([x1, peak[1]], np.float64)


def _below_collar(top: Doubles, peak: Point, tip: Point, shape: Silhouette) -> Point:
    """The neck point: the foot of a standing collar, or the peak itself where none stands."""
    step = 1 if tip[0] > peak[0] else -1
    columns = np.arange(round(peak[0]), round(tip[0]) + step, step)
    if len(columns) < 4:
        return peak
    chord = np.interp(np.arange(len(columns)), [0, len(columns) - 1], [peak[1], tip[1]])
    depth = top[columns] - chord
    k = int(np.argmax(depth))
    if depth[k] < COLLAR_DEPTH * shape.height:
        return peak
    return np.array([columns[k], top[columns[k]]], np.float64)


def find_neckline(shape: Silhouette, shoulders: Shoulders, lab: Floats) -> Neckline:
    """The front neckline.

    Args:
        shape: the silhouette.
        shoulders: its neck points.
        lab: (H, W, 3) float32, the picture in Lab, smoothed.
    """
    nothing = np.zeros(shape.mask.shape, np.bool_)
    top = _filled_top(shape)
    left, right = shoulders.top.values()
    width = float(right[0] - left[0])
    centre = (left + right) / 2
    middle = int(np.clip(round(centre[0]), 0, len(top) - 1))
    silhouette_point = np.array([centre[0], min(top[middle], shape.box[3] - 1)], np.float64)
    if width < 8 or shoulders.straps or shoulders.off_shoulder:
        return Neckline(silhouette_point, nothing, 1.0 if width >= 8 else 0.0)
    dip = float(silhouette_point[1] - max(left[1], right[1])) / width
    path, strength = _neck_path(shape, lab, centre, width, top)
    is_open = dip > OPEN_NECK
    if path is None or (is_open and strength < BACK_OF_OPEN_NECK):
        return Neckline(silhouette_point, nothing, 1.0 if is_open else 0.5)
    outline = np.vstack([path, [[path[-1, 0], shape.box[1] - 2]], [[path[0, 0], shape.box[1] - 2]]])
    area = np.zeros(shape.mask.shape, np.uint8)
    cv2.fillPoly(area, [np.round(outline).astype(np.int32)], 1)
    return Neckline(path[len(path) // 2].copy(), (area > 0) & shape.mask, strength)


def _neck_path(
    shape: Silhouette,
    lab: Floats,
    centre: Point,
    width: float,
    top: Doubles,
) -> tuple[Doubles | None, float]:
    """Front neckline from the right neck point to the left, (ANGLES, 2), and its edge strength; None without one."""
    angles = np.linspace(0, np.pi, ANGLES)
    radii = np.linspace(0, REACH * width, RADII)
    x = centre[0] + np.cos(angles)[:, None] * radii[None]
    y = centre[1] + np.sin(angles)[:, None] * radii[None]
    edges = _radial_edges(lab, x, y)
    inside = map_coordinates(shape.mask.astype(np.float32), [y, x], order=1) > 0.5
    column_top = top[np.clip(np.round(x), 0, len(top) - 1).astype(int)]
    margin = LEAST_DEPTH * width * np.sin(angles)[:, None]
    allowed = inside & (y > column_top + margin)
    cost = np.where(allowed, 1.0 / (0.05 + edges), 60.0)
    half = ANGLES // 2
    ends = np.abs(radii - width / 2) > 0.07 * width
    cost[0, ends] = cost[-1, ends] = 1e3
    right_total, right_from = _accumulate(cost[: half + 1])
    left_total, left_from = _accumulate(cost[::-1][: half + 1])
    total = right_total + left_total - cost[half]
    texture = float(np.median(edges[:, RADII // 2 :][allowed[:, RADII // 2 :]])) if allowed.any() else 0.0
    candidates: list[_Candidate] = []
    for k in _valleys(total):
        if not allowed[half, k]:
            continue
        path = np.concatenate([_back(right_from, k), _back(left_from, k)[::-1][1:]])
        along = edges[np.arange(ANGLES), path][3:-3]
        mean, weak = float(along.mean()), float(np.percentile(along, 20))
        if mean > MEAN_EDGE and weak > WEAK_EDGE and mean - texture > ABOVE_TEXTURE:
            candidates.append(_Candidate(path, mean, float(radii[k]) / width))
    if not candidates:
        return None, 0.0
    path, mean = (chosen := _likeliest(candidates)).path, chosen.strength
    index = np.arange(ANGLES)
    return np.stack([x[index, path], y[index, path]], axis=1), float(np.clip(mean, 0, 1))


def _radial_edges(lab: Floats, x: Doubles, y: Doubles) -> Doubles:
    """(ANGLES, RADII) in [0, 1]: how much the colour changes along the radius; 1 from about 8 Lab units on."""
    polar = np.stack([map_coordinates(lab[..., c], [y, x], order=1, mode="nearest") for c in range(3)], axis=2)
    change = np.zeros_like(polar)
    change[:, 2:-2] = polar[:, 4:] - polar[:, :-4]
    return np.asarray(np.clip(np.linalg.norm(change, axis=2) / 8.0, 0.0, 1.0))


def _accumulate(cost: Doubles) -> tuple[Doubles, NDArray[np.intp]]:
    """Cheapest cost of reaching each column of the last row, and where each step came from."""
    rows, columns = cost.shape
    shifts = np.arange(-EDGE_STEP, EDGE_STEP + 1)
    index = np.arange(columns)
    total = cost[0]
    came = np.zeros((rows, columns), np.intp)
    for row in range(1, rows):
        padded = np.pad(total, EDGE_STEP, constant_values=np.inf)
        before = np.stack([padded[EDGE_STEP + s : EDGE_STEP + s + columns] + 0.2 * abs(s) for s in shifts])
        best = before.argmin(axis=0)
        total = before[best, index] + cost[row]
        came[row] = index + shifts[best]
    return total, came


def _back(came: NDArray[np.intp], end: int) -> NDArray[np.intp]:
    path = np.zeros(len(came), np.intp)
    path[-1] = end
    for row in range(len(came) - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _valleys(total: Doubles) -> list[int]:
    """Local minima, from the shallowest neckline to the deepest."""
    reach = 3
    padded = np.pad(total, reach, constant_values=np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return [int(k) for k in np.nonzero((total <= windows.min(axis=1)) & np.isfinite(total))[0]]


def _likeliest(candidates: list[_Candidate]) -> _Candidate:
    """The clearest path of a usual depth; of two that are the edges of one rib, the upper."""
    best = max(candidates, key=_Candidate.score)
    above = [c for c in candidates if 0 < best.depth - c.depth < RIB and c.score() > best.score() - RIB_TIE]
    return min(above, key=lambda c: c.depth, default=best)
