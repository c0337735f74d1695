"""A garment for the lower body on the undressed photo: below tops, coats, arms, hands and hair."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide
from vf_hrviton.open.body.labels import ARMS
from vf_hrviton.open.body.lower import LowerBody
from vf_hrviton.open.body.prepared import PreparedBody, light_of_folds, to_share
from vf_hrviton.open.body.shape import TorsoMaps
from vf_hrviton.open.paint.fills import blurred, eroded, over, push_pull, softened
from vf_hrviton.open.paint.shading import cast, lit, rounded_edge
from vf_hrviton.open.warp.dress import Layer
from vfkit.contracts import Image, Label

FRONT = (Label.UPPER_CLOTHES, Label.COAT, Label.SCARF, Label.GLOVE, Label.FACE, Label.SUNGLASSES, *ARMS)
"""What lies in front of a garment for the lower body."""
WAISTBAND = (-0.07, 0.03)
"""Torso lengths around a shown waistline between which the waistband lies over a tucked top."""
NARROW_GAP, GAP_LIGHT = 0.03, 0.6
"""Widest gap between two trouser legs, in units, in which it is too dark to see through, and the light there."""
BESIDE_TOP = 0.02
"""Torso lengths above a top's hem over which the garment below appears."""
UNDER_FRONT = 0.35
"""Light lost just below what lies in front."""
ROUND, ROUND_REACH = 0.22, 0.07
"""Light lost at the garment's outline, and its reach in units."""
BOOT = 0.35
"""Units above the ankle from which a shoe is a boot, and lies over trousers."""


def put_on_below(photo: Image, prepared: PreparedBody, maps: TorsoMaps, lower: LowerBody, layer: Layer) -> Image:
    """The person wearing the garment.

    Args:
        photo: (H, W, 3) uint8 RGB, the window of the person's photo.
        prepared: the person without what was worn on the legs.
        maps: the torso's coordinates.
        lower: hips and legs.
        layer: the garment laid out on them.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    unit, person = prepared.shape.unit, prepared.silhouette > 102
    front = _in_front(prepared, maps, lower)
    seen = np.asarray(layer.alpha * (1 - front) * _below_top(prepared, maps, lower), np.float32)
    picture = cast(prepared.undressed.astype(np.float32), seen, person, 0.45, 0.02 * unit, 0.015 * unit)
    shade = rounded_edge(layer.alpha, ROUND, ROUND_REACH * unit) * light_of_folds(prepared.folds)
    shade = shade * _shadow_of(front, unit)
    picture = over(picture, lit(layer.image, shade.astype(np.float32)), seen)
    picture = over(picture, _shaded(layer), _narrow_gaps(layer.alpha, unit) * (1 - front))
    picture = over(picture, photo, to_share(prepared.front))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _shaded(layer: Layer) -> Floats:
    """(H, W, 3) the garment's colours carried on into its gaps, in shadow."""
    return push_pull(layer.image, eroded(layer.alpha > 0.9, 1)) * GAP_LIGHT


def _narrow_gaps(alpha: Floats, unit: float) -> Floats:
    """(H, W) in [0, 1]: slits in the garment."""
    width = int(NARROW_GAP * unit) | 1
    row = cv2.getStructuringElement(cv2.MORPH_RECT, (width, 1))
    closed = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, row) > 0
    return np.asarray(np.clip(softened(closed, 1.0) - alpha, 0, 1))


def _below_top(prepared: PreparedBody, maps: TorsoMaps, lower: LowerBody) -> Floats:
    """(H, W) in [0, 1]: 0 beside a top that hangs over the waistband, which holds the garment in."""
    if lower.waist_shown or prepared.worn_hem_t is None:
        return np.ones(prepared.size, np.float32)
    return np.asarray(np.clip((maps.t - prepared.worn_hem_t + BESIDE_TOP) / BESIDE_TOP, 0, 1), np.float32)


def _in_front(prepared: PreparedBody, maps: TorsoMaps, lower: LowerBody) -> Floats:
    """(H, W) in [0, 1]: what hides the garment."""
    front = prepared.is_in(*FRONT) | (prepared.is_in(Label.DRESS) & (maps.t < lower.waist_t))
    if lower.waist_shown:
        half = min(lower.half_width(lower.waist_t, side) for side in PictureSide)
        above = maps.t - lower.waist_t
        band = (above > WAISTBAND[0]) & (above < WAISTBAND[1]) & (np.abs(maps.across) < half)
        front &= ~(band & prepared.is_in(Label.UPPER_CLOTHES, Label.DRESS))
    return softened((front | _shoes(prepared, lower)) & ~prepared.worn, 1.0)


def _shoes(prepared: PreparedBody, lower: LowerBody) -> Mask:
    """Boots, over trousers; of low shoes what is below the ankle."""
    rows = np.arange(prepared.size[0])[:, None]
    front = np.zeros(prepared.size, bool)
    for side in PictureSide:
        shoe = prepared.is_in(Label[f"{prepared.shape.sides[side].name}_SHOE"])
        if not shoe.any():
            continue
        ankle, top = lower.legs[side].ankle[1], int(shoe.any(axis=1).argmax())
        boot = ankle - top > BOOT * prepared.shape.unit
        front |= shoe if boot else shoe & (rows > ankle)
    return front


def _shadow_of(front: Floats, unit: float) -> Floats:
    """(H, W) up to 1: what lies in front darkens the garment just below it."""
    height, width = front.shape
    moved = cv2.warpAffine(front, np.array([[1, 0, 0], [0, 1, 0.03 * unit]], np.float32), (width, height))
    return np.asarray(1 - UNDER_FRONT * blurred(np.asarray(moved, np.float32), 0.025 * unit), np.float32)
