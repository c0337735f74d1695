"""What is known about a garment from its picture.

Coordinates are (x, y) in pixels of the cloth picture, float64, x to the right and y down. *Left* and *right* are the
picture's, not the wearer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

Point = NDArray[np.float64]
"""(2,) float64: x, y."""

Polyline = NDArray[np.float64]
"""(n, 2) float64: x, y along a line."""

Mask = NDArray[np.bool_]
"""(H, W) bool of the cloth picture's size."""

EDGE_POINTS = 17
"""Points on each edge of a sleeve."""


POINTS = (
    "neck_left",
    "neck_right",
    "shoulder_left",
    "shoulder_right",
    "armpit_left",
    "armpit_right",
    "hem_left",
    "hem_right",
    "hem_centre",
    "neckline",
)
"""The fields of `Garment` that are points."""


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
        neck_left, neck_right: where the shoulder line meets the neckline (below a standing collar). On a
            camisole the inner edge of the strap's top.
        shoulder_left, shoulder_right: tips of the shoulders, where a sleeve begins or a sleeveless shoulder ends.
        armpit_left, armpit_right: where sleeve (or armhole) meets the side of the torso.
        hem_left, hem_right: lower corners of the torso.
        hem_centre: the hem on the garment's axis.
        neckline: deepest point of the front neckline.
        torso_left, torso_right: (H,) float64, x of the torso's sides in each row; measured between ``torso_top``
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
    neck_left: Point
    neck_right: Point
    shoulder_left: Point
    shoulder_right: Point
    armpit_left: Point
    armpit_right: Point
    hem_left: Point
    hem_right: Point
    hem_centre: Point
    neckline: Point
    torso_left: NDArray[np.float64]
    torso_right: NDArray[np.float64]
    torso_top: int
    torso_bottom: int
    inner_back: Mask
    inner_back_confidence: float
    sleeves: Mapping[Side, Sleeve]
    off_shoulder: bool
    straps: bool
    collar_height: float
    box: tuple[int, int, int, int]
    confidence: float

    @property
    def chest_width(self) -> float:
        """Distance of the armpits in pixels, the garment's own measure of length."""
        return float(np.linalg.norm(self.armpit_right - self.armpit_left))

    @property
    def bares_shoulders(self) -> bool:
        """Its sleeves begin below the shoulders: off the shoulders, or beside bare straps."""
        return self.off_shoulder or (self.straps and bool(self.sleeves))
