"""The body as geometry: a frame of torso coordinates and the distance of every pixel to every bone.

Lengths are told in body units U = max(shoulder distance, 0.62 torso length): the shoulders shrink when the person
turns, the torso does not, so U is stable over yaw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from vf_blazepose import Mark
from vf_parse.open.subject import Floats, Subject
from vfkit.contracts import Image

_UNIT_OF_TORSO = 0.62
"""Shoulder distance of a frontal adult as a share of the torso's length."""


_CUFF = np.float32(0.3)
"""Share of the way from the wrist to the finger tips that a cuff may cover."""
_SHOE_TIP = np.float32(1.2)
"""The shoe's tip, beyond the toe landmark, in lengths from heel to toe."""


class Side(Enum):
    """The person's left and right."""

    LEFT = "L"
    RIGHT = "R"

    def mark(self, name: str) -> Mark:
        """The landmark of this side, e.g. ``Side.LEFT.mark("ELBOW")``."""
        return Mark[f"{self.value}_{name}"]


@dataclass(frozen=True)
class Limb:
    """Distances in pixels, (h, w) float32, to the three bones of an arm or a leg.

    ``upper``: upper arm, thigh; ``lower``: forearm, shin; ``end``: hand (from where a cuff ends), foot.
    """

    upper: Floats
    lower: Floats
    end: Floats

    @property
    def nearest(self) -> Floats:
        """Distance to the nearest of the three bones."""
        return np.minimum(np.minimum(self.upper, self.lower), self.end)


@dataclass(frozen=True)
class Skeleton:
    """A person's geometry on a picture of h x w pixels.

    ``points``: (33, 2) landmarks; ``visibility``: (33,).
    ``t``: (h, w) torso coordinate, 0 on the shoulder line, 1 on the hip line, beyond both continued.
    ``lateral``: (h, w) distance from the torso's axis in pixels.
    ``unit``: U in pixels (module docstring); ``torso``: shoulder to hip in pixels; ``shoulders``: their distance.
    """

    points: Floats
    visibility: Floats
    t: Floats
    lateral: Floats
    unit: float
    torso: float
    shoulders: float
    arms: dict[Side, Limb]
    legs: dict[Side, Limb]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        height, width = self.t.shape
        return height, width

    @property
    def arm(self) -> Floats:
        """Distance to the nearest arm bone, hands included."""
        return _least(limb.nearest for limb in self.arms.values())

    @property
    def forearm(self) -> Floats:
        """Distance to the nearest forearm."""
        return _least(limb.lower for limb in self.arms.values())

    @property
    def hand(self) -> Floats:
        """Distance to the nearest hand."""
        return _least(limb.end for limb in self.arms.values())

    @property
    def leg(self) -> Floats:
        """Distance to the nearest thigh or shin."""
        return _least(np.minimum(limb.upper, limb.lower) for limb in self.legs.values())

    @property
    def foot(self) -> Floats:
        """Distance to the nearest foot."""
        return _least(limb.end for limb in self.legs.values())

    def torso_point(self, across: float, t: float) -> Floats:
        """The point at torso coordinate t; across is -1 at the right shoulder-hip line and 1 at the left one."""
        right = self.points[Mark.R_SHOULDER] * (1 - t) + self.points[Mark.R_HIP] * t
        left = self.points[Mark.L_SHOULDER] * (1 - t) + self.points[Mark.L_HIP] * t
        point: Floats = (left + right) / 2 + (left - right) / 2 * across
        return point

    def torso_quad(self, across: tuple[float, float], t: tuple[float, float]) -> Image:
        """(h, w) uint8, 1 inside the quadrilateral of half widths ``across`` at the torso coordinates ``t``."""
        corners = [
            self.torso_point(-across[0], t[0]),
            self.torso_point(across[0], t[0]),
            self.torso_point(across[1], t[1]),
            self.torso_point(-across[1], t[1]),
        ]
        return fill(self.shape, np.stack(corners))


def build_skeleton(subject: Subject) -> Skeleton:
    """Measure a person's geometry on the grid of its mask.

    Raises:
        ValueError: shoulders and hips coincide.
    """
    points = subject.landmarks[:, :2].astype(np.float32)
    height, width = subject.mask.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5)

    neck = (points[Mark.L_SHOULDER] + points[Mark.R_SHOULDER]) / 2
    hips = (points[Mark.L_HIP] + points[Mark.R_HIP]) / 2
    torso = float(np.linalg.norm(hips - neck))
    shoulders = float(np.linalg.norm(points[Mark.L_SHOULDER] - points[Mark.R_SHOULDER]))
    if torso < 1:
        raise ValueError("shoulders and hips coincide")
    down = (hips - neck) / torso

    def bone(start: Floats, end: Floats) -> Floats:
        return segment_distance(x, y, start, end)

    def arm(side: Side) -> Limb:
        shoulder, elbow, wrist = (points[side.mark(name)] for name in ("SHOULDER", "ELBOW", "WRIST"))
        tips = finger_tips(points, side)
        return Limb(bone(shoulder, elbow), bone(elbow, wrist), bone(wrist + _CUFF * (tips - wrist), tips))

    def leg(side: Side) -> Limb:
        hip, knee, ankle, heel, toe = (points[side.mark(name)] for name in ("HIP", "KNEE", "ANKLE", "HEEL", "TOE"))
        return Limb(bone(hip, knee), bone(knee, ankle), bone(heel, heel + _SHOE_TIP * (toe - heel)))

    return Skeleton(
        points=points,
        visibility=subject.landmarks[:, 3],
        t=((x - neck[0]) * down[0] + (y - neck[1]) * down[1]) / np.float32(torso),
        lateral=np.abs((x - neck[0]) * down[1] - (y - neck[1]) * down[0]),
        unit=max(shoulders, _UNIT_OF_TORSO * torso),
        torso=torso,
        shoulders=shoulders,
        arms={side: arm(side) for side in Side},
        legs={side: leg(side) for side in Side},
    )


def finger_tips(points: Floats, side: Side) -> Floats:
    """Where the fingers end: BlazePose gives the knuckles, the tips are about as far beyond them again."""
    wrist = points[side.mark("WRIST")]
    knuckles = (points[side.mark("INDEX")] + points[side.mark("LITTLE")]) / 2
    tips: Floats = wrist + (knuckles - wrist) * np.float32(1.9)
    return tips


def palm(points: Floats, side: Side) -> Floats:
    """The middle of the hand's back."""
    centre: Floats = np.mean([points[side.mark(name)] for name in ("WRIST", "INDEX", "LITTLE")], axis=0)
    return centre


def segment_distance(x: Floats, y: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of the points (x, y) to the segment from ``start`` to ``end``."""
    along_x, along_y = float(end[0] - start[0]), float(end[1] - start[1])
    squared = max(along_x**2 + along_y**2, 1e-6)
    share = (((x - start[0]) * along_x + (y - start[1]) * along_y) / squared).clip(0, 1)
    distance: Floats = np.hypot(x - (start[0] + share * along_x), y - (start[1] + share * along_y)).astype(np.float32)
    return distance


def fill(shape: tuple[int, int], polygon: Floats) -> Image:
    """(h, w) uint8, 1 inside the polygon (n, 2) of x, y."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.round(polygon).astype(np.int32)], 1)
    return canvas


def _least(distances: Iterable[Floats]) -> Floats:
    least: Floats = np.minimum.reduce(list(distances))
    return least
