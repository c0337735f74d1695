"""Garment against a plain backdrop: what differs from the colour of the picture's border.

Catalogue photos lie on white, grey or pastel, often with a soft light fall-off, so the backdrop is a smooth
quadratic surface per Lab channel fitted to the picture's outermost ring. What looks like it *and* is joined to the
border is backdrop. How different is different enough is decided per picture: a white shirt on white needs a low
threshold, a shadow or uneven light a high one. Of the nested masks that rising thresholds give, the first whose
contour lies on visible edges all around is right, and a higher one replaces it only if its contour is much sharper
and it is nearly the same (a shadow shed).

What looks like backdrop but is enclosed by the garment may be a hole (between sleeve and body) or a print in the
backdrop's colour, which the caller decides with other evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.regions import components, largest
from vfkit.contracts import Image

RING_SHARE = 0.03  # width of the border ring, of the picture's width: wider than any frame line or padding
PLAIN_DEVIATION = 4.0  # Lab units: a ring that strays further from a smooth surface is no plain backdrop
PLAIN_SHARE = 0.7  # of the ring must follow the surface; garments may touch the border
RING_RANGE = 30.0  # Lab units from the median beyond which a ring pixel is garment, not light fall-off
THRESHOLDS = (0.8, 1.6, 2.6, 4.0, 6.0, 9.0)  # Lab units of difference, tried from the most sensitive up
NOISE_MARGIN = 1.3  # a threshold is this many times the ring's 90th percentile residual at least
SMOOTHING = 1.2  # pixels: JPEG noise is averaged away before comparing
EDGE_REACH = 2  # pixels over which an edge's step is measured, and by which a contour may miss it
EDGE_STEP = 0.8  # Lab units, and twice the ring's own steps: the faintest visible edge
ON_EDGES = 0.85  # of a contour must lie on visible edges
SHARPER = 1.25  # how much sharper a tighter mask's contour must be to replace a looser one
SHED_SHARE = 0.10  # of the area at most that a tighter mask may shed
STRONG_CONTRAST = 5.0  # Lab units inside the contour that no shadow or leak reaches by accident
CONTOUR_INSET = 5  # pixels inside the contour where its contrast is measured, past the soft edge
FRINGE = 5  # pixels: width of the soft edge of a blurred JPEG or a contact shadow
HALF_STEP = 0.35  # of the difference inside; below one half because folds brighten and darken the inside
HOLE_SHARE = 0.0004  # of the picture: smaller enclosed regions are never holes
RECTANGLE = 0.96  # of its own box: a mask that fills so much is a pasted picture's rectangle, not a garment
LEAST_SHARE = 0.01  # of the picture: smaller masks are not considered
TRIMS = 6  # rounds of refitting without outliers


@dataclass(frozen=True)
class BackdropMask:
    """A garment found by its difference from the backdrop.

    Attributes:
        foreground: (H, W) bool, the largest thing that is not joined to the backdrop, enclosed regions included.
        enclosed: (n) masks, (H, W) bool: regions inside it that look like backdrop, large enough to be holes.
        on_edges: share of the contour, 0 to 1, that lies on visible edges.
        contrast: share of the contour, 0 to 1, that differs strongly from the backdrop.
        shed: share, 0 to 1, that this mask lacks of the largest that any threshold gave: a shadow, or pale cloth.
        noise: how far, in Lab units, the border strays from a smooth surface (90th percentile).
    """

    foreground: NDArray[np.bool_]
    enclosed: tuple[NDArray[np.bool_], ...]
    on_edges: float
    contrast: float
    shed: float
    noise: float


@dataclass(frozen=True)
class _Level:
    """How good the mask at one threshold is."""

    threshold: float
    area: int
    on_edges: float
    sharpness: float


def find_on_backdrop(image: Image) -> BackdropMask | None:
    """The garment on a plain backdrop; None when the border is not plain or nothing stands out.

    Args:
        image: (H, W, 3) uint8 RGB.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ring = _ring(image.shape[0], image.shape[1])
    surface, noise = _fit_backdrop(lab, ring)
    if surface is None:
        return None
    smooth = cv2.GaussianBlur(lab, (0, 0), SMOOTHING)
    difference = np.abs(smooth - surface).max(axis=2)
    steps = _steps(smooth)
    visible = max(EDGE_STEP, 2 * float(np.percentile(steps[ring & (difference < PLAIN_DEVIATION)], 95)))
    levels = _levels(difference, steps, visible, noise)
    if not levels:
        return None
    best = _best(levels)
    shed = 1 - best.area / max(level.area for level in levels)
    outside, foreground = _apart(difference, best.threshold)
    foreground = _tightened(foreground, difference)
    enclosed = _enclosed((difference < best.threshold) & ~outside & foreground)
    return BackdropMask(foreground, enclosed, best.on_edges, _contrast(foreground, difference), shed, noise)


def _ring(height: int, width: int) -> NDArray[np.bool_]:
    thickness = max(3, round(RING_SHARE * width))
    ring = np.ones((height, width), np.bool_)
    ring[thickness:-thickness, thickness:-thickness] = False
    return ring


def _fit_backdrop(lab: NDArray[np.float32], ring: NDArray[np.bool_]) -> tuple[NDArray[np.float32] | None, float]:
    """Quadratic surface (H, W, 3) through the border ring and its 90th percentile residual; None if it does not fit."""
    height, width = ring.shape
    rows, columns = np.nonzero(ring)
    step = max(1, len(rows) // 6000)
    rows, columns = rows[::step], columns[::step]
    x, y = columns / width, rows / height
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    values = lab[rows, columns]
    residual = np.abs(values - np.median(values, axis=0)).max(axis=1)
    limit = RING_RANGE
    keep = residual < limit
    for _ in range(TRIMS):
        if keep.mean() < PLAIN_SHARE:
            return None, np.inf
        coefficients, *_ = np.linalg.lstsq(design[keep], values[keep], rcond=None)
        residual = np.abs(values - design @ coefficients).max(axis=1)
        limit = max(PLAIN_DEVIATION / 2, limit / 2)
        keep = residual < limit
    noise = float(np.percentile(residual[keep], 90)) if keep.any() else np.inf
    if keep.mean() < PLAIN_SHARE:
        return None, noise
    across = np.arange(width, dtype=np.float32) / width
    down = np.arange(height, dtype=np.float32)[:, None] / height
    surface = [
        c[0] + c[1] * across + c[2] * down + c[3] * across * across + c[4] * across * down + c[5] * down * down
        for c in coefficients.astype(np.float32).T
    ]
    return np.stack(surface, axis=2), noise


def _steps(smooth: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) the largest colour step, Lab units, across each pixel within `EDGE_REACH`."""
    reach = EDGE_REACH
    across, down = np.zeros(smooth.shape[:2], np.float32), np.zeros(smooth.shape[:2], np.float32)
    across[:, reach:-reach] = np.abs(smooth[:, 2 * reach :] - smooth[:, : -2 * reach]).max(axis=2)
    down[reach:-reach] = np.abs(smooth[2 * reach :] - smooth[: -2 * reach]).max(axis=2)
    return np.maximum(across, down)


def _levels(difference: NDArray[np.float32], steps: NDArray[np.float32], visible: float, noise: float) -> list[_Level]:
    """What each threshold gives, judged at half size, from the most sensitive up."""
    coarse = np.ascontiguousarray(difference[::2, ::2])
    reach = np.ones((2 * EDGE_REACH + 1, 2 * EDGE_REACH + 1), np.uint8)
    near = np.ascontiguousarray(cv2.dilate(steps, reach)[::2, ::2])
    above_noise = [t for t in THRESHOLDS if t >= NOISE_MARGIN * noise] or [THRESHOLDS[-1]]
    found = (_level(coarse, threshold, near, visible) for threshold in above_noise)
    return [level for level in found if level is not None]


def _best(levels: list[_Level]) -> _Level:
    """The first whose contour lies on edges, or a tighter one that only sheds its shadow."""
    best = levels[0]
    for level in levels[1:]:
        if (best.on_edges < ON_EDGES and level.on_edges > best.on_edges) or _sheds(best, level):
            best = level
    return best


def _sheds(loose: _Level, tight: _Level) -> bool:
    """Whether the tighter mask only sheds a shadow of the looser one."""
    sharper = tight.sharpness > SHARPER * loose.sharpness and tight.on_edges >= ON_EDGES
    return sharper and tight.area >= (1 - SHED_SHARE) * loose.area


def _apart(difference: NDArray[np.float32], threshold: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What is joined to the border by less than the threshold, and the largest thing that is not."""
    padded = np.pad(difference < threshold, 1, constant_values=True)  # joins backdrop cut off by a garment
    joined, _ = components(padded, connectivity=4)
    outside = (joined == joined[0, 0])[1:-1, 1:-1]
    return outside, largest(_smooth(~outside))


def _level(
    difference: NDArray[np.float32], threshold: float, near: NDArray[np.float32], visible: float
) -> _Level | None:
    """The mask of what differs by more than the threshold; None when that is nothing or a rectangle."""
    _, foreground = _apart(difference, threshold)
    area = int(foreground.sum())
    if area < LEAST_SHARE * foreground.size:
        return None
    box = foreground.any(axis=0).sum() * foreground.any(axis=1).sum()
    edge_steps = near[_contour(foreground)]
    if area > RECTANGLE * box or len(edge_steps) == 0:
        return None
    on_edges = float((edge_steps > visible).mean())
    sharpness = float(np.minimum(edge_steps, 4 * STRONG_CONTRAST).mean())
    return _Level(threshold, area, on_edges, sharpness)


def _contour(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels on the mask's edge, the picture's frame not counted."""
    inside = mask.astype(np.uint8)
    return np.asarray((inside > 0) & (cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1) == 0))


def _smooth(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without specks; a median keeps straps of three pixels that an opening would cut."""
    return np.asarray(cv2.medianBlur(mask.astype(np.uint8), 5) > 0)


def _tightened(foreground: NDArray[np.bool_], difference: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Without the fringe: the edge of a blurred step, or of a soft shadow, lies where the difference is half."""
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (FRINGE * 2 + 1, FRINGE * 2 + 1))
    inside = np.where(foreground, difference, np.float32(0))
    weak = difference < HALF_STEP * cv2.dilate(inside, reach)
    inner = cv2.erode(foreground.astype(np.uint8), reach, borderValue=1) > 0
    return largest(_smooth(foreground & ~(weak & ~inner)))


def _enclosed(candidates: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    labels, areas = components(candidates, connectivity=4)
    least = HOLE_SHARE * candidates.size
    return tuple(labels == k for k in range(1, len(areas)) if areas[k] >= least)


def _contrast(foreground: NDArray[np.bool_], difference: NDArray[np.float32]) -> float:
    """Share of the contour whose surroundings, a few pixels inside, stand out strongly from the backdrop."""
    size = 2 * CONTOUR_INSET + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    near = cv2.dilate(np.where(foreground, difference, np.float32(0)), kernel)
    edge = _contour(foreground)
    return float((near[edge] > STRONG_CONTRAST).mean()) if edge.any() else 0.0
