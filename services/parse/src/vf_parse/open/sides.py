"""Whose left and right: bare arms, bare legs and shoes belong to the limb that they lie on.

The network tells what is an arm; BlazePose's landmarks tell where each arm is. Every connected part of skin is given to
one limb where it clearly is one: a hand by the nearest palm, other parts by what most of their pixels are nearest to.
Only a part that is two limbs, such as folded hands, is divided pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PersonSide, Points, Segment, Sided
from vf_blazepose import Mark
from vf_parse.open.chances import parts_of
from vf_parse.open.subject import Subject

_SMALL = 0.3
"""Area in squared body units up to which a part may be one hand with its forearm, or one shoe."""
_AT_END, _APART = 0.3, 0.15
"""Body units: how near a palm or foot must be to a part, and how much farther the other one, for the part to be it."""
_ONE_LIMB = 0.8
"""Share of a part's pixels that must be nearest to one limb for the whole part to be it."""
_CROSSING = 0.14
"""Body units from two limbs' bones within which a pixel shows the one in front."""
_UNSEEN = 1.0
"""How much farther away a limb counts whose landmarks are not seen at all, as a share of its distance."""
_SMOOTH = 0.04
"""Body units over which a border between two limbs is smoothed."""


@dataclass(frozen=True)
class Limb:
    """One arm or leg.

    ``bones``: from shoulder to finger tips, or from hip to toe. ``depths``: of each bone's start and end, z in body
    units, smaller is nearer. ``seen``: visibility of each bone's farther end in [0, 1]. ``end``: (2,) palm or foot.
    """

    bones: tuple[Segment, ...]
    depths: tuple[tuple[float, float], ...]
    seen: tuple[float, ...]
    end: Points

    def distances(self, points: Floats, unit: float) -> tuple[Floats, Floats]:
        """For (n, 2) points: (n,) body units to the nearest bone, more to what is not seen; (n,) its depth there."""
        away, depth = [], []
        for bone, (start, end), seen in zip(self.bones, self.depths, self.seen, strict=True):
            distance, t = bone.nearest(points)
            away.append(distance / unit * (1 + _UNSEEN * (1 - seen)))
            depth.append(start + (end - start) * t)
        nearest = np.argmin(away, axis=0)[None]
        return (
            np.asarray(np.take_along_axis(np.array(away), nearest, 0)[0], np.float32),
            np.asarray(np.take_along_axis(np.array(depth), nearest, 0)[0], np.float32),
        )


def arms_of(subject: Subject) -> Sided[PersonSide, Limb]:
    """Both arms."""

    def arm(side: PersonSide) -> Limb:
        palm = subject.points(side, "WRIST", "INDEX", "LITTLE").mean(0)
        return _limb(subject, side, ("SHOULDER", "ELBOW", "WRIST", "INDEX"), subject.finger_tips(side), palm)

    return Sided.of(PersonSide, arm)


def legs_of(subject: Subject) -> Sided[PersonSide, Limb]:
    """Both legs."""

    def leg(side: PersonSide) -> Limb:
        foot = subject.points(side, "ANKLE", "HEEL", "TOE").mean(0)
        return _limb(subject, side, ("HIP", "KNEE", "ANKLE", "TOE"), subject.points(side, "TOE")[0], foot)

    return Sided.of(PersonSide, leg)


def feet_of(subject: Subject) -> Sided[PersonSide, Limb]:
    """Both feet with the shins that boots cover."""

    def foot(side: PersonSide) -> Limb:
        middle = subject.points(side, "ANKLE", "HEEL", "TOE").mean(0)
        return _limb(subject, side, ("KNEE", "ANKLE", "HEEL", "TOE"), subject.points(side, "TOE")[0], middle)

    return Sided.of(PersonSide, foot)


def _limb(subject: Subject, side: PersonSide, names: tuple[str, ...], tip: Points, end: Points) -> Limb:
    marks = subject.landmarks[[Mark.of(side, name) for name in names]]
    points = [*marks[:-1, :2], tip]
    depths = marks[:, 2] / subject.unit
    pairs = range(len(names) - 1)
    return Limb(
        tuple(Segment(points[i], points[i + 1]) for i in pairs),
        tuple((float(depths[i]), float(depths[i + 1])) for i in pairs),
        tuple(float(marks[i + 1, 3]) for i in pairs),
        end,
    )


def left_of(mask: Mask, subject: Subject, limbs: Callable[[Subject], Sided[PersonSide, Limb]]) -> Mask:
    """Which pixels of a mask are the person's left limb.

    Args:
        mask: (h, w), all bare arms, or all bare legs, or all shoes.
        subject: the person, at the mask's size.
        limbs: `arms_of`, `legs_of` or `feet_of`.

    Returns:
        (h, w), within the mask.
    """
    both, unit = limbs(subject), subject.unit
    parts, areas = parts_of(mask)
    left = np.zeros(mask.shape, bool)
    order = np.argsort(parts[mask], kind="stable")
    ys, xs = (axis[order] for axis in np.nonzero(mask))
    starts = np.cumsum(areas[1:])[:-1]
    for rows, columns in zip(np.split(ys, starts), np.split(xs, starts), strict=True):
        points = np.stack([columns, rows], 1).astype(np.float32) + np.float32(0.5)
        if len(points):
            left[rows, columns] = _left_in_part(points, both, unit)
    return _smoothed(left, mask, unit)


def _left_in_part(points: Floats, both: Sided[PersonSide, Limb], unit: float) -> Mask:
    """(n,) which of a connected part's (n, 2) points are the left limb."""
    at_left, at_right = (float(np.linalg.norm(points - limb.end, axis=1).min()) / unit for limb in both.values())
    if len(points) < _SMALL * unit**2 and min(at_left, at_right) < _AT_END and abs(at_left - at_right) > _APART:
        return np.full(len(points), at_left < at_right)
    (left, left_depth), (right, right_depth) = (limb.distances(points, unit) for limb in both.values())
    is_left = left < right
    crossing = np.maximum(left, right) < _CROSSING
    is_left[crossing] = (left_depth < right_depth)[crossing]
    share = float(is_left.mean())
    if max(share, 1 - share) >= _ONE_LIMB:
        return np.full(len(points), share > 0.5)
    return np.asarray(is_left, bool)


def _smoothed(left: Mask, mask: Mask, unit: float) -> Mask:
    """With even borders between the two limbs."""
    if not left.any() or (left == mask).all():
        return left
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    here = np.s_[y : y + height, x : x + width]
    share, weight = (
        cv2.GaussianBlur(each[here].astype(np.float32), (0, 0), _SMOOTH * unit, borderType=cv2.BORDER_CONSTANT)
        for each in (left, mask)
    )
    out = np.zeros_like(mask)
    out[here] = mask[here] & (share > 0.5 * weight)
    return out
