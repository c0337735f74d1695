"""Where each class may be: geometry; of the colours only how bare each limb is.

Every prior is a map in [0, 1]: 1 where the skeleton says the class is usual, near 0 where it would be strange. They
fall off smoothly, with a Gaussian flank, around bones and joints (lengths in body units, see `vf_parse.open.skeleton`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy import Floats, PersonSide, Sided
from vf_blazepose import Mark
from vf_parse.open.appearance import BareLimbs
from vf_parse.open.head import Head
from vf_parse.open.skeleton import Skeleton

_FARTHEST_HEM = 0.8
"""Torso lengths below the waist line at which the colours of the upper garment mean nothing any more (shoes)."""
_WAIST_BLUR = 0.03
"""Half width, in torso lengths, of the strip in which the waist line may lie beside its estimate."""


@dataclass(frozen=True)
class Priors:
    """One map per class, (h, w) float32 in [0, 1].

    ``hanging_hair`` is where hair may fall beside the neck and on the chest; whether it does, its colour and its
    connection with the head must tell. ``hands`` is near 1 on the hands.
    """

    hair: Floats
    hanging_hair: Floats
    skin: Floats
    upper: Floats
    lower: Floats
    shoes: Floats
    hands: Floats
    face: Floats


def build_priors(
    skeleton: Skeleton, head: Head, face: Floats, waist: float, bare: Sided[PersonSide, BareLimbs]
) -> Priors:
    """Lay out the priors of one person.

    Args:
        skeleton, head: the geometry.
        face: (h, w) float32, the face's oval, soft at the rim.
        waist: torso coordinate of the line between the upper and the lower garment.
        bare: how far each side's limbs show skin.
    """
    return Priors(
        hair=_hair(head, face),
        hanging_hair=_hanging_hair(skeleton, head),
        skin=_skin(skeleton, head, face, bare),
        upper=_upper(skeleton, head, face, waist, bare),
        lower=_lower(skeleton, waist),
        shoes=_shoes(skeleton),
        hands=flank(skeleton.hand, 0.0, 0.09 * skeleton.unit),
        face=face,
    )


def flank(distance: Floats, free: float, width: float) -> Floats:
    """1 up to the distance ``free``, then a Gaussian flank of the given width."""
    beyond = np.maximum(distance - np.float32(free), 0) / np.float32(width)
    falling: Floats = np.exp(-(beyond**2))
    return falling


def ramp(value: Floats, middle: float, width: float) -> Floats:
    """A sigmoid that rises through 1/2 at ``middle``."""
    rising: Floats = 1 / (1 + np.exp(-np.clip((value - np.float32(middle)) / np.float32(width), -30, 30)))
    return rising


def _at_least(share: float) -> float:
    """A share of a limb as a prior: a limb that looks all bare or all covered may still be partly otherwise."""
    return 0.12 + 0.88 * share


def _hair(head: Head, face: Floats) -> Floats:
    around = flank(head.distance, 1.25 * head.radius, 0.75 * head.radius)
    above_chin = ramp(-head.y, -(head.chin[1] - 0.1 * head.radius), 1.5)
    return around * above_chin * (1 - 0.93 * face)


def _hanging_hair(skeleton: Skeleton, head: Head) -> Floats:
    beside = flank(skeleton.lateral, 0.5 * skeleton.unit, 0.1 * skeleton.unit)
    beside *= 1 - 0.95 * flank(skeleton.lateral, 0.08 * skeleton.unit, 0.06 * skeleton.unit)
    height = (skeleton.t < 0.6) & (skeleton.t > -0.5) & (head.y > head.centre[1])
    return np.where(height, beside, np.float32(0))


def _skin(skeleton: Skeleton, head: Head, face: Floats, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    limbs = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, leg, shown = skeleton.arms[side], skeleton.legs[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            limbs = np.maximum(limbs, _at_least(share) * flank(bone, 0.09 * unit, 0.06 * unit) * (t > -0.5))
        # a bare shin goes with a skirt or shorts, whose hem may lie anywhere on the thigh
        for bone, share in ((leg.upper, max(shown.thigh, shown.shin)), (leg.lower, shown.shin)):
            limbs = np.maximum(limbs, _at_least(share) * flank(bone, 0.14 * unit, 0.08 * unit) * (t > 1.0))
        foot = 0.7 * _at_least(shown.shin) * flank(leg.end, 0.08 * unit, 0.06 * unit)
        limbs = np.maximum(limbs, foot)
    chest = flank(t, 0.12, 0.12) * (t > -0.8) * flank(skeleton.lateral, 0.42 * unit, 0.08 * unit)
    midriff = 0.55 * ((t > 0.55) & (t < 1.05))
    hands = flank(skeleton.hand, 0.0, 0.16 * unit)
    near_face = 0.9 * (head.distance < 1.35 * head.radius) * ramp(head.y, head.centre[1] - 0.2 * head.radius, 2.0)
    prior: Floats = np.maximum.reduce([limbs, chest, midriff, hands, near_face, face]).astype(np.float32)
    return prior


def _upper(skeleton: Skeleton, head: Head, face: Floats, waist: float, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    trunk = np.maximum(1 - ramp(t, waist + 0.04, _WAIST_BLUR), 0.01) * ramp(t, -0.15, 0.05)
    trunk = trunk * (1 - 0.8 * _bare_arms(skeleton, bare))
    sleeves = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, shown = skeleton.arms[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            sleeves = np.maximum(sleeves, 0.9 * _at_least(1 - share) * flank(bone, 0.12 * unit, 0.08 * unit))
    sleeves *= skeleton.hand > 0.08 * unit
    prior = np.maximum(trunk, sleeves) * (1 - 0.97 * face)
    on_head = (head.distance < 1.25 * head.radius) & (head.y < head.centre[1] + 1.1 * head.radius)
    prior = np.where(on_head, 0.1 * prior, prior) * (1 - ramp(t, waist + _FARTHEST_HEM, 0.05))
    possible: Floats = prior.astype(np.float32)
    return possible


def _bare_arms(skeleton: Skeleton, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    """Near 1 on bare arms that hang beside the body; an arm half in a sleeve does not count."""
    on = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, shown = skeleton.arms[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            surely = max(0.0, 2 * share - 1)
            on = np.maximum(on, surely * flank(bone, 0.05 * skeleton.unit, 0.03 * skeleton.unit))
    hanging: Floats = on * _beside(skeleton)
    return hanging


def _beside(skeleton: Skeleton) -> Floats:
    """0 in front of the body, 1 beside it."""
    beside: Floats = np.clip((skeleton.lateral / skeleton.unit - 0.25) / 0.15, 0, 1)
    return beside


def _lower(skeleton: Skeleton, waist: float) -> Floats:
    """Below the waist; less likely on forearms hanging beside the hips: cuffs are no trousers."""
    forearms = flank(skeleton.forearm, 0.05 * skeleton.unit, 0.03 * skeleton.unit)
    feet = flank(skeleton.foot, 0.05 * skeleton.unit, 0.05 * skeleton.unit)
    prior: Floats = (
        ramp(skeleton.t, waist - 0.06, _WAIST_BLUR) * (1 - 0.97 * feet) * (1 - 0.9 * forearms * _beside(skeleton))
    )
    return prior


def _shoes(skeleton: Skeleton) -> Floats:
    seen = float(min(skeleton.visibility[[Mark.L_ANKLE, Mark.R_ANKLE]]) > 0.3)
    return flank(skeleton.foot, 0.08 * skeleton.unit, 0.05 * skeleton.unit) * np.float32(seen)
