"""What is known about a garment from its picture.

Coordinates are (x, y) in pixels of the cloth picture, float64, x to the right and y down. *Left* and *right* are the
picture's, not the wearer's; masks have the cloth picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vf_anatomy import Doubles, Mask, PictureSide, Point, Points, Sided

Polyline = Points
"""(n, 2) float64: x, y along a line."""

EDGE_POINTS = 17
"""Points on each edge of a sleeve."""


class SleeveLength(StrEnum):
    """Sleeve length, by where the cuff would end on an arm."""

    NONE = "none"
    SHORT = "short"
    ELBOW = "elbow"
    THREE_QUARTER = "three_quarter"
    LONG = "long"


@dataclass(frozen=True)
class Sleeve:
    """One sleeve.

    Attributes:
        outer: (17, 2) from the shoulder tip along the outer edge to the cuff.
        inner: (17, 2) from the armpit along the inner edge to the cuff.
        mask: the sleeve's pixels.
        length_ratio: length of the line midway between both edges, divided by the garment's chest width.
        length: class of that ratio.
        touches_torso: no gap to the torso was visible; the inner edge is a seam found inside the garment.
        confidence: 0 to 1.
    """

    outer: Polyline
    inner: Polyline
    mask: Mask
    length_ratio: float
    length: SleeveLength
    touches_torso: bool
    confidence: float


@dataclass(frozen=True)
class Garment:
    """Landmarks and parts of one top.

    Attributes:
        sleeve: the longer sleeve's class.
        neck: where the shoulder line meets the neckline (below a standing collar). On a
            camisole the inner edge of the strap's top.
        shoulder: tips of the shoulders, where a sleeve begins or a sleeveless shoulder ends.
        armpit: where sleeve (or armhole) meets the side of the torso.
        hem: lower corners of the torso.
        hem_centre: the hem on the garment's axis.
        neckline: deepest point of the front neckline.
        torso: (H,) float64, x of the torso's sides in each row; measured between ``torso_top``
            (the armpits) and ``torso_bottom`` (the hem), continued as a constant beyond.
        torso_top, torso_bottom: rows of that range.
        inner_back: inside of the back, visible above the front neckline; not to be shown on a front view.
        inner_back_confidence: 0 to 1: how clear the front neckline is (1 as well when nothing of the back shows).
        sleeves: by picture side; empty for sleeveless garments.
        off_shoulder: the neckline lies below the shoulders (the shoulder points are then the top corners).
        straps: the garment hangs on straps narrower than a shoulder.
        collar_height: pixels a standing or shirt collar rises above the neck points; 0 without one.
        box: x0, y0, x1, y1 of the mask, x1 and y1 exclusive.
        confidence: 0 to 1: the least certain of the landmarks that a warp needs.
    """

    sleeve: SleeveLength
    neck: Sided[PictureSide, Point]
    shoulder: Sided[PictureSide, Point]
    armpit: Sided[PictureSide, Point]
    hem: Sided[PictureSide, Point]
    hem_centre: Point
    neckline: Point
    torso: Sided[PictureSide, Doubles]
    torso_top: int
    torso_bottom: int
    inner_back: Mask
    inner_back_confidence: float
    sleeves: Mapping[PictureSide, Sleeve]
    off_shoulder: bool
    straps: bool
    collar_height: float
    box: tuple[int, int, int, int]
    confidence: float

    @property
    def landmarks(self) -> dict[str, Point]:
        """All points by name: ``neck_left``, ``hem_centre``."""
        pairs = {"neck": self.neck, "shoulder": self.shoulder, "armpit": self.armpit, "hem": self.hem}
        found = {f"{name}_{side.value}": pair[side] for name, pair in pairs.items() for side in PictureSide}
        return found | {"hem_centre": self.hem_centre, "neckline": self.neckline}

    @property
    def chest_width(self) -> float:
        """Distance of the armpits in pixels, the garment's own measure of length."""
        return float(np.linalg.norm(self.armpit.right - self.armpit.left))

    @property
    def bares_shoulders(self) -> bool:
        """Its sleeves begin below the shoulders: off the shoulders, or beside bare straps."""
        return self.off_shoulder or (self.straps and bool(self.sleeves))
