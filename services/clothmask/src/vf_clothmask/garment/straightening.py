"""Which way is up in a photo of a garment, and where the garment goes in cloth.png."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.geometry import Floats, Matrix, fitted, outline, rotation, transform
from vfkit.contracts import HEIGHT, WIDTH
from vfkit.contracts import GarmentLandmark as Mark

MARGIN = 0.083
"""Free at each side of cloth.png: VITON-HD's cloths leave 8.3 % of the width or of the height, whichever they fill."""
UPRIGHT = 2.0
"""Degrees up to which a garment counts as upright, or as lying on its side: the photo is not turned for less."""
SURE = 0.35
"""Least certainty of a landmark that says which way is up."""
ENOUGH = 1.2
"""Certainties of the lines that say which way is up, summed: with less they are not believed."""
NEAR = 8
"""Degrees around the landmarks' word within which the body's symmetry decides."""
TILT = 20
"""Degrees to each side that the body's symmetry alone may ask for."""
CLEARLY, CLEARLY_ALONE = 0.015, 0.06
"""How much more symmetric the body must be for the photo to be turned, with the landmarks' word and without it."""
FAR = 0.002
"""Of symmetry that a degree away from the landmarks' word costs."""
COARSE = 128
"""Pixels of the longer side of the mask whose symmetry is measured."""
CLOSE = 0.04
"""Of the scale: a garment that fills the frame this nearly is not scaled."""
CENTRED = 0.03
"""Of the frame: a garment that is centred this nearly is not moved."""

Group = tuple[Mark, ...]
ACROSS: tuple[tuple[Mark, Mark], ...] = (
    (Mark.RIGHT_NECK, Mark.LEFT_NECK),
    (Mark.RIGHT_SHOULDER, Mark.LEFT_SHOULDER),
    (Mark.RIGHT_ARMPIT, Mark.LEFT_ARMPIT),
    (Mark.RIGHT_WAIST, Mark.LEFT_WAIST),
    (Mark.RIGHT_HEM, Mark.LEFT_HEM),
    (Mark.RIGHT_LEG_OUTER, Mark.LEFT_LEG_OUTER),
)
"""Level lines of an upright garment, either way round."""
NECK: Group = (Mark.LEFT_NECK, Mark.RIGHT_NECK)
SHOULDERS: Group = (Mark.LEFT_SHOULDER, Mark.RIGHT_SHOULDER)
ARMPITS: Group = (Mark.LEFT_ARMPIT, Mark.RIGHT_ARMPIT)
WAIST: Group = (Mark.LEFT_WAIST, Mark.RIGHT_WAIST)
HEM: Group = (Mark.LEFT_HEM, Mark.RIGHT_HEM)
LEGS: Group = (Mark.LEFT_LEG_OUTER, Mark.LEFT_LEG_INNER, Mark.RIGHT_LEG_OUTER, Mark.RIGHT_LEG_INNER)
DOWN: tuple[tuple[Group, Group], ...] = (
    (NECK, HEM),
    (SHOULDERS, HEM),
    (NECK, ARMPITS),
    (ARMPITS, HEM),
    (WAIST, HEM),
    (WAIST, LEGS),
    (WAIST, (Mark.CROTCH,)),
)
"""Plumb lines, from the middle of one group to the middle of another below it."""


def landmark_angle(points: Floats, certainty: Floats) -> float:
    """Degrees by which a photo must be turned clockwise for its garment to be upright, by its landmarks.

    Plumb lines say where down is; level lines, longer and surer, are then laid across that. Each counts by its length
    and by the certainty of its ends.

    Args:
        points: (20, 2) in pixels.
        certainty: (20,) in [0, 1].

    Returns:
        In (-180, 180]; 0 when the landmarks are unsure.
    """
    place = points[:, 0].astype(np.complex128) + 1j * points[:, 1]
    down, trust = 0j, 0.0
    for upper, lower in DOWN:
        sure = float(certainty[[*upper, *lower]].min())
        if sure >= SURE:
            down += sure * (place[list(lower)].mean() - place[list(upper)].mean())
            trust += sure
    if trust < ENOUGH or down == 0:
        return 0.0
    for right, left in ACROSS:
        sure = float(certainty[[right, left]].min())
        if sure >= SURE:
            beside = 1j * (place[left] - place[right])
            along = beside if (beside * np.conj(down)).real > 0 else -beside
            down += sure * along
    return _wrapped(90 - float(np.degrees(np.angle(down))))


def upright(body: NDArray[np.bool_], points: Floats, certainty: Floats, turned: float = 0.0) -> float:
    """Degrees by which a photo must be turned clockwise for its garment to be upright, by landmarks and symmetry.

    Args:
        body: (H, W) bool: the garment without its sleeves, which lie anyhow.
        points: (20, 2) landmarks in pixels.
        certainty: (20,) in [0, 1].
        turned: degrees by which the photo was turned clockwise to be read. Its nearest quarter says which side is up
            when the landmarks are too unsure for an angle.

    Returns:
        In (-180, 180]; exactly 0 for a garment within `UPRIGHT`.
    """
    said = landmark_angle(points, certainty)
    side = 90.0 * round(turned / 90)
    around = np.arange(-NEAR, NEAR + 1) if said else np.arange(-TILT, TILT + 1)
    places = _coarse(body)
    candidates = (said or side) + around
    scores = np.array([symmetry(places, angle) for angle in candidates]) - FAR * abs(around)
    best = float(candidates[scores.argmax()])
    unless = 0.0 if said else side
    gain = scores.max() - symmetry(places, unless)
    if abs(best - unless) <= TILT and gain < (CLEARLY if said else CLEARLY_ALONE):
        return _wrapped(unless)
    quarter = 90.0 * round(best / 90)
    return _wrapped(quarter if abs(best - quarter) <= UPRIGHT else best)


def symmetry(places: Floats, degrees: float) -> float:
    """How well a shape, turned, agrees with its mirror image: intersection over union, 0 to 1.

    Args:
        places: (n, 2) its pixels, around its middle.
        degrees: clockwise as it is seen.
    """
    x, y = np.rint(transform(places, rotation(degrees))).astype(np.int64).T + COARSE
    shape = np.zeros((2 * COARSE + 1, 2 * COARSE + 1), np.uint8)
    shape[y, x] = 1
    shape = cv2.morphologyEx(shape, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    middle = round(float(np.nonzero(shape)[1].mean()) * 2)
    mirrored = np.zeros_like(shape)
    columns = np.arange(shape.shape[1])
    there = (middle - columns >= 0) & (middle - columns < shape.shape[1])
    mirrored[:, columns[there]] = shape[:, middle - columns[there]]
    return float((shape & mirrored).sum() / (shape | mirrored).sum())


def placement(mask: NDArray[np.bool_], degrees: float) -> Matrix:
    """Where the photo's pixels go in cloth.png: upright, the garment in the middle and filling it as VITON-HD's do.

    What is nearly so already is left as it is, so that its pixels stay what they are.

    Args:
        mask: (H, W) bool, the garment in the photo.
        degrees: what `upright` says.
    """
    matrix = fitted(outline(mask), degrees, (WIDTH, HEIGHT), MARGIN)
    if degrees == 0 and abs(matrix[0, 0] - 1) <= CLOSE:
        middle = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
        there = (middle - matrix[:, 2]) / matrix[0, 0]
        move = np.rint(middle - there)
        move[abs(move) <= CENTRED * WIDTH] = 0
        return np.array([[1, 0, move[0]], [0, 1, move[1]]])
    return matrix


def _coarse(mask: NDArray[np.bool_]) -> Floats:
    """(n, 2) the pixels of a small copy of a mask, around their middle."""
    height, width = mask.shape
    scale = COARSE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(small)
    places = np.stack([columns, rows], 1).astype(np.float32)
    return np.asarray(places - (places.min(0) + places.max(0)) / 2, np.float32)


def _wrapped(degrees: float) -> float:
    """In (-180, 180]."""
    return 180 - (180 - degrees) % 360
