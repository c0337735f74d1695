"""Sleeves: their pixels, both edges, and their length."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Doubles, Mask, Point
from vf_hrviton.open.garment.contour import Silhouette, polyline_length, resample
from vf_hrviton.open.garment.torso import SideLine
from vf_hrviton.open.garment.types import EDGE_POINTS, Polyline, Sleeve, SleeveLength

LEAST_AREA = 0.02
"""Share of the squared chest width: less is no sleeve."""
ARC_POINTS = 96
"""Samples around a sleeve in which its cuff's corners are sought."""
TURN_REACH = 6
"""Samples on either side over which the outline's turn is measured."""
CUFF_WIDTH = (0.22, 1.15)
"""Share of the armhole: what a cuff can be."""
LENGTHS = (
    (0.10, SleeveLength.NONE),
    (0.72, SleeveLength.SHORT),
    (0.95, SleeveLength.ELBOW),
    (1.15, SleeveLength.THREE_QUARTER),
)
"""Upper limit of the length ratio of each class; beyond the last, long."""


def classify_length(ratio: float) -> SleeveLength:
    """Class of a sleeve whose midline is ``ratio`` chest widths long."""
    for limit, length in LENGTHS:
        if ratio < limit:
            return length
    return SleeveLength.LONG


def find_sleeve(shape: Silhouette, side: SideLine, shoulder: Point, chest: float, sign: int) -> Sleeve | None:
    """The sleeve of one side, None where nothing worth the name is outside the torso.

    Args:
        shape: the silhouette.
        side: the torso's side with its armpit.
        shoulder: the shoulder tip.
        chest: the chest width, the unit of lengths.
        sign: -1 for the left side, 1 for the right.
    """
    mask = _sleeve_mask(shape, side, shoulder, chest, sign)
    if mask is None or mask.sum() < LEAST_AREA * chest * chest:
        return None
    arc = _arc(mask, shoulder, side.armpit)
    if arc is None:
        return None
    outer, inner = _edges(arc, shoulder, side.armpit)
    ratio = polyline_length((outer + inner) / 2) / chest
    return Sleeve(
        outer=outer,
        inner=inner,
        mask=mask,
        length_ratio=ratio,
        length=classify_length(ratio),
        touches_torso=side.seam,
        confidence=side.confidence,
    )


def _sleeve_mask(shape: Silhouette, side: SideLine, shoulder: Point, chest: float, sign: int) -> Mask | None:
    """What lies outside the armhole line and, below the armpit, outside the torso's side."""
    height, width = shape.mask.shape
    y = np.arange(height)[:, None]
    x = np.arange(width)[None]
    armpit = side.armpit
    span = max(armpit[1] - shoulder[1], 1.0)
    line = np.where(
        y <= armpit[1],
        shoulder[0] + (y - shoulder[1]) * (armpit[0] - shoulder[0]) / span,
        side.x[:, None],
    )
    line = np.where(y < shoulder[1], shoulder[0], line)
    outside = shape.mask & (sign * (x - line) > 0.5) & (sign * (x - shape.axis) > 0.2 * chest)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(outside.astype(np.uint8), connectivity=4)
    if count < 2:
        return None
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def _arc(mask: Mask, shoulder: Point, armpit: Point) -> Polyline | None:
    """The sleeve's outline from the shoulder tip round the cuff to the armpit, (ARC_POINTS, 2)."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)[:, 0].astype(np.float64)
    if len(outline) < 16:
        return None
    start = int(((outline - shoulder) ** 2).sum(axis=1).argmin())
    outline = np.roll(outline, -start, axis=0)
    end = int(((outline - armpit) ** 2).sum(axis=1).argmin())
    one_way = outline[: end + 1]
    other_way = np.vstack([outline[:1], outline[end:][::-1]])
    longer = max((one_way, other_way), key=lambda way: _farthest(way, shoulder, armpit))
    return resample(longer, ARC_POINTS) if len(longer) >= 8 else None


def _farthest(way: Polyline, shoulder: Point, armpit: Point) -> float:
    """Largest distance from the armhole line."""
    along = armpit - shoulder
    away = way - shoulder
    return float(np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]).max())


def _edges(arc: Polyline, shoulder: Point, armpit: Point) -> tuple[Polyline, Polyline]:
    """Outer and inner edge: the arc cut at the cuff's two corners.

    The corners are the two places that turn most while being far from the shoulder and a cuff's width apart.
    """
    armhole = max(float(np.linalg.norm(armpit - shoulder)), 1.0)
    turn = np.minimum(_turns(arc), 1.6)
    far = np.linalg.norm(arc - shoulder, axis=1)
    merit = turn + 1.6 * far / far.max()
    first, second = np.meshgrid(np.arange(ARC_POINTS), np.arange(ARC_POINTS), indexing="ij")
    width = np.linalg.norm(arc[:, None] - arc[None], axis=2) / armhole
    allowed = (
        (first >= TURN_REACH)
        & (second >= first + 4)
        & (second < ARC_POINTS - 3)
        & (width >= CUFF_WIDTH[0])
        & (width <= CUFF_WIDTH[1])
    )
    score = np.where(allowed, merit[:, None] + merit[None] - 0.5 * np.abs(width - 0.6), -np.inf)
    if not np.isfinite(score).any():
        outer_end, inner_end = int(np.argmax(far)) - 2, int(np.argmax(far)) + 2
    else:
        outer_end, inner_end = (int(k) for k in np.unravel_index(int(score.argmax()), score.shape))
    outer = np.vstack([shoulder, arc[1 : max(2, outer_end + 1)]])
    inner = np.vstack([armpit, arc[min(inner_end, ARC_POINTS - 2) : -1][::-1]])
    return resample(outer, EDGE_POINTS), resample(inner, EDGE_POINTS)


def _turns(arc: Polyline) -> Doubles:
    """Absolute change of direction at each sample, radians."""
    k = TURN_REACH
    before = arc[k:-k] - arc[: -2 * k]
    after = arc[2 * k :] - arc[k:-k]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.pad(np.abs(np.arctan2(cross, (before * after).sum(axis=1))), k)
