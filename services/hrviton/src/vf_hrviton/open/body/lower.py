"""What a garment for the lower body is laid out on: waistline, hips, crotch, and the legs below the clothes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, PictureSide, Point, Sided
from vf_hrviton.open.body.labels import LOWER
from vf_hrviton.open.body.limbs import LimbPath, leg_joints
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import PROFILE_T, BodyShape, TorsoMaps, sampled
from vf_hrviton.open.paint.fills import eroded
from vf_hrviton.open.warp.strips import Strip
from vfkit.contracts import Joint, Label
from vfkit.problems import Code, Problem

PELVIS = ((0.5, 0.65, 0.8, 0.95, 1.1, 1.25, 1.4), (0.42, 0.43, 0.47, 0.52, 0.555, 0.565, 0.56))
"""Half width of a bare waist and pelvis in units by the torso coordinate. Measured on photos."""
PELVIS_LIMITS = (0.85, 1.1)
"""Believed half widths over the usual one; what stands out further is cloth."""
CROTCH = 0.3
"""Units from the middle of the hip joints down to the crotch."""
CROTCH_LIMITS = (0.26, 0.44)
"""Units between which it may lie: trousers part lower than their crotch where the thighs touch."""
NATURAL_WAIST = 0.8
"""Torso coordinate of a waistband that is not seen."""
HIGHEST_WAIST, LOWEST_WAIST = 0.55, 0.97
"""Torso coordinates between which the upper edge of what is worn below is its waistband; lower, a top covers that."""
ABOVE_EDGE = 0.025
"""Torso lengths by which a new waistband begins above the old one, so that nothing of that shows."""
ENOUGH = 500
TURNED_HIPS = 0.3
"""Distance of the hip joints in units below which a person is seen from the side."""
SEATED_ANGLE, SEATED_LENGTH = 50.0, 0.6
"""Degrees between thigh and torso, and length of a thigh over its shin, of people who sit."""


@dataclass(frozen=True)
class Leg:
    """One leg; joints that were not found are where a straight leg has them.

    Attributes:
        hip, knee, ankle: (2,) pixels.
        path: from the hip beyond the ankle.
        outline: both edges of the bare leg; ``outer`` is away from the other leg.
    """

    hip: Point
    knee: Point
    ankle: Point
    path: LimbPath
    outline: Strip

    @property
    def thigh(self) -> float:
        """Length in pixels."""
        return float(np.linalg.norm(self.knee - self.hip))

    @property
    def length(self) -> float:
        """Hip to ankle along the bones."""
        return self.thigh + float(np.linalg.norm(self.ankle - self.knee))


@dataclass(frozen=True)
class LowerBody:
    """Waistline, hips and legs.

    Attributes:
        legs: both.
        pelvis: half width of waist and hips at `PROFILE_T`, as the photo shows and a body can have.
        crotch: (2,) pixels.
        waist_t: torso coordinate of the waistband.
        waist_shown: the waistband is seen; otherwise a top hangs over it.
    """

    legs: Sided[PictureSide, Leg]
    pelvis: Sided[PictureSide, Doubles]
    crotch: Point
    waist_t: float
    waist_shown: bool

    def half_width(self, t: float, side: PictureSide) -> float:
        """Of waist and hips."""
        return float(np.interp(t, PROFILE_T, self.pelvis[side]))


def read_lower_body(prepared: PreparedBody, maps: TorsoMaps) -> LowerBody:
    """Find hips, legs and waistline.

    Raises:
        Problem: as `require_standing`.
    """
    shape = prepared.shape
    legs = Sided.of(PictureSide, lambda side: _leg(prepared, side))
    require_standing(shape)
    waist_t, shown = _waistline(prepared, maps)
    pelvis = Sided.of(PictureSide, lambda side: _pelvis(shape, side))
    return LowerBody(legs, pelvis, _crotch(prepared, legs), waist_t, shown)


def require_standing(shape: BodyShape) -> None:
    """Check that a garment's front can be shown on this lower body.

    Raises:
        Problem: ``person_not_frontal`` from the side, ``person_seated`` with bent hips.
    """
    hips = shape.joints[[Joint.L_HIP, Joint.R_HIP], :2]
    if float(np.linalg.norm(hips[0] - hips[1])) < TURNED_HIPS * shape.unit:
        raise Problem(Code.PERSON_NOT_FRONTAL, "The person is seen from the side. Please face the camera.")
    for side in PictureSide:
        initial = shape.sides[side].initial
        hip, knee, ankle = (shape.joints[Joint[f"{initial}_{name}"]] for name in ("HIP", "KNEE", "ANKLE"))
        if knee[2] <= 0:
            continue
        thigh, shin = knee[:2] - hip[:2], ankle[:2] - knee[:2]
        length = max(float(np.linalg.norm(thigh)), 1.0)
        bent = float(thigh @ shape.torso.axis) / length < np.cos(np.radians(SEATED_ANGLE))
        if bent or (ankle[2] > 0 and length < SEATED_LENGTH * float(np.linalg.norm(shin))):
            raise Problem(Code.PERSON_SEATED, "The person does not stand. Please choose a photo of somebody standing.")


def _leg(prepared: PreparedBody, side: PictureSide) -> Leg:
    shown = prepared.legs[side]
    return Leg(*leg_joints(prepared.shape, side), shown.path, shown.outline)


def _crotch(prepared: PreparedBody, legs: Sided[PictureSide, Leg]) -> Point:
    """Where worn trousers part, or where a body usually does."""
    unit, axis = prepared.shape.unit, prepared.shape.torso.axis
    middle = (legs.left.hip + legs.right.hip) / 2
    down = np.arange(CROTCH_LIMITS[0] * unit, CROTCH_LIMITS[1] * unit)
    knees = (legs.left.knee + legs.right.knee) / 2
    along = (knees - middle) / max(float(np.linalg.norm(knees - middle)), 1.0)
    trousers = sampled(prepared.is_in(Label.PANTS), middle + down[:, None] * along)
    if not trousers[: len(trousers) // 3].any():
        return np.asarray(middle + axis * CROTCH * unit)
    gaps = np.flatnonzero(~trousers)
    at = down[gaps[0]] if len(gaps) else down[-1]
    return np.asarray(middle + along * at)


def _pelvis(shape: BodyShape, side: PictureSide) -> Doubles:
    usual = shape.unit * np.interp(PROFILE_T, *PELVIS)
    measured = np.clip(shape.profile[side], PELVIS_LIMITS[0] * usual, PELVIS_LIMITS[1] * usual)
    return np.asarray(gaussian_filter1d(measured, 2.0, mode="nearest"))


def _waistline(prepared: PreparedBody, maps: TorsoMaps) -> tuple[float, bool]:
    """Torso coordinate of the waistband, and whether it is seen."""
    middle = np.abs(maps.across) < 0.3 * prepared.shape.unit
    lower = eroded(prepared.is_in(*LOWER), 2) & middle
    if lower.sum() < ENOUGH:
        return NATURAL_WAIST, bool(prepared.is_in(Label.DRESS).any())
    top = float(np.percentile(maps.t[lower], 1)) - ABOVE_EDGE
    if top > LOWEST_WAIST:
        return NATURAL_WAIST, False
    return max(top, HIGHEST_WAIST), True
