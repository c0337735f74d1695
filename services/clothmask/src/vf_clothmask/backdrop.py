"""Garment against a plain backdrop: what differs from the colour of the picture's border.

Catalogue photos lie on white, grey or pastel, often with a soft light fall-off, so the backdrop is a smooth
quadratic surface per Lab channel fitted to the picture's outermost ring. What looks like it *and* is joined to the
border is backdrop; what looks like it but is enclosed by the garment may be a hole (between sleeve and body) or a
print in the backdrop's colour, which the caller decides with other evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.regions import components, largest
from vfkit.contracts import Image

RING_SHARE = 0.01  # width of the border ring, of the picture's width
PLAIN_DEVIATION = 4.0  # Lab units: a ring that strays further from a smooth surface is no plain backdrop
PLAIN_SHARE = 0.7  # of the ring must follow the surface; garments may touch the border
LIKE_BACKDROP = 1.6  # Lab units: least difference that is not backdrop, on a noiseless picture
STRONG_CONTRAST = 5.0  # Lab units inside the contour that no shadow or leak reaches by accident
CONTOUR_INSET = 5  # pixels inside the contour where its contrast is measured, past the soft edge
FRINGE = 5  # pixels: width of the soft edge of a blurred JPEG or a contact shadow
HALF_STEP = 0.35  # of the difference inside; below one half because folds brighten and darken the inside
HOLE_SHARE = 0.0004  # of the picture: smaller enclosed regions are never holes
TRIMS = 4  # rounds of refitting without outliers


@dataclass(frozen=True)
class BackdropMask:
    """A garment found by its difference from the backdrop.

    Attributes:
        foreground: (H, W) bool, the largest thing that is not joined to the backdrop, enclosed regions included.
        enclosed: (n) masks, (H, W) bool: regions inside it that look like backdrop, large enough to be holes.
        contrast: share of the contour, 0 to 1, that differs strongly from the backdrop.
        difference: (H, W) float32, Lab distance (maximum over channels) from the backdrop.
    """

    foreground: NDArray[np.bool_]
    enclosed: tuple[NDArray[np.bool_], ...]
    contrast: float
    difference: NDArray[np.float32]


def find_on_backdrop(image: Image) -> BackdropMask | None:
    """The garment on a plain backdrop; None when the border is not plain.

    Args:
        image: (H, W, 3) uint8 RGB.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    surface, noise = _fit_backdrop(lab)
    if surface is None:
        return None
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.2)
    difference = np.abs(smooth - surface).max(axis=2)
    like = difference < max(LIKE_BACKDROP, 1.3 * noise)
    padded = np.pad(like, 1, constant_values=True)  # joins backdrop cut off by a garment that crosses the frame
    joined, _ = components(padded, connectivity=4)
    outside = (joined == joined[0, 0])[1:-1, 1:-1]
    foreground = largest(_smooth(~outside))
    if not foreground.any():
        return BackdropMask(foreground, (), 0.0, difference)
    foreground = _tightened(foreground, difference)
    enclosed = _enclosed(like & ~outside & foreground)
    return BackdropMask(foreground, enclosed, _contour_contrast(foreground, difference), difference)


def _fit_backdrop(lab: NDArray[np.float32]) -> tuple[NDArray[np.float32] | None, float]:
    """Quadratic surface (H, W, 3) through the border ring and its 90th percentile residual; None if it does not fit."""
    height, width = lab.shape[:2]
    ring = max(3, round(RING_SHARE * width))
    on_ring = np.zeros((height, width), np.bool_)
    on_ring[:ring] = on_ring[-ring:] = True
    on_ring[:, :ring] = on_ring[:, -ring:] = True
    rows, columns = np.nonzero(on_ring)
    step = max(1, len(rows) // 6000)
    rows, columns = rows[::step], columns[::step]
    design = _quadratic(columns / width, rows / height)
    values = lab[rows, columns]
    keep = np.abs(values - np.median(values, axis=0)).max(axis=1) < 3 * PLAIN_DEVIATION
    for _ in range(TRIMS):
        if keep.mean() < PLAIN_SHARE:
            return None, np.inf
        coefficients, *_ = np.linalg.lstsq(design[keep], values[keep], rcond=None)
        residual = np.abs(values - design @ coefficients).max(axis=1)
        keep = residual < max(1.5, 3 * float(np.median(residual[keep])))
    noise = float(np.percentile(residual[keep], 90))
    if keep.mean() < PLAIN_SHARE or noise > PLAIN_DEVIATION:
        return None, noise
    x = np.arange(width, dtype=np.float32) / width
    y = np.arange(height, dtype=np.float32)[:, None] / height
    terms = coefficients.astype(np.float32)
    surface = np.stack(
        [c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y for c in terms.T], axis=2
    )
    return surface, noise


def _quadratic(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


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


def _contour_contrast(foreground: NDArray[np.bool_], difference: NDArray[np.float32]) -> float:
    """Share of the contour whose surroundings, a few pixels inside, stand out strongly from the backdrop."""
    inside = foreground.astype(np.uint8)
    size = 2 * CONTOUR_INSET + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    near = cv2.dilate(np.where(foreground, difference, 0), kernel)  # strongest difference within reach of the edge
    edge = (inside > 0) & (cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1) == 0)
    return float((near[edge] > STRONG_CONTRAST).mean()) if edge.any() else 0.0
