"""Which pixels are the garment: the reader's word, the picture's edges, and the contour before a plain backdrop.

Before a plain backdrop the garment's contour is known to the pixel; the reader decides what is a hole and what is a
hanger. Elsewhere the reader's mask is drawn to the picture's edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.geometry import Floats
from vf_clothmask.garment.reading import Shares
from vf_clothmask.open.backdrop import HOLE_SHARE, BackdropMask
from vf_clothmask.regions import fill_small_holes, larger, largest
from vfkit.contracts import Image

WHOLE_CONTOUR = 0.86  # share on visible edges from which the backdrop mask's contour is trusted all around
STUDIO = 1.3  # Lab units of noise: a border so even is a studio's, and what stands out before it is the article
AGREEMENT = 0.93  # intersection over union above which backdrop and reader see the same outline
BEYOND_DOUBT = 0.95  # share of strong contour below which a contour is faint
ROUNDING, FAINT_ROUNDING = 1.5, 3.0  # pixels; faint contours are ragged with JPEG noise
BITES = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15))  # the bites that noise takes out of a faint contour
REACH = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))  # ten cells of the reader at 768 x 1024
AROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (41, 41))
CERTAIN = 0.8  # probability from which the reader's garment fills gaps of a faint contour
HOLE = 0.5  # probability below which an enclosed region is a hole
HANGER = 0.6  # probability from which a pixel before a plain backdrop is hanger or tag, not garment
GUIDED = 0.012  # radius of the guided filter, of the picture's width
FLATNESS = 1e-2  # of its guide: variance, in squared units of [0, 1], below which it smooths
UNLIKELY = 0.1  # probability up to which a pixel is too far from the garment to be looked at
SMALL_HOLE = 0.0008  # of the picture: the reader's holes below this are its mistakes
CRUMB = 0.04  # of the largest region: smaller ones are no garment; a strap may be cut off from the body by a hanger


@dataclass(frozen=True)
class Evidence:
    """A mask and how it came about.

    Attributes:
        mask: (H, W) bool.
        certainty: mean probability, 0 to 1, of the garment over the mask.
        agreement: intersection over union, 0 to 1, of the mask and what was believed before edges were looked at.
        on_backdrop: the contour is that before a plain backdrop.
    """

    mask: NDArray[np.bool_]
    certainty: float
    agreement: float
    on_backdrop: bool


def fuse(photo: Image, shares: Shares, backdrop: BackdropMask | None, salience: Floats | None) -> Evidence:
    """The garment's mask from all that is known.

    Args:
        photo: (H, W, 3) uint8 RGB.
        shares: what the reader sees in each pixel.
        backdrop: what stands out from the backdrop, None when that is not plain.
        salience: (H, W) float32 of U-2-Net, None where it was not asked.
    """
    garment, hanger = shares.garment, shares.hanger
    believed = garment
    if salience is not None:
        believed = np.asarray((garment + np.minimum(salience, 1 - hanger)) / 2, np.float32)
    seen = believed > 0.5
    if backdrop is not None and (is_studio(backdrop) or overlap(backdrop.foreground, seen) > AGREEMENT):
        mask, on_backdrop = _on_backdrop(backdrop, believed, hanger), True
    else:
        mask, on_backdrop = _to_edges(photo, believed), False
    certainty = float(believed[mask].mean()) if mask.any() else 0.0
    return Evidence(mask, certainty, overlap(mask, seen), on_backdrop)


def beyond_doubt(mask: NDArray[np.bool_]) -> Evidence:
    """A mask, (H, W) bool, that came with the photo: the contour is known, as before a plain backdrop."""
    return Evidence(mask, certainty=1.0, agreement=1.0, on_backdrop=True)


def is_studio(found: BackdropMask) -> bool:
    """Whether a picture's border is so even, and the contour so visible, that what stands out is the article."""
    return found.noise < STUDIO and found.on_edges > WHOLE_CONTOUR


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union, 0 to 1."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def _on_backdrop(backdrop: BackdropMask, believed: Floats, hanger: Floats) -> NDArray[np.bool_]:
    """The backdrop's contour, with the reader's word on holes, hangers and what a faint contour has lost."""
    faint = backdrop.contrast < BEYOND_DOUBT
    mask = backdrop.foreground
    if faint:
        mask = mask | (cv2.erode((believed > CERTAIN).astype(np.uint8), REACH, borderValue=1) > 0)
    for region in backdrop.enclosed:
        if believed[region].mean() < HOLE and not _overlooked(region, mask, believed):
            mask = mask & ~region
    mask = mask & ~(hanger > HANGER)
    if faint:
        mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, BITES) > 0
    return fill_small_holes(largest(_rounded(mask, FAINT_ROUNDING if faint else ROUNDING)), HOLE_SHARE)


def _overlooked(region: NDArray[np.bool_], mask: NDArray[np.bool_], believed: Floats) -> bool:
    """Whether the reader overlooks not just the region but the cloth around it: then its word on it is void."""
    around = (cv2.dilate(region.astype(np.uint8), AROUND) > 0) & mask & ~region
    return bool(believed[around].mean() < HOLE)


def _to_edges(photo: Image, believed: Floats) -> NDArray[np.bool_]:
    """What is believed, drawn to the picture's edges: guided filter (He, Sun, Tang, 2013) on its colours."""
    radius = max(2, round(GUIDED * photo.shape[1]))
    window = _window(believed > UNLIKELY, 2 * radius)
    guide = photo[window].astype(np.float32) / np.float32(255)
    drawn = np.zeros_like(believed)
    drawn[window] = cv2.ximgproc.guidedFilter(guide, np.ascontiguousarray(believed[window]), radius, FLATNESS)
    return fill_small_holes(larger(_rounded(drawn > 0.5, ROUNDING), CRUMB), SMALL_HOLE)


def _window(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Rows and columns of a mask's box, with a margin; the whole picture where the mask is empty."""
    height, width = mask.shape
    left, top, across, down = cv2.boundingRect(mask.astype(np.uint8)) if mask.any() else (0, 0, width, height)
    return (
        slice(max(0, top - margin), min(height, top + down + margin)),
        slice(max(0, left - margin), min(width, left + across + margin)),
    )


def _rounded(mask: NDArray[np.bool_], sigma: float) -> NDArray[np.bool_]:
    """With an edge smoothed at the scale of ``sigma`` pixels."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma) > 0.5)
