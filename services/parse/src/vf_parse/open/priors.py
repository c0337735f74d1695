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


@dataclass(frozen=True)
class Flank:
    """How a prior falls off: 1 up to the distance ``free``, then a Gaussian of ``width``.

    Both are in body units, unless said otherwise.
    """

    free: float
    width: float

    def around(self, distance: Floats, unit: float) -> Floats:
        """The prior at distances in pixels, for a unit in pixels."""
        return flank(distance, self.free * unit, self.width * unit)


_HAIR = Flank(1.25, 0.75)
"""Around the face's centre, in head radii: hair is as thick as the head is tall at most."""
_HANGING_HAIR, _THROAT = Flank(0.5, 0.1), Flank(0.08, 0.06)
"""Beside the torso's axis: hair falls as far out as the shoulders, and not on the throat."""
_HANGING_T = (-0.5, 0.6)
"""Torso coordinates between which hair hangs."""
_BARE_ARM, _BARE_LEG, _BARE_FOOT = Flank(0.09, 0.06), Flank(0.14, 0.08), Flank(0.08, 0.06)
"""Around the bones: as thick as a limb without clothes is."""
_SLEEVE, _SHOE = Flank(0.12, 0.08), Flank(0.08, 0.05)
"""Around the bones: cloth lies outside the limb, a shoe close to the foot."""
_ON_ARM, _ON_FOOT = Flank(0.05, 0.03), Flank(0.05, 0.05)
"""Around the bones: what is surely the limb and nothing beside it."""
_HAND, _NEAR_HAND = Flank(0.0, 0.09), Flank(0.0, 0.16)
"""Around the bones of the hand: the hand, and its surroundings, where fingers may be spread."""
_NECK = Flank(0.12, 0.12)
"""Along the torso, in torso coordinates: a neckline leaves so much of the chest bare."""
_CHEST = Flank(0.42, 0.08)
"""Beside the torso's axis: nearly as wide as the shoulders."""
_HAND_BREADTH = 0.08
"""Units around the hand's bones in which there is no sleeve."""
_ABOVE_HEAD, _ABOVE_SHOULDERS = -0.8, -0.5
"""Torso coordinates above which there is no chest, and no arm."""
_MIDRIFF = (0.55, 1.05)
"""Torso coordinates between which a short top leaves the belly bare."""
_WAIST_BLUR = 0.03
"""Half width, in torso lengths, of the strip in which the waist line may lie beside its estimate."""
_UPPER_OVERLAP, _LOWER_OVERLAP = 0.04, 0.06
"""Torso lengths by which the upper garment may lie below the waist line, and the lower one above it."""
_FARTHEST_HEM, _HEM_BLUR = 0.8, 0.05
"""Torso lengths below the waist line at which the colours of the upper garment mean nothing any more (shoes), and
over how many they lose their meaning."""
_COLLAR, _COLLAR_BLUR = -0.15, 0.05
"""Torso coordinate from which the upper garment is usual, and over how many torso lengths it becomes so."""
_BELOW_TRUNK = 0.01
"""What is left of the trunk's prior below the waist: long tops exist."""
_LEAST = 0.12
"""Prior of skin on a limb that looks all covered, and of cloth on one that looks all bare: it may be so in part."""
_BESIDE, _BESIDE_WIDTH = 0.25, 0.15
"""Units from the torso's axis at which a place is no longer in front of the body, and over which that comes true."""
_ANKLE_SEEN = 0.3
"""Visibility of both ankles from which there are shoes in the picture."""


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
        hands=_HAND.around(skeleton.hand, skeleton.unit),
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
    return _LEAST + (1 - _LEAST) * share


def _hair(head: Head, face: Floats) -> Floats:
    around = _HAIR.around(head.distance, head.radius)
    above_chin = ramp(-head.y, -(head.chin[1] - 0.1 * head.radius), 1.5)
    return around * above_chin * (1 - 0.93 * face)


def _hanging_hair(skeleton: Skeleton, head: Head) -> Floats:
    beside = _HANGING_HAIR.around(skeleton.lateral, skeleton.unit)
    beside *= 1 - 0.95 * _THROAT.around(skeleton.lateral, skeleton.unit)
    height = (skeleton.t < _HANGING_T[1]) & (skeleton.t > _HANGING_T[0]) & (head.y > head.centre[1])
    return np.where(height, beside, np.float32(0))


def _skin(skeleton: Skeleton, head: Head, face: Floats, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    limbs = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, leg, shown = skeleton.arms[side], skeleton.legs[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            limbs = np.maximum(limbs, _at_least(share) * _BARE_ARM.around(bone, unit) * (t > _ABOVE_SHOULDERS))
        # a bare shin goes with a skirt or shorts, whose hem may lie anywhere on the thigh
        for bone, share in ((leg.upper, max(shown.thigh, shown.shin)), (leg.lower, shown.shin)):
            limbs = np.maximum(limbs, _at_least(share) * _BARE_LEG.around(bone, unit) * (t > 1.0))
        foot = 0.7 * _at_least(shown.shin) * _BARE_FOOT.around(leg.end, unit)
        limbs = np.maximum(limbs, foot)
    chest = _NECK.around(t, 1.0) * (t > _ABOVE_HEAD) * _CHEST.around(skeleton.lateral, unit)
    midriff = 0.55 * ((t > _MIDRIFF[0]) & (t < _MIDRIFF[1]))
    hands = _NEAR_HAND.around(skeleton.hand, unit)
    near_face = 0.9 * (head.distance < 1.35 * head.radius) * ramp(head.y, head.centre[1] - 0.2 * head.radius, 2.0)
    prior: Floats = np.maximum.reduce([limbs, chest, midriff, hands, near_face, face]).astype(np.float32)
    return prior


def _upper(skeleton: Skeleton, head: Head, face: Floats, waist: float, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    trunk = np.maximum(1 - ramp(t, waist + _UPPER_OVERLAP, _WAIST_BLUR), _BELOW_TRUNK) * ramp(t, _COLLAR, _COLLAR_BLUR)
    trunk = trunk * (1 - 0.8 * _bare_arms(skeleton, bare))
    sleeves = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, shown = skeleton.arms[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            sleeves = np.maximum(sleeves, 0.9 * _at_least(1 - share) * _SLEEVE.around(bone, unit))
    sleeves *= skeleton.hand > _HAND_BREADTH * unit
    prior = np.maximum(trunk, sleeves) * (1 - 0.97 * face)
    on_head = (head.distance < 1.25 * head.radius) & (head.y < head.centre[1] + 1.1 * head.radius)
    prior = np.where(on_head, 0.1 * prior, prior) * (1 - ramp(t, waist + _FARTHEST_HEM, _HEM_BLUR))
    possible: Floats = prior.astype(np.float32)
    return possible


def _bare_arms(skeleton: Skeleton, bare: Sided[PersonSide, BareLimbs]) -> Floats:
    """Near 1 on bare arms that hang beside the body; an arm half in a sleeve does not count."""
    on = np.zeros(skeleton.shape, np.float32)
    for side in PersonSide:
        arm, shown = skeleton.arms[side], bare[side]
        for bone, share in ((arm.upper, shown.upper_arm), (arm.lower, shown.forearm)):
            surely = max(0.0, 2 * share - 1)
            on = np.maximum(on, surely * _ON_ARM.around(bone, skeleton.unit))
    hanging: Floats = on * _beside(skeleton)
    return hanging


def _beside(skeleton: Skeleton) -> Floats:
    """0 in front of the body, 1 beside it."""
    beside: Floats = np.clip((skeleton.lateral / skeleton.unit - _BESIDE) / _BESIDE_WIDTH, 0, 1)
    return beside


def _lower(skeleton: Skeleton, waist: float) -> Floats:
    """Below the waist; less likely on forearms hanging beside the hips: cuffs are no trousers."""
    forearms = _ON_ARM.around(skeleton.forearm, skeleton.unit)
    feet = _ON_FOOT.around(skeleton.foot, skeleton.unit)
    below = ramp(skeleton.t, waist - _LOWER_OVERLAP, _WAIST_BLUR)
    prior: Floats = below * (1 - 0.97 * feet) * (1 - 0.9 * forearms * _beside(skeleton))
    return prior


def _shoes(skeleton: Skeleton) -> Floats:
    seen = float(min(skeleton.visibility[[Mark.L_ANKLE, Mark.R_ANKLE]]) > _ANKLE_SEEN)
    return _SHOE.around(skeleton.foot, skeleton.unit) * np.float32(seen)
