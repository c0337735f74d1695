"""What kind of garment the lower region is, and whether it is one piece with the upper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vf_parse.appearance import Appearance
from vf_parse.segment import Region
from vf_parse.skeleton import Side, Skeleton
from vfkit.contracts import Image, Label

_ONE_PIECE = 2.0
"""Below this separation in nats the upper and the lower region are taken for one fabric."""
_BARE_LEGS = 0.35
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
    """Share of skin on the lower half of the legs' visible part, 0 when no leg is in the picture."""
    height, width = skeleton.shape
    bare = covered = 0
    for side in Side:
        line = np.stack([skeleton.points[side.mark(name)] for name in ("HIP", "KNEE", "ANKLE")])
        steps = np.linspace(0, 1, 40)[:, None].astype(np.float32)
        points = np.concatenate([line[0] + (line[1] - line[0]) * steps, line[1] + (line[2] - line[1]) * steps])
        inside = (points[:, 1] < height - 1) & (points[:, 0] >= 0) & (points[:, 0] < width)
        seen = points[inside & (points[:, 1] >= 0)].astype(np.intp)
        seen = seen[len(seen) // 2 :]
        found = regions[seen[:, 1], seen[:, 0]]
        bare += np.count_nonzero(found == Region.SKIN)
        covered += np.count_nonzero(found == Region.LOWER) + np.count_nonzero(found == Region.UPPER)
    return bare / max(bare + covered, 1)
