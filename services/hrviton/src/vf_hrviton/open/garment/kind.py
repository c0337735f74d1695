"""Top, dress, trousers or skirt, from the silhouette.

Trousers have a gap between two legs on their axis. A skirt has none, and its outline bulges from the waist down
where that of a sleeveless top or dress curves in at the armholes. A dress is a longer torso, for its width, than a
top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_hrviton.open.garment.contour import Silhouette
from vf_hrviton.open.garment.torso import Torso
from vf_hrviton.open.garment.types import Kind

LEG_GAP = 0.35
"""Share of the rows below the hips; 42 catalogue pictures: trousers 0.70 and more, others below 0.25."""
LEGS_FROM = 0.4
"""Share of the height from the top."""
AXIS_STRIP = 0.08
"""Share of the width to either side of the axis, in which a gap between legs must lie."""
WAIST_ROWS = (0.02, 0.30)
"""Share of the height: rows in which a waist's outline bulges and an armhole's does not."""
FLAT_WAIST = 0.85
"""Width 2 % below the top over the width 10 % below it: a waistband is nearly as wide at once."""
DRESS_LENGTH = 2.95
"""From shoulder to hem over the narrowest width of the torso's upper half."""


@dataclass(frozen=True)
class Proportions:
    """What the decision looks at.

    Attributes:
        leg_gap: share of the rows below the hips that have a gap near the axis and garment on both sides of it.
        waist_width: width 2 % of the height below the top over that at 10 %.
        armhole: how far the outline of the upper third runs inside its own chord, over the width; 0 where it bulges.
    """

    leg_gap: float
    waist_width: float
    armhole: float


def measure(shape: Silhouette) -> Proportions:
    """Read the proportions off a silhouette."""
    x0, y0, x1, y1 = shape.box
    rows = shape.mask[y0:y1, x0:x1]
    height, width = rows.shape
    centre = int(np.clip(round(shape.axis) - x0, 0, width - 1))
    lower = rows[int(LEGS_FROM * height) : int(0.98 * height)]
    reach = max(1, round(AXIS_STRIP * width))
    strip = lower[:, max(0, centre - reach) : centre + reach + 1]
    two_sided = lower[:, :centre].any(axis=1) & lower[:, centre:].any(axis=1)
    widths = rows.sum(axis=1).astype(np.float64)
    return Proportions(
        leg_gap=float((~strip.all(axis=1) & two_sided).mean()),
        waist_width=float(widths[int(0.02 * height)] / max(1.0, widths[int(0.10 * height)])),
        armhole=_armhole(rows),
    )


def _armhole(rows: np.ndarray) -> float:
    height, width = rows.shape
    first, last = (int(share * height) for share in WAIST_ROWS)
    span = np.arange(first, last)
    left = rows.argmax(axis=1)[span]
    right = width - 1 - rows[:, ::-1].argmax(axis=1)[span]
    half = (right - left) / 2.0
    chord = np.linspace(half[0], half[-1], len(half))
    return float(max(0.0, (chord - half).max()) / width)


def classify(proportions: Proportions, torso: Torso, shoulder_height: float) -> tuple[Kind, float]:
    """Kind and confidence, 0.5 at a border between kinds and 1 far from it.

    Args:
        proportions: of the silhouette.
        torso: as found under the assumption of a top.
        shoulder_height: y of the shoulders under the same assumption.
    """
    if proportions.leg_gap > LEG_GAP:
        return Kind.TROUSERS, _sure(proportions.leg_gap - LEG_GAP, 0.35)
    sleeved = torso.sides.left.junction
    if not sleeved and proportions.waist_width > FLAT_WAIST and proportions.armhole < 0.01:
        return Kind.SKIRT, 0.8
    hem = max(torso.hem_centre[1], torso.hem.left[1], torso.hem.right[1])
    top = int(max(torso.sides.left.armpit[1], torso.sides.right.armpit[1]))
    middle = max(top + 1, (top + int(hem)) // 2)
    waist = float((torso.sides.right.x - torso.sides.left.x)[top:middle].min())
    length = float(hem - shoulder_height) / max(waist, 1.0)
    kind = Kind.DRESS if length > DRESS_LENGTH else Kind.TOP
    return kind, _sure(abs(length - DRESS_LENGTH), 0.35)


def _sure(distance: float, scale: float) -> float:
    return float(0.5 + 0.5 * min(1.0, distance / scale))
