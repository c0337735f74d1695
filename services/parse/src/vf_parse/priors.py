"""Where each class may be: pure geometry, no colour.

Every prior is a map in [0, 1]: 1 where the skeleton says the class is usual, near 0 where it would be strange. They
fall off smoothly, with a Gaussian flank, around bones and joints (lengths in body units, see `vf_parse.skeleton`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vf_parse.head import Head
from vf_parse.person import Floats, Mark
from vf_parse.skeleton import Skeleton

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


def build_priors(skeleton: Skeleton, head: Head, face: Floats, waist: float) -> Priors:
    """Lay out the priors of one person.

    Args:
        skeleton, head: the geometry.
        face: (h, w) float32, the face's oval, soft at the rim.
        waist: torso coordinate of the line between the upper and the lower garment.
    """
    return Priors(
        hair=_hair(skeleton, head, face),
        hanging_hair=_hanging_hair(skeleton, head),
        skin=_skin(skeleton, head, face),
        upper=_upper(skeleton, head, face, waist),
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


def _hair(skeleton: Skeleton, head: Head, face: Floats) -> Floats:
    around = flank(head.distance, 1.25 * head.radius, 0.75 * head.radius)
    return around * (1 - 0.93 * face)


def _hanging_hair(skeleton: Skeleton, head: Head) -> Floats:
    beside = flank(skeleton.lateral, 0.5 * skeleton.unit, 0.1 * skeleton.unit)
    height = (skeleton.t < 0.6) & (skeleton.t > -0.5) & (head.y > head.centre[1])
    return np.where(height, beside, np.float32(0))


def _skin(skeleton: Skeleton, head: Head, face: Floats) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    arms = flank(skeleton.arm, 0.09 * unit, 0.06 * unit) * (t > -0.5)
    legs = flank(skeleton.leg, 0.14 * unit, 0.08 * unit) * (t > 1.0)
    feet = 0.7 * flank(skeleton.foot, 0.08 * unit, 0.06 * unit)
    chest = flank(t, 0.12, 0.12) * (t > -0.8) * flank(skeleton.lateral, 0.42 * unit, 0.08 * unit)
    midriff = 0.35 * ((t > 0.55) & (t < 1.05))
    hands = flank(skeleton.hand, 0.0, 0.16 * unit)
    near_face = 0.9 * (head.distance < 1.35 * head.radius)
    prior: Floats = np.maximum.reduce([arms, legs, feet, chest, midriff, hands, near_face, face]).astype(np.float32)
    return prior


def _upper(skeleton: Skeleton, head: Head, face: Floats, waist: float) -> Floats:
    unit, t = skeleton.unit, skeleton.t
    trunk = np.maximum(1 - ramp(t, waist + 0.04, _WAIST_BLUR), 0.01) * ramp(t, -0.10, 0.04)
    sleeves = 0.9 * flank(skeleton.arm, 0.12 * unit, 0.08 * unit) * (skeleton.hand > 0.09 * unit)
    prior = np.maximum(trunk, sleeves) * (1 - 0.97 * face)
    on_head = (head.distance < 1.25 * head.radius) & (head.y < head.centre[1] + 1.1 * head.radius)
    prior = np.where(on_head, 0.1 * prior, prior)
    return prior.astype(np.float32)


def _lower(skeleton: Skeleton, waist: float) -> Floats:
    """Below the waist; less likely on forearms hanging beside the hips: cuffs are no trousers."""
    forearms = flank(skeleton.forearm, 0.05 * skeleton.unit, 0.03 * skeleton.unit)
    beside = np.clip((skeleton.lateral / skeleton.unit - 0.25) / 0.15, 0, 1)
    feet = flank(skeleton.foot, 0.0, 0.10 * skeleton.unit)
    prior: Floats = ramp(skeleton.t, waist - 0.06, _WAIST_BLUR) * (1 - 0.8 * feet) * (1 - 0.9 * forearms * beside)
    return prior


def _shoes(skeleton: Skeleton) -> Floats:
    seen = float(min(skeleton.visibility[[Mark.L_ANKLE, Mark.R_ANKLE]]) > 0.3)
    return flank(skeleton.foot, 0.06 * skeleton.unit, 0.05 * skeleton.unit) * np.float32(seen)
