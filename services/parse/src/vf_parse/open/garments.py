"""What kind of garment the lower region is, and whether it is one piece with the upper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy import PersonSide
from vf_blazepose import Mark
from vf_parse.open.appearance import Appearance
from vf_parse.open.segment import Region
from vf_parse.open.skeleton import Skeleton
from vfkit.contracts import Image, Label

_ONE_PIECE = 1.2
"""Below this separation in nats the upper and the lower region are taken for one fabric."""
_SHIN_STEPS, _HEM_STEPS = 30, 3
"""Of 80 steps from hip to ankle: the shin, and the last that a picture cut above the ankle shows."""
_BARE_LEGS = 0.4
"""Share of skin on the visible legs above which the lower garment ends in a hem instead of trouser legs."""


@dataclass(frozen=True)
class Outfit:
    """The CIHP labels of the upper and the lower region."""

    upper: Label
    lower: Label


def judge_outfit(regions: Image, skeleton: Skeleton, appearance: Appearance) -> Outfit:
    """Name the garments.

    Trousers cover the legs down to the feet; a skirt leaves skin below its hem. A skirt of the fabric of the upper
    garment is a dress.
    """
    lower = Label.SKIRT if bare_share(regions, skeleton) > _BARE_LEGS else Label.PANTS
    if lower is Label.SKIRT and appearance.upper_lower_separation < _ONE_PIECE:
        return Outfit(Label.DRESS, Label.DRESS)
    return Outfit(Label.UPPER_CLOTHES, lower)


def bare_share(regions: Image, skeleton: Skeleton) -> float:
    """Share of skin on the last part of the legs that the picture shows: below the knees, else above the frame."""
    height, width = skeleton.shape
    bare = covered = 0
    for side in PersonSide:
        hip, knee, ankle = (skeleton.points[Mark.of(side, name)] for name in ("HIP", "KNEE", "ANKLE"))
        steps = np.linspace(0, 1, 40)[:, None].astype(np.float32)
        points = np.concatenate([hip + (knee - hip) * steps, knee + (ankle - knee) * steps])
        inside = (points >= 0).all(1) & (points[:, 1] < height - 1) & (points[:, 0] < width)
        whole = bool(inside[-1])
        seen = points[inside].astype(np.intp)
        seen = seen[-_SHIN_STEPS:] if whole else seen[-_HEM_STEPS:]
        found = regions[seen[:, 1], seen[:, 0]]
        bare += int(np.count_nonzero(found == Region.SKIN))
        covered += int(np.count_nonzero((found == Region.LOWER) | (found == Region.UPPER)))
    return bare / max(bare + covered, 1)
