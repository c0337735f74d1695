"""The light on a bare body: what its shape takes from an even light, as bare skin shows it."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Segment, pixel_grid
from vf_hrviton.open.body.labels import ARMS
from vf_hrviton.open.body.shape import BodyShape, PersonPhoto, TorsoMaps
from vf_hrviton.open.paint.fills import blurred, eroded
from vf_hrviton.open.paint.skin import TO_STANDARD_DEVIATION
from vfkit.contracts import Label

WAIST_BROAD, WAIST_EDGE = 0.10, 0.24
"""Light that a bare torso loses towards its sides, and close to them."""
BESIDE = 1.08
"""Half widths from the axis from which a pixel is beside the torso."""
MIDLINE, MIDLINE_WIDTH = 0.05, 0.1
"""Light lost along the belly's middle, and its width in half widths."""
COLLARBONE, COLLARBONE_WIDTH = 0.12, 0.026
"""Light lost below a collarbone, and in units how broad its shadow is."""
COLLARBONE_RIDGE = 0.05
"""Light gained on top of the bone."""
ARMPIT_FOLD, ARMPIT_WIDTH = 0.18, 0.045
"""Light lost in the fold between chest and arm, and its width in units."""
BREASTBONE, BREASTBONE_WIDTH = 0.035, 0.05
"""Light lost between the two halves of the chest, and its width in units."""
SHOULDER, SHOULDER_WIDTH = 0.06, 0.13
"""Light gained on top of the shoulder, and its width in units."""
OUTLINE, OUTLINE_WIDTH = 0.30, 0.045
"""Light lost at the outline of the shoulders, where they turn away, and its depth in units."""
OUTLINE_ENDS = (0.12, 0.42)
"""Torso coordinates between which that gives way to the arms' own light."""
USUAL_CONTRAST, CONTRAST_LIMITS = 0.09, (0.75, 1.45)
"""Standard deviation of the light on bare limbs over its median, as most photos have it, and how far a photo's may
say that its light is softer or harder."""
CONTRAST_BAND = (0.02, 0.08)
"""Blurs in units between which that is measured: broader than pores, narrower than limbs."""
ENOUGH = 2000
COARSE = 4
"""Pixels between the points at which these soft shadows are computed."""


def torso_light(maps: TorsoMaps) -> Floats:
    """(H, W) up to 1: below the chest, where the shoulders no longer go on, a bare torso turns from the light.

    Beside the torso it is 1: what is there is arms and hands, and they have their own light.
    """
    side = np.abs(maps.across) / np.maximum(maps.half_width, 1)
    below_chest = np.clip((maps.t - 0.3) / 0.1, 0, 1) * np.clip((BESIDE - side) / (BESIDE - 1), 0, 1)
    side = np.minimum(side, 1)
    middle = MIDLINE * np.exp(-((side / MIDLINE_WIDTH) ** 2))
    return np.asarray(1 - below_chest * (WAIST_BROAD * side**2 + WAIST_EDGE * side**6 + middle), np.float32)


def chest_light(shape: BodyShape, size: tuple[int, int]) -> Floats:
    """(H, W) around 1: collarbones, the folds at the armpits, the breastbone, the tops of the shoulders."""
    points = pixel_grid(size)[::COARSE, ::COARSE]
    light = np.ones(points.shape[:2], np.float32)
    middle, _ = Segment(shape.torso.at(0.1), shape.torso.at(0.3)).nearest(points)
    light -= BREASTBONE * _bump(middle / (BREASTBONE_WIDTH * shape.unit))
    for side in PictureSide:
        inner = shape.torso.at(0.05, side.sign * 0.07 * shape.unit)
        outer = shape.shoulder_point(side, 0.85) + shape.torso.axis * 0.09 * shape.unit
        distance, place = Segment(inner, outer).nearest(points)
        axis = shape.torso.axis
        below = ((points - inner) @ axis - (outer - inner) @ axis * place) / (COLLARBONE_WIDTH * shape.unit)
        reach = distance / (COLLARBONE_WIDTH * shape.unit)
        light -= COLLARBONE * (1 - 0.7 * place) * _bump(reach) * np.clip(0.5 + below, 0, 1)
        light += COLLARBONE_RIDGE * (1 - 0.5 * place) * _bump(reach) * np.clip(0.5 - below, 0, 1)
        armpit = shape.side_at(0.33, side)
        fold, up = Segment(armpit, armpit + (shape.arms[side].shoulder - armpit) * 0.55).nearest(points)
        light -= ARMPIT_FOLD * (1 - up) * _bump(fold / (ARMPIT_WIDTH * shape.unit))
        top = shape.arms[side].shoulder + shape.up * 0.02 * shape.unit
        light += SHOULDER * _bump(np.linalg.norm(points - top, axis=-1) / (SHOULDER_WIDTH * shape.unit))
    height, width = size
    return np.asarray(cv2.resize(light, None, fx=COARSE, fy=COARSE)[:height, :width], np.float32)


def outline_light(photo: PersonPhoto, unit: float, bare: Mask, t: Floats) -> Floats:
    """(H, W) up to 1: shoulders turn from the light at their outline.

    Args:
        photo: the person.
        unit: the body unit in pixels.
        bare: (H, W) chest and arms as they are without clothes.
        t: (H, W) torso coordinates.
    """
    solid = bare | photo.is_in(Label.HAIR, Label.FACE, Label.TORSO_SKIN) | (t > OUTLINE_ENDS[1])
    depth = cv2.distanceTransform(solid.astype(np.uint8), cv2.DIST_L2, 3) / (OUTLINE_WIDTH * unit)
    above = np.clip((OUTLINE_ENDS[1] - t) / (OUTLINE_ENDS[1] - OUTLINE_ENDS[0]), 0, 1)
    return np.asarray(1 - OUTLINE * np.exp(-depth) * above, np.float32)


def contrast(photo: PersonPhoto, unit: float) -> float:
    """How hard the photo's light is, as the shown limbs say: the exponent of invented light, 1 as usual."""
    limbs = eroded(photo.is_in(*ARMS, Label.TORSO_SKIN), 4)
    if limbs.sum() < ENOUGH:
        return 1.0
    grey = cv2.cvtColor(photo.image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, broad = (blurred(grey, share * unit)[limbs] for share in CONTRAST_BAND)
    spread = TO_STANDARD_DEVIATION * float(np.median(np.abs(fine - broad))) / max(float(np.median(grey[limbs])), 1.0)
    return float(np.clip(np.sqrt(spread / USUAL_CONTRAST), *CONTRAST_LIMITS))


def _bump(distance: Floats) -> Floats:
    return np.asarray(np.exp(-(distance**2)), np.float32)
