"""Wall that the parse calls garment: beside pale clothes, and in the gap between an arm and the torso."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask
from vf_hrviton.open.paint.fills import dilated, eroded, push_pull
from vfkit.contracts import Image, Label

SCALE = 2
"""Pixels of the photo per pixel looked at: edges finer than that are the silhouette's matter."""
SURELY_WALL, SURELY_GARMENT = 3, 6
"""Pixels looked at, from its edge, from which a label is believed."""
LIKE_WALL, RATHER_WALL = 5.0, 0.5
"""8-bit Lab distance within which a pixel has the wall's colour, and the share of its distance to the garment's below
which it surely is wall."""
FLAT = 1.0
"""8-bit lightness per pixel looked at up to which a place is as flat as walls are: there nearer to the wall's colour
than to the garment's is enough."""
APART = 7.0
"""Median distance of the garment from the wall from which they can be told apart."""
PLAIN = 6.0
"""Median 8-bit Lab distance from its median colour up to which a garment is plain: then that is its colour even where
all that is called garment is wall; the colours of any other are taken from nearby."""
ENOUGH = 500


def without_wall(image: Image, labels: Image, garments: tuple[Label, ...]) -> Image:
    """The parse with wall called wall.

    Only what has the wall's colour rather than the garment's, and is joined to the wall, is changed.

    Args:
        image: (H, W, 3) uint8 RGB.
        labels: (H, W) uint8 CIHP.
        garments: labels that may be wrong.
    """
    small = labels[::SCALE, ::SCALE]
    is_garment, is_wall = np.isin(small, garments), small == Label.BACKGROUND
    inside, outside = eroded(is_garment, SURELY_GARMENT), eroded(is_wall, SURELY_WALL)
    if min(inside.sum(), outside.sum()) < ENOUGH // SCALE**2:
        return labels
    height, width = small.shape
    lab = cv2.cvtColor(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    lab = lab.astype(np.float32)
    from_wall = np.linalg.norm(lab - push_pull(lab, outside), axis=-1)
    from_garment = np.linalg.norm(lab - _garment_colour(lab, inside), axis=-1)
    if np.median(from_wall[inside]) < APART:
        return labels
    rather = (from_wall < from_garment) & _flat(lab[..., 0])
    found = is_garment & (from_wall < LIKE_WALL) & (rather | (from_wall < RATHER_WALL * from_garment))
    found = eroded(dilated(eroded(found, 1), 2), 1) & is_garment
    _, parts = cv2.connectedComponents((found | is_wall).astype(np.uint8))
    found &= np.isin(parts, np.unique(parts[is_wall]))
    whole = cv2.resize(found.astype(np.uint8), labels.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(whole & np.isin(labels, garments), np.uint8(Label.BACKGROUND), labels)


def _flat(lightness: Floats) -> Mask:
    smooth = cv2.GaussianBlur(lightness, (0, 0), 1)
    slope_y, slope_x = np.gradient(smooth)
    return np.asarray(np.hypot(slope_x, slope_y) < FLAT)


def _garment_colour(lab: Floats, inside: Mask) -> Floats | Floats:
    main = np.median(lab[inside], 0)
    if np.median(np.linalg.norm(lab[inside] - main, axis=-1)) < PLAIN:
        return np.asarray(main, np.float32)
    return push_pull(lab, inside)
