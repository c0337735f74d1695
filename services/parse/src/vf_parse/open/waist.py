"""The waist: the one line across the torso that best parts upper from lower garment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy import Floats, Mask
from vf_parse.open.appearance import Appearance
from vf_parse.open.skeleton import Skeleton

HIPS = 1.0
"""Where tops usually end, in torso coordinates."""

_FIRST, _LAST, _STEP = 0.45, 1.5, 0.0125
_EVIDENCE_CAP = 4.0
_PRIOR_WEIGHT, _PRIOR_WIDTH = 6.0, 0.25
_EDGE_WEIGHT = 1.5
"""A hem or a belt is an edge across the body: what decides when both garments have one colour."""


@dataclass(frozen=True)
class Waist:
    """``t``: torso coordinate of the line. ``evidence``: mean gain per row in nats over having no line at all."""

    t: float
    evidence: float


def find_waist(skeleton: Skeleton, appearance: Appearance, features: Floats, mask: Floats) -> Waist:
    """Choose the row that maximises upper evidence above it and lower evidence below it.

    Args:
        skeleton: the body.
        appearance: class costs on the same grid.
        features: (h, w, 3) colour features on the same grid.
        mask: (h, w) person probability.
    """
    unit = skeleton.unit
    counted = (
        (mask > 0.8)
        & (skeleton.lateral < 0.42 * unit)
        & (skeleton.t > _FIRST)
        & (skeleton.t < _LAST)
        & (skeleton.hand > 0.12 * unit)
        & (skeleton.forearm > 0.08 * unit)
        & ~_midriff(appearance)
    )
    rows = round((_LAST - _FIRST) / _STEP)
    row = np.clip(((skeleton.t[counted] - _FIRST) / _STEP).astype(np.intp), 0, rows - 1)
    lower_wins = np.clip(appearance.upper - appearance.lower, -_EVIDENCE_CAP, _EVIDENCE_CAP)[counted]
    edges = _edges_across(features)[counted]

    count = np.maximum(np.bincount(row, minlength=rows), 1)
    evidence = np.bincount(row, weights=lower_wins, minlength=rows) / count
    edge = np.bincount(row, weights=edges, minlength=rows) / count
    total = np.cumsum(evidence)
    middle = _FIRST + _STEP * (np.arange(rows) + 0.5)
    prior = -_PRIOR_WEIGHT * ((middle - HIPS) / _PRIOR_WIDTH) ** 2
    score = total[-1] - 2 * total + prior + _EDGE_WEIGHT * edge
    best = int(np.argmax(score))
    gain = (total[-1] - 2 * total[best]) - max(total[-1], -total[-1])
    return Waist(float(middle[best]), float(max(gain, 0.0)) / rows)


def _midriff(appearance: Appearance) -> Mask:
    """Bare skin, which is neither garment."""
    return appearance.skin < np.minimum(appearance.upper, appearance.lower) - 1


def _edges_across(features: Floats) -> Floats:
    """(h, w): colour change from row to row, in tens of Lab units, capped at 3."""
    change = np.zeros(features.shape[:2], np.float32)
    change[1:-1] = np.linalg.norm(features[2:] - features[:-2], axis=2)
    return np.minimum(change / 10, 3)
